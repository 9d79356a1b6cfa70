--- The world of one owner: what it creates is stamped with a label, and the rest does not exist for it.
---
---   own.decide(request, "alice", own.settings("moonward.owner", powers, options))
---
--- Containers, volumes and networks without the stamp are hidden. Images without any stamp are shared,
--- also those that somebody pulled from a private registry: they can be used, and neither removed,
--- retagged nor pushed; so are the networks that the engine brings along. Names of images are taken for
--- others as soon as anybody has them. Images with neither stamp nor name are hidden: these are steps of
--- builds, with all that was copied into them.
---
--- An image that somebody pulls with a stamp in it is its owner's, who sees it and may remove it: who fills a
--- registry can put images into an owner's list, and reaches nothing of the owner's by it.
---
--- A build is judged by the Dockerfile in its context (own/builds.lua): the images it begins with and copies
--- from are the owner's or shared, and there, so that what they have the build do (ONBUILD) is judged, too,
--- and the builder gets a Dockerfile with their ids, since names may have moved when it comes to them;
--- the engine fetches nothing that is not allowed as the power `remote`; no step has another's stamp.
--- `local_base` gives up the first. From the engine's cache come steps of the owner's own images alone.
---
--- Events tell of networks and volumes only what happens to the owner's containers: those events carry
--- no labels. BuildKit is denied, since what goes through /session and /grpc cannot be stamped; the
--- classic builder (DOCKER_BUILDKIT=0) is not. Plugins and swarm are nobody's and so are denied.
local buildkit = require "moonward.buildkit"
local dockerfiles = require "moonward.own.builds"
local calls = require "moonward.calls"
local identity = require "moonward.host.identity"
local json = require "moonward.json"
local moonward = require "moonward"
local names = require "moonward.own.names"
local power_rules = require "moonward.power_rules"
local reservations = require "moonward.host.reservations"
local secrets = require "moonward.secrets"
local selection = require "moonward.host.selection"
local stamps = require "moonward.own.stamps"
local steps = require "moonward.own.steps"
local target = require "moonward.host.target"

local own = {}

---@class moonward.own.Settings
---@field label string of the stamp
---@field refusal_of fun(request: moonward.Request): string?, table?  of power_rules.read
---@field refusal_of_powers fun(powers: moonward.Power[], request: moonward.Request): string?, table?
---@field local_base? boolean builds may be based on whatever the engine has
---@field shows? moonward.secrets.Shown what is not left out of answers; nil: nothing is left out

-- What joins objects that moonward.view has checked already; names inside networks of the owner's own,
-- and files in its containers.
own.powers = {
  "volume", "volumes-from", "joined-namespace", "network", "link", "alias", "extra-host", "archive",
}

--- The option for `local_base`.
function own.local_base()
  return {
    name = "localbase", env = "MOONWARD_LOCALBASE", kind = "switch", default = false,
    help = "Builds may be based on any image, also on another owner's, and pull it.",
  }
end

local predefined = { bridge = true, host = true, none = true }

-- What exists -------------------------------------------------------------------------------------

-- What lists say of an image without a name, and what one engine calls it inside.
local no_names = { ["<none>:<none>"] = true, ["<none>@<none>"] = true }

local function is_named(image)
  if image.kind == "event" then -- of what has no name it has the id
    return not string.find(image.name or "sha256:", "^sha256:")
  end
  for _, listed in ipairs { image.tags, image.digests } do
    for _, name in ipairs(listed) do
      if not no_names[name] and not string.find(name, "^moby%-dangling@") then
        return true
      end
    end
  end
  return false
end

---@param builds table<string, boolean> ids of containers that are steps of builds, where lists are asked for
local function shown(owner, settings, builds)
  local function mine(object)
    return object.labels[settings.label] == owner
  end
  return {
    container = function(container, _, is_inspected)
      return mine(container) and not builds[container.id or ""]
        and not (is_inspected and identity.is_of_build(container.image or ""))
    end,
    volume = mine,
    image = function(image)
      local by = image.labels[settings.label]
      return by == owner or by == nil and is_named(image)
    end,
    network = function(network)
      return mine(network) or predefined[network.name] == true
    end,
  }
