-- What wixl 0.101 has no words for, one statement a line; installer/package.sh puts VERSION in.

-- Public properties reach the elevated half of the installation only when they are listed.
UPDATE `Property` SET `Value`='WIX_DOWNGRADE_DETECTED;WIX_UPGRADE_DETECTED;TFTPROOT;MASTERS;START;ACCOUNT;FIREWALL;KEPTIMAGE;KEPTSTART;KEPTFIREWALL' WHERE `Property`='SecureCustomProperties'

-- The version decides whether a file replaces one that is there; a file with a version needs no hash.
UPDATE `File` SET `Version`='VERSION.0', `Language`='1033'
-- (Without WHERE msibuild deletes every other row.)
DELETE FROM `MsiFileHash` WHERE `File_`='tftpd.exe'
DELETE FROM `MsiFileHash` WHERE `File_`='tftp.exe'

-- wixl takes rollback for immediate, and has properties set without impersonation.
UPDATE `CustomAction` SET `Type`=3410 WHERE `Action`='UndoInstallVerb'
UPDATE `CustomAction` SET `Type`=51 WHERE `Type`=2099

-- The new version goes over the old one before that is removed: the service, which both have, is never deleted, and its
-- parameters with it. Before StartServices, because the old one stops it; and before RegisterProduct, because Wine forgets
-- what was registered under the same UpgradeCode.
INSERT INTO `InstallExecuteSequence` (`Action`, `Sequence`) VALUES ('InstallExecute', 5880)
UPDATE `InstallExecuteSequence` SET `Sequence`=5890 WHERE `Action`='RemoveExistingProducts'

-- One feature, all or nothing.
UPDATE `Feature` SET `Attributes`=16
