#include "http/hop.h"

#include <string.h>

static bool same(struct span name, const char *known)
{
    return memcmp(name.at, known, name.len) == 0;
}

bool hop_is_dropped(struct span name)
{
    switch (name.len) {
    case 2:
        return same(name, "te");
    case 4:
        return same(name, "host");
    case 7:
        return same(name, "upgrade") || same(name, "trailer");
    case 10:
        return same(name, "connection") || same(name, "keep-alive");
    case 14:
        return same(name, "content-length") || same(name, "http2-settings");
    case 16:
        return same(name, "proxy-connection");
    case 17:
        return same(name, "transfer-encoding");
    case 18:
        return same(name, "proxy-authenticate");
    case 19:
        return same(name, "proxy-authorization");
    default:
        return false;
    }
}

// RFC 9110, section 6.5.1: what tells how to read the content comes too late in a trailer.
bool hop_is_kept_in_trailer(struct span name)
{
    if (hop_is_dropped(name))
        return false;
    switch (name.len) {
    case 12:
        return !same(name, "content-type");
    case 13:
        return !same(name, "content-range");
    case 16:
        return !same(name, "content-encoding");
    default:
        return true;
    }
}
