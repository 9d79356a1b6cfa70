// compare: which requests two set-ups decide differently. Each side has policies, options and
// variables of its own; the requests come from a file, or are all that the API knows.
#include "command/commands.h"
#include "command/prepare.h"
#include "command/request_list.h"
#include "command/side.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BODY_MAX 60 // of what is shown of a body

static const struct option own[] = {
    { .name = "requests",
      .kind = OPTION_FILE,
      .help = "Requests to compare, one per line: METHOD PATH, and the body if there is one; - for "
              "standard input. Without it, all routes of the API.",
      .owner = "compare" },
    CLIENT_SKETCH_OPTIONS("compare"),
};

// --- what is printed -----------------------------------------------------------------------------

struct comparison {
    struct side sides[2];
    unsigned total, only[2], filters, unknown;
    struct outcome unknown_why; // the first one
};

static void say_outcome(const struct outcome *outcome)
{
    switch (outcome->kind) {
    case OUTCOME_DENIED:
        printf("denied with %d", outcome->status);
        break;
    case OUTCOME_ALLOWED:
        printf("allowed");
        break;
    case OUTCOME_FILTERED:
        printf("allowed, answer filtered");
        break;
    case OUTCOME_UNKNOWN:
        printf("not known");
        break;
    }
}

static void say_reason(const struct outcome *outcome)
{
    if (outcome->kind == OUTCOME_DENIED && outcome->why[0] != '\0')
        printf(" (%s)", outcome->why);
}

static void say_difference(const struct listed_request *request, const char *path,
                           const struct outcome pair[2])
{
    int shown = request->body.len > BODY_MAX ? BODY_MAX : (int)request->body.len;

    printf("%-7.*s %-46s", (int)request->method.len, request->method.at, path);
    if (shown > 0)
        printf(" %.*s%s", shown, request->body.at, request->body.len > BODY_MAX ? "..." : "");
    printf("  ");
    say_outcome(&pair[0]);
    say_reason(&pair[0]);
    printf(" -> ");
    say_outcome(&pair[1]);
    say_reason(&pair[1]);
    putchar('\n');
}

static void report(struct comparison *c, const struct listed_request *request, const char *path,
                   const struct outcome pair[2])
{
    bool unknown = pair[0].kind == OUTCOME_UNKNOWN || pair[1].kind == OUTCOME_UNKNOWN;

    c->total++;
    if (!unknown && pair[0].kind == pair[1].kind)
        return;
    say_difference(request, path, pair);
    if (unknown && c->unknown++ == 0)
        c->unknown_why = pair[0].kind == OUTCOME_UNKNOWN ? pair[0] : pair[1];
    else if (!unknown && pair[0].kind != OUTCOME_DENIED && pair[1].kind != OUTCOME_DENIED)
        c->filters++;
    else if (!unknown)
        c->only[pair[0].kind == OUTCOME_DENIED]++;
}

static int say_sum(const struct comparison *c)
{
    unsigned differences = c->only[0] + c->only[1] + c->filters;

    if (differences + c->unknown == 0) {
        printf("all %u requests are decided alike\n", c->total);
        return 0;
    }
    printf("\n%u of %u requests are decided differently\n", differences, c->total);
    printf("%6u  only the first allows\n%6u  only the second allows\n", c->only[0], c->only[1]);
    printf("%6u  both allow, and one filters the answer\n", c->filters);
    if (c->unknown > 0)
        printf("%6u  cannot be told: %s\n", c->unknown, c->unknown_why.why);
    return COMMAND_DIFFERS;
}

// --- all requests --------------------------------------------------------------------------------

static int judge_both(struct comparison *c, const char *method, const char *path, struct span body,
                      struct outcome pair[2], struct err *err)
{
    for (int i = 0; i < 2; i++) {
        if (side_judge(&c->sides[i], method, path, body, &pair[i], err) != 0)
            return -1;
    }
    return 0;
}

static bool same_pairs(const struct outcome a[2], const struct outcome b[2])
{
    return a[0].kind == b[0].kind && a[1].kind == b[1].kind;
}

struct words {
    char method[32], version[32], path[4096];
};

static int read_words(const struct listed_request *request, struct words *out, struct err *err)
{
    if (request->method.len >= sizeof(out->method) ||
        request->version.len >= sizeof(out->version) || request->path.len >= sizeof(out->path))
        return err_set(err, "-requests: a method, version or path that is too long: %.*s ...", 60,
                       request->method.at);
    (void)snprintf(out->method, sizeof(out->method), "%.*s", (int)request->method.len,
                   request->method.at);
    (void)snprintf(out->version, sizeof(out->version), "%.*s", (int)request->version.len,
                   request->version.at);
    (void)snprintf(out->path, sizeof(out->path), "%.*s", (int)request->path.len, request->path.at);
    return 0;
}

