--- References to images, read and completed as the engine does: "web" is docker.io/library/web:latest.
---
---   local image = require "moonward.image"
---   local ref = image.parse "registry.internal:5000/ci/build:7"
---   ref.registry, ref.repository, ref.tag    --> "registry.internal:5000", "ci/build", "7"
---
--- A rule about registries by the beginning of what a client wrote misses the other spellings; one about
--- `registry` and `repository` has all of them. It is about names: what lies under a name says the registry,
--- and of a name that is there already whoever could tag it. Only a digest says which image it is.
---
--- A create that finds no image of the name takes it for the beginning of an id (`may_be_id`): a rule that
--- lets docker.io/library pass lets "0123abcd" pass, and with it any image that is there.
---
--- Read as engines from 23 on do; older ones refuse "Team/app", which newer ones take for a registry named
--- Team, and registries by IPv6 address.

local image = {}

---@class moonward.ImageReference
---@field registry string "docker.io", "localhost:5000", in the case it was written in; "" where the engine
---  finds none, as in "my_host.test/app"
---@field repository string "library/web"
---@field tag string? as it was written; nil: none, which is "latest" to a create and all tags to a pull
---@field digest string? "sha256:..."
---@field canonical string all of it, with "latest" where neither tag nor digest is:
---  "docker.io/library/web:latest"
---@field familiar string the same as docker shows it: "web:latest"
---@field may_be_id boolean it may be the beginning of an id, where no image has that name

local LONGEST_REPOSITORY, LONGEST_TAG = 255, 128
local hub, old_hub, official = "docker.io", "index.docker.io", "library/"
local digits_of = { sha256 = 64, sha384 = 96, sha512 = 128 }

-- Parts -----------------------------------------------------------------------------------------------

local function is_label(label)
  return string.find(label, "^%w[%w-]*$") ~= nil and string.sub(label, -1) ~= "-"
end

-- A host name or an address, perhaps with a port.
local function is_registry(text)
  local host = string.match(text, "^(.*):%d+$") or text
  if string.find(host, "^%[[%x:]+%]$") then
    return true
  end
  for label in string.gmatch(host .. ".", "([^.]*)%.") do
    if not is_label(label) then
      return false
    end
  end
  return true
end

-- Letters and digits, with single dots, one or two underscores, or any number of dashes between.
local function is_component(text)
  if not string.find(text, "^[a-z0-9][a-z0-9._-]*$") then
    return false
  end
  for separator, behind in string.gmatch(text, "([._-]+)([a-z0-9]?)") do
    if behind == "" or not string.find(separator, "^[._]$") and separator ~= "__"
      and not string.find(separator, "^%-+$") then
      return false
    end
  end
  return true
end

local function is_repository(text)
  for component in string.gmatch(text .. "/", "([^/]*)/") do
    if not is_component(component) then
      return false
    end
  end
  return true
end

local function is_tag(text)
  return #text <= LONGEST_TAG and string.find(text, "^[%w_][%w_.-]*$") ~= nil
end

local function is_digest(text)
  local algorithm, digits = string.match(text, "^(sha%d+):([0-9a-f]+)$")
  return algorithm ~= nil and digits_of[algorithm] == #digits
end

-- Whole references ------------------------------------------------------------------------------------

-- What stands before the first slash is a registry if it looks like one, and else part of the name.
local function complete(text)
  local first, rest = string.match(text, "^([^/]*)/(.*)$")
  if not first then
    return hub, official .. text
  elseif first == old_hub then
    first = hub
  elseif first ~= "localhost" and not string.find(first, "[.:]") and string.lower(first) == first then
    first, rest = hub, text
  end
  if first == hub and not string.find(rest, "/", 1, true) then
    rest = official .. rest
  end
  return first, rest
end

local function familiar_name(registry, repository)
  if registry ~= hub then
    return (registry == "" and "" or registry .. "/") .. repository
  end
  local short = string.match(repository, "^library/([^/]+)$")
  return short or repository
end

local function reference_of(text, registry, repository, tag, digest)
  local behind = (tag and ":" .. tag or not digest and ":latest" or "") .. (digest and "@" .. digest or "")
  return {
    registry = registry, repository = repository, tag = tag, digest = digest,
    canonical = (registry == "" and "" or registry .. "/") .. repository .. behind,
    familiar = familiar_name(registry, repository) .. behind,
    may_be_id = string.find(text, "^[0-9a-f]+$") ~= nil or string.find(text, "^sha256:[0-9a-f]+$") ~= nil,
  }
end

-- Why a name that is none is none.
local function reason(repository)
  if string.lower(repository) ~= repository then
    return "the name of a repository is in lower case"
  end
  return "'" .. repository .. "' is no name of a repository"
end

local function is_id(text)
  local digits = string.match(text, "^[0-9a-f]+$")
  return digits ~= nil and #digits == 64 or is_digest(text)
end

--- The same as image.parse, for whoever words the message.
---@param text string
---@return moonward.ImageReference? reference nil: the engine takes it for none
---@return string? message
function image.try(text)
  if type(text) ~= "string" then
    return nil, "expected a reference to an image, got a " .. type(text)
  elseif is_id(text) then
    return nil, "it is the id of an image, and no name"
  end
  local registry, rest = complete(text)
  local named, digest = string.match(rest, "^([^@]*)@(.*)$")
  local repository, tag = string.match(named or rest, "^([^:]*):(.*)$")
  repository = repository or named or rest
  if not is_repository(repository) then
    return nil, reason(repository)
  elseif not is_registry(registry) then
    -- The engine takes all of it for a name then, if it can be one.
    registry, repository = "", registry .. "/" .. repository
    if not is_repository(repository) then
      return nil, "'" .. string.match(repository, "^[^/]*") .. "' is no name of a registry"
    end
  end
  if #repository > LONGEST_REPOSITORY then
    return nil, "the name of a repository has at most " .. LONGEST_REPOSITORY .. " letters"
  elseif tag and not is_tag(tag) then
    return nil, "'" .. tag .. "' is no tag"
  elseif digest and not is_digest(digest) then
    return nil, "'" .. digest .. "' is no digest of SHA-256, 384 or 512"
  end
  return reference_of(text, registry, repository, tag, digest)
end

--- Reads a reference to an image by its name. What the engine takes for none, an id among it, is an error in
--- the line that calls.
---@param text string
---@return moonward.ImageReference
function image.parse(text)
  local reference, message = image.try(text)
  if reference then
    return reference
  end
  error(string.format("no reference to an image%s: %s",
    type(text) == "string" and string.format(" in %q", text) or "", message), 2)
end

return image
