#!/usr/bin/env bash
# `tftpd import`: settings of RIS, WDS and tftpd64 as they are found in the field become ours. A dry run changes nothing,
# an import is seen by `check`, by `explain` and by a client, and no import lets everybody write.
. "$(dirname "$0")/lib.sh"

SAMPLES=$TOP/tests/samples
C=$PREFIX/drive_c

says() { grep -qF -- "$1" "$WORK/said.txt" || { cat "$WORK/said.txt"; false; }; }
says_not() { ! grep -qF -- "$1" "$WORK/said.txt" || { cat "$WORK/said.txt"; false; }; }
# row STATE NAME [TEXT]: there is such a row, with the text in it.
row() { grep -E "^$1 +$2 - " "$WORK/said.txt" | grep -qF -- "${3:-}" || { cat "$WORK/said.txt"; false; }; }

# sample FILE.reg: into the registry, as `reg export` would have written it.
sample() {
    "$TOP/tests/setup/utf16.sh" <"$SAMPLES/$1" >"$C/sample.reg"
    w reg import 'C:\sample.reg' || { out; false; }
}
# look SERVICE: all its parameters into $WORK/now.txt, as reg prints them; nothing where there is no key.
look() {
    mv "$WORK/now.txt" "$WORK/before.txt"
    w reg query "$SERVICES\\$1\\Parameters" || true
    out | grep -a REG_ >"$WORK/now.txt" || true
}
unchanged() { look "$1" && cmp "$WORK/before.txt" "$WORK/now.txt"; }
# has NAME TYPE VALUE: when we last looked; \0 stands between the items of a list.
has() { LC_ALL=C grep -aqE "^ *$1 +$2 +$(sed 's/[\*.]/\\&/g' <<<"$3")\$" "$WORK/now.txt" || { cat "$WORK/now.txt"; false; }; }
fetch() { curl --silent --show-error --max-time 30 --output "$WORK/got" "tftp://127.0.0.1/$1" && cmp "$WORK/got" "$2"; }
store() { curl --silent --max-time 30 --upload-file "$SAMPLES/wds.reg" "tftp://127.0.0.1/$1"; }

touch "$WORK/now.txt"
mkdir -p "$C/RemoteInstall/boot/x64" "$C/RemoteInstall/Images" "$C/RemoteInstall/upload" "$C/grün"
make_file "$C/RemoteInstall/boot/x64/wdsnbp.com" 30000
make_file "$C/RemoteInstall/Images/answers.xml" 100
make_file "$C/grün/fichier.bin" 5000

# -- what is not understood -------------------------------------------------------------------------------------------

check "a source is needed" asks 2 import
check "... one of four" asks 2 import haneWIN
check "... which are named" says 'ris, wds, tftpd64 and dnsmasq'
check "tftpd64 has a file" asks 2 import tftpd64
check "... which must be there" asks 20 import tftpd64 'C:\none.ini'
check "... and is named" says 'C:\none.ini cannot be read: File not found'
check "so has dnsmasq" asks 2 import dnsmasq
check "... which is said" says 'the path of dnsmasq.conf is missing'
check "an unknown word" asks 2 import wds --dryrun
check "a name that is none" asks 2 import wds --name 'a\b'
check "nothing of WDS here" asks 20 import wds
check "... which says how to bring it" says 'reg export "HKLM\SYSTEM\CurrentControlSet\Services\WDSServer\Providers\WDSTFTP"'
check "nothing of RIS here" asks 20 import ris

# -- WDS --------------------------------------------------------------------------------------------------------------

