#include "command/test_files.h"

#include "base/span.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PATH_SIZE 4096
#define DEEPEST   32 // folders

struct walk {
    struct buffer *out;
    const char *tail; // of names
    bool stamps;
    size_t count;
    struct err *err;
};

static int fail(const struct walk *walk, const char *path, const char *why)
{
    return err_set(walk->err, "%.300s: %s", path, why);
}

static int add_file(struct walk *walk, const char *path, const struct stat *st)
{
    if (++walk->count > TEST_FILES_MAX)
        return fail(walk, path, "there are more files than a test takes; name a folder with fewer");
    buffer_add_string(walk->out, path);
    if (walk->stamps)
        buffer_printf(walk->out, "\t%lld\t%lld.%09ld", (long long)st->st_size,
                      (long long)st->st_mtim.tv_sec, st->st_mtim.tv_nsec);
    buffer_add_char(walk->out, '\n');
    return 0;
}

static bool has_tail(const char *name, const char *tail)
{
    size_t len = strlen(name), end = strlen(tail);

    return len >= end && strcmp(name + len - end, tail) == 0 && !strchr(name, '\n');
}

static int walk_folder(struct walk *walk, const char *folder, int depth);

// A file that is gone by now is none.
static int walk_entry(struct walk *walk, const char *folder, const char *name, int depth)
{
    char path[PATH_SIZE];
    struct stat st;
    const char *slash = folder[strlen(folder) - 1] == '/' ? "" : "/";
    int len = strcmp(folder, ".") == 0
                  ? snprintf(path, sizeof(path), "%s", name)
                  : snprintf(path, sizeof(path), "%s%s%s", folder, slash, name);

    if (name[0] == '.')
        return 0;
    if (len < 0 || (size_t)len >= sizeof(path))
        return fail(walk, folder, "a path in there is too long");
    if (lstat(path, &st) != 0)
        return 0;
    if (S_ISDIR(st.st_mode))
        return walk_folder(walk, path, depth + 1);
    if (S_ISLNK(st.st_mode) && (stat(path, &st) != 0 || !S_ISREG(st.st_mode)))
        return 0;
    return S_ISREG(st.st_mode) && has_tail(name, walk->tail) ? add_file(walk, path, &st) : 0;
}

static int walk_folder(struct walk *walk, const char *folder, int depth)
{
    struct dirent **entries = NULL;
    int count = depth < DEEPEST ? scandir(folder, &entries, NULL, alphasort) : 0;
    int status = 0;

    if (depth >= DEEPEST)
        return fail(walk, folder, "folders lie too deep in each other");
    if (count < 0)
        return fail(walk, folder, strerror(errno));
    for (int i = 0; i < count; i++) {
        if (status == 0)
            status = walk_entry(walk, folder, entries[i]->d_name, depth);
        free(entries[i]);
    }
    free(entries);
    return status;
}

int test_files_find(const char *path, struct buffer *out, struct err *err)
{
    struct walk walk = { .out = out, .tail = "_spec.lua", .err = err };
    struct stat st;

    if (path[0] == '\0' || strchr(path, '\n'))
        return fail(&walk, path, "expected a folder with *_spec.lua, or such a file");
    if (stat(path, &st) != 0)
        return fail(&walk, path, strerror(errno));
    return S_ISDIR(st.st_mode) ? walk_folder(&walk, path, 0) : add_file(&walk, path, &st);
}

int test_files_stamp(const char *path, struct buffer *out, struct err *err)
{
    struct walk walk = { .out = out, .tail = ".lua", .stamps = true, .err = err };
    char folder[PATH_SIZE];
    struct stat st;
    char *slash;

    (void)snprintf(folder, sizeof(folder), "%s", path);
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return walk_folder(&walk, folder, 0);
    slash = strrchr(folder, '/');
    if (!slash)
        return walk_folder(&walk, ".", 0);
    slash[slash == folder] = '\0';
    return walk_folder(&walk, folder, 0);
}
