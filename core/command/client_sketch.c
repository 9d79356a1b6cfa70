#include "command/client_sketch.h"

#include "base/clock.h"
#include "config/address.h"
#include "lua/containers.h"
#include "proxy/rehearsal.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ANSWER_MAX (8u << 20)

static int find_listener(const struct setup *setup, const struct options *o,
                         const struct listener_setting **out, struct err *err)
{
    const char *name = options_text(o, "listener");
    const struct settings *s = &setup->settings;

    for (size_t i = 0; i < s->listener_count; i++) {
        if (name[0] == '\0' || strcmp(s->listeners[i].name, name) == 0) {
            *out = &s->listeners[i];
            return 0;
        }
    }
    return err_set(err, "-listener: no listener is called \"%.100s\"; the first one is \"%s\"",
                   name, s->listeners[0].name);
}

static int read_labels(struct client_sketch *client, const struct options *o, struct err *err)
{
    size_t count = options_list_count(o, "label");

    if (count > ARRAY_LEN(client->labels))
        return err_set(err, "-label: at most %zu labels", ARRAY_LEN(client->labels));
    for (size_t i = 0; i < count; i++) {
        const char *label = options_list(o, "label", i);
        const char *equals = strchr(label, '=');

        if (!equals || equals == label)
            return err_set(err, "-label: expected name=value, got \"%.200s\"", label);
        client->labels[i].key = (struct span){ label, (size_t)(equals - label) };
        client->labels[i].value = span_of(equals + 1);
    }
    client->view.labels = count > 0 ? client->labels : NULL;
    client->view.label_count = count;
    return 0;
}

// A container's name or id, so nothing that a path could be read in another way for.
static bool is_reference(const char *text)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  "_.-";
    size_t len = strspn(text, letters);

    return len > 0 && len < 256 && text[len] == '\0' && text[0] != '.';
}

static int read_container(struct client_sketch *client, struct setup *setup,
                          const struct options *o, struct err *err)
{
    const char *name = options_text(o, "container");
    char path[300];
    int status = 0;

    if (name[0] == '\0')
        return 0;
    if (client->view.labels)
        return err_set(err, "-container has labels of its own; leave out -label");
    if (!is_reference(name))
        return err_set(err, "-container: expected a name or an id, got \"%.200s\"", name);
    snprintf(path, sizeof(path), "/containers/%s/json", name);
    if (rehearsal_ask(setup, path, &status, &client->container, err) != 0)
        return -1;
    if (status != 200)
        return err_set(err, "-container: the engine answers %d when asked for \"%.200s\": %.200s",
                       status, name, buffer_text(&client->container));
    client->view.container = buffer_span(&client->container);
    return containers_address(setup->host, client->view.container, client->address,
                              sizeof(client->address), err);
}

static int read_address(struct client_sketch *client, const struct options *o, struct err *err)
{
    const char *from = options_text(o, "from");

    if (options_source(o, "from") == OPTION_DEFAULT && client->view.container.len > 0) {
        if (client->address[0] == '\0')
            return err_set(err, "-container: it has no address now; -from says from where it asks");
        from = client->address;
    }
    if (!address_is_ip(from))
        return err_set(err, "-from: expected an IP address, got \"%.100s\"", from);
    client->view.address = span_of(from);
    return 0;
}

int client_sketch_read(struct client_sketch *client, struct setup *setup, const struct options *o,
                       struct err *err)
{
    const struct listener_setting *listener = NULL;

    *client = (struct client_sketch){
        .view = { .socket = -1, .connected_us = clock_wall_us(), .accepted_us = clock_wall_us() }
    };
    buffer_init(&client->container, ANSWER_MAX);
    if (find_listener(setup, o, &listener, err) != 0 || read_labels(client, o, err) != 0 ||
        read_container(client, setup, o, err) != 0)
        return -1;
    client->view.listener = span_of(listener->name);
    if (!listener->at.is_unix)
        return read_address(client, o, err);
    if (options_source(o, "from") != OPTION_DEFAULT)
        return err_set(err,
                       "-from: the listener %s is a Unix socket, whose clients have no address",
                       listener->name);
    client->view.has_credentials = true;
    client->view.pid = getpid();
    client->view.uid = getuid();
    client->view.gid = getgid();
    return 0;
}

void client_sketch_clear(struct client_sketch *client)
{
    buffer_clear(&client->container);
}
