// utf8: where UTF-8 is right (RFC 3629: no surrogates, nothing overlong, nothing above U+10FFFF).
#pragma once

#include "base/span.h"

// The length of the sequence that begins here, or 0 if none does. left > 0.
size_t utf8_length(const char *at, size_t left);

// How many bytes of the text are right, up to the first one that is not.
size_t utf8_right(struct span text);
