// json_parts: what the files of json_library.h share. Each uses those before it: json_index.c,
// json_value.c, json_table.c, json_changes.c, json_pick.c, json_library.c.
#pragma once

#include "json/document.h"

struct lua_State;

// User values of a document. All tables but the last are made when they are needed.
enum {
    DOC_TEXT = 1,
    DOC_NODES,   // number of the node, from 1 on, by table
    DOC_TABLES,  // table, or long text, by number of the node
    DOC_INDEXES, // see json_index.c
    DOC_ADDED,   // by table: the keys that were added, by folded key
    DOC_WHAT,    // what messages call it
    DOC_META,    // of tables that are not open; of open ones by their type
    DOC_META_ARRAY,
    DOC_META_STRUCT,
    DOC_META_MAP,
    DOC_VALUES = DOC_META_MAP,
};

// Lua owns it; it is typed while empty.
struct json_doc {
    struct document document;
    struct buffer single;
    size_t charge;
    bool read_only;
};

// Pushes the user value of the document at 'doc', which becomes a table if it is none.
void json_push_part(struct lua_State *L, int doc, int part);

// Pushes a folded key.
void json_push_folded(struct lua_State *L, struct span key);

// The member of an object with that key, which is no NUL-terminated text; NULL: none.
const struct node *json_find_member(struct lua_State *L, int doc, const struct node *object,
                                    struct span key);
// The member itself, or the first one behind it whose key does not come again: of equal keys, which
// only an answer of the engine's may have, the last counts. An element is always itself.
const struct node *json_counting(struct lua_State *L, int doc, const struct node *member);
// The n-th element of an array, from 1 on; NULL: there is none.
const struct node *json_find_element(struct lua_State *L, int doc, const struct node *array,
                                     long long n);

// --- json_value.c -------------------------------------------------------------------------------

// Keys of the metatables of a document's tables, and of the registry.
extern const char json_doc_key, json_null_key;

struct json_doc *json_doc_at(struct lua_State *L, int index);
// Pushes the document that the table at an index is of; NULL: of none, and nothing is pushed.
struct json_doc *json_push_doc(struct lua_State *L, int table);
// The node of the table, which is of the document at 'doc'.
const struct node *json_node_of(struct lua_State *L, int table, int doc);

void json_push_value(struct lua_State *L, int doc, const struct node *node);
void json_push_key(struct lua_State *L, const struct document *d, const struct node *member);

// What an array or object has in the text as the key at 'key'; NULL: nothing.
const struct node *json_find(struct lua_State *L, int doc, const struct node *node, int key);

// --- json_table.c -------------------------------------------------------------------------------

// To be called for a new document.
void json_prepare(struct lua_State *L, int doc);
bool json_is_closed(struct lua_State *L, int table, int doc);
// Fills a table with what it has in the text; from then on it is an ordinary one.
void json_open_table(struct lua_State *L, int table, int doc);

// --- json_changes.c: functions for Lua, see json_library.h
// ----------------------------------------

int json_span(struct lua_State *L);
int json_source(struct lua_State *L);
int json_keys(struct lua_State *L);

// --- json_pick.c --------------------------------------------------------------------------------

int json_picker(struct lua_State *L);
int json_texts(struct lua_State *L);
