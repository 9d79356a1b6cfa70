--- The registry of containers of this host, and the entry points of core/lua/containers.c.
local cgroup = require "moonward.cgroup"
local container = require "moonward.registry.container"
local native = require "moonward.host.native"
local registry = require "moonward.registry"

local containers = {}

-- Events of so long before the stream opened are told too: who connected to a network just then may
-- call before that container counts as started.
local BEFORE = 10 * 1000000

local current   -- nil while the event stream is down
local prefix = "" -- of paths: the version that the engine speaks
local opened = 0
local name      -- of the container that the proxy is in; nil: to be found out
local own       -- ids that it may have

--- From now on the proxy follows the engine's containers.
---@param self_name? string
function containers.want(self_name)
  if self_name and name and self_name ~= name then
    error(string.format("moonward.watch_containers: the proxy's container cannot be both %s and %s", name,
      self_name), 0)
  end
  name = name or self_name
  native.want_containers()
end

--- The registry as it is now; nil: nothing is known. Not to be kept over a wait.
---@return moonward.Registry?
function containers.now()
  return native.has_containers() and current or nil
end

--- Whether the proxy may be inside a container itself.
---@return boolean
function containers.may_be_inside()
  own = own or cgroup.own(native.own_process())
  return name ~= nil or #own > 0
end

--- Called before the event stream is opened.
---@param spoken string "/v1.41", or "" if the engine did not say which version it speaks
---@param now integer microseconds since 1970
---@return string path
function containers.events(spoken, now)
  prefix, opened = spoken, now - BEFORE
  return prefix .. registry.events_path(opened)
end

---@param now integer
---@return string? path
---@return boolean? is_list
function containers.question(now)
  if current then
    return current:question(now)
  end
end

--- The numbers of the last question, and of the last up to which all are answered.
---@return integer last
---@return integer settled
function containers.progress()
  if not current then
    return 0, 0
  end
  return current.questions:last(), current.questions:settled()
end

---@param news "down"|"open"|"event"|"long"|"item"|"answer"|"late"|"aside"
---@param status integer
---@param text string
---@param path? string of "aside"
---@return boolean
function containers.tell(news, status, text, path)
  if news == "down" then
    current = nil
  elseif news == "open" then
    own = own or cgroup.own(native.own_process())
    current = registry.new { prefix = prefix, opened = opened, self = name, own = own, log = native.log }
  else
    return current ~= nil and current:tell(news, status, text, path)
  end
  return true
end

--- For `explain`: an address of the container that an answer of the engine is about; "" if it has none.
---@param text string
---@return string
function containers.address(text)
  local record, message = container.read((container.decode(text)))
  if not record then
    error("the engine's answer cannot be read: " .. message, 0)
  end
  local names = {}
  for network in pairs(record.networks) do
    names[#names + 1] = network
  end
  table.sort(names)
  for _, one in ipairs(names) do
    local network = record.networks[one]
    if network.address or network.address6 then
      return network.address or network.address6
    end
  end
  return ""
end

return containers
