#include "command/commands.h"

#include <stdio.h>

const char version_text[] = MOONWARD_VERSION;

int version_run(const struct launch *launch)
{
    if (launch->argc > 0) {
        fprintf(stderr, "moonward: version takes no arguments\n");
        return 2;
    }
    printf("moonward %s\n", version_text);
    return 0;
}
