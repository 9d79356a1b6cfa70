// upload: the body of a build on its way to the engine. It passes as it comes, but for its end,
// which stays here until the Dockerfile in it was judged; the engine cannot begin without it. Holds
// up to UPLOAD_HELD_MAX besides. Works on evbuffers alone.
//
//   upload_move ... UPLOAD_MORE ... UPLOAD_WHOLE --> upload_finding, the verdict --> upload_release
//
// On a no, whoever owns the connection to the engine closes it: what the engine has got then is a
// body that breaks off, in any framing, and an archive that does.
#pragma once

#include "base/attr.h"
#include "base/span.h"
#include "proxy/body.h"

#include <stdbool.h>
#include <stddef.h>

struct evbuffer;
struct upload;

#define UPLOAD_HELD_MAX (256u << 10)

enum upload_status {
    UPLOAD_MORE,  // there will be more, or 'to' is full
    UPLOAD_WHOLE, // upload_finding() has something, a fault or the Dockerfile
    UPLOAD_CUT,   // the client ended in the middle, or broke its framing
};

// 'name': of the Dockerfile, "" for the usual one. 'out': how the engine is sent the body. NULL: no
// memory.
struct upload *upload_new(const char *name, enum framing out);
void upload_free(struct upload *u); // NULL is fine

// 'body' moves with FRAMING_CLOSE as its 'out'.
MUST_USE enum upload_status upload_move(struct upload *u, struct body *body, struct evbuffer *from,
                                        bool from_ended, struct evbuffer *to, size_t limit);

// The Dockerfile; false: why there is none. Borrowed until upload_free().
MUST_USE bool upload_finding(struct upload *u, struct span *text);

// Sends what was held.
void upload_release(struct upload *u, struct evbuffer *to);
bool upload_released(const struct upload *u);
