#include "json/filter.h"

#define GAP_MAX (4u << 10) // white space that an engine puts between two items

void filter_init(struct filter *f, const struct cut_rules *rules, size_t max_item,
                 filter_judge judge, void *judge_arg, filter_sink sink, void *sink_arg)
{
    *f = (struct filter){ .judge = judge,
                          .judge_arg = judge_arg,
                          .sink = sink,
                          .sink_arg = sink_arg,
                          .last_kept = true };
    cut_init(&f->cut, rules);
    buffer_init(&f->item, max_item);
    buffer_init(&f->gap, GAP_MAX);
    buffer_init(&f->replacement, 2 * max_item);
}

void filter_stream_long(struct filter *f, filter_streamer streamer)
{
    f->streamer = streamer;
}

void filter_clear(struct filter *f)
{
    redact_stream_free(f->redacting);
    buffer_clear(&f->item);
    buffer_clear(&f->gap);
    buffer_clear(&f->replacement);
    if (f->judge_rest)
        gather_clear(&f->gather);
}

const char *filter_fault(const struct filter *f)
{
    return f->fault;
}

static int fail(struct filter *f, const char *why)
{
    f->fault = why;
    return -1;
}

static bool in_lists(const struct filter *f)
{
    return f->cut.rules->list_count > 0;
}

static void put(struct filter *f, struct span text)
{
    if (text.len > 0)
        f->sink(f->sink_arg, text);
}

// The first item that is kept takes no comma, whatever was dropped before it.
static void put_gap(struct filter *f)
{
    struct span gap = buffer_span(&f->gap);

    if (f->separated && !f->any_kept)
        gap = (struct span){ gap.at + 1, gap.len - 1 };
    put(f, gap);
}

static void begin_kept(struct filter *f)
{
    put_gap(f);
    f->any_kept = true;
}

static void end_judged(struct filter *f)
{
    f->separated = false;
    buffer_reset(&f->gap);
}

// One that is too long, without its text, may only be left out.
static int judge_item(struct filter *f, struct span item)
{
    buffer_reset(&f->replacement);
    if (!f->separated)
        f->any_kept = false; // a list begins anew

    enum filter_verdict verdict = f->judge(f->judge_arg, cut_list(&f->cut), item, &f->replacement);

    f->last_kept = verdict == FILTER_KEEP || verdict == FILTER_REPLACE;
    if (!item.at && verdict != FILTER_DROP)
        return fail(f, "it is longer than 4 MiB, and a policy's only or edit has to see all of it;"
                       " make the object smaller, or allow this with nothing but redact");
    if (verdict == FILTER_FAIL)
        return fail(f, "an item could not be judged");
    if (verdict == FILTER_REPLACE && (f->replacement.failed || f->replacement.len == 0))
        return fail(f, "an edited item is too long");
    if (f->last_kept) {
        begin_kept(f);
        put(f, verdict == FILTER_KEEP ? item : buffer_span(&f->replacement));
    }
    end_judged(f);
    return 0;
}

// --- items that are too long to be held ---------------------------------------------------------

static void put_redacted(void *arg, struct span text)
{
    put(arg, text);
}

static int redact(struct filter *f, struct span text)
{
    if (text.len == 0 || redact_stream_feed(f->redacting, text) == 0)
        return 0;
    return fail(f, "an item could not be redacted");
}

// The next bytes are too many. An item that cannot be redacted as it comes is not held any more.
static int grow_too_long(struct filter *f, struct span next)
{
    struct span start = f->item.len > 0 ? buffer_span(&f->item) : next;
    const struct redact_set *set =
        f->streamer ? f->streamer(f->judge_arg, cut_list(&f->cut), start) : NULL;
    int result = 0;

    if (set) {
        f->redacting = redact_stream_new(set, put_redacted, f);
        if (!f->redacting)
            return fail(f, "out of memory");
        if (!f->separated)
            f->any_kept = false; // a list begins anew
        begin_kept(f);
        f->last_kept = true;
        result = redact(f, buffer_span(&f->item));
    }
    f->too_long = !set;
    buffer_clear(&f->item);
    return result;
}

