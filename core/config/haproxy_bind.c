#include "config/haproxy_bind.h"

#include <stdio.h>
#include <string.h>

static struct span take_word(struct span *rest)
{
    size_t len = 0;

    while (rest->len > 0 && rest->at[0] == ' ') {
        rest->at++;
        rest->len--;
    }
    while (len < rest->len && rest->at[len] != ' ')
        len++;

    struct span word = { rest->at, len };

    rest->at += len;
    rest->len -= len;
    return word;
}

// The parameters that have a value, and what -listen calls them.
static const struct {
    const char *there, *here;
} valued[] = {
    { "mode", "mode" },   { "user", "owner" }, { "uid", "owner" },
    { "group", "group" }, { "gid", "group" },
};

static int add_parameter(struct haproxy_bind *out, const char *name, struct span value,
                         struct err *err)
{
    size_t used = strlen(out->parameters);
    int len = snprintf(out->parameters + used, sizeof(out->parameters) - used, "%c%s=%.*s",
                       used > 0 ? '&' : '?', name, (int)value.len, value.at);

    if (value.len == 0)
        return err_set(err, "expected a value behind the last word");
    if ((size_t)len >= sizeof(out->parameters) - used)
        return err_set(err, "its parameters are too long");
    return 0;
}

static int read_parameter(struct haproxy_bind *out, struct span name, struct span *rest,
                          struct err *err)
{
    // [::] is all of IPv4, too, on Linux as here.
    if (span_is(name, SPAN("v4v6")))
        return 0;
    for (size_t i = 0; i < ARRAY_LEN(valued); i++) {
        if (span_is(name, span_of(valued[i].there)))
            return add_parameter(out, valued[i].here, take_word(rest), err);
    }
    return err_set(err,
                   "\"%.*s\" of HAProxy's bind is not known here; MOONWARD_LISTEN takes "
                   "tcp://address:port and unix:///path?mode=0660",
                   (int)(name.len < 60 ? name.len : 60), name.at);
}

int haproxy_bind_read(const char *text, struct haproxy_bind *out, struct err *err)
{
    struct span rest = span_of(text);

    *out = (struct haproxy_bind){ .addresses = take_word(&rest) };
    if (out->addresses.len == 0)
        return err_set(err, "expected an address and a port, as in 127.0.0.1:2375");
    for (struct span name = take_word(&rest); name.len > 0; name = take_word(&rest)) {
        if (read_parameter(out, name, &rest, err) != 0)
            return -1;
    }
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

bool haproxy_bind_next(struct haproxy_bind *bind, char url[HAPROXY_BIND_URL])
{
    struct span *rest = &bind->addresses, one = *rest;
    const char *comma = rest->len > 0 ? memchr(rest->at, ',', rest->len) : NULL;

    if (rest->len == 0)
        return false;
    one.len = comma ? (size_t)(comma - rest->at) : rest->len;
    rest->at += one.len + (comma != NULL);
    rest->len -= one.len + (comma != NULL);

    bool is_unix = take(&one, SPAN("unix@")) || span_starts(one, SPAN("/"));
    bool is_any = !is_unix && !take(&one, SPAN("ipv4@")) && !take(&one, SPAN("ipv6@")) &&
                  (span_starts(one, SPAN(":")) || span_starts(one, SPAN("*:")));
    const char *address = "";

    // There, no address is all of IPv4; in -listen it is all of IPv6, too.
    if (is_any && !span_starts(one, SPAN("::"))) {
        (void)take(&one, SPAN("*"));
        address = "0.0.0.0";
    }
    if (take(&one, SPAN(":::"))) // the older way to write [::]:
        address = "[::]:";
    (void)snprintf(url, HAPROXY_BIND_URL, "%s%s%.*s%s", is_unix ? "unix://" : "tcp://", address,
                   (int)(one.len < 200 ? one.len : 200), one.at, is_unix ? bind->parameters : "");
    return true;
}
