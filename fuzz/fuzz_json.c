// The cutter of JSON against reader.h, which only knows the grammar: they accept the same
// texts. Cuts change nothing; the ranges make up the input; each item is one value; and what is
// left when every other item is dropped, as cut.h says, is accepted again. The first byte chooses
// the lists and the size of the pieces.
#include "base/buffer.h"
#include "base/check.h"
#include "reader.h"
#include "json/cut.h"

#include <stdint.h>
#include <string.h>

#define DEPTH 16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool reader_accepts(const char *p, const char *end)
{
    for (p = reader_space(p, end); p < end; p = reader_space(p, end)) {
        if (!(p = reader_value(p, end, DEPTH)))
            return false;
    }
    return true;
}

// --- the cutter ---------------------------------------------------------------------------------

struct result {
    struct buffer all;   // every range
    struct buffer kinds; // 'p', ',', 'i' for each byte, '.' at the end of an item
    struct buffer half;  // with every other item
    struct buffer item;
    size_t items;
    bool comma, kept_one; // as cut.h tells a filter to keep track
    bool bad;
    uint64_t offset;
    const char *fault;
};

static void take_item(struct result *r, const struct cut_rules *rules)
{
    bool keep = r->items++ % 2 == 0;

    CHECK(reader_accepts(r->item.data, r->item.data + r->item.len) && r->item.len > 0);
    CHECK(reader_space(r->item.data, r->item.data + 1) == r->item.data);
    if (!r->comma)
        r->kept_one = false;
    if (keep && rules->list_count > 0 && r->kept_one)
        buffer_add_char(&r->half, ',');
    if (keep)
        buffer_add_span(&r->half, buffer_span(&r->item));
    r->kept_one = r->kept_one || keep;
    r->comma = false;
    buffer_reset(&r->item);
    buffer_add_char(&r->kinds, '.');
}

static void take(struct result *r, const struct cut_rules *rules, enum cut_kind kind,
                 const char *data, size_t n)
{
    char letter = kind == CUT_PASS ? 'p' : kind == CUT_COMMA ? ',' : 'i';

    buffer_add(&r->all, data, n);
    for (size_t i = 0; i < n; i++)
        buffer_add_char(&r->kinds, letter);
    if (kind == CUT_PASS)
        buffer_add(&r->half, data, n);
    if (kind == CUT_COMMA)
        r->comma = true;
    if (kind == CUT_ITEM || kind == CUT_ITEM_END)
        buffer_add(&r->item, data, n);
    if (kind == CUT_ITEM_END)
        take_item(r, rules);
}

static void cut(struct result *r, const struct cut_rules *rules, const char *data, size_t len,
                size_t piece)
{
    struct cut c;
    enum cut_kind kind = CUT_MORE;

    *r = (struct result){ .bad = false };
    buffer_init(&r->all, 1 << 20);
    buffer_init(&r->kinds, 1 << 21);
    buffer_init(&r->half, 1 << 20);
    buffer_init(&r->item, 1 << 20);
    cut_init(&c, rules);
    for (size_t from = 0; from < len && kind != CUT_BAD; from += piece) {
        const char *p = data + from;
        size_t left = len - from < piece ? len - from : piece, used;

        while ((kind = cut_step(&c, p, left, &used)) != CUT_MORE && kind != CUT_BAD) {
            CHECK(used <= left);
            take(r, rules, kind, p, used);
            p += used;
            left -= used;
        }
    }
    if (kind != CUT_BAD && (kind = cut_end(&c)) == CUT_ITEM_END)
        take(r, rules, kind, "", 0);
    r->bad = kind == CUT_BAD;
    r->offset = cut_offset(&c);
    r->fault = cut_fault(&c);
    CHECK(r->bad == (r->fault != NULL) && r->offset <= len);
}

static void forget(struct result *r)
{
    buffer_clear(&r->all);
    buffer_clear(&r->kinds);
    buffer_clear(&r->half);
    buffer_clear(&r->item);
}

static void check_half(const struct cut_rules *rules, const struct result *whole)
{
    struct result half;

    // Two numbers with nothing between them would grow together.
    if (rules->list_count == 0)
        return;
    cut(&half, rules, whole->half.data, whole->half.len, whole->half.len);
    CHECK(!half.bad && half.items <= whole->items);
    forget(&half);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const lists[] = { "", "a", "b.c" };
    struct cut_rules rules = { .depth = DEPTH, .lists = lists };
    struct result whole, pieces;

    if (size < 2)
        return 0;

    const char *text = (const char *)data + 1;
    size_t len = size - 1;

    rules.list_count = data[0] % 3;
    if (rules.list_count == 2)
        rules.lists = lists + 1;
    cut(&whole, &rules, text, len, len);
    cut(&pieces, &rules, text, len, 1 + data[0] / 3 % 8);
    CHECK(whole.bad == pieces.bad && whole.offset == pieces.offset && whole.fault == pieces.fault);
    if (!whole.bad) {
        CHECK(span_is(buffer_span(&whole.all), (struct span){ text, len }));
        CHECK(span_is(buffer_span(&whole.kinds), buffer_span(&pieces.kinds)));
        CHECK(reader_accepts(text, text + len));
        check_half(&rules, &whole);
    }
    if (rules.list_count == 0)
        CHECK(whole.bad == !reader_accepts(text, text + len));
    forget(&whole);
    forget(&pieces);
    return 0;
}
