#include "win32/boot/bootself.h"

#include "win32/system/random.h"
#include "win32/system/text.h"

enum { MACHINE_GUID_UNITS = 64, DUID_UUID = 4, DNS_NAME_UNITS = 256 };

/* What Windows calls this installation. */
static bool read_machine_guid(struct who *machine)
{
    wchar_t wide[MACHINE_GUID_UNITS];
    char text[MACHINE_GUID_UNITS * 3];
    DWORD size = sizeof wide;

    return RegGetValueW(HKEY_LOCAL_MACHINE, L"SOFTWARE\\Microsoft\\Cryptography", L"MachineGuid", RRF_RT_REG_SZ, NULL,
                        wide, &size) == ERROR_SUCCESS &&
           text_from_wide(wide, text, sizeof text) && who_parse(machine, span_of_text(text)) &&
           machine->kind == WHO_GUID;
}

void bootself_make_duid(uint8_t duid[DUID_SIZE])
{
    struct who machine;

    write_u16(duid, DUID_UUID);
    if (read_machine_guid(&machine)) {
        memcpy(duid + 2, machine.bytes, GUID_SIZE);
        return;
    }
    /* Clients keep it for a boot only. */
    for (size_t i = 0; i < GUID_SIZE; i += sizeof(uint64_t)) {
        uint64_t part = random_seed();
        memcpy(duid + 2 + i, &part, sizeof part);
    }
}

void bootself_name(struct boot_rules *rules)
{
    wchar_t wide[DNS_NAME_UNITS];
    char name[DNS_NAME_UNITS * 3] = "";
    DWORD length = DNS_NAME_UNITS;

    if (!GetComputerNameExW(ComputerNameDnsFullyQualified, wide, &length) || !text_from_wide(wide, name, sizeof name))
        name[0] = 0;
    if (strlen(name) >= sizeof rules->server_name)
        name[strcspn(name, ".")] = 0;
    if (strlen(name) >= sizeof rules->server_name)
        name[0] = 0;
    memcpy(rules->server_name, name, strlen(name) + 1);
}