// Part of an item, that is held, redacted, or left out.
static int take_part(struct filter *f, const char *data, size_t len)
{
    struct span part = { data, len };

    if (!f->too_long && !f->redacting && len > f->item.max - f->item.len &&
        grow_too_long(f, part) != 0)
        return -1;
    if (f->redacting)
        return redact(f, part);
    if (!f->too_long)
        buffer_add_span(&f->item, part);
    return f->item.failed ? fail(f, "out of memory") : 0;
}

static int end_redacting(struct filter *f)
{
    int result = redact_stream_end(f->redacting);

    redact_stream_free(f->redacting);
    f->redacting = NULL;
    end_judged(f);
    return result == 0 ? 0 : fail(f, "an item could not be redacted");
}

// An item that came in one piece is judged where it lies.
static int end_item(struct filter *f, const char *data, size_t len)
{
    struct span item = { data, len };
    bool in_one_piece = f->item.len == 0 && !f->too_long && !f->redacting && len <= f->item.max;
    int result;

    if (!in_one_piece) {
        if (take_part(f, data, len) != 0)
            return -1;
        if (f->redacting)
            return end_redacting(f);
        item = f->too_long ? (struct span){ NULL, 0 } : buffer_span(&f->item);
    }
    result = judge_item(f, item);
    f->too_long = false;
    buffer_reset(&f->item);
    return result;
}

static int pass(struct filter *f, const char *data, size_t len)
{
    if (f->separated)
        buffer_add(&f->gap, data, len);
    else if (in_lists(f) || f->last_kept)
        put(f, (struct span){ data, len });
    return f->gap.failed ? fail(f, "too much white space between two items") : 0;
}

static int take(struct filter *f, enum cut_kind kind, const char *data, size_t len)
{
    switch (kind) {
    case CUT_PASS:
        return pass(f, data, len);
    case CUT_COMMA:
        f->separated = true;
        buffer_add(&f->gap, data, len);
        return 0;
    case CUT_ITEM:
        return take_part(f, data, len);
    case CUT_ITEM_END:
        return end_item(f, data, len);
    case CUT_BAD:
        return fail(f, cut_fault(&f->cut));
    case CUT_MORE:
        break;
    }
    return 0;
}

static int feed(struct filter *f, const char *data, size_t len)
{
    size_t used = 0;
    enum cut_kind kind;

    if (f->fault)
        return -1;
    while ((kind = cut_step(&f->cut, data, len, &used)) != CUT_MORE) {
        if (take(f, kind, data, used) != 0)
            return -1;
        data += used;
        len -= used;
    }
    return 0;
}

// --- rests --------------------------------------------------------------------------------------

static bool judge_rest(void *arg, size_t list, struct span rest, struct buffer *replacement)
{
    struct filter *f = arg;

    switch (f->judge_rest(f->judge_arg, list, rest, replacement)) {
    case FILTER_DROP:
        buffer_reset(replacement);
        buffer_add_string(replacement, "{}");
        return true;
    case FILTER_KEEP:
        buffer_reset(replacement);
        buffer_add_span(replacement, rest);
        return true;
    case FILTER_REPLACE:
        return true;
    case FILTER_FAIL:
        break;
    }
    return fail(f, "what is beside the lists could not be judged") == 0;
}

static bool take_gathered(void *arg, struct span text)
{
    return feed(arg, text.at, text.len) == 0;
}

void filter_rests(struct filter *f, filter_judge judge)
{
    f->judge_rest = judge;
    gather_init(&f->gather, f->cut.rules,
                &(struct gather_user){ .judge = judge_rest, .sink = take_gathered, .arg = f });
}

int filter_feed(struct filter *f, const char *data, size_t len)
{
    if (f->fault || !f->judge_rest)
        return feed(f, data, len);
    if (gather_feed(&f->gather, data, len) == 0)
        return 0;
    return f->fault ? -1 : fail(f, gather_fault(&f->gather));
}

int filter_end(struct filter *f)
{
    if (f->fault)
        return -1;
    return take(f, cut_end(&f->cut), "", 0);
}
