#include "http/method.h"

#include "base/attr.h"

static const char *const names[] = {
    [METHOD_UNKNOWN] = "",      [METHOD_GET] = "GET",         [METHOD_HEAD] = "HEAD",
    [METHOD_POST] = "POST",     [METHOD_PUT] = "PUT",         [METHOD_PATCH] = "PATCH",
    [METHOD_DELETE] = "DELETE", [METHOD_OPTIONS] = "OPTIONS", [METHOD_CONNECT] = "CONNECT",
    [METHOD_TRACE] = "TRACE",
};

enum method method_read(struct span text)
{
    for (size_t i = METHOD_UNKNOWN + 1; i < ARRAY_LEN(names); i++) {
        if (span_is(text, span_of(names[i])))
            return (enum method)i;
    }
    return METHOD_UNKNOWN;
}

const char *method_name(enum method method)
{
    return names[method];
}
