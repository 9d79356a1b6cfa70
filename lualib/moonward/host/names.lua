--- Everything of Lua that a policy sees. A name that is not here does not exist for it, so a new
--- version of Lua adds nothing by itself; spec/sandbox_spec.lua pins what comes out.
---
--- What is missing, and why (the count hook cannot look into a C function):
---   * io, os, debug, package, load, dofile, loadfile, collectgarbage: reach outside the sandbox
---   * setmetatable: __gc runs with hooks off; __len can make C loop over a length of its choice
---   * getmetatable, raw*: look behind what is read-only
---   * coroutine: each new coroutine counts its instructions anew; and waiting is the host's affair
---   * string.rep, table.move, table.insert, table.remove: loop in C as long as the caller says
---   * string.find, match, gmatch, gsub: backtrack in C; `moonward.regex` and globs are linear
---   * string.dump, pack, unpack, utf8, print, warn, xpcall, math.random: nothing a policy needs
---   * lpeg.setmaxstack: what one policy sets holds for all; ptree and pcode print; locale depends
---     on the machine
local names = {
  base = {
    "assert", "error", "ipairs", "next", "pairs", "pcall", "select", "tonumber", "tostring", "type",
  },
  libraries = {
    math = {
      "floor", "huge", "max", "maxinteger", "min", "mininteger", "tointeger", "type",
    },
    string = { "byte", "char", "format", "len", "lower", "sub", "upper" },
    table = { "concat", "sort", "unpack" },
  },
  lpeg = {
    "B", "C", "Carg", "Cb", "Cc", "Cf", "Cg", "Cmt", "Cp", "Cs", "Ct", "P", "R", "S", "V", "match",
    "type", "version",
  },
  --- What `require` knows, besides files in the policy's own folder.
  modules = {
    "lpeg", "moonward", "moonward.addresses", "moonward.allowlist", "moonward.calls", "moonward.categories",
    "moonward.cidr", "moonward.client", "moonward.create", "moonward.dockerfile", "moonward.doublestar",
    "moonward.exec", "moonward.glob", "moonward.haproxy", "moonward.image", "moonward.json",
    "moonward.manager", "moonward.marks", "moonward.mounts", "moonward.nearest", "moonward.operations",
    "moonward.own", "moonward.paths", "moonward.power_rules", "moonward.ps_args", "moonward.recreate",
    "moonward.references", "moonward.regexes", "moonward.secrets", "moonward.service_change",
    "moonward.text", "moonward.toml",
  },
}

return names
