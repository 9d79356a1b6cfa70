// option_hint: hints in the form that a set-up uses; to follow one takes nothing away.
#include "config/option_hint.h"
#include "declared_options.h"

static const struct option more[] = {
    { .name = "allowpower",
      .env = "MOONWARD_ALLOWPOWER",
      .env_family = true,
      .kind = OPTION_LIST,
      .initial = "volume",
      .owner = "default" },
    { .name = "allowlogs", .env = "MOONWARD_ALLOWLOGS", .kind = OPTION_SWITCH, .owner = "default" },
    { .name = "flagonly", .kind = OPTION_TEXT, .owner = "default" },
};

static struct options *parsed(const struct given *given)
{
    struct options *o = declare();
    struct err err = { "" };

    for (size_t i = 0; i < ARRAY_LEN(more); i++)
        EXPECT(options_declare(o, &more[i], &err) == 0);
    if (options_parse(o, given->argc, given->argv, given->environ, NULL, &err) != OPTIONS_OK)
        fprintf(stderr, "%s\n", err.text);
    EXPECT(!err.text[0]);
    return o;
}

static void test_forms(void)
{
    static const struct {
        const char *argv[MAX_ARGS], *environ[MAX_ARGS];
        const char *hint, *text;
    } cases[] = {
        // a list that has members: one more of them
        { { NULL }, { "SP_ALLOW_GET=/a" }, "-allowGET=/b", "SP_ALLOW_GET_2=/b" },
        { { NULL },
          { "SP_ALLOW_GET_1=/a", "SP_ALLOW_GET_7=/b" },
          "-allowGET=/c",
          "SP_ALLOW_GET_8=/c" },
        { { NULL }, { "SP_ALLOW_GET_x=/a" }, "-allowGET=/b", "SP_ALLOW_GET_2=/b" },
        { { "-allowGET=/a" }, { NULL }, "-allowGET=/b", "-allowGET=/b" },
        { { "-allowGET=/a" }, { "SP_ALLOW_POST=/x" }, "-allowPOST=/y", "SP_ALLOW_POST_2=/y" },
        { { "-logjson" }, { NULL }, "-allowGET=/b", "-allowGET=/b" },
        { { NULL }, { NULL }, "-allowGET=/b", "-allowGET=/b" },
        { { NULL }, { "SP_LOGLEVEL=info" }, "-allowGET=/b", "SP_ALLOW_GET=/b" },
        // one that holds all
        { { NULL }, { "MOONWARD_POLICY=a,b" }, "-policy=c", "MOONWARD_POLICY=a,b,c" },
        // a default that would be lost
        { { NULL },
          { "SP_LOGLEVEL=info" },
          "-allowpower=port",
          "MOONWARD_ALLOWPOWER=volume MOONWARD_ALLOWPOWER_2=port" },
        { { "-logjson" }, { NULL }, "-allowpower=port", "-allowpower=volume -allowpower=port" },
        { { NULL }, { "MOONWARD_ALLOWPOWER=x" }, "-allowpower=port", "MOONWARD_ALLOWPOWER_2=port" },
        // switches and texts
        { { NULL }, { "SP_LOGLEVEL=info" }, "-allowlogs", "MOONWARD_ALLOWLOGS=true" },
        { { "-logjson" }, { NULL }, "-allowlogs", "-allowlogs" },
        { { NULL }, { "MOONWARD_LOGLEVEL=info" }, "-loglevel=debug", "MOONWARD_LOGLEVEL=debug" },
        { { NULL }, { "SOCKET_FILE=/x" }, "-socketpath=/y", "SOCKET_FILE=/y" },
        // no flag of ours
        { { NULL }, { NULL }, "-flagonly=x", "-flagonly=x" },
        { { NULL }, { NULL }, "-nonsense=x", "-nonsense=x" },
        { { NULL }, { NULL }, "CONTAINERS=1", "CONTAINERS=1" },
        { { NULL }, { NULL }, "label x=/a", "label x=/a" },
        { { NULL }, { NULL }, "-", "-" },
        { { NULL }, { NULL }, "", "" },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct given given = give(cases[i].argv, cases[i].environ);
        struct options *o = parsed(&given);
        char out[200];

        option_hint(o, cases[i].hint, out, sizeof(out));
        if (strcmp(out, cases[i].text) != 0)
            fprintf(stderr, "case %zu: %s\n", i, out);
        EXPECT(strcmp(out, cases[i].text) == 0);
        options_free(o);
    }
}

// A list that does not fit is not cut: who followed that would lose what it lacks.
static void test_long_list(void)
{
    char variable[600] = "MOONWARD_POLICY=", out[64];
    const char *argv[MAX_ARGS] = { NULL }, *environ[MAX_ARGS] = { variable };

    memset(variable + strlen(variable), 'a', 500);

    struct given given = give(argv, environ);
    struct options *o = parsed(&given);

    option_hint(o, "-policy=b", out, sizeof(out));
    EXPECT(strcmp(out, "-policy=b, added to what is set") == 0);
    options_free(o);
}

// What the variables give after the hint is followed has all that they gave before.
static void test_following(void)
{
    static char first[] = "SP_ALLOW_GET_3=/a", second[] = "SP_ALLOW_GET=/b";
    char hint[80], *with[] = { first, second, NULL, NULL }, *argv[] = { NULL };

    for (int i = 0; i < 3; i++) {
        struct options *o = declare();
        struct err err = { "" };

        EXPECT(options_parse(o, 0, argv, with, NULL, &err) == OPTIONS_OK);
        EXPECT(options_list_count(o, "allowGET") == (with[2] ? 3u : 2u));
        option_hint(o, "-allowGET=/c", hint, sizeof(hint));
        with[2] = hint;
        options_free(o);
    }
}

int main(void)
{
    RUN(test_forms);
    RUN(test_long_list);
    RUN(test_following);
    return 0;
}
