-- What a policy sees: the list that spec/sandbox_spec.lua pins.
stds.policy = {
  read_globals = {
    "assert", "error", "ipairs", "next", "pairs", "pcall", "require", "select", "tonumber",
    "tostring", "type",
    string = { fields = { "byte", "char", "format", "len", "lower", "sub", "upper" } },
    table = { fields = { "concat", "sort", "unpack" } },
    math = { fields = { "floor", "huge", "max", "maxinteger", "min", "mininteger", "tointeger", "type" } },
  },
}

std = "lua54"
max_line_length = 110
-- meta.lua only declares types.
exclude_files = { "build", "lua_modules", "lualib/moonward/meta.lua" }

files["policies"] = { std = "policy" }
files["examples"] = { std = "policy" }
-- Specs are tables of cases, a row each.
files["spec"] = { std = "lua54+busted", self = false, max_line_length = 130 }
-- Tables with one row per line; a broken row would be harder to read than a long one.
files["lualib/moonward/*_routes.lua"] = { max_line_length = false }
