// api_version: a version of the Docker Engine API, "1.41" in a path.
#pragma once

#include "base/attr.h"
#include "base/span.h"

struct api_version {
    unsigned major, minor; // 0.0: none was given
};

// What stands in front of the paths of moonward's own questions to an engine that says it speaks
// 'said': "/v1.41"; at most the newest whose answers lualib reads, which later engines understand;
// "" if 'said' is no version.
#define API_VERSION_PREFIX 24
void api_version_prefix(struct span said, char out[API_VERSION_PREFIX]);

// Strict: digits "." digits, no leading zeros, no third part. Returns 0, or -1 if it is none.
MUST_USE int api_version_read(struct span text, struct api_version *out);

// Below zero, zero or above, as memcmp.
int api_version_compare(struct api_version a, struct api_version b);
