-- Writes the Lua files named on the command line as a C file, for core/lua/bundle.h.
--
--   lua5.4 tools/embed.lua lualib/moonward/json.lua policies/default.lua > bundle_data.c

-- For editors; nothing inside the program uses it.
local left_out = { ["moonward/meta.lua"] = true }

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("a")
  file:close()
  assert(load(text, "@" .. path, "t")) -- a syntax error stops the build, not a user's start
  return text
end

local function bytes_of(text)
  local lines = {}
  for at = 1, #text, 20 do
    local line = { string.byte(text, at, at + 19) }
    lines[#lines + 1] = table.concat(line, ",")
  end
  return table.concat(lines, ",\n")
end

local files = {}
for _, path in ipairs(arg) do
  local name = path:gsub("^lualib/", "")
  if not left_out[name] then
    files[#files + 1] = { name = name, text = read(path) }
  end
end
table.sort(files, function(a, b) return a.name < b.name end)

local out = { "// Written by tools/embed.lua.", '#include "lua/bundle.h"', "" }
for i, file in ipairs(files) do
  -- A byte more, which does not count, so that an empty file is no empty array.
  out[#out + 1] = ("static const unsigned char f%d[] = {\n%s\n};"):format(i, bytes_of(file.text .. "\n"))
end
out[#out + 1] = "const struct bundle_file bundle_files[] = {"
for i, file in ipairs(files) do
  out[#out + 1] = ('    { "%s", f%d, sizeof(f%d) - 1 },'):format(file.name, i, i)
end
out[#out + 1] = "};"
out[#out + 1] = ("const size_t bundle_count = %d;"):format(#files)
io.write(table.concat(out, "\n"), "\n")
