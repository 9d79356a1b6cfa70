// The strict reader of JSON: what it accepts the cutter (cut.h) accepts as well; its spans lie
// within each other and make up the text; keys are found, each once; and what it makes of twins it
// accepts without any. The first byte chooses the rules. The text ends where its memory ends.
#include "base/check.h"
#include "base/utf8.h"
#include "json/cut.h"
#include "json/document.h"
#include "json/fold.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct document_map maps[] = { { { "labels", 6 }, { "", 0 } },
                                            { { "a", 1 }, { "b", 1 } } };

static bool cutter_accepts(struct span text)
{
    static const struct cut_rules values = { .depth = DOCUMENT_DEPTH_MAX };
    struct cut c;
    enum cut_kind kind;
    size_t used = 0;

    cut_init(&c, &values);
    while ((kind = cut_step(&c, text.at, text.len, &used)) != CUT_MORE && kind != CUT_BAD)
        text = (struct span){ text.at + used, text.len - used };
    return kind != CUT_BAD && cut_end(&c) != CUT_BAD;
}

static void check_member(const struct document *d, const struct node *object, const struct node *m,
                         bool exact)
{
    struct span key = document_key(d, m);

    CHECK(utf8_right(key) == key.len && !memchr(key.at, '\0', key.len));
    if (!exact)
        CHECK(document_find(d, object, key) == m);
    CHECK(object->type == NODE_MAP || !fold_has_partner(key));
}

static void check_node(const struct document *d, size_t number, size_t len, bool exact)
{
    const struct node *node = &d->nodes[number];
    uint32_t count = 0, end = node->at;

    CHECK(node->len > 0 && (size_t)node->at + node->len <= len);
    CHECK((node->type == NODE_ARRAY) == (d->text[node->at] == '['));
    if (node->type == NODE_STRING) {
        struct span raw = document_raw(d, node);

        CHECK(utf8_right(raw) == raw.len);
        CHECK(node->escaped == (memchr(raw.at, '\\', raw.len) != NULL));
    }
    for (const struct node *m = document_first(node); m; m = document_next(d, m)) {
        CHECK(m->parent == number && m > node && m->at > end);
        CHECK(m->at + m->len < node->at + node->len);
        end = m->at + m->len - 1;
        count++;
        if (node->type != NODE_ARRAY)
            check_member(d, node, m, exact);
    }
    CHECK(count == node->count && (count == 0 || node->type >= NODE_ARRAY));
}

static void check_document(const struct document *d, struct span text,
                           const struct document_rules *rules)
{
    CHECK(cutter_accepts(text));
    CHECK(d->count > 0 && d->count <= rules->values && d->nodes[0].next == 0);
    for (size_t i = 0; i < d->count; i++) {
        CHECK(!rules->exact || d->nodes[i].type != NODE_STRUCT);
        check_node(d, i, text.len, rules->exact);
    }
}

static void read(struct span text, const struct document_rules *rules, bool may_have_twins)
{
    struct document d;
    struct buffer single;
    struct err err;

    buffer_init(&single, text.len + 1);
    switch (document_read(&d, text, rules, &single, &err)) {
    case DOCUMENT_OK:
        check_document(&d, text, rules);
        break;
    case DOCUMENT_TWINS:
        CHECK(may_have_twins && !rules->exact && single.len < text.len && d.nodes == NULL);
        read(buffer_span(&single), rules, false);
        break;
    case DOCUMENT_BAD:
        CHECK(may_have_twins && d.nodes == NULL && strncmp(err.text, "byte ", 5) == 0);
        break;
    }
    document_clear(&d);
    buffer_clear(&single);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct document_rules rules = { .values = 200, .maps = maps, .map_count = 2, .seed = 7 };
    char *text;

    if (size < 2)
        return 0;
    rules.exact = data[0] % 2 == 1;
    rules.seed += data[0];
    text = malloc(size - 1);
    CHECK(text);
    memcpy(text, data + 1, size - 1);
    read((struct span){ text, size - 1 }, &rules, true);
    free(text);
    return 0;
}
