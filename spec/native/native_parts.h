// native_parts: what native.c (the module and its hosts), native_decision.c and native_containers.c
// share. Private to them.
#pragma once

#include "base/err.h"

#include <lauxlib.h>
#include <lua.h>

#define NATIVE_ENTRIES 256 // headers, labels, arguments of one call

struct host;

// The host at 1, or an error.
struct host *native_host(lua_State *L);

// Pushes nil and the message; returns 2.
int native_fail(lua_State *L, const struct err *err);

// Sets a field of the table on top; NULL is nil.
void native_set_text(lua_State *L, const char *name, const char *text);

void native_type(lua_State *L, const char *name, const luaL_Reg *metamethods,
                 const luaL_Reg *methods);

// host:decide{ method=, target=, headers={{n,v}}, has_body=, address=, ... } -> decision; or nil, a
// message and a status when the request would not have come as far as a policy.
int native_decide(lua_State *L);
void native_decision_open(lua_State *L);

// What the daemon's follower does with a host: methods of hosts, for the table on top.
void native_containers_open(lua_State *L);
