#include "base/file_set.h"

#include "base/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define ENTRIES_MAX 1024
#define BYTES_MAX   (64u << 20) // of all; memory is taken as it is filled

// Offsets and no pointers, although the set lies at one address in all processes: a child that was
// ended in the middle leaves an entry that is not counted, and nothing else.
struct entry {
    uint32_t path, path_len;
    uint32_t text, text_len; // or the error
    enum file_status status;
};

struct file_set {
    bool closed;
    size_t count, used;
    struct entry entries[ENTRIES_MAX];
    char bytes[BYTES_MAX];
};

struct file_set *file_set_new(struct err *err)
{
    struct file_set *set = mmap(NULL, sizeof(*set), PROT_READ | PROT_WRITE,
                                MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (set == MAP_FAILED) {
        err_errno(err, "memory for the policies' files");
        return NULL;
    }
    return set;
}

void file_set_free(struct file_set *set)
{
    if (set)
        (void)munmap(set, sizeof(*set));
}

void file_set_close(struct file_set *set)
{
    set->closed = true;
    (void)mprotect(set, sizeof(*set), PROT_READ);
}

// --- reading -------------------------------------------------------------------------------------

// Reads until 'max' bytes or the end. Returns how many, or -1.
static ssize_t read_all(int fd, char *out, size_t max)
{
    size_t len = 0;

    while (len < max) {
        ssize_t n = read(fd, out + len, max - len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        len += (size_t)n;
    }
    return (ssize_t)len;
}

static int complain(struct err *err, const char *path, const char *text)
{
    return err_set(err, "%.300s: %s", path, text);
}

// The file may be anything, a pipe that never ends too: so nothing is read but a regular file.
// Returns how many bytes were put behind those that are held, or -1.
static ssize_t read_open_file(struct file_set *set, int fd, const char *path, struct err *err)
{
    struct stat st;
    ssize_t n = 0;

    if (fstat(fd, &st) != 0)
        return err_errno(err, path);
    if (!S_ISREG(st.st_mode))
        return complain(err, path,
                        S_ISDIR(st.st_mode) ? "expected a file, got a folder"
                                            : "expected a file, got something else");
    if (st.st_size > FILE_SET_FILE_MAX)
        return complain(err, path, "the file is longer than 1 MiB");
    if ((size_t)st.st_size > BYTES_MAX - set->used)
        return complain(err, path, "the policies' files are longer than 64 MiB in all");
    n = read_all(fd, set->bytes + set->used, (size_t)st.st_size);
    return n < 0 ? err_errno(err, path) : n;
}

static uint32_t keep(struct file_set *set, const char *text, size_t len)
{
    uint32_t at = (uint32_t)set->used;

    CHECK(len <= BYTES_MAX - set->used);
    memcpy(set->bytes + at, text, len);
    set->used += len;
    return at;
}

static void read_entry(struct file_set *set, const char *path, struct entry *entry)
{
    struct err err = { "" };
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    ssize_t n = -1;

    entry->status = FILE_BAD;
    if (fd < 0) {
        entry->status = errno == ENOENT || errno == ENOTDIR ? FILE_MISSING : FILE_BAD;
        err_errno(&err, path);
    } else {
        n = read_open_file(set, fd, path, &err);
        close(fd);
    }
    entry->text = (uint32_t)set->used;
    entry->text_len = (uint32_t)(n < 0 ? 0 : n);
    if (n >= 0) {
        entry->status = FILE_OK;
        set->used += (size_t)n;
    } else if (strlen(err.text) <= BYTES_MAX - set->used) {
        entry->text_len = (uint32_t)strlen(err.text);
        (void)keep(set, err.text, strlen(err.text));
    }
}

static const struct entry *find(const struct file_set *set, struct span path)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct entry *entry = &set->entries[i];

        if (span_is(path, (struct span){ set->bytes + entry->path, entry->path_len }))
            return entry;
    }
    return NULL;
}

static const struct entry *add(struct file_set *set, struct span path, struct err *err)
{
    struct entry *entry = &set->entries[set->count];

    if (set->closed) {
        err_set(err, "%.300s: it was not there when the policies were tried", path.at);
        return NULL;
    }
    if (set->count == ENTRIES_MAX || path.len > BYTES_MAX - set->used) {
        err_set(err, "%.300s: the policies' files are more than %d", path.at, ENTRIES_MAX);
        return NULL;
    }
    entry->path_len = (uint32_t)path.len;
    entry->path = keep(set, path.at, path.len);
    read_entry(set, path.at, entry);
    set->count++;
    return entry;
}

enum file_status file_set_read(struct file_set *set, const char *path, struct span *text,
                               struct err *err)
{
    const struct entry *entry = find(set, span_of(path));

    if (!entry)
        entry = add(set, span_of(path), err);
    if (!entry)
        return set->closed ? FILE_MISSING : FILE_BAD;
    *text = (struct span){ set->bytes + entry->text, entry->text_len };
    if (entry->status == FILE_OK)
        return FILE_OK;
    err_set(err, "%.*s", (int)text->len, text->at);
    *text = (struct span){ "", 0 };
    return entry->status;
}

bool file_set_entry(const struct file_set *set, size_t i, struct span *path, struct span *text)
{
    if (i >= set->count)
        return false;
    *path = (struct span){ set->bytes + set->entries[i].path, set->entries[i].path_len };
    *text = (struct span){ set->bytes + set->entries[i].text, set->entries[i].text_len };
    return true;
}
