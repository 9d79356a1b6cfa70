-- allow-filters: a TOML file of methods and path globs, with the flags, variables, rules and answers
-- of cailloumajor/docker-socket-proxy 1.0.
--
--   [[allow_filters]]
--   method = "GET"
--   path   = "/containers/**"
--
-- A HEAD is allowed. Anything else needs a filter with its method and a glob that takes its path,
-- without version and query; else it is denied with 403. In a glob "*" is any text within a segment,
-- "**" any number of segments, "?" one character, [a-z] one of these, {a,b} one of these.
--
-- The listening address is the one of that program's image, all addresses, unless API_LISTEN says
-- another. VERSION is not read: there, it makes the program print its version and end. VERBOSE is, as
-- another way to write -loglevel.
--
-- What is different there, on purpose:
--   * Paths are canonical; other spellings of one get 400 before they come here. So does what looks
--     like a version and is none: there, /v1.41foo is cut to "foo".
--   * HEAD of a container's archive tells of its files. It needs a filter that takes the path for
--     HEAD, GET or PUT, which `docker cp` needs anyway.
--   * A filter that never matches stops the start: an unknown method, also one in small letters, no
--     method, no path. A path with a version in front, or without a slash, is warned about.
--   * What the file has besides filters is warned about; there, a misspelt key is ignored.
--   * Globs that mean something else than they say are refused, or narrower; see
--     lualib/moonward/doublestar.lua.
--   * A GET filter that reaches attach/ws, which writes to a container's stdin, is warned about.
local doublestar = require "moonward.doublestar"
local moonward = require "moonward"
local nearest = require "moonward.nearest"
local toml = require "moonward.toml"

local log_levels = {
  ["1"] = "DEBUG", t = "DEBUG", ["true"] = "DEBUG", ["0"] = "INFO", f = "INFO", ["false"] = "INFO",
}

local policy = {
  summary = "Methods and path globs from a TOML file, as in cailloumajor/docker-socket-proxy.",
  pure = true,
  options = {
    {
      name = "api-listen", env = "API_LISTEN", default = "0.0.0.0:2375", sets = "listen",
      help = "Address to listen on, as in 127.0.0.1:2375; :2375 for all.",
    },
    {
      name = "config-file", env = "CONFIG_FILE", kind = "file",
      help = "TOML file with [[allow_filters]], each with method and path. Needed.",
    },
    {
      name = "socket-file", env = "SOCKET_FILE", sets = "socketpath",
      help = "Path of the engine's Unix socket.",
    },
    {
      name = "verbose", env = "VERBOSE", words = log_levels, sets = "loglevel",
      help = "As -loglevel=DEBUG.",
    },
  },
}

-- By method, in the order of the file: { name = , takes = , method = , path = }.
local filters

local methods = { "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE" }
local is_method = {}
for _, method in ipairs(methods) do
  is_method[method] = true
end

local function fail(...)
  error(string.format(...), 0)
end

-- Reading the file -----------------------------------------------------------------------------

local function kind_of(value)
  local kind = toml.kind(value)
  return ((kind == "array" or kind == "integer") and "an " or "a ") .. kind
end

-- The value of a key, whatever its case, as the original finds it.
local function field(from, name, place)
  local found, key = from[name], name
  for other, value in pairs(from) do
    if other ~= name and string.lower(other) == name then
      if found ~= nil then
        fail("%s: '%s' and '%s' are the same key", place(from, other), key, other)
      end
      found, key = value, other
    end
  end
  return found, key
end

local function text_of(from, name, place)
  local value, key = field(from, name, place)
  if value == nil then
    fail("%s: a filter needs a %s", place(from), name)
  elseif type(value) ~= "string" then
    fail("%s: %s is %s, expected a string", place(from, key), key, kind_of(value))
  end
  return value, place(from, key)
end

local function warn_unknown(from, known, place)
  for key in pairs(from) do
    local is_known = false
    for _, name in ipairs(known) do
      is_known = is_known or string.lower(key) == name
    end
    if not is_known then
      moonward.warn(place(from, key) .. ": nothing is known of '" .. key .. "', it is ignored"
        .. nearest.hint(key, known))
    end
  end
