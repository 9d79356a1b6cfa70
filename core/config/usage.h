// usage: what -help and the reference pages say about the declared options.
#pragma once

#include "base/buffer.h"
#include "config/option.h"

// All options, grouped by owner: form, variable, default, help. 'own': the command's; may be NULL.
void usage_write(const struct options *o, const struct options *own, struct buffer *out);

// The options of one owner as a Markdown table, for docs/. Nothing if it has none.
void usage_markdown(const struct options *o, const char *owner, struct buffer *out);

// A paragraph below an entry: indented, in lines of a fair length.
void usage_add_wrapped(struct buffer *out, const char *text);

// Two lines for standard error, under a message about a bad flag.
void usage_short(struct buffer *out);
