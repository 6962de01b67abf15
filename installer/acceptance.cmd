@echo off
rem acceptance.cmd [/y] [PORT]
rem Tries out the tftpd.exe beside this file on the Windows that it runs on: some minutes, in a console of an administrator.
rem A line for each step, PASS, FAIL or SKIP with the reason; the last line is "N passed, N failed, N skipped". Exit code 0,
rem or 1 if a step failed or nothing was tried. /y asks nothing and does not wait for a key. All that the commands said is in
rem tftpd-acceptance.txt beside this file. docs/testing.md of the sources says what each step decides.
rem
rem It needs what every Windows has, and curl.exe (Windows 10 1803 or later; an older one finds it beside this file). No word
rem that Windows translates is looked at: exit codes, numbers and names are. What is not there makes a SKIP; it is
rem looked for by something of Windows' own, so that a fault of tftpd is never taken for a lack of this machine.

setlocal EnableExtensions DisableDelayedExpansion
rem A console of 32 bits sees other folders and keys.
if defined PROCESSOR_ARCHITEW6432 "%SystemRoot%\Sysnative\cmd.exe" /c ""%~f0" %*"& exit /b

set "SELF=%~f0"
set "HERE=%~dp0"
set "NAME=tftpd-acceptance"
set "PORT=6969"
set "ASKS=1"
for %%v in (REPORT INSTALLED STARTED BY_HAND IS_UNKNOWN) do set "%%v="
for %%a in (%*) do call :argument "%%~a"
rem Nothing that lies in the current folder, or beside this file, is run in place of a tool of Windows.
cd /d "%SystemRoot%\System32"
set "PATH=%SystemRoot%\System32;%SystemRoot%\System32\WindowsPowerShell\v1.0"
set "CURL=%SystemRoot%\System32\curl.exe"
if not exist "%CURL%" set "CURL=%HERE%curl.exe"

set "PROGRAM=%ProgramFiles%\%NAME%"
set "EXE=%PROGRAM%\tftpd.exe"
set "PLACE=%SystemDrive%\%NAME%"
set "ROOT=%PLACE%\root"
set "SCRATCH=%PROGRAM%\scratch"
set "OUT=%SCRATCH%\out.txt"
set "GOT=%SCRATCH%\got.bin"
set "SERVICE=HKLM\SYSTEM\CurrentControlSet\Services\%NAME%"
set "SOURCE=HKLM\SYSTEM\CurrentControlSet\Services\EventLog\Application\%NAME%"
set "RULES=HKLM\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\FirewallRules"
set "COUNTERS=HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Perflib\_V2Providers\{a74c8944-f116-57c0-8ffb-29650efcd94c}"
rem That key is there while something of ours may be: a run that was broken off is cleaned away by the next one.
set "MARK=HKLM\SOFTWARE\%NAME%"
rem For documentation only (RFC 5737): no machine has it.
set "SPARE=192.0.2.77"
set /a PASSED=0, FAILED=0, SKIPPED=0
set "ALWAYS=1"

if defined IS_UNKNOWN echo What is understood is: "%SELF%" [/y] [PORT]
if defined IS_UNKNOWN goto finish
call :announce
call :prepare
if errorlevel 1 goto finish

call :step program     ALWAYS    "the program says its version, and takes no DLL from its own folder"
call :step install     ALWAYS    "the service is made"
call :step settings    INSTALLED "its account, its own SID, one privilege"
call :step start       INSTALLED "it starts"
call :step check       STARTED   "tftpd check finds nothing wrong"
call :step firewall    STARTED   "the firewall has a rule for it"
call :step fetch       STARTED   "a file is fetched over 127.0.0.1"
call :step ipv6        STARTED   "... over ::1"
call :step addresses   STARTED   "... over each IPv4 address of this machine"
call :step linklocal   STARTED   "... over a link-local IPv6 address"
call :step readonly    STARTED   "an upload is refused while Masters names nobody"
call :step upload      STARTED   "... and stored, whole, once it does"
call :step existing    STARTED   "... but never over a file that is there"
call :step events      STARTED   "the event log tells of a name with per cent signs as it was asked for"
call :step counters    STARTED   "Performance Monitor shows its counters"
call :step moved       STARTED   "check names a file that was moved here and cannot be read"
call :step renamed     STARTED   "another folder in place of the start directory is served"
call :step junction    STARTED   "... and so is where a junction is pointed to"
call :step address     STARTED   "an address that goes and comes back is served"
call :step interface   STARTED   "a network interface that goes down and up"
call :step closed      STARTED   "clients that close their ports in the middle do not make it deaf"
call :step singleport  STARTED   "files are fetched with SinglePort=1"
call :step window      STARTED   "a client with windowsize 64 gets its file"
call :step json        STARTED   "status --json is read under the code pages 850 and 932"
call :step arguments   STARTED   "its own arguments outlive another install"
call :step recovery    STARTED   "killed, it is started again"
call :step drain       STARTED   "a stop lets a running transfer end"
call :step stop        STARTED   "a stop without transfers takes no time"
call :step uninstall   INSTALLED "the service is taken away"
call :step package     ALWAYS    "an upgrade by the package keeps the service's own arguments"
call :step left        ALWAYS    "nothing is left"

