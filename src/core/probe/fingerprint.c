#include "core/probe/fingerprint.h"

enum { OF_MSFTWINDOW = 1 << OPTION_MSFTWINDOW, OF_WINDOWSIZE = 1 << OPTION_WINDOWSIZE };

/* The first row that fits counts. Texts are from the field: nmap's probes, manuals, what users show of their screens. */
static const struct row {
    uint16_t code;
    bool is_beginning; /* of the text; else it is all of it */
    const char *text;
    unsigned granted;
    const char *name;
    bool may_be_ours;
} rows[] = {
    {1, false, "File not found", OF_MSFTWINDOW, "tftpd, of which this client is a part", true},
    {1, false, "File not found", OF_WINDOWSIZE, "tftpd or tftp-hpa 6", true},
    {1, false, "File not found", 0, "tftp-hpa, Netkit, atftpd, or a tftpd", true},
    {1, false, "File not found.", 0, "Enistic", false},
    {4, false, "Illegal operation error.", 0, "Windows Deployment Services", false},
    {4, false, "Illegal TFTP operation", 0, "Windows Server 2003 or Plan 9", false},
    {4, true, "Could not find file '", 0, "SolarWinds", false},
    {2, false, "The IP address is not in the range of allowable addresses.", 0,
     "SolarWinds, which refuses this address", false},
    {0, false, "Invalid TFTP Opcode", 0, "Cisco", false},
    {0, false, "Not defined, see error message(if any).", 0, "HP IMC", false},
};

static bool fits(const struct row *row, const struct findings *f)
{
    size_t length = strlen(row->text);
    bool is_long_enough = row->is_beginning ? f->absent.text_size >= length : f->absent.text_size == length;

    return f->absent.end == SOUNDING_ERROR && f->absent.code == row->code && is_long_enough &&
           memcmp(f->absent.text, row->text, length) == 0 && ((f->together | f->alone) & row->granted) == row->granted;
}

struct fingerprint fingerprint_of(const struct findings *f)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (fits(&rows[i], f))
            return (struct fingerprint){rows[i].name, rows[i].may_be_ours};
    return (struct fingerprint){.may_be_ours = true};
}
