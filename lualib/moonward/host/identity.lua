--- Who asks: the container behind a connection, exactly or not at all.
---
---   * Before anything is looked up, whatever the engine has said by now is read.
---   * The first time a connection is asked about, the engine itself has to confirm that the container
---     runs, has the address, and had it when the connection was made, by the kernel's clock: this process
---     may have accepted it much later. From then on the connection belongs to that container, as long as
---     it runs and keeps the address; never to another.
---   * Nobody is who is proven to be no container: none has had the address since the connection was made.
---   * What is not known is not a stranger: it is refused.
---
--- Start reading at identity.of().
local cgroup = require "moonward.cgroup"
local container = require "moonward.registry.container"
local containers = require "moonward.host.containers"
local core = require "moonward.core"
local engine = require "moonward.host.engine"
local native = require "moonward.host.native"
local objects = require "moonward.host.objects"
local target = require "moonward.host.target"
local wait = require "moonward.host.wait"

local identity = {}

local view = native.view
local TRIES = 5 -- of looking, before the engine's containers count as changing too fast
local LATE = 50 -- answers that were late and are waited for
local WHAT = "client.container"
local NOBODY = "-" -- what is remembered of a connection whose client is in no container

local function refuse(...)
  error(core.ruling("deny", 403, "who is asking is not known right now: " .. string.format(...)), 0)
end

local function sync(kind)
  local ok, reason = wait.try(kind, "", WHAT)
  if not ok then
    refuse("%s", reason)
  end
end

-- Looks until there is an answer. `look` gets the registry and whether it has had all there was to
-- learn; it returns true and its answer, or nothing when it wants to look again; or false and "late", when
-- the engine has not answered about some container.
local function search(accepted, look)
  local registry, due
  sync "events"
  local tries, late = TRIES, LATE
  while tries > 0 and late > 0 do
    local now = containers.now()
    if not now then
      refuse "the engine's event stream is down"
    elseif now ~= registry then
      registry, due = now, nil
    end
    local settled = due ~= nil and registry.questions:settled() >= due and registry:is_fresh(accepted)
    local found, answer = look(registry, settled)
    if found then
      return answer, registry
    end
    if answer == "late" then
      late = late - 1
      sync "late"
    else
      tries = tries - 1
      registry:refresh(accepted)
      due = registry.questions:last()
      sync "containers"
    end
  end
  refuse "the engine's containers change faster than they can be read"
end

-- Addresses ----------------------------------------------------------------------------------------

-- Nobody else's address is one of these.
local function is_loopback(address)
  local packed = core.address(address)
  return packed and (#packed == 4 and string.byte(packed) == 127
    or packed == string.rep("\0", 15) .. "\1")
end

-- Asks the engine itself about the container that seems to have the address.
local function confirm(record, address, connected, latest)
  local ok, status, body = engine.try("/containers/" .. record.id .. "/json")
  if not ok then
    refuse("%s", status)
  end
  local object = status == 200 and container.decode(body)
  local confirmed, message = container.read(object)
  local registry = containers.now()
  if not registry then
    refuse "the engine's event stream is down"
  elseif not confirmed or confirmed.id ~= record.id then
    refuse("container %s: %s", record.name, status == 200 and message or "the engine answers " .. status)
  elseif confirmed.broken then
    refuse("container %s: %s", confirmed.name, confirmed.broken)
  elseif not registry:held(confirmed, address, connected, latest) then
    refuse("container %s has the address %s, but had it not yet when this connection was made, or has"
      .. " just lost it", confirmed.name, address)
  end
  return confirmed
end

local function by_address(client, accepted, remembered, connected, latest)
  local address = client.address
  if not address or is_loopback(address) or remembered == NOBODY then
    return nil
  elseif not remembered and connected == 0 then
    refuse "the kernel does not say when this connection was made"
  end
  local record = search(accepted, function(registry, settled)
    local kind, found = registry:at(address)
    if kind == "container" then
      return true, found
    elseif kind == "stranger" and (settled or registry:is_complete()) or kind == "absent" and settled
      and not found then
      if not remembered and not registry:was_free(address, connected) then
        refuse("a container may have had the address %s when this connection was made; connect again",
          address)
      end
      return true, nil
    elseif kind == "absent" and settled then
      refuse("no container has the address %s any more; one may have had it when it asked", address)
    elseif kind == "late" and settled then
      return false, "late"
    elseif kind == "unknown" and settled then
      refuse("%s", found)
    end
  end)
  if remembered and (not record or record.id ~= remembered) then
    refuse("container %s, which made this connection, has the address %s no longer",
      string.sub(remembered, 1, 12), address)
  elseif remembered or not record then
    return record
  end
  return confirm(record, address, connected, latest)