:finish
set /a CODE=0
if not %FAILED%==0 set /a CODE=1
if %PASSED%==0 set /a CODE=1
echo.
if defined REPORT echo What the commands said is in "%REPORT%".
if defined REPORT echo Send it in, but look through it before: it has the addresses of this machine.
set "LINE=%PASSED% passed, %FAILED% failed, %SKIPPED% skipped"
if defined REPORT >>"%REPORT%" echo %LINE%
echo %LINE%
if defined ASKS pause
exit /b %CODE%

rem -- before and after ------------------------------------------------------------------------------------------------

:argument
if /i "%~1"=="/y" set "ASKS="
if /i "%~1"=="/y" exit /b
set "PORT=%~1"
set /a "NUMBER=%~1" 2>nul
if not "%NUMBER%"=="%~1" set "IS_UNKNOWN=1"
exit /b

:announce
echo This tries out "%HERE%tftpd.exe" on this Windows, and takes some minutes. It makes, and takes away again:
echo   the service         %NAME%, on UDP port %PORT%, with its firewall rule and source of events
echo   its program in      "%PROGRAM%"
echo   its files in        "%PLACE%"
echo   the address         %SPARE% of the loopback interface, for some seconds
echo   the counters        "TFTP Server", unless a tftpd of this machine has them
echo   the service tftpd   by the packages beside this file, if there are two, and no tftpd is installed
echo A tftpd that is installed is not touched. What stays: %NAME%.txt, and events in the log Application.
echo If it is broken off, start it again: it begins by taking away what it left.
echo.
exit /b

:prepare
if not exist "%HERE%tftpd.exe" echo There is no tftpd.exe beside this file: take it from the same release.& exit /b 1
set "BROKEN_OFF="
reg query "%MARK%" >nul 2>&1
if not errorlevel 1 set "BROKEN_OFF=1"
if not defined BROKEN_OFF call :refuse_strangers
if errorlevel 1 exit /b 1
reg add "%MARK%" /f >nul 2>&1
if errorlevel 1 echo This needs the rights of an administrator: start it with "Run as administrator". Nothing was changed.& exit /b 1
if not defined BROKEN_OFF reg delete "%MARK%" /f >nul 2>&1
if defined ASKS echo Close this window to leave all as it is.
if defined ASKS pause
call :clean
reg add "%MARK%" /f >nul 2>&1
mkdir "%SCRATCH%"
set "REPORT=%HERE%%NAME%.txt"
del "%REPORT%" 2>nul
copy nul "%REPORT%" >nul 2>&1
if not exist "%REPORT%" set "REPORT=%TEMP%\%NAME%.txt"
>"%REPORT%" echo %NAME% of %DATE% %TIME%
reg query "%COUNTERS%" >nul 2>&1
if not errorlevel 1 set "BY_HAND=1"
call :do cmd.exe /c ver
set "WINDOWS=HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion"
for %%v in (ProductName DisplayVersion CurrentBuild UBR) do call :do reg query "%WINDOWS%" /v %%v
call :do chcp
exit /b 0

rem What has our names and is not ours stays as it is.
:refuse_strangers
sc query %NAME% >nul 2>&1
if not errorlevel 1 echo There is a service %NAME% that this file did not make. Nothing was changed.& exit /b 1
if exist "%PROGRAM%\" echo There is a folder "%PROGRAM%" that this file did not make. Nothing was changed.& exit /b 1
if exist "%PLACE%\" echo There is a folder "%PLACE%" that this file did not make. Nothing was changed.& exit /b 1
exit /b 0

rem Takes away what any step may have made.
:clean
netsh interface ipv4 delete address name=1 address=%SPARE% store=active >nul 2>&1
call :clean_package
if exist "%EXE%" "%EXE%" uninstall --name %NAME% >nul 2>&1
sc stop %NAME% >nul 2>&1
sc delete %NAME% >nul 2>&1
netsh advfirewall firewall delete rule name=%NAME% >nul 2>&1
netsh advfirewall firewall delete rule name="%NAME% boot" >nul 2>&1
reg delete "%SOURCE%" /f >nul 2>&1
rmdir "%PLACE%\link" 2>nul
for %%d in ("%PROGRAM%" "%PLACE%") do if exist "%%~d\" rmdir /s /q "%%~d" 2>nul
rem A program that was just ended holds its file for a moment.
if exist "%PROGRAM%\" call :sleep 3
if exist "%PROGRAM%\" rmdir /s /q "%PROGRAM%"
reg delete "%MARK%" /f >nul 2>&1
exit /b

