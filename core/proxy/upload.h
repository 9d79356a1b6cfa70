// upload: the body of a build on its way to the engine. It passes as it comes, unpacked and in
// chunks, but for its end, which is written here when the Dockerfile in it was judged; the engine
// cannot begin without it. So what a few packed bytes become counts as what is sent, and does not
// come faster than the engine takes it. Works on evbuffers alone.
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

// Bytes behind the end of an archive, as programs write that fill up their last record.
#define UPLOAD_BEHIND_MAX (256u << 10)

enum upload_status {
    UPLOAD_MORE,  // there will be more, or 'to' is full
    UPLOAD_WHOLE, // upload_finding() has something, a fault or the Dockerfile
    UPLOAD_CUT,   // the client ended in the middle, or broke its framing
};

// 'name': of the Dockerfile, "" for the usual one. NULL: no memory.
struct upload *upload_new(const char *name);
void upload_free(struct upload *u); // NULL is fine

// 'body' moves with FRAMING_CLOSE as its 'out'.
MUST_USE enum upload_status upload_move(struct upload *u, struct body *body, struct evbuffer *from,
                                        bool from_ended, struct evbuffer *to, size_t limit);

// The Dockerfile; false: why there is none. Borrowed until upload_free().
MUST_USE bool upload_finding(struct upload *u, struct span *text);

// Sends the end, with this Dockerfile in place of the one that was found; an empty one: with that.
// False: no memory, or it is too long, and nothing was sent.
MUST_USE bool upload_release(struct upload *u, struct span dockerfile, struct evbuffer *to);
bool upload_released(const struct upload *u);
