#include "net/lookups.h"

#include "net/resolver.h"

#include <stdlib.h>
#include <string.h>

#define NAME_MAX_BYTES 256
#define ANSWERS_MAX    (64u << 10)

struct named {
    struct lookups *lookups;
    struct lookup *lookup; // NULL: answered, or not asked yet
    char name[NAME_MAX_BYTES];
};

struct lookups {
    void (*news)(void *arg);
    void *arg;
    struct buffer answers;
    size_t open; // names without an answer
    bool asking; // still inside lookups_new()
    size_t count;
    struct named named[];
};

static void add_addresses(struct buffer *out, const char *addresses)
{
    for (const char *p = addresses; *p; p++)
        buffer_add_char(out, *p == '\n' ? ' ' : *p);
}

static void on_addresses(void *arg, const char *addresses, const char *error)
{
    struct named *named = arg;
    struct lookups *lookups = named->lookups;

    named->lookup = NULL;
    lookups->open--;
    buffer_printf(&lookups->answers, "%s\t%s\t", named->name, error ? error : "");
    add_addresses(&lookups->answers, addresses ? addresses : "");
    buffer_add_char(&lookups->answers, '\n');
    if (!lookups->asking)
        lookups->news(lookups->arg);
}

// Reads the names that are not empty and fit; the others are nobody's.
static void read_names(struct lookups *lookups, const char *names)
{
    while (*names) {
        size_t len = strcspn(names, "\n");

        if (len > 0 && len < NAME_MAX_BYTES) {
            struct named *named = &lookups->named[lookups->count++];

            named->lookups = lookups;
            memcpy(named->name, names, len);
        }
        names += len + (names[len] == '\n');
    }
}

struct lookups *lookups_new(struct resolver *resolver, const char *names, void (*news)(void *arg),
                            void *arg)
{
    struct lookups *lookups;
    size_t lines = 1;

    for (const char *p = names; *p; p++)
        lines += *p == '\n';
    lookups = calloc(1, sizeof(*lookups) + lines * sizeof(lookups->named[0]));
    if (!lookups)
        return NULL;
    lookups->news = news;
    lookups->arg = arg;
    buffer_init(&lookups->answers, ANSWERS_MAX);
    read_names(lookups, names);
    lookups->open = lookups->count;
    lookups->asking = true;
    for (size_t i = 0; i < lookups->count; i++) {
        struct named *named = &lookups->named[i];

        named->lookup = resolver_ask(resolver, named->name, on_addresses, named);
    }
    lookups->asking = false;
    return lookups;
}

void lookups_free(struct lookups *lookups)
{
    if (!lookups)
        return;
    for (size_t i = 0; i < lookups->count; i++)
        resolver_cancel(lookups->named[i].lookup);
    buffer_clear(&lookups->answers);
    free(lookups);
}

bool lookups_take(struct lookups *lookups, struct buffer *out)
{
    struct span text = buffer_span(&lookups->answers);

    if (text.len == 0 && lookups->open > 0 && !lookups->answers.failed)
        return false;
    buffer_add_span(out, text);
    buffer_reset(&lookups->answers);
    return true;
}