rem The package that the last step but one had installed when it was broken off.
:clean_package
if exist "%SCRATCH%\package.txt" for /f "usebackq delims=" %%p in ("%SCRATCH%\package.txt") do start "" /wait msiexec.exe /x %%p /qn
exit /b

rem -- steps -----------------------------------------------------------------------------------------------------------

rem step NAME NEEDS SENTENCE: runs the routine of that name if the variable NEEDS is there, and tells how it went.
:step
set "RESULT="
set "LOOKED="
set "WHY="
>>"%REPORT%" echo.
>>"%REPORT%" echo ---- %~1: %~3
if not defined %~2 call :skip "the service is not there: see above"
if defined %~2 call :%~1
if not defined RESULT if not defined LOOKED call :fail "it looked at nothing"
if not defined RESULT set "RESULT=PASS"
if "%RESULT%"=="PASS" set "WHY=%~3"
if "%RESULT%"=="PASS" set /a PASSED+=1
if "%RESULT%"=="FAIL" set /a FAILED+=1
if "%RESULT%"=="SKIP" set /a SKIPPED+=1
echo %RESULT% %~1: %WHY%
>>"%REPORT%" echo %RESULT% %~1: %WHY%
exit /b

rem skip WHY; fail WHY: the first one counts, and a FAIL more than any SKIP.
:skip
if not defined RESULT set "RESULT=SKIP"
if "%RESULT%"=="SKIP" set "WHY=%~1"
exit /b
:fail
if not "%RESULT%"=="FAIL" set "WHY=%~1"
set "RESULT=FAIL"
exit /b

rem expect WHAT WANTED SEEN
:expect
set "LOOKED=1"
if not "%~2"=="%~3" call :fail "%~1: %~2 was expected, %~3 was seen"
exit /b

rem code WANTED: of the last command.
:code
if not "%RESULT%"=="SKIP" call :expect "exit code of %LAST%" %~1 %CODE%
exit /b

rem Wine keeps access lists in part only.
:need_lists
call :do icacls "%SystemRoot%"
for %%f in ("%OUT%") do if %%~zf==0 call :skip "icacls shows no access list of Windows itself"
exit /b

rem holds TEXT; lacks TEXT: what the last command said.
:holds
find "%~1" <"%OUT%" >nul
if errorlevel 1 call :expect "what %LAST% said" "%~1" "another answer"
set "LOOKED=1"
exit /b
:lacks
find "%~1" <"%OUT%" >nul
if not errorlevel 1 call :expect "what %LAST% said" "no %~1" "%~1"
set "LOOKED=1"
exit /b

rem do COMMAND...: into the report and OUT; its exit code is CODE.
:do
>>"%REPORT%" echo ^> %*
%* >"%OUT%" 2>&1 <nul
set CODE=%ERRORLEVEL%
set "LAST=%~nx1 %~2"
call :log
exit /b

rem ran COMMAND: the same for a command with per cent signs, which CALL takes for its own.
:ran
set CODE=%ERRORLEVEL%
set "LAST=%~1"
>>"%REPORT%" echo ^> %~1
call :log
exit /b
:log
type "%OUT%" >>"%REPORT%"
>>"%REPORT%" echo [exit code %CODE%, %TIME%]
exit /b

rem sleep SECONDS: timeout.exe wants a keyboard.
:sleep
set /a PINGS=%~1+1
ping -n %PINGS% 127.0.0.1 >nul
exit /b

rem -- what steps are made of ------------------------------------------------------------------------------------------

rem knows SC-VERB: whether sc.exe has it, seen with a service that every Windows has.
:knows
sc %~1 EventLog >"%OUT%" 2>&1
if errorlevel 1 call :skip "sc %~1 says nothing here, not even of the service EventLog"
exit /b

rem await STATE SECONDS: of the service.
:await
set /a TRIES=0
:await_again
sc query %NAME% >"%OUT%" 2>&1
find "%~1" <"%OUT%" >nul
if not errorlevel 1 set "LOOKED=1"
if not errorlevel 1 exit /b 0
set /a TRIES+=1
call :sleep 1
if %TRIES% lss %~2 goto await_again
call :do sc query %NAME%
call :expect "the service after %~2 seconds" %~1 "another state"
exit /b

