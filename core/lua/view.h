// view: the read-only objects 'request' and 'client' that a policy gets, over the views of
// decision.h. They are made for one decision and emptied when it ends: a policy that keeps one gets
// an error and not freed memory.
//
// Fields that C knows are read here. Those that may have to wait (body, json) and the methods are
// Lua, lualib/moonward/host/request.lua, handed over through the functions that open() adds.
#pragma once

#include "lua/decision.h"

struct lua_State;

// The inside of an object, as long as Lua holds it. Whoever made it empties it by writing NULL.
struct request_box {
    const struct request_view *view;
    const struct route *route;
};
struct client_box {
    const struct client_view *view;
};

// Make the types and add functions for lualib to the table on top of the stack:
//   request(lazy, methods, unknown), client(...)  to be called once: functions for fields by name,
//       methods by name, and what to call with (name, known) for a name that nobody knows
//   header(request, name), values(request, name)
//   cache(request)  a table that lives as long as the request; made the first time
//   cached(request)  the same, or nil if there is none yet
//   is(known, complain)  makes request:is(), of the known names and what to call with (name) for
//   others
//   client_cache(client)  the same for the client
//   connection(client)  when it was accepted, in microseconds since 1970; the id of the container
//       that was found to be behind it, or nil; its socket, or -1
//   remember(client, id)  that it was found
//   given(client)  what `explain` and specs say of the container: the engine's answer about it, or
//       nil; its labels, or nil
void view_open_request(struct lua_State *L);
void view_open_client(struct lua_State *L);

// Push an object; 'id' is popped (a string or nil: what the path names).
struct request_box *view_push_request(struct lua_State *L, const struct request_view *view,
                                      const struct route *route);
struct client_box *view_push_client(struct lua_State *L, const struct client_view *view);
