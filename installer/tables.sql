-- What wixl 0.101 has no words for, one statement a line; installer/package.sh puts VERSION in. Component attributes:
-- 4 the key path is a registry value, 16 permanent, 128 never overwrite, 256 64-bit.

-- A parameter that exists is kept, whatever it says, and no upgrade takes it away; it goes with the service's key. (The
-- condition says the same again for an installer that knows no attribute 128, such as Wine's.)
UPDATE `Component` SET `Attributes`=404, `Condition`='NOT KEPTDIRECTORY' WHERE `Component`='Parameters'

-- The start directory outlives the product. Where a parameter names one already, none is made.
UPDATE `Component` SET `Attributes`=272, `Condition`='NOT KEPTDIRECTORY' WHERE `Component`='StartDirectory'

-- Public properties reach the elevated half of the installation only when they are listed.
UPDATE `Property` SET `Value`='WIX_DOWNGRADE_DETECTED;WIX_UPGRADE_DETECTED;TFTPROOT;MASTERS;START;ACCOUNT;FIREWALL;KEPTDIRECTORY;KEPTIMAGE;KEPTSTART;KEPTDELAYED;KEPTACCOUNT;KEPTFIREWALL' WHERE `Property`='SecureCustomProperties'

-- The version decides whether the file replaces one that is there; a file with a version needs no hash.
UPDATE `File` SET `Version`='VERSION.0', `Language`='1033' WHERE `File`='tftpd.exe'
DELETE FROM `MsiFileHash`

-- Without its service the product is nothing (32768: vital).
UPDATE `ServiceInstall` SET `ErrorControl`=32769

-- wixl takes rollback for immediate, and has properties set without impersonation.
UPDATE `CustomAction` SET `Type`=3410 WHERE `Action`='UndoInstallVerb'
UPDATE `CustomAction` SET `Type`=51 WHERE `Type`=2099

-- The new version goes over the old one before that is removed: the service, which both have, is never deleted, and its
-- parameters with it. Before RegisterProduct, because Wine forgets what was registered under the same UpgradeCode.
INSERT INTO `InstallExecuteSequence` (`Action`, `Sequence`) VALUES ('InstallExecute', 5950)
UPDATE `InstallExecuteSequence` SET `Sequence`=5960 WHERE `Action`='RemoveExistingProducts'

-- One feature, all or nothing.
UPDATE `Feature` SET `Attributes`=16
