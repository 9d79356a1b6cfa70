#include "command/check_policies.h"

#include "config/address.h"
#include "lua/decision.h"
#include "lua/dry_run.h"

#include <stdio.h>
#include <string.h>

static struct check_error *error_of(struct check_policies *found, const struct dry_run_case *one)
{
    struct check_error *error = found->errors;

    for (; error < found->errors + found->error_count; error++) {
        if (strcmp(error->text, one->verdict->reason) == 0)
            return error;
    }
    if (found->error_count == CHECK_ERRORS)
        return NULL;
    found->error_count++;
    (void)snprintf(error->text, sizeof(error->text), "%s", one->verdict->reason);
    (void)snprintf(error->request, sizeof(error->request), "%s %s", one->method, one->target);
    return error;
}

static bool is_request_of(const struct check_error *error, const struct dry_run_case *one)
{
    char request[sizeof(error->request)];

    (void)snprintf(request, sizeof(request), "%s %s", one->method, one->target);
    return strcmp(error->request, request) == 0;
}

static void note_worst(struct check_policies *found, const struct dry_run_case *one)
{
    if (!one->is_whole || !one->takes_over || !one->verdict->allowed || found->worst[0] != '\0')
        return;
    (void)snprintf(found->worst, sizeof(found->worst), "%s %s", one->method, one->target);
    (void)snprintf(found->worst_text, sizeof(found->worst_text), "%s",
                   one->route->text ? one->route->text : "");
    (void)snprintf(found->worst_policy, sizeof(found->worst_policy), "%s", one->verdict->policy);
}

static void visit(void *arg, const struct dry_run_case *one)
{
    struct check_policies *found = arg;
    struct check_error *error = one->errs ? error_of(found, one) : NULL;

    note_worst(found, one);
    if (error)
        error->more += !is_request_of(error, one);
    else
        found->left_off += one->errs;
}

// An address that -allowfrom of the policies lets in, if there is such an option: the dry run is
// about what clients may do, and not about who is none. A host's name has the address of all names.
static struct span address_of(const struct options *o, char *out, size_t size)
{
    struct span first = span_of("127.0.0.1");
    const char *from = options_declared(o, "allowfrom") ? options_text(o, "allowfrom") : "";

    if (from[0] == '\0')
        return first;
    (void)snprintf(out, size, "%.*s", (int)strcspn(from, ",/"), from);
    return span_of(address_is_ip(out) ? out : DRY_RUN_RESOLVED);
}

int check_policies_ask(struct check_policies *found, const struct setup *setup, struct err *err)
{
    const char *listener = setup->settings.listeners[0].name;
    char address[64];

    memset(found, 0, sizeof(*found));
    return dry_run(setup->host, span_of(listener),
                   address_of(setup->options, address, sizeof(address)), visit, found, err);
}

void check_policies_say(const struct check_policies *found)
{
    for (size_t i = 0; i < found->error_count; i++) {
        const struct check_error *error = &found->errors[i];

        printf("%s  %s\n    at %s%s\n", i == 0 ? "\nerrors, each of them a denial\n" : "",
               error->text, error->request, error->more > 0 ? " and others" : "");
    }
    if (found->left_off > 0)
        printf("  and more at %u requests\n", found->left_off);
}

bool check_policies_warning(const struct check_policies *found, char *out, size_t size)
{
    if (found->worst[0] == '\0')
        return false;
    (void)snprintf(
        out, size,
        "policy %s takes over the host for whoever may ask it: %s is allowed, which %s; add "
        "-policy=no-host-power, or trust every client as root",
        found->worst_policy, found->worst, found->worst_text);
    return true;
}
