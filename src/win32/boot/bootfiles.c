#include "win32/boot/bootfiles.h"

#include "core/server/request.h"
#include "win32/disk/locate.h"

#include <stdlib.h>

/* One file, for one client or for all whose address is not known yet. */
struct fact {
    struct job job;
    struct bootfiles *files;
    char path[PATH_TEXT_MAX]; /* as path_normalize makes it */
    struct endpoint client;   /* unspecified: not known */
    uint64_t asked_ms;        /* 0: this place is free */
    uint64_t known_ms;        /* 0: never */
    uint64_t begun_ms;        /* when the look under way did */
    enum boot_file_state state;
    bool is_looking;
};

struct bootfiles {
    volatile LONG references;
    struct config config;
    struct root *root;
    struct jobs *jobs;
    HANDLE looked;      /* auto-reset: a look has ended */
    SRWLOCK lock;       /* guards what follows */
    uint64_t turn;      /* the last one that somebody waited in, each of BOOTFILES_TURN_MS */
    uint64_t waited_ms; /* in it, by all */
    struct fact facts[BOOTFILES_MAX];
};

struct bootfiles *bootfiles_open(const struct config *config, struct root *root, struct jobs *jobs)
{
    struct bootfiles *files = calloc(1, sizeof *files);

    if (files == NULL)
        return NULL;
    files->looked = CreateEventW(NULL, FALSE, FALSE, NULL);
    if (files->looked == NULL) {
        free(files);
        return NULL;
    }
    files->references = 1;
    files->config = *config;
    files->root = root_retain(root);
    files->jobs = jobs;
    InitializeSRWLock(&files->lock);
    for (size_t i = 0; i < BOOTFILES_MAX; i++)
        files->facts[i].files = files;
    return files;
}

void bootfiles_release(struct bootfiles *files)
{
    if (InterlockedDecrement(&files->references) > 0)
        return;
    root_release(files->root);
    CloseHandle(files->looked);
    free(files);
}

const struct config *bootfiles_config(const struct bootfiles *files)
{
    return &files->config;
}

/* -- a look at the disk ---------------------------------------------------------------------------------------------- */

static enum boot_file_state state_of(enum status status)
{
    switch (status) {
    case STATUS_OK:
    case STATUS_IN_USE: return BOOT_FILE_READABLE; /* somebody writes it: until the client comes it may be whole */
    case STATUS_DENIED: return BOOT_FILE_REFUSED;
    default: return BOOT_FILE_ABSENT;
    }
}

/* The name alone, as it is asked for and as the file system spells it. */
static enum status open_for_anybody(const struct config *config, struct root *root, const char *path,
                                    struct opened_file *opened)
{
    char final_path[PATH_TEXT_MAX];
    enum status status = file_open(root, path, opened);

    if (status != STATUS_OK)
        return status;
    if (path_normalize(span_of_text(opened->path), final_path) == PATH_OK &&
        access_judge_name(config, final_path).rule == ACCESS_ALLOWED)
        return STATUS_OK;
    CloseHandle(opened->handle);
    return STATUS_DENIED;
}

static enum status open_for(const struct config *config, struct root *root, const char *path,
                            const struct endpoint *client, struct opened_file *opened)
{
    /* Which card is at the address is known when it comes: its own folder is no place for a rule's file. */
    static const struct mac unknown = {.source = MAC_UNKNOWN};
    struct request request = {.verdict = REQUEST_OK};

    memcpy(request.path, path, strlen(path) + 1);
    return locate_download(&request, config, root, client, &unknown, opened);
}

/* client is unspecified where it is not known. */
static enum boot_file_state look_at_disk(const struct config *config, struct root *root, const char *path,
                                         const struct endpoint *client)
{
    struct opened_file opened;
    enum status status = endpoint_is_unspecified(client) ? open_for_anybody(config, root, path, &opened)
                                                         : open_for(config, root, path, client, &opened);

    if (status == STATUS_OK)
        CloseHandle(opened.handle);
    return state_of(status);
}

/* On a file thread. Path and client stay as they are while is_looking. */
static void run_look(struct job *job)
{
    struct fact *fact = CONTAINING_RECORD(job, struct fact, job);
    struct bootfiles *files = fact->files;
    enum boot_file_state state = look_at_disk(&files->config, files->root, fact->path, &fact->client);

    AcquireSRWLockExclusive(&files->lock);
    fact->state = state;
    fact->known_ms = GetTickCount64();
    fact->is_looking = false;
    ReleaseSRWLockExclusive(&files->lock);
    SetEvent(files->looked);
    bootfiles_release(files);
}

/* -- what is asked --------------------------------------------------------------------------------------------------- */

