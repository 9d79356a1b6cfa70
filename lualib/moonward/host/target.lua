--- What a request is about: the container, image, network or volume that its path names, or its query;
--- for an exec the container that it runs in. The engine is asked, so what is found is what the engine
--- itself takes the reference for.
---
--- A container or network that was judged is then named by its id in what is sent on, so that nobody
--- can give its name to another in between. An exec's id is never another's. An image's name is left
--- as it is, since an id means something else there: removing or pushing a name is not removing or
--- pushing the image; but see target.unmistakable(). A volume has nothing but its name.
local container = require "moonward.registry.container"
local engine = require "moonward.host.engine"
local items = require "moonward.host.items"
local native = require "moonward.host.native"
local objects = require "moonward.host.objects"
local operations = require "moonward.operations"
local places = require "moonward.references.places"
local reply = require "moonward.reply"

local target = {}

local view = native.view
local read_container = items.reader "container"
local LONGEST_PATH = 1023 -- of struct verdict

local function fail(...)
  error("request.target: " .. string.format(...), 0)
end

--- The object that the engine answers a path with, and its text; nil if it says that there is none.
local function get(decode, path, ...)
  local status, body = engine.get(string.format(path, ...))
  if status == 404 then
    return nil
  end
  local object, message = (status == 200 and decode or reply.decode)(body)
  if status ~= 200 then
    fail("the engine answers %d: %s", status, reply.text(reply.table(object).message) or "nothing more")
  elseif type(object) ~= "table" then
    fail("the engine's answer cannot be read: %s", message or "it is no object")
  end
  return object, body
end

local function labels_of(given)
  local labels = {}
  for key, value in pairs(reply.table(given)) do
    if type(key) ~= "string" or type(value) ~= "string" then
      fail("the label %q is a %s, expected a text", tostring(key), type(value))
    end
    labels[key] = value
  end
  return labels
end

-- Each is called with a reference, and returns the object and its id.
local ask = {}

function ask.container(reference)
  local given, text = get(container.references, "/containers/%s/json", engine.quote(reference))
  if not given then
    return nil
  end
  local object = read_container(text)
  if not container.is_id(object.id) then
    fail "the container cannot be read: it has no id of 64 digits"
  end
  local _ = object.labels -- an error where one is no text, whoever looks at it
  return object, object.id, given, text
end

function ask.exec(reference)
  local given = get(reply.decode, "/exec/%s/json", engine.quote(reference))
  if not given then
    return nil
  elseif not container.is_id(given.ContainerID) then
    fail "the engine does not say which container the exec belongs to"
  end
  return (ask.container(given.ContainerID))
end

function ask.image(reference)
  local given = get(reply.decode, "/images/%s/json", engine.quote(reference, true))
  if not given then
    return nil
  end
  return objects.image {
    id = reply.text(given.Id), labels = labels_of(reply.table(given.Config).Labels),
    tags = reply.texts(given.RepoTags), digests = reply.texts(given.RepoDigests),
  }
end

function ask.network(reference)
  local given = get(reply.decode, "/networks/%s", engine.quote(reference))
  if not given then
    return nil
  end
  local id = reply.text(given.Id)
  if not id or not string.find(id, "^%w+$") then
    fail "the engine does not say which id the network has"
  end
  return objects.network {
    id = id, name = reply.text(given.Name), driver = reply.text(given.Driver),
    labels = labels_of(given.Labels),
  }, id
end

function ask.volume(reference)
  local given = get(reply.decode, "/volumes/%s", engine.quote(reference))
  return given and objects.volume {
    name = reply.text(given.Name), driver = reply.text(given.Driver), labels = labels_of(given.Labels),
  }
end

-- By operation: the kind of object, and what stands before its reference in the path, or the key of the
-- query that has it.
local named = {}

for _, entry in ipairs(operations.list) do
  local row = places.target(entry.name)
  if row then
    named[entry.name] = row.source == "query" and { kind = row.kind, key = row.key }
      or { kind = row.kind, before = string.match(entry.path, "^[^{]+") }
  end
end

--- What a request names: the kind, and the reference as it was written; nothing if it names nothing.
---@param request moonward.Request
---@return "container"|"exec"|"image"|"network"|"volume"|nil kind
---@return string? reference
function target.named(request)
  local place = named[request.operation or ""]
  local reference = place and (place.key and request.query[place.key] or request.id)
  local tag = request.operation == "image.push" and request.query.tag or ""
  if reference and tag ~= "" then -- it takes the place of the one in the name
    reference = string.gsub(string.gsub(reference, "@.*$", ""), ":[^/]*$", "") .. ":" .. tag
  end
  if reference and reference ~= "" then
    return place.kind, reference
  end