end

-- Special rules ----------------------------------------------------------------------------------

-- Each is called with the request, the owner and the settings, and returns a denial or, for the
-- allowance, edit and query.
local rules = {}

local function stamped(_, owner, settings)
  return nil, { edit = stamps.body(settings.label, owner) }
end

rules["network.create"], rules["volume.create"] = stamped, stamped

-- An image's labels become its containers'.
local CHOICE = selection.label

local function fields(value)
  return type(value) == "table" and value ~= json.null and value or {}
end

-- What another build would do that begins with the image. A name that a build was judged by may stand for
-- another of the owner's images when the builder comes to it.
local function has_triggers(body)
  return #fields(body.OnBuild) > 0
end

rules["container.create"] = function(request, owner, settings)
  local body = fields(request.has_body and request.json)
  local image = type(body.Image) == "string" and target.look_up("image", body.Image)
  if fields(body.Labels)[CHOICE] ~= nil or image and image.labels[CHOICE] ~= nil then
    return moonward.deny("what an owner creates must not choose its policy, by the label " .. CHOICE)
  end
  if has_triggers(body) then
    return moonward.deny "triggers (OnBuild) are for a Dockerfile, which is judged"
  end
  for _, place in ipairs { fields(body.HostConfig), body } do -- old engines take either
    for _, mount in ipairs(fields(place.Mounts)) do
      local stamp = fields(fields(fields(mount).VolumeOptions).Labels)[settings.label]
      if stamp ~= nil and stamp ~= owner then
        return moonward.deny("a volume must not be stamped as another's")
      end
    end
  end
  return nil, { edit = stamps.container(settings.label, owner, image) }
end

-- What is another's is hidden anyway, as if it did not exist.
local function is_not_shared(request, _, settings)
  local object = request.target
  if object and object.labels[settings.label] == nil then
    return moonward.deny(request.id .. " is shared; only its owner may do this to it")
  end
end

rules["image.remove"] = is_not_shared
rules["image.push"] = is_not_shared
rules["network.remove"] = is_not_shared

rules["image.tag"] = is_not_shared

rules["container.commit"] = function(request, owner, settings)
  for _, change in ipairs(request:values "changes") do
    if string.find(string.upper(change), "LABEL") then
      return moonward.deny "a commit must not change labels"
    elseif string.find(string.upper(change), "ONBUILD") then
      return moonward.deny "triggers (ONBUILD) are for a Dockerfile, which is judged"
    elseif string.find(change, "[\r\n]") or string.find(change, "[\\`]%s*$") then
      return moonward.deny "a change of a commit must be one whole line" -- the engine reads all as one text
    end
  end
  if has_triggers(fields(request.has_body and request.json)) then
    return moonward.deny "triggers (OnBuild) are for a Dockerfile, which is judged"
  end
  -- Docker 20.10 says null. Without a body the image has the container's labels, and so the stamp.
  local is_given = request.body ~= "" and request.json ~= json.null
  return nil, is_given and { edit = stamps.body(settings.label, owner) } or nil
end

rules["image.build"] = function(request, owner, settings)
  if (request.query.version or "1") ~= "1" then
    return moonward.deny(buildkit.reason(request, "its builds cannot be stamped"),
      { hint = "DOCKER_BUILDKIT=0 docker build" })
  end
  local labels = stamps.labels(request.query.labels, settings.label, owner)
  if not labels then
    return moonward.deny("the labels cannot be read", { status = 400 })
  end
  local query = dockerfiles.cache(request, owner, settings.label)
  query.labels = labels
  return nil, {
    query = query, dockerfile = dockerfiles.judge(request, shown(owner, settings, {}).image, settings),
  }
end