:start_service
call :do sc start %NAME%& call :code 0
call :await RUNNING 30
exit /b
:stop_service
call :do sc stop %NAME%& call :code 0
call :await STOPPED 30
exit /b

rem param NAME TYPE VALUE: it is in force within a second.
:param
call :do reg add "%SERVICE%\Parameters" /v %~1 /t %~2 /d "%~3" /f& call :code 0
call :sleep 2
exit /b

rem curl WAY FILE HOST NAME: -o fetches into FILE, -T uploads it.
:curl
if not exist "%CURL%" call :skip "there is no curl.exe (Windows 10 1803 or later has it; put one beside this file)"
if not exist "%CURL%" exit /b
call :do "%CURL%" -gsS --max-time 120 %1 "%~2" "tftp://%~3:%PORT%/%~4"
set "LAST=curl, with %~4 at %~3,"
exit /b

rem fetch HOST NAME: whole, as it is in the start directory.
:fetch_file
del "%GOT%" 2>nul
call :curl -o "%GOT%" %1 %2
call :code 0
if exist "%CURL%" call :same "%ROOT%\%~2" "%GOT%"
exit /b

rem same FILE FILE: by their sizes, and by fc, if it is one that finds a file equal to itself.
:same
set "SIZE=none"
set "SIZE_SEEN=nothing"
if exist "%~1" for %%f in ("%~1") do set "SIZE=%%~zf"
if exist "%~2" for %%f in ("%~2") do set "SIZE_SEEN=%%~zf"
call :expect "bytes in %~nx2" %SIZE% %SIZE_SEEN%
fc /b "%~1" "%~1" >nul
if errorlevel 1 exit /b
fc /b "%~1" "%~2" >nul
call :expect "exit code of fc" 0 %ERRORLEVEL%
exit /b

rem await_text NAME TEXT: that file, fetched, has that text before long.
:await_text
set /a TRIES=0
:await_text_again
copy nul "%GOT%" >nul
call :curl -o "%GOT%" 127.0.0.1 %1
set "LOOKED=1"
find "%~2" <"%GOT%" >nul
if not errorlevel 1 exit /b
set /a TRIES+=1
call :sleep 1
if not defined RESULT if %TRIES% lss 30 goto await_text_again
call :fail "%~1 fetched for 30 seconds: %~2 was expected in it"
exit /b

rem begin_long NAME FILE: a fetch that takes some seconds, with 8 bytes in a block; returns when it runs.
:begin_long
start "" /b "%CURL%" -gs --max-time 300 --tftp-blksize 8 -o "%~2" "tftp://127.0.0.1:%PORT%/%~1"
set /a TRIES=0
:begin_long_again
call :do "%EXE%" status --service %NAME%
find "running   1 transfers" <"%OUT%" >nul
if not errorlevel 1 exit /b
set /a TRIES+=1
if %TRIES% lss 100 goto begin_long_again
call :expect "a fetch of %~1" running "none"
exit /b

rem powershell FUNCTION: one of those at the end of this file, if there is a powershell that may use all of .NET.
:powershell
powershell -NoProfile -Command "if ($ExecutionContext.SessionState.LanguageMode -eq 'FullLanguage') { exit 42 }" >nul 2>&1 <nul
if not "%ERRORLEVEL%"=="42" call :skip "there is no powershell that may do all"
if defined RESULT exit /b
call :do powershell -NoProfile -Command "iex ((Get-Content -LiteralPath $env:SELF) -join [char]10 -split '#powershell')[-1]; %~1"& call :code 0
exit /b

rem -- the steps ---------------------------------------------------------------------------------------------------------

:program
call :do "%HERE%tftpd.exe" version& call :code 0
call :holds "tftpd "
mkdir "%SCRATCH%\planted"
copy "%HERE%tftpd.exe" "%SCRATCH%\planted\" >nul
rem No DLL at all: whoever looks for one there first cannot start.
for %%d in (bcrypt cryptbase cryptsp iphlpapi mswsock ntmarta rsaenh sspicli userenv) do echo no DLL>"%SCRATCH%\planted\%%d.dll"
call :do "%SCRATCH%\planted\tftpd.exe" version& call :code 0
call :do "%SCRATCH%\planted\tftpd.exe" explain get none --client 127.0.0.1 "-d%SCRATCH%"& call :code 1
exit /b

:install
copy "%HERE%tftpd.exe" "%PROGRAM%\" >nul
if defined BY_HAND call :install_by_hand
if not defined BY_HAND call :do "%EXE%" install --name %NAME% --root "%ROOT%" --start demand --no-start
if not defined BY_HAND call :expect "exit code of tftpd install" 0 %CODE%
call :do sc query %NAME%& call :code 0
if "%CODE%"=="0" set "INSTALLED=1"
if not defined INSTALLED exit /b
call :param Port REG_DWORD %PORT%
echo hello>"%ROOT%\hello.txt"
copy /b "%EXE%"+"%EXE%" "%ROOT%\long.bin" >nul
exit /b

