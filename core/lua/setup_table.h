// setup_table: what a set-up is, as a table of Lua's, for the commands.
#pragma once

#include "lua/setup.h"

struct lua_State;

// Pushes a table. May raise errors.
//   listeners  { unix, host, address, name, mode, owner, group }; the last two may be nil
//   engine     { unix, host, path, address }
//   options    see options_push(); own: those of the command
//   policies   { name, summary, listener, options }, in the order of loading; the last two where
//              -config gives a policy a listener and options of its own
//   unread     variables that look like a switch and that nothing reads, "PORTS=1"
//   max_body   bytes
void setup_push(struct lua_State *L, const struct setup *setup);
