-- Checks the shape of the tree: who includes whom, who calls each other in a circle, how long files and
-- functions are, which calls nobody makes. The picture of the layers is in docs/architecture.md; this file
-- enforces it.
-- A line that has to break a rule says so: "layers: <reason>" in a comment on it.

package.path = arg[0]:match("^.*/") .. "?.lua;" .. package.path
local circles = require "circles"

-- Each folder of core/ with the folders it may include, besides itself.
local allowed = {
  base = {},
  config = { "base" },
  http = { "base" },
  json = { "base" },
  tar = { "base" },
  net = { "base" },
  lua = { "base", "config", "http", "json" },
  proxy = { "base", "config", "http", "json", "lua", "net", "tar" },
  command = { "base", "config", "http", "json", "lua", "native", "net", "proxy", "tar" },
  native = { "base", "config", "http", "json", "lua" },
}

-- Headers of other projects, with the folders that may see them.
local foreign = {
  ["^lua%.h$"] = { lua = true, native = true },
  ["^lualib%.h$"] = { lua = true },
  ["^lauxlib%.h$"] = { lua = true, native = true },
  ["^zlib%.h$"] = { tar = true },
  ["^re2/"] = { lua = true },
  ["^event2/"] = { net = true, proxy = true },
}

-- Calls that have no limit, or that turn text into numbers without saying when they fail.
local banned = {
  "alloca", "asctime", "atoi", "atol", "atoll", "ctime", "gets", "localtime", "scanf", "sprintf",
  "sscanf", "stpcpy", "strcat", "strcpy", "strncpy", "strtok", "strtol", "strtoul", "system",
  "vsprintf",
}

local longest = { file = 400, c_function = 60, lua_function = 60 }

local complaints = {}

local function complain(path, line, text, ...)
  complaints[#complaints + 1] = ("%s:%d: " .. text):format(path, line, ...)
end

local function set(list)
  local members = {}
  for _, name in ipairs(list) do
    members[name] = true
  end
  return members
end

local function files(pattern)
  local found = {}
  local listing = assert(io.popen("find " .. pattern .. " 2>/dev/null | sort"))
  for path in listing:lines() do
    found[#found + 1] = path
  end
  listing:close()
  return found
end

-- --- C -------------------------------------------------------------------------------------------

local function check_include(path, number, folder, line)
  local own = line:match('^#include "([^/"]+)/')
  local other = line:match("^#include <([^>]+)>")
  local may = set(allowed[folder] or {})
  may[folder] = true
  if own and allowed[folder] and not may[own] then
    complain(path, number, "%s/ may not include %s/", folder, own)
  end
  for pattern, folders in pairs(foreign) do
    if other and other:find(pattern) and not folders[folder] then
      complain(path, number, "%s/ may not include <%s>", folder, other)
    end
  end
end

local function check_calls(path, number, line)
  local code = line:gsub('"[^"]*"', '""'):gsub("//.*", "")
  for _, name in ipairs(banned) do
    if code:find("%f[%w_]" .. name .. "%s*%(") then
      complain(path, number, "%s() is not used here; see CONTRIBUTING.md", name)
    end
  end
end

-- A function begins with a brace in the first column and ends with one; clang-format sees to that.
local function check_c(path)
  local folder = path:match("^core/([^/]+)/") or "main"
  local number, start = 0, nil
  for line in io.lines(path) do
    number = number + 1
    local excused = line:find("// layers: ", 1, true)
    if not excused then
      check_include(path, number, folder, line)
      check_calls(path, number, line)
    end
    if line == "{" then
      start = number
    elseif line == "}" and start then
      if number - start - 1 > longest.c_function then
        complain(path, start, "a function of %d lines; at most %d", number - start - 1,
          longest.c_function)
      end
      start = nil
    end
  end
  if number > longest.file then
    complain(path, number, "a file of %d lines; at most %d", number, longest.file)
  end
end

-- --- Lua -----------------------------------------------------------------------------------------

-- What a policy may require: the library, LPeg, and files of its own folder (no dot in the name).
local function policy_may(module)
  return module == "lpeg" or module == "moonward" or module:find("^moonward%.") or
    not module:find(".", 1, true)
end

local function check_require(path, number, line)
  for module in line:gmatch("require%s*%(?%s*[\"']([^\"']+)[\"']") do
    if path:find("^policies/") and not policy_may(module) then
      complain(path, number, "a policy may not require %q", module)
    elseif path:find("^lualib/") and module:find("^policies") then
      complain(path, number, "the library may not require a policy (%q)", module)
    end
  end
end

-- A function at the top level begins in the first column and so does its end.
local function check_lua(path)
  local number, start = 0, nil
  for line in io.lines(path) do
    number = number + 1
    if not line:find("-- layers: ", 1, true) then
      check_require(path, number, line)
    end
    if line:find("^local function ") or line:find("^function ") then
      start = number
    elseif line == "end" and start then
      if number - start - 1 > longest.lua_function then
        complain(path, start, "a function of %d lines; at most %d", number - start - 1,
          longest.lua_function)
      end
      start = nil
    end
  end
  if number > longest.file and not path:find("^spec/") then
    complain(path, number, "a file of %d lines; at most %d", number, longest.file)
  end
end

local sources = files("core -name '*.[ch]' -o -name '*.cc'")
for _, path in ipairs(sources) do
  check_c(path)
end
circles.check(sources, function(text)
  complaints[#complaints + 1] = text
end)
for _, path in ipairs(files("lualib policies examples tools spec -name '*.lua'")) do
  check_lua(path)
end

for _, text in ipairs(complaints) do
  io.stderr:write(text, "\n")
end
os.exit(#complaints == 0)
