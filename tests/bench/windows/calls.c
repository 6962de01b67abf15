/*
 * Linked into a second tftpd.exe, for the benchmark only: counts its calls of the system. The link line (Makefile.mingw)
 * takes the names from the table below and puts a thunk before each of them; it counts and jumps on, so it need not know
 * the function's arguments. The counts lie in a mapped file, C:\calls.bin, which the benchmark reads at any time:
 * records of a name and a number. The shipped program has none of this.
 */
#include <winsock2.h>

#include <mswsock.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_SIZE = 32, RECORDS_MAX = 32 };

struct record {
    char name[NAME_SIZE];
    uint64_t count; /* at 32 of 40 bytes, as the thunks know */
};

static struct record early[RECORDS_MAX]; /* until the file is there */
struct record *calls_records = early;

/* rax carries nothing at the entry of a function. */
#define COUNT_AND_JUMP(index, target)    \
    "movq calls_records(%rip), %rax\n"   \
    "lock incq " #index "*40+32(%rax)\n" \
    "jmp *" target "(%rip)\n"

/* Ends where it began, in .text: the compiler does not know that there was another section. */
#define IMPORTED(index, name)                                                                                      \
    __asm__(".text\ncalls_of_" #name                                                                               \
            ":\n" COUNT_AND_JUMP(index, "__real___imp_" #name) ".data\n.balign 8\n.globl __wrap___imp_" #name "\n" \
                                                               "__wrap___imp_" #name ": .quad calls_of_" #name     \
                                                               "\n.text\n");

/* MinGW's header does not declare this one as imported. */
#define PLAIN(index, name) \
    __asm__(".text\n.globl __wrap_" #name "\n__wrap_" #name ":\n" COUNT_AND_JUMP(index, "__imp_" #name));

/* counted: MACRO(index, name) lines; their names become the link line. */
#define CALLS(I, P)                 \
    I(0, WSASendTo)                 \
    P(1, WSASendMsg)                \
    I(2, recvfrom)                  \
    I(3, recv)                      \
    I(4, WaitForSingleObject)       \
    I(5, WaitForMultipleObjects)    \
    I(6, SetEvent)                  \
    I(7, SleepConditionVariableSRW) \
    I(8, WakeConditionVariable)     \
    I(9, ReadFile)                  \
    I(10, WriteFile)                \
    I(11, GetTickCount64)           \
    I(12, AcquireSRWLockExclusive)  \
    I(13, AcquireSRWLockShared)

CALLS(IMPORTED, PLAIN)

#define RECVMSG 14

static LPFN_WSARECVMSG receive_message;

static int WINAPI count_receive_message(SOCKET socket, WSAMSG *message, DWORD *size, WSAOVERLAPPED *overlapped,
                                        LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    InterlockedIncrement64((volatile LONG64 *)&calls_records[RECVMSG].count);
    return receive_message(socket, message, size, overlapped, routine);
}

typedef int(WINAPI *ioctl_function)(SOCKET, DWORD, void *, DWORD, void *, DWORD, DWORD *, WSAOVERLAPPED *,
                                    LPWSAOVERLAPPED_COMPLETION_ROUTINE);
extern ioctl_function __real___imp_WSAIoctl;
extern ioctl_function __wrap___imp_WSAIoctl;

/* Hands out WSARecvMsg, which is no import. */
static int WINAPI ioctl_of_ours(SOCKET socket, DWORD code, void *in, DWORD in_size, void *out, DWORD out_size,
                                DWORD *returned, WSAOVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    static const GUID wanted = WSAID_WSARECVMSG;
    int result = __real___imp_WSAIoctl(socket, code, in, in_size, out, out_size, returned, overlapped, routine);

    if (result == 0 && code == SIO_GET_EXTENSION_FUNCTION_POINTER && memcmp(in, &wanted, sizeof wanted) == 0) {
        LPFN_WSARECVMSG counting = count_receive_message;
        memcpy(&receive_message, out, sizeof receive_message);
        memcpy(out, &counting, sizeof counting);
    }
    return result;
}
ioctl_function __wrap___imp_WSAIoctl = ioctl_of_ours;

#define NAMED(index, text) [index] = {.name = #text},

/* Before main: the program gives up its privileges later. */
__attribute__((constructor)) static void begin_counting(void)
{
    static const struct record names[RECORDS_MAX] = {CALLS(NAMED, NAMED)[RECVMSG] = {.name = "WSARecvMsg"}};
    HANDLE file = CreateFileW(L"C:\\calls.bin", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                              CREATE_ALWAYS, 0, NULL);
    HANDLE mapping = CreateFileMappingW(file, NULL, PAGE_READWRITE, 0, sizeof names, NULL);
    struct record *records = MapViewOfFile(mapping, FILE_MAP_WRITE, 0, 0, sizeof names);

    if (records == NULL)
        abort();
    memcpy(records, names, sizeof names);
    calls_records = records;
}
