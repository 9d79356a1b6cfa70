// json_library: JSON documents (json/document.h) as Lua sees them. An object or array is an empty
// table until somebody looks: each field is found in the text when it is asked for. Of a text that
// is to be read, such tables are read-only, all the way down. Of one that is to be changed, a table
// that is set, or gone through, fills itself with its fields and is an ordinary table from then on;
// the document still knows what was there, so that what nobody changed can be written as it was.
//
// lualib/moonward/json.lua is the face of all this. Start reading at json_table.c.
#pragma once

struct lua_State;

// Adds the table "json" to the one on top of the stack:
//
//   rules(maps, inside): which objects of request bodies are maps: { name = true }, and
//       { name = the field around it }; folded. To be called once.
//   read(text, how, what): the value; or nil, and as a text what is wrong; and if it had twins, as
//       the third result the text without them. How: "read", a body, read-only; "body", one that is
//       to be changed; "answer", an object of the engine's that is to be changed; "exact", an
//       answer of the engine's, read-only, with objects that are all maps. 'what' is what messages
//       call a read-only one.
//   picker(paths): a function that makes, of a text of the engine's, plain tables with nothing but
//       the members that these lists of keys lead to, and all of what is in them; of a member on
//       the way that is no object, that. Of equal keys the last counts. It returns nothing where
//       read() has to be asked: of what is no object or wrong, or has keys with escapes.
//   null: what null is.
//   kind(value): "array", "struct" or "map"; nil: it is none of ours.
//   array(table): the table, marked as an array.
//   keys(table): two lists: of the text's keys those that an object still has, in their order, and
//       the others that it has.
//   span(table, key): first and last byte in the text of a table, or of what it had as 'key'.
//   source(table, key): these bytes, if it is still the same; else nil.
//   texts(table): whether it is a plain one whose keys and values are all texts.
//   next(table, key): as Lua's, for these and all other tables.
//   quote(text): it as a string of JSON; nil: it is no UTF-8.
void json_library_open(struct lua_State *L);
