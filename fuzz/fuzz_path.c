// A target that is accepted is one that every server reads alike, and reads itself the same again.
#include "targets.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_target((struct span){ (const char *)data, size });
    return 0;
}
