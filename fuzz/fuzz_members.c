// Members of objects against reader.h: of a text that is one object they are the same, those of an
// object inside too; of any other text nothing outside of it is read. The text ends where its
// memory ends.
#include "base/check.h"
#include "reader.h"
#include "json/members.h"

#include <stdint.h>
#include <stdlib.h>

#define MOST  8
#define DEPTH 16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct list {
    struct member members[MOST];
    size_t count;
};

// The members of an object that is right, as the reader finds them.
static void list_members(struct list *list, const char *p, const char *end)
{
    list->count = 0;
    for (p = reader_space(p + 1, end); *p != '}'; p = reader_space(p + (*p == ','), end)) {
        struct member m = { .key.at = p + 1 };

        p = reader_string(p, end);
        m.key.len = (size_t)(p - m.key.at) - 1;
        m.value.at = reader_space(reader_space(p, end) + 1, end);
        p = reader_value(m.value.at, end, DEPTH);
        m.value.len = (size_t)(p - m.value.at);
        p = reader_space(p, end);
        if (list->count == MOST || memchr(m.key.at, '\\', m.key.len)) {
            list->count = MEMBERS_ODD;
            return;
        }
        list->members[list->count++] = m;
    }
}

static void check_inside(const struct member *members, size_t count, struct span text)
{
    for (size_t i = 0; i < count && i < MOST; i++) {
        CHECK(members[i].key.at > text.at && members[i].value.at > members[i].key.at);
        CHECK(members[i].value.at + members[i].value.len <= text.at + text.len);
    }
}

static void check_same(const struct list *expected, const struct member *members, size_t count)
{
    CHECK(count == expected->count);
    for (size_t i = 0; count != MEMBERS_ODD && i < count; i++) {
        CHECK(members[i].key.at == expected->members[i].key.at);
        CHECK(members[i].key.len == expected->members[i].key.len);
        CHECK(members[i].value.at == expected->members[i].value.at);
        CHECK(members[i].value.len == expected->members[i].value.len);
    }
}

// What the reader has of the object in the last member "a".
static size_t list_within(struct list *within, const struct list *outer, const char *end)
{
    for (size_t i = outer->count; i-- > 0;) {
        const struct member *m = &outer->members[i];

        if (!span_is(m->key, SPAN("a")))
            continue;
        if (*m->value.at != '{')
            return MEMBERS_ODD;
        list_members(within, m->value.at, end);
        return within->count;
    }
    return MEMBERS_NONE;
}

static void check(struct span text)
{
    static const struct span name = { "a", 1 };
    struct member members[MOST], inner[MOST];
    struct members_within within = { .names = &name, .name_count = 1, .out = inner, .most = MOST };
    size_t count = members_read(text, members, MOST, &within, 1);
    struct list outer, expected = { .count = 0 };
    const char *end = text.at + text.len;

    if (count != MEMBERS_ODD)
        check_inside(members, count, text);
    check_inside(inner, within.count <= MOST ? within.count : 0, text);
    if (text.len == 0 || *text.at != '{' || reader_value(text.at, end, DEPTH) != end)
        return;
    list_members(&outer, text.at, end);
    check_same(&outer, members, count);
    if (count == MEMBERS_ODD)
        return;
    expected.count = list_within(&expected, &outer, end);
    if (expected.count == MEMBERS_NONE)
        CHECK(within.count == MEMBERS_NONE);
    else
        check_same(&expected, inner, within.count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = malloc(size + 1);

    CHECK(copy);
    if (size > 0)
        memcpy(copy + 1, data, size);
    check((struct span){ copy + 1, size });
    free(copy);
    return 0;
}
