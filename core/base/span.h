// span: a piece of somebody else's text, not terminated by NUL. Whoever hands one out says how
// long it stays valid.
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct span {
    const char *at;
    size_t len;
};

// For string literals only: SPAN("chunked").
#define SPAN(literal) ((struct span){ (literal), sizeof(literal) - 1 })

struct span span_of(const char *text); // NULL becomes an empty span

bool span_is(struct span a, struct span b);
bool span_is_nocase(struct span a, struct span b); // ASCII letters only, whatever the locale
bool span_starts(struct span text, struct span prefix);