rem The install verb would take the counters from the tftpd that has them.
:install_by_hand
call :do sc create %NAME% binPath= "\"%EXE%\"" start= demand obj= "NT AUTHORITY\LocalService" password= ""
call :do sc failure %NAME% reset= 86400 actions= restart/5000/restart/10000/restart/60000
call :do sc failureflag %NAME% 1
call :do sc sidtype %NAME% unrestricted
call :do sc privs %NAME% SeChangeNotifyPrivilege
call :do reg add "%SOURCE%" /v EventMessageFile /t REG_EXPAND_SZ /d "%EXE%" /f
call :do reg add "%SERVICE%\Parameters" /v Directory /t REG_SZ /d "%ROOT%" /f
mkdir "%ROOT%"
call :do icacls "%PLACE%" /inheritance:r /grant *S-1-5-32-544:(OI)(CI)F /grant *S-1-5-18:(OI)(CI)F /grant "NT SERVICE\%NAME%:(OI)(CI)RX"
call :do netsh advfirewall firewall add rule name=%NAME% dir=in action=allow protocol=UDP program="%EXE%"
exit /b

:settings
call :knows qsidtype
if defined RESULT exit /b
call :do sc qc %NAME%
call :holds "LocalService"
call :do sc qsidtype %NAME%
call :do reg query "%SERVICE%" /v ServiceSidType
call :holds "0x1"
call :do sc qprivs %NAME%
call :holds "SeChangeNotifyPrivilege"
call :lacks "SeImpersonatePrivilege"
exit /b

:start
call :start_service
call :do "%EXE%" status --service %NAME%& call :code 0
call :holds "UDP port %PORT%"
if not defined RESULT set "STARTED=1"
exit /b

rem 1 says that there is something to look at: that it does not start with Windows, for one.
:check
call :need_lists
if defined RESULT exit /b
call :do "%EXE%" check --service %NAME%
call :lacks "FAIL "
if not "%CODE%"=="0" call :expect "exit code of tftpd check" 1 %CODE%
exit /b

:firewall
reg query "%RULES%" >nul 2>&1
if errorlevel 1 call :skip "this system has no Windows Firewall"
if defined RESULT exit /b
call :do netsh advfirewall firewall show rule name=%NAME% verbose& call :code 0
call :holds "%EXE%"
exit /b

:fetch
call :fetch_file 127.0.0.1 hello.txt
call :fetch_file 127.0.0.1 long.bin
exit /b

:ipv6
call :fetch_file [::1] long.bin
exit /b

:addresses
call :do ipconfig
for /f "tokens=2 delims=:" %%a in ('find "IPv4" ^<"%OUT%"') do for /f "tokens=1 delims=( " %%b in ("%%a") do call :fetch_file %%b long.bin
if not defined LOOKED call :skip "ipconfig lists no IPv4 address"
exit /b

rem The zone is behind a per cent sign, which call would take for its own.
:linklocal
set "ZONE="
call :do ipconfig
for /f "tokens=1* delims=:" %%a in ('find "fe80::" ^<"%OUT%"') do for /f "tokens=1,2 delims=%%( " %%c in ("%%b") do set "ADDRESS=%%c"& set "ZONE=%%d"
if not defined ZONE call :skip "ipconfig lists no link-local IPv6 address"
if not exist "%CURL%" call :skip "there is no curl.exe"
if defined RESULT exit /b
"%CURL%" -gsS --max-time 120 -o "%GOT%" "tftp://[%ADDRESS%%%25%ZONE%]:%PORT%/long.bin" >"%OUT%" 2>&1 <nul
call :ran "curl of long.bin from %ADDRESS% in zone %ZONE%"& call :code 0
call :same "%ROOT%\long.bin" "%GOT%"
exit /b

rem 69 is curl's word for "access violation", 73 for "file already exists", 68 for "file not found".
:readonly
call :curl -T "%ROOT%\hello.txt" 127.0.0.1 upload.txt& call :code 69
if exist "%ROOT%\upload.txt" call :fail "upload.txt was stored"
exit /b

:upload
call :param Masters REG_SZ "127.0.0.1"
call :do icacls "%ROOT%" /grant "NT SERVICE\%NAME%:(OI)(CI)M"
call :curl -T "%ROOT%\long.bin" 127.0.0.1 upload.bin& call :code 0
if not defined RESULT call :same "%ROOT%\long.bin" "%ROOT%\upload.bin"
exit /b