rules["image.pull"] = function(request, owner, settings)
  local name, tag = request.query.fromImage or "", request.query.tag or ""
  if name == "" then
    return moonward.deny "an image that is imported cannot be stamped"
  end
  name = string.gsub(name, ":$", "") -- as the engine reads it
  if tag == "" and not names.has_tag(name) then
    return moonward.deny("all tags at once may be others'", { hint = "docker pull " .. name .. ":latest" })
  end
  reservations.use(request, "image", names.full(name, tag))
  local image = target.look_up("image", names.full(name, tag))
  local by = image and image.labels[settings.label]
  if by and by ~= owner then
    return moonward.deny("the name " .. name .. " is taken by another image", { status = 409 })
  end
end

for _, name in ipairs { "container.prune", "image.prune", "network.prune", "volume.prune" } do
  rules[name] = function(request, owner, settings)
    local filters = stamps.filters(request.query.filters, settings.label, owner)
    if not filters then
      return moonward.deny("the filters cannot be read", { status = 400 })
    end
    return nil, { query = { filters = filters }, bare = true }
  end
end

-- Decisions --------------------------------------------------------------------------------------

local families = { "container.*", "exec.*", "image.*", "volume.*", "network.*" }
local others = {
  calls.greeting, "system.info", "system.events", "system.df", "system.auth", "distribution.inspect",
}

-- `docker inspect NAME` asks for all that may have that name.
local strangers = {
  "service.inspect", "node.inspect", "task.inspect", "plugin.inspect", "secret.inspect", "config.inspect",
}

local function is_allowed(request)
  if request:is(table.unpack(families)) then
    return not request:is("image.load", "image.export_many", "volume.update")
  end
  for _, entry in ipairs(others) do
    if request:is(table.unpack(type(entry) == "table" and entry or { entry })) then
      return true
    end
  end
  return false
end

--- What own.decide takes besides.
---@param label string of the stamp
---@param powers string[] as power_rules.read takes them, of the option allowpower
---@param options table of the policy
---@param shows? moonward.secrets.Shown
---@return moonward.own.Settings
function own.settings(label, powers, options, shows)
  local refusal_of, refusal_of_powers = power_rules.read(powers, "allowpower")
  return {
    label = label, refusal_of = refusal_of, refusal_of_powers = refusal_of_powers,
    local_base = options.localbase, shows = shows,
  }
end

--- Decides a request of an owner.
---@param request moonward.Request
---@param owner string
---@param settings moonward.own.Settings
---@return moonward.Verdict
function own.decide(request, owner, settings)
  if request:is(table.unpack(strangers)) then
    return moonward.hide()
  elseif not request.operation or not is_allowed(request) then
    return moonward.deny(buildkit.reason(request,
      (request.operation or "this path") .. " is about what belongs to nobody"))
  end
  local reason, more = settings.refusal_of(request)
  if reason then
    return moonward.deny(reason, more)
  end
  reservations.own(request, owner)
  local rule = rules[request.operation]
  local refusal, changes
  if rule then
    refusal, changes = rule(request, owner, settings)
  end
  refusal = refusal or names.refusal(request, owner, settings.label)
  if refusal then
    return refusal
  end
  changes = changes or {}
  local options = { edit = changes.edit, query = changes.query, dockerfile = changes.dockerfile }
  if request:is "system.info" then -- the engine's, and no owner's
    options.redact = secrets.paths(request.operation)
  elseif settings.shows and request:is "system.events" then
    options.edit = secrets.stripper(settings.shows)
  elseif settings.shows and not request:is "system.df" then -- of which a view makes an answer of its own
    options.redact = secrets.paths(request.operation, settings.shows)
  end
  return changes.bare and moonward.allow(options) or moonward.view(
    shown(owner, settings, steps.of(request, settings.label, owner)), options)
end

--- Who asks, as an owner: by the stamp of its container, which what an owner creates inherits; else by the
--- container's name; else, on a Unix socket, by its user. A step of a build is nobody: its Dockerfile may
--- say any stamp.
---@param client moonward.Client
---@param label string
---@return string? owner nil: nobody that could own anything
function own.owner_of(client, label)
  if client.container and identity.is_step_of_build(client) then
    return nil
  elseif client.labels[label] then
    return client.labels[label]
  elseif client.container then
    return "container:" .. client.container.name
  elseif client.uid then
    return string.format("uid:%d", client.uid)
  end
end

return own
