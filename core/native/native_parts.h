// native_parts: what native.c (the module), native_host.c, native_decision.c and
// native_containers.c share. Private to them.
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

// open{ memory=, instructions=, burst_us= } -> host, or nil and a message
int native_host_new(lua_State *L);

// Makes the type of hosts, and leaves the table of its methods on top.
void native_host_open(lua_State *L);

// Add to the table on top: how a host decides, and what the daemon's follower does with it.
void native_decision_open(lua_State *L);
void native_containers_open(lua_State *L);
