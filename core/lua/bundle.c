#include "lua/bundle.h"

#include <string.h>

const struct bundle_file *bundle_find(const char *name)
{
    for (size_t i = 0; i < bundle_count; i++) {
        if (strcmp(bundle_files[i].name, name) == 0)
            return &bundle_files[i];
    }
    return NULL;
}