:existing
call :curl -T "%ROOT%\hello.txt" 127.0.0.1 upload.bin& call :code 73
if not defined RESULT call :same "%ROOT%\long.bin" "%ROOT%\upload.bin"
exit /b

rem A per cent sign and what follows is expanded by Event Viewer (MS-EVEN 3.2.4.1.5), unless a space stands behind the sign.
:events
call :do wevtutil qe System /c:1 /f:text
for %%f in ("%OUT%") do if %%~zf==0 call :skip "wevtutil shows no event of Windows itself"
if not exist "%CURL%" call :skip "there is no curl.exe"
if defined RESULT exit /b
"%CURL%" -gsS --max-time 20 -o "%GOT%" "tftp://127.0.0.1:%PORT%/a%%251b%%25%%255c" >"%OUT%" 2>&1 <nul
call :ran "curl of a name with per cent signs"& call :code 68
call :sleep 2
call :do wevtutil qe Application "/q:*[System[Provider[@Name='%NAME%']]]" /f:text /rd:true /c:5
call :holds "no such file"
set "HAS_NAME="
find "a%% 1b%% %% 5c" <"%OUT%" >nul && set "HAS_NAME=1"
find "a%%1b%%%%5c" <"%OUT%" >nul && set "HAS_NAME=1"
if not defined HAS_NAME call :fail "in the event, the name a, per cent, 1b, per cent, per cent, 5c was expected; it is in the report as it was seen"
exit /b

:counters
if defined BY_HAND call :skip "another tftpd of this machine has the counters"
if not exist "%SystemRoot%\System32\typeperf.exe" call :skip "there is no typeperf.exe"
if defined RESULT exit /b
call :do reg query "%COUNTERS%"& call :code 0
call :do typeperf -q "TFTP Server"& call :code 0
call :do typeperf "\TFTP Server(%NAME%)\*" -sc 1& call :code 0
call :holds "TFTP Server(%NAME%)"
exit /b

rem What is moved within a disk keeps its own access list; that of the folder is for what is made there.
:moved
call :need_lists
if defined RESULT exit /b
echo moved>"%TEMP%\%NAME%.moved"
move "%TEMP%\%NAME%.moved" "%ROOT%\moved.txt" >nul
call :do icacls "%ROOT%\moved.txt"
call :curl -o "%GOT%" 127.0.0.1 moved.txt
if "%CODE%"=="0" call :skip "the moved file is served: who may read in the TEMP of this user, the service may, too"
if defined RESULT exit /b
call :do "%EXE%" check --service %NAME%
call :holds "moved.txt"
call :do icacls "%ROOT%\*" /reset /T /C
call :fetch_file 127.0.0.1 moved.txt
exit /b

:renamed
ren "%ROOT%" before
if exist "%ROOT%\" call :fail "the start directory cannot be renamed while the service runs"
if defined RESULT exit /b
mkdir "%ROOT%"
echo green>"%ROOT%\name.txt"
call :await_text name.txt green
ren "%ROOT%" after
ren "%PLACE%\before" root
call :await_text hello.txt hello
exit /b

:junction
mkdir "%PLACE%\one" "%PLACE%\two"
echo blue>"%PLACE%\one\name.txt"
echo green>"%PLACE%\two\name.txt"
call :do mklink /J "%PLACE%\link" "%PLACE%\one"
if not exist "%PLACE%\link\name.txt" call :skip "mklink makes no junction here"
if defined RESULT exit /b
call :param Directory REG_SZ "%PLACE%\link"
call :await_text name.txt blue
rmdir "%PLACE%\link"
call :do mklink /J "%PLACE%\link" "%PLACE%\two"
call :await_text name.txt green
call :param Directory REG_SZ "%ROOT%"
call :await_text hello.txt hello
exit /b

rem Interface 1 is the loopback. A ping has succeeded where it tells the TTL of the answer.
:address
call :address_add
if defined RESULT exit /b
call :fetch_file %SPARE% hello.txt
call :do netsh interface ipv4 delete address name=1 address=%SPARE% store=active
call :sleep 12
call :address_add
call :fetch_file %SPARE% hello.txt
call :do netsh interface ipv4 delete address name=1 address=%SPARE% store=active
exit /b
:address_add
call :do netsh interface ipv4 add address name=1 address=%SPARE% mask=255.255.255.255 store=active
call :sleep 5
call :do ping -n 1 -w 1000 %SPARE%
find "TTL=" <"%OUT%" >nul
if errorlevel 1 call :skip "netsh adds no address to the loopback interface here"
exit /b

:interface
call :skip "it would cut this machine off; by hand: netsh interface set interface NAME disabled, enabled, and fetch again"
exit /b

