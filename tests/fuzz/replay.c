/*
 * `fuzz_NAME FOLDER`: gives every file of the folder to the target, one TAP line each. What libFuzzer is when it only
 * repeats a corpus, for any compiler and for Windows.
 */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

enum { FILE_MAX = 1024 * 1024, PATH_MAX_BYTES = 1024 };

static bool run_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = malloc(FILE_MAX);

    if (file == NULL || bytes == NULL) {
        fprintf(stderr, "%s cannot be read\n", path);
        return false;
    }
    size_t size = fread(bytes, 1, FILE_MAX, file);
    bool is_read = !ferror(file) && feof(file);
    fclose(file);
    /* Exactly as large as the input, so that a sanitizer sees who reads beyond it. */
    uint8_t *exact = realloc(bytes, size > 0 ? size : 1);
    if (exact == NULL || !is_read) {
        fprintf(stderr, "%s cannot be read\n", path);
        free(exact != NULL ? exact : bytes);
        return false;
    }
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    return true;
}

int main(int argc, char **argv)
{
    DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
    char path[PATH_MAX_BYTES];
    unsigned count = 0;
    bool is_good = true;

    if (folder == NULL) {
        fprintf(stderr, "usage: %s FOLDER, the folder of a corpus\n", argv[0]);
        return 2;
    }
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
        /* Before the input runs: if it ends the program, this line names it. */
        fprintf(stderr, "# %s\n", entry->d_name);
        bool is_run = run_file(path);
        is_good = is_good && is_run;
        printf("%s %u - %s\n", is_run ? "ok" : "not ok", ++count, entry->d_name);
        fflush(stdout);
    }
    closedir(folder);
    printf("1..%u\n", count);
    return is_good ? 0 : 1;
}
