--- Names that an owner's request gives to something. Which places of a request give one says the table of
--- references; here it is said what becomes of it: a name is another's as soon as anybody has it, and held
--- until the request has ended. Start reading at names.refusal().
local moonward = require "moonward"
local places = require "moonward.references.places"
local reservations = require "moonward.host.reservations"
local target = require "moonward.host.target"

local names = {}

-- The name that the engine makes of two parameters: a tag or digest takes the place of the one in `name`.
---@param name string
---@param tag string
---@return string
function names.full(name, tag)
  if tag == "" then
    return name
  end
  local bare = string.gsub(string.gsub(name, "@.*$", ""), ":[^/]*$", "")
  return bare .. (string.find(tag, ":", 1, true) and "@" or ":") .. tag
end

---@param name string of an image
---@return boolean
function names.has_tag(name)
  return string.find(name, "[:@][^/]*$") ~= nil
end

-- By place: the names that the request gives there.
local given = {}

given["query.t"] = function(request)
  return request:values "t"
end

given["query.repo"] = function(request)
  local repo, tag = request.query.repo or "", request.query.tag or ""
  return { repo ~= "" and names.full(repo, tag == "" and not names.has_tag(repo) and "latest" or tag) or "" }
end

given["query.name"] = function(request)
  return { request.query.name }
end

given["body.Name"] = function(request)
  local name = request.json and request.json.Name
  return { type(name) == "string" and name or nil }
end

-- A name that could be the beginning of an id: to whoever uses that id it would be what is meant.
local function looks_like_id(name)
  return #name >= 12 and string.find(name, "^/?%x+$") ~= nil
end

local function taken(name)
  return moonward.deny("the name " .. name .. " is taken", { status = 409 })
end

-- By kind: why a name cannot be given. Containers' names are the engine's affair, which lets none be taken.
local refusals = {}

function refusals.container()
  return nil
end

function refusals.image(name, owner, label)
  local image = target.look_up("image", name)
  if image and image.labels[label] ~= owner then
    return moonward.deny("the name " .. name .. " is taken by another image", { status = 409 })
  end
end

-- Old engines let two networks have one name, tell the first one's id, and then find neither by it.
function refusals.network(name, owner, label)
  local ok, network = pcall(target.look_up, "network", name)
  if not ok and not string.find(tostring(network), "is ambiguous", 1, true) then
    error(network, 0)
  elseif not ok or network and network.labels[label] ~= owner and (network.name == name or #name >= 12) then
    return taken(name)
  end
end

function refusals.volume(name, owner, label)
  local volume = target.look_up("volume", name)
  return volume and volume.labels[label] ~= owner and taken(name) or nil
end

local function refusal_of(row, name, owner, label)
  if looks_like_id(row.kind == "image" and string.match(name, "^[^:@]*") or name) then
    return moonward.deny("the name " .. name .. " looks like an id, and would stand for what has it",
      { status = 400 })
  elseif row.kind ~= "container" then
    reservations.take(row.kind, name, owner) -- first: what is found then stays
  end
  return refusals[row.kind](name, owner, label)
end

--- Why a request cannot give the names that it gives; nil if it can, and holds them then. Waits for the
--- engine.
---@param request moonward.Request
---@param owner string
---@param label string of the stamp
---@return moonward.Verdict? denial
function names.refusal(request, owner, label)
  for _, row in ipairs(places.of(request.operation)) do
    if row.form == "new" and row.held == "new" then
      for _, name in ipairs(given[row.place](request)) do
        local refusal = name ~= "" and refusal_of(row, name, owner, label)
        if refusal then
          return refusal
        end
      end
    end
  end
end

return names
