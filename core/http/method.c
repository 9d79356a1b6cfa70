#include "http/method.h"

#include "base/attr.h"

#define NAME(text)             \
    {                          \
        text, sizeof(text) - 1 \
    }

static const struct span names[] = {
    [METHOD_UNKNOWN] = NAME(""),        [METHOD_GET] = NAME("GET"),
    [METHOD_HEAD] = NAME("HEAD"),       [METHOD_POST] = NAME("POST"),
    [METHOD_PUT] = NAME("PUT"),         [METHOD_PATCH] = NAME("PATCH"),
    [METHOD_DELETE] = NAME("DELETE"),   [METHOD_OPTIONS] = NAME("OPTIONS"),
    [METHOD_CONNECT] = NAME("CONNECT"), [METHOD_TRACE] = NAME("TRACE"),
};

enum method method_read(struct span text)
{
    for (size_t i = METHOD_UNKNOWN + 1; i < ARRAY_LEN(names); i++) {
        if (span_is(text, names[i]))
            return (enum method)i;
    }
    return METHOD_UNKNOWN;
}

enum method method_read_nocase(struct span text)
{
    for (size_t i = METHOD_UNKNOWN + 1; i < ARRAY_LEN(names); i++) {
        if (span_is_nocase(text, names[i]))
            return (enum method)i;
    }
    return METHOD_UNKNOWN;
}

const char *method_name(enum method method)
{
    return names[method].at;
}
