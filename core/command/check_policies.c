#include "command/check_policies.h"

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

static void visit(void *arg, const struct dry_run_case *one)
{
    struct check_policies *found = arg;
    struct check_error *error = one->errs ? error_of(found, one) : NULL;

    if (error)
        error->more += !is_request_of(error, one);
    else
        found->left_off += one->errs;
}

int check_policies_ask(struct check_policies *found, const struct setup *setup, struct err *err)
{
    const char *listener = setup->settings.listeners[0].name;

    memset(found, 0, sizeof(*found));
    return dry_run(setup->host, span_of(listener), visit, found, err);
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
