#include "command/sketch.h"

#include "lua/host.h"

#include <stdio.h>
#include <string.h>

#define FRAME 256 // bytes of a head besides method and path

void sketch_clear(struct sketch *sketch)
{
    request_head_clear(&sketch->head);
    target_clear(&sketch->target);
    buffer_clear(&sketch->body);
}

int sketch_read_file(const char *option, const char *path, struct buffer *out, struct err *err)
{
    bool is_stdin = strcmp(path, "-") == 0;
    FILE *file = is_stdin ? stdin : fopen(path, "re");
    char chunk[4096];
    size_t n = 0;

    if (!file) {
        char what[256];

        (void)snprintf(what, sizeof(what), "%s: expected a file, or - for stdin: %s", option, path);
        return err_errno(err, what);
    }
    while ((n = fread(chunk, 1, sizeof(chunk), file)) > 0)
        buffer_add(out, chunk, n);
    n = (size_t)ferror(file);
    if (!is_stdin)
        fclose(file);
    return n ? err_set(err, "%s %.200s: reading failed", option, path) : 0;
}

static int write_head(struct buffer *out, const char *method, const char *path, size_t length)
{
    buffer_printf(out, "%s %s HTTP/1.1\r\nHost: docker\r\n", method, path);
    if (length > 0)
        buffer_printf(out, "Content-Type: application/json\r\nContent-Length: %zu\r\n", length);
    buffer_add_string(out, "\r\n");
    return out->failed ? -1 : 0;
}

// A head that ends early has a line break in the method or the path.
static enum head_status read_text(struct sketch *sketch, const struct setup *setup,
                                  struct span text, struct head_error *refusal)
{
    const struct settings *s = &setup->settings;
    struct head_limits limits = { .bytes = s->max_head, .headers = s->max_headers };
    struct target_rules rules = { .least = s->least_api, .pairs = s->max_headers };
    struct head_scan scan = { 0 };
    size_t end = 0;
    enum head_status status = head_scan(&scan, text.at, text.len, &limits, &end, refusal);

    if (status != HEAD_OK)
        return status;
    if (end != text.len)
        return HEAD_MORE;
    status = request_head_read(&sketch->head, text.at, text.len, &limits,
                               host_extra_methods(setup->host), refusal);
    if (status != HEAD_OK)
        return status;
    return target_read(&sketch->target, sketch->head.target, &rules, refusal);
}

enum sketch_status sketch_read(struct sketch *sketch, const struct setup *setup, const char *method,
                               const char *path, struct span body, struct head_error *refusal,
                               struct err *err)
{
    enum sketch_status status = SKETCH_REFUSED;
    struct buffer head;

    *sketch = (struct sketch){ .head = { .block = NULL } };
    buffer_init(&sketch->body, setup->settings.max_body);
    buffer_init(&head, strlen(method) + strlen(path) + FRAME);
    buffer_add_span(&sketch->body, body);
    if (sketch->body.failed) {
        *refusal = (struct head_error){ 413, "the body is longer than -maxbody, if a policy looks "
                                             "into it" };
    } else if (write_head(&head, method, path, sketch->body.len) != 0) {
        err_set(err, "no memory for the request");
        status = SKETCH_FAILED;
    } else {
        *refusal = (struct head_error){ 400, "a line break in the method or the path" };
        if (read_text(sketch, setup, buffer_span(&head), refusal) == HEAD_OK)
            status = SKETCH_OK;
    }
    buffer_clear(&head);
    return status;
}
