#include "command/complaint.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

int complaint_say(const struct err *err, int status)
{
    fprintf(stderr, "moonward: %s\n", err->text);
    return status;
}

void complaint_usage(void)
{
    fputs("usage: moonward [serve | check | explain] [options], moonward compare, moonward "
          "policies, moonward healthcheck, moonward version\n"
          "`moonward -help` lists all options\n",
          stderr);
}

// --- a policy that hangs -------------------------------------------------------------------------

// It runs in a signal handler.
static void tell(const char *text)
{
    if (write(STDERR_FILENO, text, strlen(text)) < 0)
        return; // nobody reads it
}

static void report_hang(void *arg, const char *policy, const char *where)
{
    (void)arg;
    tell("moonward: policy ");
    tell(policy);
    tell(" hangs");
    tell(where[0] != '\0' ? " at " : "");
    tell(where);
    tell(": it spent -policyhang in one call of a C function, and no policy can be stopped in "
         "there otherwise\n");
}

const struct hang_hooks complaint_hang = { .report = report_hang, .status = 1 };
