#include "json/redact_parts.h"

#include "json/unescape.h"

#include <string.h>

void redact_emit(struct redact_stream *s, const char *from, const char *to)
{
    if (to > from)
        s->sink(s->arg, (struct span){ from, (size_t)(to - from) });
}

struct span redact_text_of(struct redact_stream *s, struct span raw)
{
    size_t whole = 0;

    if (raw.len > REDACT_LOOK_MAX)
        raw.len = REDACT_LOOK_MAX;
    if (raw.len == 0 || !memchr(raw.at, '\\', raw.len))
        return raw;
    while (whole < raw.len) {
        size_t step = raw.at[whole] != '\\'                             ? 1
                      : whole + 1 < raw.len && raw.at[whole + 1] == 'u' ? 6
                                                                        : 2;

        if (whole + step > raw.len)
            break;
        whole += step;
    }
    raw.len = whole;
    buffer_reset(&s->text);
    unescape(raw, &s->text);
    s->failed = s->failed || s->text.failed;
    return s->text.failed ? SPAN("") : buffer_span(&s->text);
}
