#include "command/request_list.h"

#include "command/sketch.h"
#include "lua/host.h"

#include <string.h>

#define TEXT_MAX (16u << 20)

int request_list_read(struct request_list *list, struct host *host, const char *file,
                      struct err *err)
{
    *list = (struct request_list){ .name = file };
    buffer_init(&list->text, TEXT_MAX);
    if (file[0] == '\0' ? host_samples(host, &list->text, err) != 0
                        : sketch_read_file("-requests", file, &list->text, err) != 0)
        return -1;
    if (list->text.failed)
        return err_set(err, "-requests %.200s: longer than %u bytes", file, TEXT_MAX);
    return 0;
}

void request_list_clear(struct request_list *list)
{
    buffer_clear(&list->text);
}

static struct span rest_of(struct span text, size_t from)
{
    return (struct span){ text.at + from, text.len - from };
}

// Takes a word off the text, and the blanks behind it.
static struct span take_word(struct span *text)
{
    struct span word = { text->at, 0 };
    size_t at = 0;

    while (at < text->len && text->at[at] != ' ' && text->at[at] != '\t')
        at++;
    word.len = at;
    while (at < text->len && (text->at[at] == ' ' || text->at[at] == '\t'))
        at++;
    *text = rest_of(*text, at);
    return word;
}

static struct span take_line(struct request_list *list)
{
    struct span text = rest_of(buffer_span(&list->text), list->at);
    const char *end = memchr(text.at, '\n', text.len);
    struct span line = { text.at, end ? (size_t)(end - text.at) : text.len };

    list->at += line.len + (end != NULL);
    list->line++;
    if (line.len > 0 && line.at[line.len - 1] == '\r')
        line.len--;
    return line;
}

static int read_line(const struct request_list *list, struct span line, struct listed_request *out,
                     struct err *err)
{
    *out = (struct listed_request){ .method = take_word(&line), .path = take_word(&line) };
    out->body = line;
    if (out->path.len > 0 && out->path.at[0] == '[') {
        const char *end = memchr(out->path.at, ']', out->path.len);
        size_t len = end ? (size_t)(end - out->path.at) : 0;

        out->version = (struct span){ out->path.at + 1, len > 0 ? len - 1 : 0 };
        out->path = rest_of(out->path, len > 0 ? len + 1 : 0);
    }
    if (out->path.len > 0 && out->path.at[0] == '/')
        return 0;
    return err_set(err,
                   "-requests %.200s, line %u: expected METHOD PATH, as in GET /containers/json "
                   "or POST [/v1.47]/containers/create {\"Image\":\"busybox\"}",
                   list->name, list->line);
}

enum request_list_status request_list_next(struct request_list *list, struct listed_request *out,
                                           struct err *err)
{
    while (list->at < list->text.len) {
        struct span line = take_line(list);
        size_t blank = 0;

        while (blank < line.len && (line.at[blank] == ' ' || line.at[blank] == '\t'))
            blank++;
        line = rest_of(line, blank);
        if (line.len == 0 || line.at[0] == '#')
            continue;
        return read_line(list, line, out, err) == 0 ? REQUEST_LIST_OK : REQUEST_LIST_BAD;
    }
    return REQUEST_LIST_END;
}