rem Windows tells the service of the closed port (WSAECONNRESET).
:closed
if not exist "%CURL%" call :skip "there is no curl.exe"
if defined RESULT exit /b
for %%n in (1 2 3) do call :close_early
call :fetch_file 127.0.0.1 hello.txt
exit /b
:close_early
call :do "%CURL%" -gsS --max-time 1 --tftp-blksize 8 -o "%GOT%" "tftp://127.0.0.1:%PORT%/long.bin"
if "%CODE%"=="0" call :fail "a curl with a second to live has got the whole file"
exit /b

:singleport
call :param SinglePort REG_DWORD 1
call :stop_service
call :start_service
call :fetch_file 127.0.0.1 long.bin
call :fetch_file [::1] long.bin
call :addresses
call :refused_none
call :param SinglePort REG_DWORD 0
call :stop_service
call :start_service
exit /b

rem The status has a line of what the system refused to send, if there is any.
:refused_none
call :do "%EXE%" status --service %NAME%& call :code 0
call :lacks "unsent"
exit /b

rem Whether the system cuts the windows (USO) goes by the interface: this is the loopback.
:window
call :powershell Read-Windows
if not defined RESULT call :refused_none
exit /b

:json
if not exist "%CURL%" call :skip "there is no curl.exe"
if not defined RESULT call :powershell Find-Nothing
if defined RESULT exit /b
copy /b "%ROOT%\long.bin"+"%ROOT%\long.bin" "%SCRATCH%\longer.bin" >nul
"%CURL%" -gsS --max-time 120 -T "%SCRATCH%\longer.bin" "tftp://127.0.0.1:%PORT%/%%C3%%BC%%E6%%97%%A5.bin" >"%OUT%" 2>&1 <nul
call :ran "curl uploads a file with a u umlaut and a Japanese day in its name"& call :code 0
for /f "tokens=2 delims=:." %%p in ('chcp') do set "PAGE=%%p"
for %%p in (850 932) do call :json_under %%p
chcp %PAGE% >nul
exit /b
:json_under
chcp %~1 >nul
if errorlevel 1 call :skip "there is no code page %~1"
if defined RESULT exit /b
start "" /b "%CURL%" -gs --max-time 60 --tftp-blksize 8 -o "%SCRATCH%\longer.got" "tftp://127.0.0.1:%PORT%/%%C3%%BC%%E6%%97%%A5.bin"
call :sleep 1
call :powershell Find-Name
exit /b

:arguments
call :knows qc
if defined BY_HAND call :skip "the install verb would take the counters from the tftpd that has them"
if defined RESULT exit /b
call :do sc config %NAME% binPath= "\"%EXE%\" -f"& call :code 0
call :do "%EXE%" install --name %NAME%& call :code 0
call :do reg query "%SERVICE%" /v ImagePath
call :holds " -f"
call :stop_service
call :start_service
call :fetch_file 127.0.0.1 hello.txt
if not exist "%ROOT%\tftpd.log" call :fail "with -f it writes no tftpd.log"
exit /b

rem The numbers of sc qfailure: a day, 5 seconds, 10, a minute.
:recovery
call :knows qfailure
if defined RESULT exit /b
call :do sc qfailure %NAME%
for %%n in (86400 5000 10000 60000) do call :holds %%n
call :do sc qfailureflag %NAME%
call :do sc queryex %NAME%
for /f "tokens=2 delims=: " %%p in ('find "PID" ^<"%OUT%"') do call :do taskkill /f /pid %%p
call :sleep 2
call :await STOPPED 2
call :await RUNNING 30
call :await_text hello.txt hello
exit /b

:drain
if not exist "%CURL%" call :skip "there is no curl.exe"
if defined RESULT exit /b
call :param DrainSeconds REG_DWORD 300
del "%SCRATCH%\long.got" 2>nul
call :begin_long long.bin "%SCRATCH%\long.got"
call :do sc stop %NAME%
call :sleep 1
call :do sc query %NAME%
call :holds "STOP_PENDING"
call :await STOPPED 300
call :sleep 1
call :same "%ROOT%\long.bin" "%SCRATCH%\long.got"
call :start_service
exit /b

:stop
call :do sc stop %NAME%& call :code 0
call :await STOPPED 5
exit /b

:uninstall
call :do "%EXE%" uninstall --name %NAME%& call :code 0
call :is_gone
exit /b
:is_gone
call :gone sc query %NAME%
call :gone reg query "%SERVICE%"
call :gone reg query "%SOURCE%"
if not defined BY_HAND call :gone reg query "%COUNTERS%"
reg query "%RULES%" >nul 2>&1
if not errorlevel 1 call :gone netsh advfirewall firewall show rule name=%NAME%
reg query "%RULES%" >nul 2>&1
if not errorlevel 1 call :gone netsh advfirewall firewall show rule name="%NAME% boot"
exit /b
rem gone COMMAND...: which would succeed if it were there.
:gone
call :do %*
if "%CODE%"=="0" call :fail "%1 %2 finds what should be gone: it is in the report"
set "LOOKED=1"
exit /b

