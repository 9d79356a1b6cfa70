// primitives: what trusted Lua gets from C under the name "moonward.core": addresses, regular
// expressions, rulings, tables for policies. Works in any Lua state, so specs of lualib can use it
// as well.
#pragma once

struct lua_State;

//   address(text)  -> 4 or 16 packed bytes, or nil. IPv4 in IPv6 becomes IPv4; no zones.
//   now()          -> microseconds of a clock that only goes forward
//   regex(pattern) -> an object with :match(text) and :find(text), or nil and a message
//   and what frozen.h, json_library.h, peek.h, readonly.h, redactor.h and ruling.h add
int primitives_open(struct lua_State *L);