check "the service is created" service_create
check "settings of WDS" sample wds.reg
check "a dry run" asks 0 import wds --dry-run
check "... says what would change" row SET Directory '"C:\RemoteInstall" in place of the default "%SystemDrive%\tftpdroot" - from RootFolder'
check "... unites the forms of a filter" row SET Readable '"boot\*;tmp\*;SMSBoot\*" in place of the default "*"'
check "... leaves out what matches nothing" row LEFT ReadFilter '"..\secret\*": it leads out of the start directory'
check "... and says that it was one" says 'This was a dry run: nothing is written.'
check "... nothing was written" unchanged tftpd
check "the import" asks 0 import wds
check "... says how many" says '7 parameters are written.'
check "... and what waits for a restart" says 'A running service takes PortRange when it is restarted'
look tftpd
check "... the directory" has Directory REG_EXPAND_SZ 'C:\RemoteInstall'
check "... the filter" has Readable REG_MULTI_SZ 'boot\*\0tmp\*\0SMSBoot\*'
check "... the block size" has MaxBlockSize REG_DWORD 0x5b0
check "... the window" has MsftWindow REG_DWORD 0x0
check "... the ports" has PortRange REG_SZ 64001-65000
check "... the boot programs" has PxeBoot REG_MULTI_SZ 'x64 = boot\x64\bootmgfw.efi style binl\0bios = boot\x64\pxeboot.n12 style binl'
check "... that a DHCP server has port 67" has PxePorts REG_SZ 4011
check_not "... no machine is answered" grep -aE 'Pxe +REG' "$WORK/now.txt"
check "... which is said, with the command" row NOTE Pxe '/v Pxe /t REG_SZ /d watch /f'
check_not "... nobody may write" grep -a Masters "$WORK/now.txt"
check "a second import finds it so" asks 0 import wds
check "... and writes nothing" says '0 to write, 8 so already, 1 left out, 0 bad.'
check "... as it says" row SAME Readable '"boot\*;tmp\*;SMSBoot\*" already'
check "the service starts" service_start
check "... and the audit finds every value good" eval 'asks 2 check || asks 1 check; row OK parameters'
check "a boot file would be served" asks 0 explain get '\boot\x64\wdsnbp.com' --client 10.0.0.5 --options 'blksize 65464'
check "... with the block size of WDS" says 'blksize=1456'
check "... and is" fetch boot/x64/wdsnbp.com "$C/RemoteInstall/boot/x64/wdsnbp.com"
check "an answer file would not be" asks 1 explain get Images/answers.xml --client 10.0.0.5
check_not "... and is not" fetch Images/answers.xml "$C/RemoteInstall/Images/answers.xml"
check_not "nobody can write" store boot/new

# -- tftpd64, while the service runs ------------------------------------------------------------------------------------

cp "$SAMPLES/tftpd32.ini" "$C/utf8.ini"
printf '\xef\xbb\xbf' | cat - "$SAMPLES/tftpd32.ini" >"$C/mark.ini"
sed 's/$/\r/' "$SAMPLES/tftpd32.ini" | iconv -f UTF-8 -t CP1252 >"$C/ansi.ini"
"$TOP/tests/setup/utf16.sh" <"$SAMPLES/tftpd32.ini" >"$C/wide.ini"
for form in utf8 mark ansi wide; do
    check "a dry run of the file in $form" asks 0 import tftpd64 "C:\\$form.ini" --dry-run --name dry
    check "... reads the directory" row SET Directory '"C:\grün" in place of the default'
    grep -v '^From' "$WORK/said.txt" >"$WORK/$form.txt"
done
check "all forms are the same" eval 'for form in mark ansi wide; do cmp "$WORK/utf8.txt" "$WORK/$form.txt"; done'
check_not "... and none made a key" w reg query "$SERVICES\\dry"
check "the import of the file" asks 0 import tftpd64 'C:\ansi.ini'
check "... shows what was there" row SET Directory '"C:\grün" in place of "C:\RemoteInstall" - from BaseDirectory'
check "... says that uploads stay off" row LEFT SecurityLevel 'anybody could write files'
check "... and how to allow them" row LEFT SecurityLevel '/v Masters /t REG_SZ /d "10.1.2.3" /f'
check "... what else cannot be" row LEFT WinSize 'let clients ask for windowsize'
check "... and other servers" row LEFT Services 'DHCP, syslog'
check "... that no pool is taken over" row LEFT PoolSize 'none is given here but by BootpHosts'
look tftpd
check "... the address" has Addresses REG_SZ 127.0.0.1
check "... how long it waits" has Timeout REG_DWORD 0x2
check "... and what patience is here" row LEFT MaxRetransmit 'set SilenceSeconds'
check "... the boot file of all machines" has PxeBoot REG_SZ 'any = pxelinux.0'
check "... and whose address it knew" has BootpHosts REG_SZ '52:54:00:00:00:07 = 192.168.1.7/24 file pxelinux.0'
check "what tftpd64 says nothing of is as it was" has MaxBlockSize REG_DWORD 0x5b0
check "... the rules of WDS, too" has Readable REG_MULTI_SZ 'boot\*\0tmp\*\0SMSBoot\*'
check "they are taken away" param -d Readable
check "the running service has the new directory" wait_for 60 fetch fichier.bin "$C/grün/fichier.bin"
check_not "nobody can write there" store new.bin
allow() { # the very command of the row, for a client of ours
    grep '^LEFT  SecurityLevel' "$WORK/said.txt" | sed 's/.*: reg add/reg add/; s/10\.1\.2\.3/127.0.0.1/' >"$C/allow.bat"
    w cmd /c 'C:\allow.bat'
}
check "its command to allow uploads can be typed" allow
check "... and does" wait_for 60 store new.bin

# -- dnsmasq ----------------------------------------------------------------------------------------------------------