// A request that may have a version is judged with and without; where that is all the same it is
// one.
static int compare_request(struct comparison *c, const struct listed_request *request,
                           struct err *err)
{
    struct outcome bare[2], versioned[2];
    struct words words;
    char full[sizeof(words.version) + sizeof(words.path) + 2];

    if (read_words(request, &words, err) != 0 ||
        judge_both(c, words.method, words.path, request->body, bare, err) != 0)
        return -1;
    if (words.version[0] == '\0') {
        report(c, request, words.path, bare);
        return 0;
    }
    (void)snprintf(full, sizeof(full), "%s%s", words.version, words.path);
    if (judge_both(c, words.method, full, request->body, versioned, err) != 0)
        return -1;
    if (same_pairs(bare, versioned)) {
        (void)snprintf(full, sizeof(full), "[%s]%s", words.version, words.path);
    } else {
        report(c, request, words.path, bare);
    }
    report(c, request, full, versioned);
    return 0;
}

static int compare_list(struct comparison *c, struct request_list *list)
{
    struct listed_request request;
    struct err err = { "" };

    for (;;) {
        switch (request_list_next(list, &request, &err)) {
        case REQUEST_LIST_OK:
            if (compare_request(c, &request, &err) != 0)
                return prepare_complain(&err, 1);
            break;
        case REQUEST_LIST_END:
            return say_sum(c);
        case REQUEST_LIST_BAD:
            return prepare_complain(&err, 2);
        }
    }
}

// -------------------------------------------------------------------------------------------------

static bool says_client(const struct options *o)
{
    static const char *const names[] = { "from", "listener", "label", "container" };

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (options_source(o, names[i]) != OPTION_DEFAULT)
            return true;
    }
    return false;
}

// What is said of requests and of the client on one side holds for both.
static int compare(struct comparison *c)
{
    const struct options *first = c->sides[0].setup->own, *second = c->sides[1].setup->own;
    const char *file = options_text(first, "requests");
    struct request_list list;
    struct err err = { "" };
    int status = side_open_client(&c->sides[0], says_client(first) ? first : second);

    if (status == PREPARE_OK)
        status = side_open_client(&c->sides[1], says_client(second) ? second : first);
    if (status != PREPARE_OK)
        return status;
    if (file[0] == '\0')
        file = options_text(second, "requests");
    status = request_list_read(&list, c->sides[0].setup->host, file, &err) == 0
                 ? compare_list(c, &list)
                 : prepare_complain(&err, 2);
    request_list_clear(&list);
    return status;
}

static int missing_with(void)
{
    fprintf(stderr, "moonward: compare: expected two set-ups with -with between them, as in\n"
                    "    moonward compare CONTAINERS=1 -policy=tecnativa -with "
                    "'-allowGET=/v1\\..+/containers/.*'\n");
    return 2;
}

static bool asks_help(const char *word)
{
    return strcmp(word, "-h") == 0 || strcmp(word, "-help") == 0 || strcmp(word, "--help") == 0;
}

// Without -with there is still help.
static int find_with(const struct launch *launch)
{
    int end = -1;

    for (int i = 0; i < launch->argc; i++) {
        if (strcmp(launch->argv[i], "-with") == 0 || strcmp(launch->argv[i], "--with") == 0)
            return i;
        if (asks_help(launch->argv[i]))
            end = launch->argc;
    }
    return end;
}

int compare_run(const struct launch *launch)
{
    struct comparison *c = calloc(1, sizeof(*c));
    int with = find_with(launch);
    int behind = with < launch->argc ? with + 1 : with;
    int status = 1;

    if (!c)
        return 1;
    c->sides[0].where = "in front of -with";
    c->sides[1].where = "behind -with";
    if (with < 0) {
        status = missing_with();
    } else {
        status = side_open(&c->sides[0], (struct launch){ with, launch->argv, launch->environ },
                           own, ARRAY_LEN(own));
        if (status == PREPARE_OK)
            status = side_open(
                &c->sides[1], (struct launch){ launch->argc - behind, launch->argv + behind, NULL },
                own, ARRAY_LEN(own));
        if (status == PREPARE_OK)
            status = compare(c);
        side_close(&c->sides[1]);
        side_close(&c->sides[0]);
    }
    free(c);
    return status;
}
