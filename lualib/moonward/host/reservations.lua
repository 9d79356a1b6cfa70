--- Names that requests in flight take or rely on. What goes on by its id needs none of this; a name that is
--- given away only when a build has ended, or that an id cannot stand for, is held from the judgement to the
--- end of the answer, in all workers (core/base/reservations.h): what was free when it was judged is nobody
--- else's when it is taken, and what was the client's own is not another's when it is used.
---
--- One owner's requests never stand in each other's way, and neither do those that only use a name. Nothing
--- is held for a client that nobody named an owner for.
local core = require "moonward.core"
local native = require "moonward.host.native"

local reservations = {}

-- "x", "library/x:latest" and "docker.io/library/x" are one name to the engine.
local function name_of_image(reference)
  local name = string.gsub(reference, "^index%.docker%.io/", "docker.io/")
  local domain, rest = string.match(name, "^([^/]+)/(.+)$")
  if not domain or not (string.find(domain, "[.:]") or domain == "localhost") then
    domain, rest = "docker.io", name
  end
  if domain == "docker.io" and not string.find(rest, "/", 1, true) then
    rest = "library/" .. rest
  end
  return domain .. "/" .. rest .. (string.find(rest, "[:@][^/]*$") and "" or ":latest")
end

local function hold(kind, name, owner, takes)
  local key = kind .. " " .. (kind == "image" and name_of_image(name) or name)
  local result = native.hold(key, owner, takes)
  if result == "taken" then
    local words = "another request is about the name " .. name .. " right now; try again"
    error(core.ruling("deny", 409, words), 0)
  elseif result == "full" then
    error(core.ruling("deny", 503, "too many requests hold names right now; try again"), 0)
  end
end

--- Says whose requests these are; before use().
---@param request moonward.Request
---@param owner string
function reservations.own(request, owner)
  native.view.cache(request).owner = owner
end

--- The request gives a name to something. Before it is looked up: what is found then stays.
---@param kind "image"|"network"|"volume"
---@param name string
---@param owner string
function reservations.take(kind, name, owner)
  hold(kind, name, owner, true)
end

--- The request relies on what a name means.
---@param request moonward.Request
---@param kind "image"|"network"|"volume"
---@param name string
function reservations.use(request, kind, name)
  local owner = native.view.cache(request).owner
  if owner and name ~= "" then
    hold(kind, name, owner, false)
  end
end

return reservations
