#include "config/address.h"

#include "base/number.h"
#include "config/file_mode.h"

#include <arpa/inet.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#define DOCKER_PORT 2375
#define HTTP_PORT   80

bool address_is_ip(const char *text)
{
    struct in6_addr ignored;

    return inet_pton(AF_INET, text, &ignored) == 1 || inet_pton(AF_INET6, text, &ignored) == 1;
}

static bool is_ipv6(const char *host)
{
    return strchr(host, ':') != NULL;
}

void address_write(const struct endpoint *at, char *out, size_t size)
{
    if (at->is_unix)
        (void)snprintf(out, size, "%s", at->path);
    else if (is_ipv6(at->host))
        (void)snprintf(out, size, "[%s]:%u", at->host, at->port);
    else
        (void)snprintf(out, size, "%s:%u", at->host, at->port);
}

// Copies a piece of the URL with a NUL behind it. -1: too long, or a NUL or control inside.
static int copy(struct span text, char *out, size_t size)
{
    if (text.len >= size)
        return -1;
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.at[i] < 0x20)
            return -1;
        out[i] = text.at[i];
    }
    out[text.len] = '\0';
    return 0;
}

static int read_path(struct span path, struct endpoint *out, struct err *err)
{
    out->is_unix = true;
    if (path.len == 0 || path.at[0] != '/')
        return err_set(err, "expected an absolute path, as in unix:///run/docker.sock");
    if (copy(path, out->path, sizeof(out->path)) != 0)
        return err_set(err, "the path of a Unix socket has at most %zu bytes",
                       sizeof(out->path) - 1);
    return 0;
}

// Splits "host:port", "[::1]:port", ":port" and "host".
static int split(struct span text, struct span *host, struct span *port, struct err *err)
{
    const char *colon = memchr(text.at, ':', text.len);
    size_t end = colon ? (size_t)(colon - text.at) : text.len;

    *host = (struct span){ text.at, end };
    if (text.len > 0 && text.at[0] == '[') {
        const char *bracket = memchr(text.at, ']', text.len);

        if (!bracket)
            return err_set(err, "expected ] behind the IPv6 address");
        end = (size_t)(bracket - text.at) + 1;
        *host = (struct span){ text.at + 1, end - 2 };
    }
    *port = (struct span){ text.at + end, text.len - end };
    if (port->len == 0)
        return 0;
    if (port->at[0] != ':' || memchr(port->at + 1, ':', port->len - 1))
        return err_set(err, "expected host:port, with an IPv6 address in brackets");
    port->at++;
    port->len--;
    if (port->len == 0)
        return err_set(err, "expected a port behind the colon");
    return 0;
}

static int read_host_port(struct span text, unsigned usual_port, struct endpoint *out,
                          struct err *err)
{
    struct span host, port;
    uint64_t number = usual_port;

    out->is_unix = false;
    if (split(text, &host, &port, err) != 0)
        return -1;
    if (port.len > 0 && (number_read(port, 10, 65535, &number) != 0 || number == 0))
        return err_set(err, "expected a port from 1 to 65535, got \"%.*s\"",
                       (int)(port.len < 100 ? port.len : 100), port.at);
    if (copy(host, out->host, sizeof(out->host)) != 0)
        return err_set(err, "the host is longer than %zu bytes", sizeof(out->host) - 1);
    out->port = (unsigned)number;
    return 0;
}

static bool take(struct span *text, struct span prefix)
{
    if (!span_starts(*text, prefix))
        return false;
    text->at += prefix.len;
    text->len -= prefix.len;
    return true;
}

// --- upstream ------------------------------------------------------------------------------------

int address_read_upstream(const char *url, struct endpoint *out, struct err *err)
{
    struct span rest = span_of(url);
    unsigned usual_port = DOCKER_PORT;

    *out = (struct endpoint){ .is_unix = true };
    if (take(&rest, SPAN("unix://")) || (rest.len > 0 && rest.at[0] == '/'))
        return read_path(rest, out, err);
    if (take(&rest, SPAN("http://")))
        usual_port = HTTP_PORT;
    else if (!take(&rest, SPAN("tcp://")))
        return err_set(err, "expected unix:///path, tcp://host:port or http://host:port%s",
                       span_starts(rest, SPAN("https://")) ? "; TLS is not supported" : "");
    if (rest.len > 0 && rest.at[rest.len - 1] == '/')
        rest.len--;
    if (rest.len > 0 && memchr(rest.at, '/', rest.len))
        return err_set(err, "expected no path behind the host");
    if (read_host_port(rest, usual_port, out, err) != 0)
        return -1;
    return out->host[0] == '\0' ? err_set(err, "expected a host before the port") : 0;
}

// --- listeners -----------------------------------------------------------------------------------

// The file formats are read without NSS, which a static program does not have.
static int find_user(struct span name, uid_t *out)
{
    FILE *file = fopen("/etc/passwd", "re");
    struct passwd *entry = NULL;

    if (!file)
        return -1;
    while ((entry = fgetpwent(file)) && !span_is(span_of(entry->pw_name), name))
        continue;
    if (entry)
        *out = entry->pw_uid;
    fclose(file);
    return entry ? 0 : -1;
}

