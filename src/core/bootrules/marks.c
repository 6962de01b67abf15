#include "core/bootrules/marks.h"

static uint16_t find_approved(const struct boot_marks *marks, const struct who *who)
{
    uint16_t i = 0;

    while (i < marks->approved_count && !who_equal(&marks->approved[i], who))
        i++;
    return i;
}

bool boot_marks_approve(struct boot_marks *marks, const struct who *who)
{
    if (find_approved(marks, who) < marks->approved_count)
        return true;
    if (marks->approved_count == BOOT_APPROVED_MAX)
        return false;
    marks->approved[marks->approved_count++] = *who;
    return true;
}

bool boot_marks_is_approved(const struct boot_marks *marks, const struct identity *identity)
{
    for (size_t i = 0; i < marks->approved_count; i++)
        if (who_is(&marks->approved[i], identity))
            return true;
    return false;
}

static uint16_t find_once(const struct boot_marks *marks, const struct who *who)
{
    uint16_t i = 0;

    while (i < marks->once_count && !who_equal(&marks->once[i].who, who))
        i++;
    return i;
}

void boot_marks_use(struct boot_marks *marks, const struct who *who, uint64_t now_ms)
{
    if (find_once(marks, who) < marks->once_count)
        return;
    /* There are no more such rules, and boot_marks_keep has removed those of earlier ones. */
    ASSERT(marks->once_count < BOOT_HOSTS_MAX);
    marks->once[marks->once_count++] = (struct once_mark){*who, now_ms};
}

bool boot_marks_is_spent(const struct boot_marks *marks, const struct who *who, uint64_t now_ms)
{
    uint16_t place = find_once(marks, who);

    return place < marks->once_count && now_ms - marks->once[place].begun_ms >= BOOT_ONCE_MS;
}

static bool has_once(const struct boot_rules *rules, const struct who *who)
{
    for (size_t i = 0; i < rules->host_count; i++)
        if (rules->hosts[i].is_once && who_equal(&rules->hosts[i].who, who))
            return true;
    return false;
}

void boot_marks_keep(struct boot_marks *marks, const struct boot_rules *rules)
{
    uint16_t kept = 0;

    for (uint16_t i = 0; i < marks->once_count; i++)
        if (has_once(rules, &marks->once[i].who))
            marks->once[kept++] = marks->once[i];
    marks->once_count = kept;
}