end

-- Unix sockets -------------------------------------------------------------------------------------

local warned = false

local function warn_of_invisible()
  if not warned then
    warned = true
    native.log("warn", "the processes of clients of a Unix socket are not visible from here, so their"
      .. " containers cannot be known; run moonward with the host's process ids (pid: host)")
  end
end

-- The control groups of the process that connected; not of one that has its number by now.
local function groups_of(client, accepted, socket)
  if client.pid == 0 then
    warn_of_invisible()
    refuse "the client's process is not visible from here (pid: host)"
  end
  local groups, began = native.process(client.pid, socket)
  if not groups or began > accepted then
    refuse("process %d, which connected, has ended", client.pid)
  end
  return groups
end

local function by_process(client, accepted, socket, remembered)
  local groups = not remembered and groups_of(client, accepted, socket)
  -- Outside of all containers, unless it is beside ourselves, and we are in one.
  if groups and not cgroup.names_any(groups)
    and not (containers.may_be_inside() and groups == native.own_process()) then
    return nil
  end
  return (search(accepted, function(registry, settled)
    if remembered then
      local record = registry:get(remembered)
      local lives = record and container.is_live(record)
      if settled and not lives then
        refuse("container %s, which made this connection, has ended", string.sub(remembered, 1, 12))
      end
      return lives, record
    end
    local id, message = cgroup.container(groups, function(id) return registry:get(id) ~= nil end)
    local record = id and registry:get(id) or not cgroup.names_any(groups) and registry:own() or nil
    if message then
      refuse("process %d: %s", client.pid, message)
    elseif record and record.broken then
      refuse("container %s: %s", record.name, record.broken)
    elseif record or settled then
      return true, record
    end
  end))
end

-----------------------------------------------------------------------------------------------------

-- What `explain` and specs say.
local function given(client)
  local text, labels = view.given(client)
  if text then
    local record, message = container.read((container.decode(text)))
    if not record then
      error("the container that was given cannot be read: " .. message, 0)
    end
    return true, record
  elseif labels then
    return true, { id = "", name = "", labels = labels, image = "", state = "running", networks = {} }
  end
end

local function find(client)
  local is_given, record = given(client)
  if is_given then
    return record
  end
  containers.want()
  local accepted, remembered, socket, connected, latest = view.connection(client)
  if client.uid then
    record = by_process(client, accepted, socket, remembered)
  else
    record = by_address(client, accepted, remembered, connected, latest)
  end
  if not remembered and (record or not client.uid) then
    view.remember(client, record and record.id or NOBODY)
  end
  return record
end

--- The container behind a client and its labels. Waits where that is needed; raises a denial when it is
--- not known who asks.
---@param client moonward.Client
---@return moonward.Container? container nil: there is none
---@return table<string, string> labels
function identity.of(client)
  local cache = view.client_cache(client)
  if not cache.labels then
    local record = find(client)
    cache.container = record and objects.container(record)
    cache.labels = objects.labels(record and record.labels or {})
  end
  return cache.container, cache.labels
end

--- Whether a container may be a step of a build, whose labels are what somebody's Dockerfile says and nobody
--- has judged: such a container is made of an image by its full id. As the engine inspects it; a list says
--- so of others, too, whose image has lost its name.
---@param image string
---@return boolean
function identity.is_of_build(image)
  return string.find(image, "^sha256:%x+$") ~= nil
end

--- Whether the client may be a step of a build. Waits for the engine.
---@param client moonward.Client
---@return boolean
function identity.is_step_of_build(client)
  local record = identity.of(client)
  if record and not view.given(client) then
    record = target.look_up("container", record.id)
  end
  return not record or identity.is_of_build(record.image)
end

return identity
