// method: the request methods moonward knows (RFC 9110, section 9; RFC 5789). A method that is not
// here is refused before any policy runs; TRACE and CONNECT only pass where a policy asks for them.
#pragma once

#include "base/span.h"

enum method {
    METHOD_UNKNOWN,
    METHOD_GET,
    METHOD_HEAD,
    METHOD_POST,
    METHOD_PUT,
    METHOD_PATCH,
    METHOD_DELETE,
    METHOD_OPTIONS,
    METHOD_CONNECT,
    METHOD_TRACE,
};

enum method method_read(struct span text);        // exact, case-sensitive
enum method method_read_nocase(struct span text); // for messages: what was meant
const char *method_name(enum method method);