cp "$SAMPLES/dnsmasq.conf" "$C/dnsmasq.conf"
check "the import of a dnsmasq.conf" asks 0 import dnsmasq 'C:\dnsmasq.conf'
check "... says where it comes from" row SET PxeBoot 'in place of "any = pxelinux.0" - from dhcp-boot, pxe-service'
check "... what cannot be" row LEFT dhcp-boot '"tag:red,red.0": nothing that is understood here sets this tag'
check "... why not the start directory" row LEFT tftp-root 'a path of another system'
look tftpd
check "... the rules, that for all last" has PxeBoot REG_MULTI_SZ \
    'ipxe = boot.ipxe\0x64 = boot/x64.efi\0arm64 = arm64.efi server 192.168.1.9\0any = undionly.kpxe'
check "... single machines" has PxeHosts REG_MULTI_SZ '52:54:00:00:00:09 = ignore\052:54:00:00:00:07 = lab.0'
check "... the ports" has PortRange REG_SZ 40000-40063
check_not "... and no machine is answered" grep -aE 'Pxe +REG' "$WORK/now.txt"
check "explain has the rule" asks 1 explain boot 52:54:00:00:00:01 --machine arm64 --on 192.168.1.2 --set Pxe=watch
check "... of that machine" says 'rule: PxeBoot 3: arm64 = arm64.efi server 192.168.1.9'
check "a second import finds it so" asks 0 import dnsmasq 'C:\dnsmasq.conf'
check "... and writes nothing" says '0 to write, 3 so already'
printf 'cache-size=150\n' >"$C/dns.conf"
check "a file that is about names alone is nothing to import" asks 20 import dnsmasq 'C:\dns.conf'
check "... which is said" says 'has no lines about TFTP or booting'
param -d PortRange || true

# -- a file with bad values, a file that is none --------------------------------------------------------------------------

printf '[TFTPD32]\nBaseDirectory=C:\\tftpdroot\nTftpPort=70000\nTimeout=0\n' >"$C/bad.ini"
look tftpd
check "bad values" asks 21 import tftpd64 'C:\bad.ini'
check "... are named" row BAD TftpPort 'it takes a number from 1 to 65535'
check "... each of them" row BAD Timeout 'it takes a number from 1 to 255'
check "... and nothing is written" says 'nothing is written'
check "... not even the good one" unchanged tftpd
for place in 'C:\' C:/ 'C:\windows' 'C:\windows\boot' 'C:\users' '\windows\..' 'Q:\'; do
    printf '[TFTPD32]\nBaseDirectory=%s\nTimeout=9\n' "$place" >"$C/place.ini"
    check "a start directory $place, as install refuses it" asks 21 import tftpd64 'C:\place.ini'
    check "... says why" row BAD BaseDirectory 'a folder of its own'
    check "... and nothing is written" unchanged tftpd
done
check "a whole drive is called so" says 'Q:\ is a whole drive'
printf '[TFTPD32]\nA=\x1b]0;x\x07\nBase=\x1b[2J\nTimeout' >"$C/hostile.ini"
make_file "$C/noise.ini" 400000
check "a hostile file" eval 'asks 0 import tftpd64 "C:\hostile.ini" --dry-run || asks 20 import tftpd64 "C:\hostile.ini"'
check "... steers no terminal" says_not $'\x1b'
check "noise is no ini" asks 20 import tftpd64 'C:\noise.ini'
make_file "$C/large.ini" 1100000
check "nor is what is too large" asks 20 import tftpd64 'C:\large.ini'
check "... which is said" says 'larger than 1 MiB'
check "a directory is none" asks 20 import tftpd64 'C:\tftpdroot'

# -- RIS --------------------------------------------------------------------------------------------------------------

check "the service stops" service_stop
check "... and goes" service_delete
check "settings of RIS, under our very name" sample ris.reg
look tftpd
check "an import in place" asks 0 import ris
check "... says so" says 'They are the same key'
check "... has nothing to write" says '0 to write, 4 so already'
check "... knows the other spelling" row SAME Writable '"upload\*;*.log" already'
check "... warns of everybody" row NOTE Masters '"*.*.*.*" is in force already and means every IPv4 address'
check "... and changes nothing" unchanged tftpd
check "into another service" asks 0 import ris --name second
check "... everybody is not taken over" row LEFT Masters 'an import does not allow that'
look second
check "... the variable stays one" has Directory REG_EXPAND_SZ '%SystemDrive%\RemoteInstall'
check "... the clients" has Clients REG_MULTI_SZ '127.0.0.*\010.77.*.*'
check_not "... nobody may write" grep -a Masters "$WORK/now.txt"
check "the other service serves it" console_start --service second
check "... a file of RIS" fetch boot/x64/wdsnbp.com "$C/RemoteInstall/boot/x64/wdsnbp.com"
check_not "... and takes none" store upload/new
check "... until it is stopped" console_stop
named() { w reg add "$SERVICES\\tftpd\\Parameters" /v Masters /t REG_SZ /d 127.0.0.1 /f && asks 0 import ris --name second; }
check "a named client" named
check "... is taken over, and told" row SET Masters '"127.0.0.1" in place of the default "" - from Masters: these may write'
