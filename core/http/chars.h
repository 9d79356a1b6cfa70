// chars: which bytes may stand where in the head of a message (RFC 9110, section 5). Tables and
// word tricks live here, so that the readers can look at whole runs at once.
#pragma once

#include "base/span.h"

#include <stdbool.h>

// The lower-case form of each byte a token may hold; 0 for the others.
extern const unsigned char chars_token[256];

// The first byte from 'at' on that no value may hold (a control other than HTAB); 'end' if none.
const char *chars_text_end(const char *at, const char *end);

bool chars_is_token(struct span text); // at least one byte, token bytes only
