#include "json/document.h"

#include "json/fold.h"

#include <stdlib.h>

struct span document_key(const struct document *d, const struct node *node)
{
    const char *from = node->key_decoded ? d->keys.data : d->text;

    return node->key_len > 0 ? (struct span){ from + node->key, node->key_len } : SPAN("");
}

struct span document_source(const struct document *d, const struct node *node)
{
    return (struct span){ d->text + node->at, node->len };
}

struct span document_raw(const struct document *d, const struct node *node)
{
    return (struct span){ d->text + node->at + 1, node->len - 2 };
}

const struct node *document_first(const struct node *node)
{
    return node->count > 0 ? node + 1 : NULL;
}

const struct node *document_next(const struct document *d, const struct node *node)
{
    return node->next > 0 ? &d->nodes[node->next] : NULL;
}

bool document_same_key(const struct node *object, struct span a, struct span b)
{
    return object->type == NODE_STRUCT ? fold_same(a, b) : span_is(a, b);
}

const struct node *document_find(const struct document *d, const struct node *object,
                                 struct span key)
{
    for (const struct node *n = document_first(object); n; n = document_next(d, n))
        if (document_same_key(object, document_key(d, n), key))
            return n;
    return NULL;
}

void document_clear(struct document *d)
{
    free(d->nodes);
    if (d->keys.max > 0)
        buffer_clear(&d->keys);
    *d = (struct document){ .text = NULL };
}

size_t document_size(const struct document *d)
{
    return d->room * sizeof(*d->nodes) + d->keys.cap;
}
