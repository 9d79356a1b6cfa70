#include "proxy/policy_set.h"

#include "base/buffer.h"

#include <sha256.h>
#include <string.h>
#include <sys/mman.h>

#define VALUE_MAX (1u << 20)

struct policy_set *policy_set_new(struct err *err)
{
    struct policy_set *set =
        mmap(NULL, sizeof(*set), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (set == MAP_FAILED) {
        err_errno(err, "memory for a set of policies");
        return NULL;
    }
    set->files = file_set_new(err);
    if (!set->files) {
        policy_set_free(set);
        return NULL;
    }
    return set;
}

void policy_set_free(struct policy_set *set)
{
    if (!set)
        return;
    file_set_free(set->files);
    (void)munmap(set, sizeof(*set));
}

// --- the hash ------------------------------------------------------------------------------------

// With its length in front, so that no two lists of texts look alike.
static void add(SHA256_CTX *hash, struct span text)
{
    uint64_t len = text.len;

    SHA256Update(hash, (const uint8_t *)&len, sizeof(len));
    SHA256Update(hash, (const uint8_t *)text.at, text.len);
}

static void add_options(SHA256_CTX *hash, const struct options *o)
{
    struct buffer value;

    buffer_init(&value, VALUE_MAX);
    for (size_t i = 0; i < options_count(o); i++) {
        const struct option *entry = options_entry(o, i);
        const char *key = entry->name[0] != '\0' ? entry->name : entry->env;

        buffer_reset(&value);
        options_show(o, key, &value);
        add(hash, span_of(entry->owner));
        add(hash, span_of(key));
        add(hash, buffer_span(&value));
    }
    buffer_clear(&value);
}

static void add_files(SHA256_CTX *hash, const struct file_set *files)
{
    struct span path, text;

    for (size_t i = 0; file_set_entry(files, i, &path, &text); i++) {
        add(hash, path);
        add(hash, text);
    }
}

void policy_set_fill(struct policy_set *set, const struct setup *setup)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t digest[SHA256_DIGEST_LENGTH];
    SHA256_CTX hash;

    SHA256Init(&hash);
    add_options(&hash, setup->options);
    add_files(&hash, set->files);
    SHA256Final(digest, &hash);
    for (size_t i = 0; i + 1 < POLICY_SET_HASH; i++)
        set->hash[i] = digits[(i % 2 == 0 ? digest[i / 2] >> 4 : digest[i / 2]) & 15];
    set->settings = setup->settings;
    set->complete = true; // last
}
