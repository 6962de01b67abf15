/* The table of parameters, held against what administrators are promised. */
#include "unit.h"

#include "core/settings/config.h"

static void test_table_is_sound(void **state)
{
    (void)state;
    for (size_t i = 0; i < config_parameter_count; i++) {
        const struct config_parameter *p = &config_parameters[i];
        CHECK(strlen(p->name) < CONFIG_NAME_MAX && strlen(p->meaning) > 10, "%s", p->name);
        CHECK(p->low <= p->high && p->offset < sizeof(struct config), "%s", p->name);
        CHECK(p->accepts == NULL || p->expects != NULL, "%s", p->name);
        CHECK(p->kind != CONFIG_NUMBER || p->high <= UINT32_MAX, "%s", p->name);
        CHECK(p->kind != CONFIG_TEXT || p->accepts != NULL, "%s", p->name);
        CHECK(p->judges == NULL || (p->kind == CONFIG_PATTERNS && p->expects != NULL), "%s", p->name);
        for (size_t k = 0; k < i; k++)
            CHECK(config_parameters[k].offset != p->offset && config_find(config_parameters[k].name) != p, "%s",
                  p->name);
    }
}

/*
 * Every parameter once more. What sockets, threads and memory are made from at the start needs a restart; all else is asked
 * for at each request.
 */
static void test_promises(void **state)
{
    enum { LIVE = false, RESTART = true };
    static const struct {
        const char *name;
        uint64_t low, high;
        const char *standard;
        bool needs_restart;
    } rows[] = {
        {"Directory", 0, 0, "%SystemDrive%\\tftpdroot", LIVE},
        {"Clients", 0, 0, "*", LIVE},
        {"Masters", 0, 0, "", LIVE},
        {"Readable", 0, 0, "*", LIVE},
        {"Writable", 0, 0, "*", LIVE},
        {"Access", 0, 0, NULL, LIVE},
        {"ClientDirectories", 0, 0, "none", LIVE},
        {"WhenExists", 0, 0, "refuse", LIVE},
        {"Addresses", 0, 0, "", RESTART},
        {"Port", 1, 65535, "69", RESTART},
        {"PortRange", 0, 65535, "0", RESTART},
        {"SinglePort", 0, 1, "0", RESTART},
        {"Mtu", 0, 65535, "0", LIVE},
        {"MaxBlockSize", 8, 65464, "65464", LIVE},
        {"MaxWindowSize", 1, 65535, "64", LIVE},
        {"DisableOptions", 0, 0, "", LIVE},
        {"MsftWindow", 0, 1, "1", LIVE},
        {"Segmentation", 0, 1, "1", LIVE},
        {"Timeout", 1, 255, "1", LIVE},
        {"FirstSends", 1, 10, "3", LIVE},
        {"SilenceSeconds", 1, 3600, "120", LIVE},
        {"UnprovenSeconds", 1, 3600, "20", LIVE},
        {"UnprovenBytes", 512, 1048576, "12288", LIVE},
        {"TransferPorts", 1, 4096, "768", RESTART},
        {"MaxTransfers", 1, 100000, "10000", RESTART},
        {"MaxTransfersPerClient", 1, 100000, "256", LIVE},
        {"FirstResendsPerSecond", 1, 1000000, "1000", LIVE},
        {"ErrorsPerSecond", 1, 100000, "100", LIVE},
        {"MaxUploadBytes", 0, UINT64_MAX, "0", LIVE},
        {"MinFreeBytes", 0, UINT64_MAX, "67108864", LIVE},
        {"Workers", 0, 64, "0", RESTART},
        {"Listeners", 1, 16, "4", RESTART},
        {"FileThreads", 1, 64, "8", RESTART},
        {"CacheSize", 4, 65536, "64", RESTART},
        {"Verbose", 0, 3, "2", LIVE},
        {"RefusalEventsPerSecond", 1, 100000, "100", LIVE},
        {"LogFormat", 0, 0, "text", RESTART},
        {"LogMaxBytes", 65536, UINT32_MAX, "10485760", RESTART},
        {"LogFiles", 1, 99, "5", RESTART},
        {"DrainSeconds", 0, 3600, "5", LIVE},
        {"Pxe", 0, 0, "off", LIVE},
        {"PxeBoot", 0, 0, "", LIVE},
        {"PxeHosts", 0, 0, "", LIVE},
        {"PxeUnknown", 0, 0, "answer", LIVE},
        {"PxeStyle", 0, 0, "direct", LIVE},
        {"PxeMenu", 0, 0, "", LIVE},
        {"PxePrompt", 0, 0, "10 Press F8 for the boot menu", LIVE},
        {"PxeInterfaces", 0, 0, "", LIVE},
        {"PxeRelays", 0, 0, "", LIVE},
        {"PxePorts", 0, 0, "both", LIVE},
        {"PxeRepliesPerSecond", 1, 1000000, "500", LIVE},
        {"PxeV6", 0, 0, "off", LIVE},
        {"Bootp", 0, 0, "off", LIVE},
        {"BootpHosts", 0, 0, "", LIVE},
    };

    (void)state;
    CHECK(config_parameter_count == COUNT_OF(rows), "%u parameters, and %u rows here", (unsigned)config_parameter_count,
          (unsigned)COUNT_OF(rows));
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct config_parameter *p = &config_parameters[i];
        bool has_standard = rows[i].standard != NULL;
        assert_string_equal(p->name, rows[i].name);
        CHECK(p->low == rows[i].low && p->high == rows[i].high, "%s: %llu to %llu", p->name, (unsigned long long)p->low,
              (unsigned long long)p->high);
        CHECK((p->standard != NULL) == has_standard && (!has_standard || strcmp(p->standard, rows[i].standard) == 0),
              "%s: %s", p->name, has_standard ? p->standard : "");
        CHECK(p->needs_restart == rows[i].needs_restart, "%s", p->name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table_is_sound),
        cmocka_unit_test(test_promises),
    };

    return cmocka_run_group_tests_name("config_table", tests, NULL, NULL);
}
