#include "base/number.h"
#include "http/target_parts.h"

#include <string.h>

// Below these the engine's names may hold slashes, and clients escape them (threats.md, 1.3).
static const char *const slashed_names[] = {
    "/images/", "/plugins/", "/distribution/", "/libpod/images/", "/libpod/manifests/",
};

static enum head_status append(struct target_out *out, int byte, struct head_error *error)
{
    if (byte < 0)
        return head_bad(error, 400, "a broken percent escape in the path");
    if (byte < 0x20 || byte == 0x7f || byte == '\\')
        return head_bad(error, 400, "an escaped control character or backslash in the path");
    *out->decoded++ = (char)byte;
    return HEAD_OK;
}

// Decodes once. *escaped becomes the place of the first slash that was escaped, or NULL.
static enum head_status decode(struct span raw, struct target_out *out, const char **escaped,
                               struct head_error *error)
{
    const char *end = raw.at + raw.len;

    *escaped = NULL;
    if (!memchr(raw.at, '%', raw.len) && !memchr(raw.at, ';', raw.len)) { // nearly always
        memcpy(out->decoded, raw.at, raw.len);
        out->decoded += raw.len;
        return HEAD_OK;
    }
    for (const char *p = raw.at; p < end; p++) {
        if (*p == ';')
            return head_bad(error, 400, "a semicolon in the path");
        if (*p != '%') {
            *out->decoded++ = *p;
            continue;
        }

        int byte = target_unescape(p, end);

        if (byte == '/' && !*escaped)
            *escaped = out->decoded;
        if (append(out, byte, error) != HEAD_OK)
            return HEAD_BAD;
        p += 2;
    }
    return HEAD_OK;
}

// Each segment must be a name: not "", "." or ".."; only the last one may be empty.
static enum head_status check_segments(struct span path, struct head_error *error)
{
    const char *end = path.at + path.len;

    for (const char *p = path.at + 1; p < end;) {
        const char *slash = memchr(p, '/', (size_t)(end - p));
        struct span segment = { p, (size_t)((slash ? slash : end) - p) };

        if (segment.len == 0)
            return head_bad(error, 400, "two slashes in a row in the path");
        if (span_is(segment, SPAN(".")) || span_is(segment, SPAN("..")))
            return head_bad(error, 400, "a dot segment in the path");
        p += segment.len + 1;
    }
    return HEAD_OK;
}

static bool may_hold_slashes(struct span path, const char *escaped)
{
    for (size_t i = 0; i < ARRAY_LEN(slashed_names); i++) {
        struct span prefix = span_of(slashed_names[i]);

        if (span_starts(path, prefix) && escaped >= path.at + prefix.len)
            return true;
    }
    return false;
}

// podman's clients name three parts, "/v5.2.0/libpod/...", and podman routes libpod in no other
// way; anywhere else the engine would take it for another spelling of two parts.
static int read_libpod_version(struct span text, struct span rest, struct api_version *version)
{
    const char *dot = memrchr(text.at, '.', text.len);
    uint64_t patch;

    if (!dot || !span_starts(rest, SPAN("/libpod/")))
        return -1;

    size_t two = (size_t)(dot - text.at);
    struct span third = { dot + 1, text.len - two - 1 };

    if (number_read(third, 10, 9999, &patch) != 0 || (third.len > 1 && third.at[0] == '0'))
        return -1;
    return api_version_read((struct span){ text.at, two }, version);
}

// No route begins with "v" and a digit or a dot, which is how the engine knows a version
// ("/v[0-9.]+" in moby's daemon/server/server.go). So what looks like one must be one.
static bool looks_like_version(struct span path)
{
    return path.len > 2 && (path.at[1] == 'v' || path.at[1] == 'V') &&
           ((path.at[2] >= '0' && path.at[2] <= '9') || path.at[2] == '.');
}

// Cuts the version off target->path.
static enum head_status cut_version(struct target *target, const struct target_rules *rules,
                                    struct head_error *error)
{
    struct span path = target->path;
    struct api_version version, least = rules->least;

    if (!looks_like_version(path))
        return HEAD_OK;

    const char *slash = memchr(path.at + 1, '/', path.len - 1);

    if (!slash || path.at[1] != 'v')
        return head_bad(error, 400, "an API version in the path that is not like /v1.41/");

    struct span text = { path.at + 2, (size_t)(slash - path.at) - 2 };
    struct span rest = { slash, path.len - text.len - 2 };

    if (api_version_read(text, &version) != 0 && read_libpod_version(text, rest, &version) != 0)
        return head_bad(error, 400, "an API version in the path that is not like /v1.41/");
    if (api_version_compare(version, least) < 0)
        return head_bad(error, 400,
                        "API version %u.%u is older than the oldest one allowed, %u.%u (-minapi)",
                        version.major, version.minor, least.major, least.minor);
    target->version = text;
    target->path = rest;
    return HEAD_OK;
}

enum head_status target_read_path(struct target *target, struct span raw,
                                  const struct target_rules *rules, struct target_out *out,
                                  struct head_error *error)
{
    struct span whole = { out->decoded, 0 };
    const char *escaped;

    if (decode(raw, out, &escaped, error) != HEAD_OK)
        return HEAD_BAD;
    whole.len = (size_t)(out->decoded - whole.at);
    target->path = whole;
    if (check_segments(whole, error) != HEAD_OK || cut_version(target, rules, error) != HEAD_OK)
        return HEAD_BAD;
    if (escaped && !may_hold_slashes(target->path, escaped))
        return head_bad(error, 400, "an escaped slash in the path, outside an image's name");
    target_escape(out, whole, TARGET_PATH);
    return HEAD_OK;
}