static int find_group(struct span name, gid_t *out)
{
    FILE *file = fopen("/etc/group", "re");
    struct group *entry = NULL;

    if (!file)
        return -1;
    while ((entry = fgetgrent(file)) && !span_is(span_of(entry->gr_name), name))
        continue;
    if (entry)
        *out = entry->gr_gid;
    fclose(file);
    return entry ? 0 : -1;
}

static int read_id(const char *what, struct span value, struct listener_setting *out,
                   struct err *err)
{
    bool is_group = strcmp(what, "group") == 0;
    uint64_t id = 0;

    if (number_read(value, 10, UINT32_MAX - 1, &id) == 0) {
        if (is_group)
            out->group = (gid_t)id;
        else
            out->owner = (uid_t)id;
        return 0;
    }
    if ((is_group ? find_group(value, &out->group) : find_user(value, &out->owner)) == 0)
        return 0;
    return err_set(err,
                   "%s \"%.*s\" is not in %s here; give its number "
                   "(stat -c %s /var/run/docker.sock prints the one of Docker's socket)",
                   what, (int)(value.len < 64 ? value.len : 64), value.at,
                   is_group ? "/etc/group" : "/etc/passwd", is_group ? "%g" : "%u");
}

static int read_mode(struct span value, struct listener_setting *out, struct err *err)
{
    uint64_t mode = 0;

    if (number_read(value, 8, 0777, &mode) != 0) {
        char hint[160];

        file_mode_hint(value, hint, sizeof(hint));
        return err_set(err, "expected mode= with octal digits up to 0777, as in mode=0660%s", hint);
    }
    if (file_mode_check(mode, value, err) != 0)
        return -1;
    out->mode = (mode_t)mode;
    return 0;
}

static int read_name(struct span value, struct listener_setting *out, struct err *err)
{
    if (value.len == 0 || copy(value, out->name, sizeof(out->name)) != 0)
        return err_set(err, "expected name= with 1 to %zu characters", sizeof(out->name) - 1);
    return 0;
}

static int read_parameter(struct span pair, struct listener_setting *out, struct err *err)
{
    if (take(&pair, SPAN("name=")))
        return read_name(pair, out, err);
    if (out->at.is_unix && take(&pair, SPAN("mode=")))
        return read_mode(pair, out, err);
    if (out->at.is_unix && take(&pair, SPAN("owner=")))
        return read_id("owner", pair, out, err);
    if (out->at.is_unix && take(&pair, SPAN("group=")))
        return read_id("group", pair, out, err);
    return err_set(err, "unknown parameter \"%.*s\"; expected %s",
                   (int)(pair.len < 64 ? pair.len : 64), pair.at,
                   out->at.is_unix ? "mode=, owner=, group= or name=" : "name=");
}

static int read_parameters(struct span query, struct listener_setting *out, struct err *err)
{
    while (query.len > 0) {
        const char *end = memchr(query.at, '&', query.len);
        size_t len = end ? (size_t)(end - query.at) : query.len;

        if (read_parameter((struct span){ query.at, len }, out, err) != 0)
            return -1;
        len += end != NULL;
        query.at += len;
        query.len -= len;
    }
    return 0;
}

// Without a name of its own a listener is called after its address; of a long path the end counts.
static void name_listener(struct listener_setting *out)
{
    char text[sizeof(out->at.host) + 16];

    address_write(&out->at, text, sizeof(text));

    size_t len = strlen(text);
    size_t skip = len < sizeof(out->name) ? 0 : len - sizeof(out->name) + 1;

    memcpy(out->name, text + skip, len - skip + 1);
}

static int read_tcp(struct span text, struct listener_setting *out, struct err *err)
{
    if (read_host_port(text, DOCKER_PORT, &out->at, err) != 0)
        return -1;
    if (out->at.host[0] == '\0')
        memcpy(out->at.host, "::", sizeof("::")); // as Go reads ":2375"
    if (!address_is_ip(out->at.host))
        return err_set(err, "expected an IP address, as in tcp://127.0.0.1:2375, got \"%.100s\"",
                       out->at.host);
    return 0;
}

int address_read_listener(const char *url, struct listener_setting *out, struct err *err)
{
    struct span rest = span_of(url);
    const char *question = strchr(url, '?');
    struct span query = span_of(question ? question + 1 : "");
    bool is_unix = take(&rest, SPAN("unix://")) || (rest.len > 0 && rest.at[0] == '/');

    *out = (struct listener_setting){ .mode = 0600, .owner = (uid_t)-1, .group = (gid_t)-1 };
    if (question)
        rest.len = (size_t)(question - rest.at);
    if (!is_unix && !take(&rest, SPAN("tcp://")) &&
        (strstr(url, "://") || span_starts(rest, SPAN("unix:")) || span_starts(rest, SPAN("tcp:"))))
        return err_set(err, "expected tcp://address:port or unix:///path");
    if ((is_unix ? read_path(rest, &out->at, err) : read_tcp(rest, out, err)) != 0)
        return -1;
    if (read_parameters(query, out, err) != 0)
        return -1;
    if (out->name[0] == '\0')
        name_listener(out);
    return 0;
}
