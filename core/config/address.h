// address: where to listen and where the engine is, read from the URLs that people write. No I/O,
// but for /etc/passwd and /etc/group where a URL names an owner or a group.
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "config/settings.h"

// "tcp://127.0.0.1:2375", "tcp://[::1]:2375?name=ci", "tcp://:2375" (all addresses),
// "unix:///run/x.sock?mode=0660&owner=1000&group=docker&name=ci"; without scheme "/run/x.sock" and
// "127.0.0.1:2375". The error says what was expected.
MUST_USE int address_read_listener(const char *url, struct listener_setting *out, struct err *err);

// "unix:///var/run/docker.sock", "tcp://host:2375", "http://host:2375", "/var/run/docker.sock".
MUST_USE int address_read_upstream(const char *url, struct endpoint *out, struct err *err);

// "127.0.0.1:2375", "[::1]:2375" or the path; cut to fit.
void address_write(const struct endpoint *at, char *out, size_t size);

bool address_is_ip(const char *text); // IPv4 or IPv6 without zone
