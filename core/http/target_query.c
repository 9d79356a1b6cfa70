#include "http/target_parts.h"

#include <string.h>

// Keys that mean a list, so that each of their values counts (threats.md, 1.6). Of every other key
// the engine reads the first value, and whoever reads the last one is deceived.
static const char *const lists[] = {
    "changes", "extrahosts", "names", "platform", "platforms", "securityopt", "t", "type",
};

// Lists of a create's body, its HostConfig's among them. dockerode writes them into the query as
// well, where engines read no more than "name" and "platform".
static const char *const body_lists[] = {
    "Binds",
    "BlkioDeviceReadBps",
    "BlkioDeviceReadIOps",
    "BlkioDeviceWriteBps",
    "BlkioDeviceWriteIOps",
    "BlkioWeightDevice",
    "CapAdd",
    "CapDrop",
    "Cmd",
    "DeviceCgroupRules",
    "DeviceRequests",
    "Devices",
    "Dns",
    "DnsOptions",
    "DnsSearch",
    "Entrypoint",
    "Env",
    "ExtraHosts",
    "GroupAdd",
    "Links",
    "MaskedPaths",
    "Mounts",
    "OnBuild",
    "PortSpecs",
    "ReadonlyPaths",
    "SecurityOpt",
    "Shell",
    "Ulimits",
    "VolumesFrom",
};

// What podman's own API reads as lists besides.
static const char *const libpod_lists[] = {
    "addCompression",  "additionalEnvVariables",
    "after",           "annotation",
    "annotations",     "artifacts",
    "condition",       "containers",
    "groupadd",        "images",
    "layerLabel",      "logOptions",
    "namesOrIDs",      "network",
    "osfeature",       "ps_args",
    "publishPorts",    "quadlets",
    "references",      "requires",
    "setenv",          "staticIPs",
    "staticMACs",      "transientRunMounts",
    "unsetannotation", "unsetenv",
    "unsetlabel",      "volume",
    "wants",
};

static bool is_among(struct span key, const char *const *keys, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (span_is(key, span_of(keys[i])))
            return true;
    }
    return false;
}

static bool is_list(struct span key, struct span path)
{
    if (is_among(key, lists, ARRAY_LEN(lists)))
        return true;
    if (span_is(path, SPAN("/containers/create")))
        return is_among(key, body_lists, ARRAY_LEN(body_lists));
    return span_starts(path, SPAN("/libpod/")) &&
           is_among(key, libpod_lists, ARRAY_LEN(libpod_lists));
}

// docker-py (and compose 1.29 with it) sends "dockerfile" twice for a Dockerfile outside of the
// context: its name in the tar, then its text. The engine reads the first (r.FormValue), and so
// only the first is kept and sent: podman, which would read the last, gets no other.
static bool is_first_of(struct span key, struct span path)
{
    return span_is(path, SPAN("/build")) && span_is(key, SPAN("dockerfile"));
}

// Decodes as Go's url.ParseQuery does: "+" is a space.
static enum head_status decode(struct span raw, struct target_out *out, struct span *text,
                               struct head_error *error)
{
    const char *end = raw.at + raw.len;

    text->at = out->decoded;
    for (const char *p = raw.at; p < end; p++) {
        int byte = *p == '+' ? ' ' : *p;

        if (*p == '%') {
            byte = target_unescape(p, end);
            p += 2;
        }
        if (byte < 0)
            return head_bad(error, 400, "a broken percent escape in the query");
        if (byte == 0)
            return head_bad(error, 400, "an escaped NUL byte in the query");
        *out->decoded++ = (char)byte;
    }
    text->len = (size_t)(out->decoded - text->at);
    return HEAD_OK;
}

static bool is_repeated(const struct target *target, struct span key)
{
    for (size_t i = 0; i < target->pair_count; i++) {
        if (span_is(target->pairs[i].key, key))
            return true;
    }
    return false;
}

static enum head_status check_key(struct span key, struct head_error *error)
{
    for (size_t i = 0; i < key.len; i++) {
        if ((unsigned char)key.at[i] < 0x20 || key.at[i] == 0x7f)
            return head_bad(error, 400, "a control character in a key of the query");
    }
    return HEAD_OK;
}

static void add_pair(struct target *target, struct query_pair pair, struct target_out *out)
{
    *out->canonical++ = target->pair_count == 0 ? '?' : '&';
    target_escape(out, pair.key, TARGET_QUERY);
    *out->canonical++ = '=';
    target_escape(out, pair.value, TARGET_QUERY);
    target->pairs[target->pair_count++] = pair;
}

static enum head_status read_pair(struct target *target, struct span raw, struct target_out *out,
                                  struct head_error *error)
{
    const char *equals = memchr(raw.at, '=', raw.len);
    size_t key_len = equals ? (size_t)(equals - raw.at) : raw.len;
    struct span value = { raw.at + raw.len, 0 };
    struct query_pair pair = { .key = { NULL, 0 } };

    if (equals)
        value = (struct span){ equals + 1, raw.len - key_len - 1 };
    if (decode((struct span){ raw.at, key_len }, out, &pair.key, error) != HEAD_OK ||
        decode(value, out, &pair.value, error) != HEAD_OK || check_key(pair.key, error) != HEAD_OK)
        return HEAD_BAD;
    if (is_repeated(target, pair.key) && !is_list(pair.key, target->path)) {
        if (is_first_of(pair.key, target->path))
            return HEAD_OK;
        return head_bad(error, 400, "a key that comes twice in the query");
    }
    add_pair(target, pair, out);
    return HEAD_OK;
}

enum head_status target_read_query(struct target *target, struct span raw,
                                   const struct target_rules *rules, struct target_out *out,
                                   struct head_error *error)
{
    if (raw.len > 0 && memchr(raw.at, ';', raw.len))
        return head_bad(error, 400, "a semicolon in the query, which must be written %%3B");
    while (raw.len > 0) {
        const char *stop = memchr(raw.at, '&', raw.len);
        struct span pair = { raw.at, stop ? (size_t)(stop - raw.at) : raw.len };
        size_t used = pair.len + (stop ? 1 : 0);

        raw.at += used;
        raw.len -= used;
        if (pair.len == 0)
            continue;
        if (target->pair_count == rules->pairs)
            return head_bad(error, 400, "more than %zu pairs in the query (-maxheaders)",
                            rules->pairs);
        if (read_pair(target, pair, out, error) != HEAD_OK)
            return HEAD_BAD;
    }
    return HEAD_OK;
}