end

local function method_of(from, place)
  local method, where = text_of(from, "method", place)
  if not is_method[method] then
    fail("%s: unknown method '%s', expected its name in capital letters%s", where, method,
      nearest.hint(method, methods))
  end
  return method
end

local VERSION = moonward.regex "/v[0-9].*"
local SLASH = moonward.regex "([/*?{\\[\\\\].*)?" -- or what may stand for one

local function warn_of_path(filter, where)
  local why
  if VERSION:match(filter.path) then
    why = "takes nothing, since the version is cut off a path"
  elseif not SLASH:match(filter.path) then
    why = "takes nothing, since a path begins with a slash"
  elseif filter.method == "GET" and filter.takes("/containers/web/attach/ws") then
    why = "takes /containers/{id}/attach/ws too, a GET that writes to stdin"
  end
  if why then
    moonward.warn(where .. ": '" .. filter.path .. "' " .. why)
  end
end

local function read_filter(from, index, place)
  if toml.kind(from) ~= "table" then
    fail("filter %d is %s, expected a table with method and path", index, kind_of(from))
  end
  local path, where = text_of(from, "path", place)
  local takes, why = doublestar.try(path)
  if not takes then
    fail("%s: %s", where, why)
  end
  local filter = { method = method_of(from, place), path = path, takes = takes }
  filter.name = string.format("allow_filters %d: %s %s", index, filter.method, path)
  warn_unknown(from, { "method", "path" }, place)
  warn_of_path(filter, where)
  return filter
end

local function read_filters(text)
  local config, message, place = toml.try(text)
  if not config then
    fail("%s", message)
  end
  local list, key = field(config, "allow_filters", place)
  local found = {}
  for _, method in ipairs(methods) do
    found[method] = {}
  end
  warn_unknown(config, { "allow_filters" }, place)
  if list == nil then
    moonward.warn("the file has no [[allow_filters]], so nothing is allowed but HEAD")
  elseif toml.kind(list) ~= "array" then
    fail("%s: %s is %s, expected an array: [[%s]]", place(config, key), key, kind_of(list), key)
  end
  for index, from in ipairs(list or {}) do
    local filter = read_filter(from, index, place)
    local same = found[filter.method]
    same[#same + 1] = filter
  end
  return found
end

function policy.start(options)
  local file = options["config-file"]
  if file.path == "" then
    fail("no filters: -config-file or CONFIG_FILE has to name a TOML file")
  end
  local ok, result = pcall(read_filters, file.text)
  if not ok then
    fail("%s: %s", file.path, result)
  end
  filters = result
  policy.methods = {}
  for _, method in ipairs { "CONNECT", "TRACE" } do -- refused by the core, unless a policy asks for them
    policy.methods[#policy.methods + 1] = #filters[method] > 0 and method or nil
  end
end

-- Deciding -------------------------------------------------------------------------------------

local function first_of(method, path)
  for _, filter in ipairs(filters[method] or {}) do
    if filter.takes(path) then
      return filter
    end
  end
end

-- The filter that allows a HEAD; true: it needs none.
local function head_filter(request)
  if not request:is("container.archive.head", "libpod.container.archive.head") then
    return true
  end
  local path = request.path
  return first_of("HEAD", path) or first_of("GET", path) or first_of("PUT", path)
end

local function hint_for(method, path)
  return string.format('[[allow_filters]] with method = "%s" and path = \'%s\'', method,
    doublestar.quote(path))
end

function policy.decide(_, request)
  local method, path = request.method, request.path
  local filter = method == "HEAD" and head_filter(request) or first_of(method, path)
  if filter == true then
    return moonward.allow { rule = "HEAD" }
  elseif filter then
    return moonward.allow { rule = filter.name }
  end
  return moonward.deny("request rejected", { hint = hint_for(method, path) })
end

return policy