/* The fact about it, or the place of the one that was asked for longest ago; NULL where all are being looked at. */
static struct fact *find_fact(struct bootfiles *files, const char *path, const struct endpoint *client)
{
    struct fact *oldest = NULL;

    for (size_t i = 0; i < BOOTFILES_MAX; i++) {
        struct fact *fact = &files->facts[i];
        if (fact->asked_ms != 0 && endpoint_same_address(&fact->client, client) && strcmp(fact->path, path) == 0)
            return fact;
        if (!fact->is_looking && (oldest == NULL || fact->asked_ms < oldest->asked_ms))
            oldest = fact;
    }
    if (oldest == NULL)
        return NULL;
    memcpy(oldest->path, path, strlen(path) + 1);
    oldest->client = *client;
    oldest->known_ms = 0;
    return oldest;
}

static bool is_fresh(const struct fact *fact, uint64_t now_ms)
{
    return fact->known_ms != 0 && now_ms - fact->known_ms < BOOTFILES_FRESH_MS;
}

/* The caller holds the lock. */
static void begin_look(struct bootfiles *files, struct fact *fact, uint64_t now_ms)
{
    if (fact->is_looking)
        return;
    fact->is_looking = true;
    fact->begun_ms = now_ms;
    fact->job.run = run_look;
    InterlockedIncrement(&files->references);
    jobs_put(files->jobs, JOBS_READS, &fact->job);
}

/* How long whoever asks may wait for the look: each has its time, and all together theirs. */
static uint64_t patience_ms(struct bootfiles *files, const struct fact *fact, uint64_t now_ms)
{
    uint64_t looked_ms = now_ms - fact->begun_ms;

    if (files->turn != now_ms / BOOTFILES_TURN_MS)
        files->waited_ms = 0;
    files->turn = now_ms / BOOTFILES_TURN_MS;
    if (looked_ms >= BOOTFILES_WAIT_MS || files->waited_ms >= BOOTFILES_WAIT_ALL_MS)
        return 0;
    uint64_t of_look_ms = BOOTFILES_WAIT_MS - looked_ms;
    uint64_t of_all_ms = BOOTFILES_WAIT_ALL_MS - files->waited_ms;
    return of_look_ms < of_all_ms ? of_look_ms : of_all_ms;
}

/* The caller holds the lock, which is let go meanwhile. */
static void await_look(struct bootfiles *files, const struct fact *fact)
{
    uint64_t now_ms = GetTickCount64(), ms;

    while (fact->is_looking && (ms = patience_ms(files, fact, now_ms)) > 0) {
        uint64_t begun_ms = now_ms;
        ReleaseSRWLockExclusive(&files->lock);
        WaitForSingleObject(files->looked, (DWORD)ms);
        AcquireSRWLockExclusive(&files->lock);
        now_ms = GetTickCount64();
        files->waited_ms += now_ms - begun_ms;
    }
}

static enum boot_file_state ask_disk(struct bootfiles *files, const char *path, const struct endpoint *client)
{
    uint64_t now_ms = GetTickCount64();
    enum boot_file_state state = BOOT_FILE_READABLE;

    AcquireSRWLockExclusive(&files->lock);
    struct fact *fact = find_fact(files, path, client);
    if (fact != NULL) {
        fact->asked_ms = now_ms;
        if (!is_fresh(fact, now_ms))
            begin_look(files, fact, now_ms);
        await_look(files, fact);
        if (fact->known_ms != 0)
            state = fact->state;
    }
    ReleaseSRWLockExclusive(&files->lock);
    return state;
}

/* The path that the name means, and the client, unspecified where it is not known. False if the rules refuse it. */
static bool judge_name(const struct config *config, const char *file, const struct endpoint *client,
                       char path[PATH_TEXT_MAX], struct endpoint *who)
{
    *who = endpoint_ipv4(0, 0, 0, 0, 0);
    if (path_normalize(span_of_text(file), path) != PATH_OK)
        return false;
    if (client == NULL)
        return access_judge_name(config, path).rule == ACCESS_ALLOWED;
    *who = endpoint_host(client);
    return access_judge(config, client, path, false).rule == ACCESS_ALLOWED;
}

enum boot_file_state bootfiles_look(void *context, const char *file, const struct endpoint *client)
{
    struct bootfiles *files = context;
    struct endpoint who;
    char path[PATH_TEXT_MAX];

    return judge_name(&files->config, file, client, path, &who) ? ask_disk(files, path, &who) : BOOT_FILE_REFUSED;
}

enum boot_file_state bootfiles_look_once(const struct config *config, struct root *root, const char *file,
                                         const struct endpoint *client)
{
    struct endpoint who;
    char path[PATH_TEXT_MAX];

    return judge_name(config, file, client, path, &who) ? look_at_disk(config, root, path, &who) : BOOT_FILE_REFUSED;
}
