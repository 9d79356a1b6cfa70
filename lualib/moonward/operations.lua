--- What a request is about: the operation that the engine's router would choose for a method and a
--- path, as a name: "container.list". A request that no route takes has no name.
---
--- Paths are canonical and without version, as the core makes them. Names of containers, execs,
--- volumes and networks are one segment here, though the engine would take slashes: the only such
--- names are aliases of links, which let "/containers/a/b/exec" mean another container than "a".
--- Start reading at operations.find().

local answers = require "moonward.answers"
local glob = require "moonward.glob"
local lpeg = require "lpeg"

local operations = {}

---@class moonward.Operation
---@field name string "container.list"; libpod's begin with "libpod."
---@field family string "container"; what comes before the last dots
---@field method string
---@field path string as in engine_routes.lua, "/containers/{id}/json"
---@field power integer 0 to 5, see engine_routes.lua
---@field text string what it does
---@field writes boolean changes something, or lets the client send input
---@field stream boolean may answer for long, or at length
---@field upgrade boolean the engine may answer 101, so Upgrade is passed on
---@field hijack boolean the engine may answer 200 and go raw
---@field quotes boolean the engine's errors quote what it read on the host with the client's text
---@field answer? moonward.Answer the form of the answer; nil: it is not JSON that can be filtered

--- Every route, in the order of documentation.
---@type moonward.Operation[]
operations.list = {}

--- Every name, as a set.
---@type table<string, boolean>
operations.names = {}

--- The group that a name belongs to: "container" for "container.archive.get", "libpod.pod" for
--- "libpod.pod.list".
---@param name string
---@return string
function operations.family(name)
  return string.match(name, "^libpod%.[^.]+") or string.match(name, "^[^.]+")
end

local function to_entry(row)
  local entry = {
    method = row[1], path = row[2], name = row[3], family = operations.family(row[3]),
    power = row[4], text = row[6],
    writes = false, stream = false, upgrade = false, hijack = false,
    quotes = row[3] == "container.top", answer = answers[row[3]],
  }
  for flag in string.gmatch(row[5], "%a+") do
    assert(entry[flag] == false, "unknown flag in the table of routes: " .. flag)
    entry[flag] = true
  end
  return entry
end

-- Patterns -----------------------------------------------------------------------------------

local P = lpeg.P
local segment = (1 - P "/") ^ 1

-- What follows the first name of a path: "", "/archive", "/checkpoints/{checkpoint}". A later name
-- that holds slashes does not hold the words before it: the first name is the longest possible.
local function rest_pattern(rest)
  local pattern, pos = P(true), 1
  for literal, dots, stop in string.gmatch(rest, "([^{]*){%a+(%.*)}()") do
    local name = segment
    if dots == "..." then
      name = segment * (P "/" * segment - P(literal)) ^ 0
    end
    pattern, pos = pattern * P(literal) * name, stop
  end
  return pattern * P(string.sub(rest, pos)) * -1
end

-- Routes that share what stands before the name, and its kind: {before=, slashes=, {entry, rest}...}
local function group_pattern(group)
  local rests = P(false)
  for _, route in ipairs(group) do
    rests = rests + rest_pattern(route[2]) * lpeg.Cc(route[1])
  end
  local name = segment
  if group.slashes then
    name = segment * (P "/" * segment - rests) ^ 0
  end
  return P(group.before) * lpeg.C(name) * rests
end

-- Gives what the path names, and the entry. Where two routes take a path, the first in order wins.
local function method_pattern(entries)
  local groups, by_key = {}, {}
  for _, entry in ipairs(entries) do
    local before, dots, rest = string.match(entry.path, "^([^{]*){%a+(%.*)}(.*)$")
    local key = before .. dots
    if not by_key[key] then
      by_key[key] = { before = before, slashes = dots == "..." }
      groups[#groups + 1] = by_key[key]
    end
    table.insert(by_key[key], { entry, rest })
  end
  local pattern = P(false)
  for _, group in ipairs(groups) do
    pattern = pattern + group_pattern(group)
  end
  return pattern
end

-- Per method: paths without a name, and the pattern for those with one.
local literal, pattern = {}, {}

do
  local named = {}
  for _, rows in ipairs { require "moonward.engine_routes", require "moonward.libpod_routes" } do
    for _, row in ipairs(rows) do
      local entry = to_entry(row)
      local method = entry.method
      operations.list[#operations.list + 1] = entry
      operations.names[entry.name] = true
      literal[method], named[method] = literal[method] or {}, named[method] or {}
      if string.find(entry.path, "{", 1, true) then
        table.insert(named[method], entry)
      else
        literal[method][entry.path] = entry
      end
    end
  end
  for method, entries in pairs(named) do
    pattern[method] = method_pattern(entries)
  end
end

-- The engine answers OPTIONS on any path, and does nothing.
local options = to_entry { "OPTIONS", "/", "system.options", 0, "", "nothing, on any path" }
operations.list[#operations.list + 1] = options
operations.names[options.name] = true

--- The operations that a pattern stands for, as a set: "container.*" is that family, "*.list" all that list,
--- "*.prune" all that clean up; a glob (moonward.glob).
--- nil: there is none.
---@param text string
---@return table<string, boolean>?
function operations.matching(text)
  local matches = glob.try(text)
  local found
  for name in pairs(matches and operations.names or {}) do
    if matches(name) then
      found = found or {}
      found[name] = true
    end
  end
  return found
end

--- Finds the operation of a request, and what its path names: the container in
--- "/containers/web/json", the image in "/images/quay.io/a/b:1/json".
---@param method string
---@param path string canonical, without version
---@return moonward.Operation? entry nil: no route of the API
---@return string? id
function operations.find(method, path)
  local paths = literal[method]
  if not paths then
    return method == "OPTIONS" and options or nil
  elseif paths[path] then
    return paths[path]
  end
  local id, entry = lpeg.match(pattern[method], path)
  return entry, id
end

return operations