end

--- Whether requests of this operation have a target, if it exists.
---@param operation string?
---@return boolean
function target.is_known(operation)
  return named[operation or ""] ~= nil
end

--- What a reference means to the engine; nil if it names nothing that exists. Waits for the engine.
---@param kind "container"|"image"|"network"|"volume"
---@param reference string
---@return moonward.Container|moonward.Image|moonward.NetworkObject|moonward.Volume|nil
function target.look_up(kind, reference)
  reference = string.gsub(reference, "^/", "")
  return reference ~= "" and ask[kind](reference) or nil
end

-- Whether a reference to an image is its id, or the beginning of it.
local function is_id_of(digits, image)
  return string.sub(string.gsub(image.id, "^sha256:", ""), 1, #digits) == digits
    or string.sub(image.id, 1, #digits) == digits
end

local function has_tag(reference)
  return string.find(reference, "[:@][^/]*$") ~= nil
end

local function settle_path(request, place, reference, id, cache)
  cache.path = place.before .. id .. string.sub(request.path, #place.before + #reference + 1)
  if #cache.path > LONGEST_PATH then
    fail("the path is longer than %d bytes", LONGEST_PATH)
  end
end

--- The name of an image as it goes on. One that looks like the beginning of an id gets its tag: if the name
--- is taken away in between, the engine must not find somebody's image by its id.
---@param reference string
---@param image moonward.Image that it means
---@return string
function target.unmistakable(reference, image)
  local digits = string.match(reference, "^[0-9a-f]+$") or string.match(reference, "^sha256:([0-9a-f]+)$")
  if not digits or is_id_of(digits, image) then
    return reference
  elseif digits ~= reference then
    fail("an image's name that looks like an id")
  end
  return reference .. ":latest"
end

-- The image is judged by one tag, and so it is what goes on: without any, exporting and pushing are about
-- all tags that the name has. To push is never by an id.
local function settle_image(request, place, reference, image, cache)
  if request.operation == "image.push" then
    if not has_tag(reference) then
      cache.key, cache.value = "tag", "latest"
    end
    return
  end
  local name = target.unmistakable(reference, image)
  if request.operation == "image.export" and not has_tag(name) and not is_id_of(name, image) then
    name = name .. ":latest"
  end
  if name ~= reference then
    settle_path(request, place, reference, name, cache)
  end
end

-- Finds what the request is about: fills the cache with `object`, or `missing`; and with how the request
-- has to name it. 'means' is what the reference means, if not what the engine says.
local function find(request, cache, means)
  local place = named[request.operation or ""]
  local kind, reference = target.named(request)
  if not kind then
    return
  end
  local object, id, given, text = ask[kind](means or (string.gsub(reference, "^/", "")))
  cache.object, cache.missing, cache.given, cache.text = object, object == nil, given, text
  if object and kind == "image" then
    settle_image(request, place, reference, object, cache)
  elseif id and place.key then
    cache.key, cache.value = place.key, id
  elseif id then
    settle_path(request, place, reference, id, cache)
  end
end

--- What the request is about; nil if it names nothing, or nothing that exists. Waits for the engine.
---@param request moonward.Request
---@return moonward.Container|moonward.Image|moonward.NetworkObject|moonward.Volume|nil
function target.of(request)
  local cache = view.cache(request)
  if not cache.target then
    local found = {}
    find(request, found)
    cache.target = found
  end
  return cache.target.object
end

--- Whether somebody has asked for the target.
---@param request moonward.Request
---@return boolean
function target.is_found(request)
  return view.cache(request).target ~= nil
end

--- Settles that the request is about the container or network with this id, whatever its reference means to
--- the engine.
---@param request moonward.Request
---@param id string
---@return moonward.Container|moonward.NetworkObject|nil
function target.choose(request, id)
  local found = {}
  find(request, found, id)
  view.cache(request).target = found
  return found.object
end

--- What the engine said of the container that the request is about, as container.references reads it.
---@param request moonward.Request
---@return table?
---@return string? text
function target.given(request)
  local found = view.cache(request).target or {}
  return found.given, found.text
end

--- Of a request that was judged: whether it names something that did not exist then, and how it has to
--- name what did: path, or key and value of the query.
---@param request moonward.Request
---@return boolean missing
---@return string? path
---@return string? key
---@return string? value
function target.names(request)
  local cache = view.cached(request)
  local found = cache and cache.target
  if not found then
    return false
  end
  return found.missing == true, found.path, found.key, found.value
end

return target