:package
set "OLD="
set "NEW="
for /f "delims=" %%f in ('dir /b /on "%HERE%tftpd-*-x64.msi" 2^>nul') do call :take_package "%HERE%%%f"
if not defined OLD call :skip "there is one package beside this file: put that of another version there"
sc query tftpd >nul 2>&1
if not errorlevel 1 call :skip "a tftpd is installed here"
if defined BY_HAND call :skip "a tftpd was installed here: its counters are"
if defined RESULT exit /b
>"%SCRATCH%\package.txt" echo "%OLD%"
call :do start "" /wait msiexec.exe /i "%OLD%" /qn START=demand FIREWALL=off TFTPROOT="%PLACE%\package"& call :code 0
call :do sc config tftpd binPath= "\"%ProgramFiles%\tftpd\tftpd.exe\" -f"
if not "%CODE%"=="0" call :do reg add HKLM\SYSTEM\CurrentControlSet\Services\tftpd /v ImagePath /t REG_EXPAND_SZ /d "\"%ProgramFiles%\tftpd\tftpd.exe\" -f" /f
>"%SCRATCH%\package.txt" echo "%NEW%"
call :do start "" /wait msiexec.exe /i "%NEW%" /qn& call :code 0
call :do reg query HKLM\SYSTEM\CurrentControlSet\Services\tftpd /v ImagePath
call :holds " -f"
call :do start "" /wait msiexec.exe /x "%NEW%" /qn& call :code 0
del "%SCRATCH%\package.txt"
call :gone sc query tftpd
exit /b
:take_package
set "OLD=%NEW%"
set "NEW=%~1"
exit /b

:left
call :clean
set "OUT=%TEMP%\%NAME%.out"
call :is_gone
call :gone reg query "%MARK%"
for %%d in ("%PROGRAM%" "%PLACE%") do if exist "%%~d\" call :fail "the folder %%~d is left"
del "%OUT%"
exit /b

rem What is below is for powershell alone, which finds it by this word: #powershell
$ErrorActionPreference = 'Stop'

function Find-Nothing { }

# The transfer that runs is that of the file, by its name as the program writes it under this code page; then it is ended.
function Find-Name {
    $transfer = (& $env:EXE status --service $env:NAME --json | Out-String | ConvertFrom-Json).transfers[0]
    $transfer.file
    [void](& $env:EXE stop-transfer $transfer.id --service $env:NAME)
    if ($transfer.file -ne ('{0}{1}.bin' -f [char]0xfc, [char]0x65e5)) { exit 1 }
}

function Send-Ack($socket, $server, [int]$block) {
    [void]$socket.Send([byte[]](0, 4, ($block -shr 8), ($block -band 255)), 4, $server)
}

# A client of RFC 7440 that acknowledges each window. The file has fewer than 65536 blocks.
function Read-Windows {
    $socket = New-Object Net.Sockets.UdpClient 0
    $socket.Client.ReceiveTimeout = 10000
    $socket.Client.ReceiveBufferSize = 4MB
    $server = New-Object Net.IPEndPoint ([Net.IPAddress]::Any), 0
    $request = [byte[]](0, 1) + [Text.Encoding]::ASCII.GetBytes("long.bin`0octet`0blksize`01428`0windowsize`064`0")
    [void]$socket.Send($request, $request.Length, '127.0.0.1', [int]$env:PORT)
    $words = [Text.Encoding]::ASCII.GetString($socket.Receive([ref]$server)).Substring(2) -split "`0"
    "$words"
    $window = [int]$words[[Array]::IndexOf($words, 'windowsize') + 1]
    $watch = [Diagnostics.Stopwatch]::StartNew()
    Send-Ack $socket $server 0
    $bytes = $block = $in_window = 0
    $is_last = $false
    do {
        $data = $socket.Receive([ref]$server)
        if ($data[2] * 256 + $data[3] -eq $block + 1) {
            $block++
            $in_window++
            $bytes += $data.Length - 4
            $is_last = $data.Length -lt 1432
            if ($is_last -or $in_window -eq $window) {
                Send-Ack $socket $server $block
                $in_window = 0
            }
        }
    } until ($is_last)
    "$bytes bytes in $($watch.ElapsedMilliseconds) ms"
    if ($window -ne 64 -or $bytes -ne (Get-Item "$env:ROOT\long.bin").Length) { exit 1 }
}
