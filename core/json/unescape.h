// unescape: the text that a JSON string stands for.
#pragma once

#include "base/buffer.h"

// 'raw' is what stands between the quotes of a valid string (see grammar.h). The result, in UTF-8,
// is added to 'out' and never longer than 'raw'. Half a surrogate pair becomes U+FFFD.
void unescape(struct span raw, struct buffer *out);

// The same, to where there is room for raw.len bytes; returns how many were written.
size_t unescape_into(struct span raw, char *out);
