--- The system calls that Lua lacks: sys_io.c and sys_process.c, which the Makefile builds.

local open, why = package.loadlib("build/spec/sys.so", "luaopen_sys")

return open and open() or error(why .. "; run `make specs` at the root of the tree")
