#include "lua/place.h"

#include <lua.h>
#include <string.h>

// snprintf() is not allowed in a signal handler.
static void write_place(const char *file, int line, char *out, size_t size)
{
    char digits[12];
    size_t n = 0;
    size_t len = strnlen(file, LUA_IDSIZE);

    do
        digits[n++] = (char)('0' + line % 10);
    while ((line /= 10) > 0);
    if (len + 1 + n + 1 > size)
        return;
    memcpy(out, file, len);
    out += len;
    *out++ = ':';
    while (n > 0)
        *out++ = digits[--n];
    *out = '\0';
}

bool place_of_policy(lua_State *L, char *out, size_t size)
{
    lua_Debug ar;

    out[0] = '\0';
    for (int level = 0; lua_getstack(L, level, &ar); level++) {
        if (lua_getinfo(L, "Sl", &ar) && ar.source[0] == '@' && ar.currentline > 0) {
            write_place(ar.short_src, ar.currentline, out, size);
            return true;
        }
    }
    return false;
}

bool place_of_function(lua_State *L, char *out, size_t size)
{
    lua_Debug ar;

    out[0] = '\0';
    if (!lua_getinfo(L, ">S", &ar) || ar.source[0] != '@' || ar.linedefined < 0)
        return false;
    write_place(ar.short_src, ar.linedefined, out, size);
    return true;
}
