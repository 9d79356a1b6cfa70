// As fuzz_path, behind a path, so that all of the input is query. Pairs are compared with a decoder
// of their own that knows no rules.
#include "targets.h"

#include "base/buffer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int hex(char c)
{
    const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c | 0x20) : NULL;

    return at ? (int)(at - digits) : -1;
}

// What Go's url.QueryUnescape makes of a text whose escapes are known to be whole.
static void unescape(struct buffer *out, const char *at, const char *end)
{
    for (; at < end; at++) {
        if (*at == '%') {
            buffer_add_char(out, (char)(hex(at[1]) * 16 + hex(at[2])));
            at += 2;
        } else {
            buffer_add_char(out, *at == '+' ? ' ' : *at);
        }
    }
}

// A build takes the first "dockerfile", and no other is there.
static bool is_left_out(const struct target *target, size_t before, struct span key)
{
    if (!span_is(target->path, SPAN("/build")) || !span_is(key, SPAN("dockerfile")))
        return false;
    for (size_t i = 0; i < before; i++) {
        if (span_is(target->pairs[i].key, key))
            return true;
    }
    return false;
}

static void check_pair(const struct target *target, size_t n, struct span key, struct span value)
{
    CHECK(n < target->pair_count);
    CHECK(span_is(target->pairs[n].key, key));
    CHECK(span_is(target->pairs[n].value, value));
}

static void check_pairs(const struct target *target, const char *at, const char *end)
{
    size_t n = 0;

    while (at < end) {
        const char *stop = memchr(at, '&', (size_t)(end - at));
        struct buffer pair;

        if (!stop)
            stop = end;
        if (stop > at) {
            const char *equals = memchr(at, '=', (size_t)(stop - at));
            size_t key;

            buffer_init(&pair, 1 << 20);
            unescape(&pair, at, equals ? equals : stop);
            key = pair.len;
            if (equals)
                unescape(&pair, equals + 1, stop);

            struct span name = { pair.data, key };
            struct span value = { pair.data ? pair.data + key : NULL, pair.len - key };

            if (!is_left_out(target, n, name))
                check_pair(target, n++, name, value);
            buffer_clear(&pair);
        }
        at = stop + 1;
    }
    CHECK(n == target->pair_count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span path = size > 0 && data[0] % 2 == 1 ? SPAN("/libpod/x?") : SPAN("/v1.41/build?");
    struct head_error error;
    struct target target;
    struct buffer raw;

    if (size == 0)
        return 0;
    buffer_init(&raw, 1 << 20);
    buffer_add_span(&raw, path);
    buffer_add(&raw, data + 1, size - 1);
    if (!raw.failed) {
        check_target(buffer_span(&raw));
        if (target_read(&target, buffer_span(&raw), &target_fuzz_rules, &error) == HEAD_OK) {
            check_pairs(&target, raw.data + path.len, raw.data + raw.len);
            target_clear(&target);
        }
    }
    buffer_clear(&raw);
    return 0;
}
