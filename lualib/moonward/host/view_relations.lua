--- What objects that exist in a view tell of containers that do not: whose namespaces and volumes a
--- container has joined, what it is linked to and what links to it; which containers use an image, and of
--- which one it was made.
---
--- Such a reference stands as "another", or is left out.
local json = require "moonward.json"
local record = require "moonward.registry.container"
local scrub = require "moonward.host.scrub"
local target = require "moonward.host.target"

local relations = {}

local ANOTHER = "another"

local function is_table(value)
  return type(value) == "table" and value ~= json.null
end

-- Names that a link or an entry of VolumesFrom begins with: "/db:/web/alias", "db:ro".
local function first_name(text)
  return type(text) == "string" and string.match(text, "^/?([^:]*)") or ""
end

-- Objects and their fields that hold lists of references.
local function lists_of(value)
  local host = is_table(value.HostConfig) and value.HostConfig or {}
  local places = { { host, "VolumesFrom" }, { host, "Links" }, { value, "Dependencies" } }
  local networks = is_table(value.NetworkSettings) and value.NetworkSettings.Networks
  for _, endpoint in pairs(is_table(networks) and networks or {}) do
    places[#places + 1] = is_table(endpoint) and { endpoint, "Links" } or nil
  end
  return places
end

-- Calls 'judge' with each reference of an inspected container. Where it says no, the reference is taken
-- out, if 'changes'.
local function each(value, judge, changes)
  local host = is_table(value.HostConfig) and value.HostConfig or {}
  for _, name in ipairs(record.modes) do
    local joined = type(host[name]) == "string" and string.match(host[name], "^container:(.*)$")
    if joined and not judge(joined) and changes then
      host[name] = "container:" .. ANOTHER
    end
  end
  for _, place in ipairs(lists_of(value)) do
    local list = place[1][place[2]]
    if is_table(list) then
      local kept = json.array {}
      for _, entry in ipairs(list) do
        kept[#kept + 1] = judge(first_name(entry)) and entry or nil
      end
      if changes and #kept < #list then
        place[1][place[2]] = kept
      end
    end
  end
end

-- Of a container that has joined the network of one that does not exist: what it has from that one.
local function hide_host(value, known)
  local host = is_table(value.HostConfig) and value.HostConfig or {}
  local joined = string.match(tostring(host.NetworkMode), "^container:(.*)$")
  if joined and not known[joined] then
    for _, path in ipairs { "ResolvConfPath", "HostnamePath", "HostsPath" } do
      value[path] = value[path] and ""
    end
    local config = is_table(value.Config) and value.Config or {}
    config.Hostname, config.Domainname = config.Hostname and "", config.Domainname and ""
  end
end

-- Keys of what each() and the edit of container.inspect look at; of most containers it is empty. Without the
-- quote in front they are found several times as fast: it is everywhere.
local telling = { 'Links"', 'VolumesFrom"', 'Dependencies"', 'Error"' }

local function is_empty(text, from)
  return string.find(text, "^%s*:%s*null", from) or string.find(text, '^%s*:%s*""', from)
    or string.find(text, "^%s*:%s*%[%s*%]", from)
end

-- Whether there may be something to hide. Most containers have nothing of the kind, and the text is faster
-- looked through than decoded.
local function has_relations(text)
  if string.find(text, "container:", 1, true) then
    return true
  end
  for _, key in ipairs(telling) do
    local _, stop = string.find(text, key, 1, true)
    while stop do
      if not is_empty(text, stop + 1) then
        return true
      end
      _, stop = string.find(text, key, stop + 1, true)
    end
  end
  return false
end

-- Whether the engine says why the container could not run; such errors name others.
local function has_error(value)
  local error_text = is_table(value.State) and value.State.Error
  return type(error_text) == "string" and error_text ~= ""
end

-- A text of the engine's without the blanks at its end.
local function without_space(text)
  local stop = #text
  while string.find(text, "^%s", stop) do
    stop = stop - 1
  end
  return string.sub(text, 1, stop)
end

--- container.inspect: what it refers to is looked up before it is answered.
---@param world moonward.World
---@param request moonward.Request
---@param part table for changes.lua
function relations.inspect(world, request, part)
  if not world.shown.container then
    return
  end
  local known, given, text = {}, target.given(request)
  local needs_edit = has_error(given or {})
  each(given or {}, function(reference)
    needs_edit = true
    known[reference] = known[reference] or reference ~= "" and world:find(reference) ~= nil
    return true
  end)
  part.judged = text and without_space(text) -- as the item will be that the answer is
  part.needs_edit = function(item)
    if item == part.judged then
      return needs_edit
    end
    return has_relations(item)
  end
  part.only = world.shown.container -- it may have been renamed since it was judged
  part.edit = function(value)
    hide_host(value, known)
    if has_error(value) then
      value.State.Error = scrub.text(value.State.Error, { [value.Id or ""] = true })
    end
    each(value, function(reference) return known[reference] end, true)
  end
end

local function is_alias(name)
  return type(name) == "string" and string.find(name, "^/[^/]*/") ~= nil
end

-- Whether a container may have more names than its own. The quotes of a text would be escaped, so what is
-- found is a key.
local function has_alias(text)
  local _, stop = string.find(text, '"Names":["/', 1, true)
  return not stop or not string.find(text, '^[^"/\\]*"%]', stop + 1)
end

--- What a list says of one container, without what it says of others.
---@param container table
function relations.hide(container)
  local names = json.array {}
  for _, name in ipairs(is_table(container.Names) and container.Names or {}) do
    names[#names + 1] = not is_alias(name) and name or nil
  end
  if is_table(container.Names) and #names < #container.Names then
    container.Names = names
  end
  each(container, function() return false end, true)
end

--- container.list: an answer that is passed on as it comes cannot wait until it is known whose names and
--- ids these are, so none of them is shown.
---@param part table for changes.lua
---@param shown fun(container: table, kind: string): any
function relations.list(part, shown)
  part.only = shown
  part.needs_edit = function(text)
    return has_alias(text) or has_relations(text)
  end
  part.edit = relations.hide
end

-- Images -----------------------------------------------------------------------------------------

-- Since API 1.47 each manifest has the ids of the containers that use it.
local function hide_users(image, members)
  for _, manifest in ipairs(is_table(image.Manifests) and image.Manifests or {}) do
    local data = is_table(manifest) and manifest.ImageData
    if is_table(data) and is_table(data.Containers) then
      local kept = json.array {}
      for _, id in ipairs(data.Containers) do
        kept[#kept + 1] = members[id] and id or nil
      end
      data.Containers = kept
    end
  end
end

--- image.list: how many containers use each, which old engines tell as -1.
---@param world moonward.World
---@param _ moonward.Request
---@param part table for changes.lua
function relations.images(world, _, part)
  if not world.shown.container then
    return
  end
  local members = world:set "container"
  part.edit = function(image)
    if math.type(image.Containers) and image.Containers > 0 then
      image.Containers = world:users(image.Id)
    end
    hide_users(image, members)
  end
end

-- A container without a host name has the beginning of its id for one, and leaves it in what is made of it.
local function hide_hostname(config)
  if is_table(config) and type(config.Hostname) == "string" and string.find(config.Hostname, "^%x+$")
    and #config.Hostname == 12 then
    config.Hostname = ""
  end
end

--- image.inspect: which container it was made of.
---@param world moonward.World
---@param request moonward.Request
---@param part table for changes.lua
function relations.image(world, request, part)
  if not world.shown.container then
    return
  end
  local members = request.query.manifests and world:set "container" or {}
  part.edit = function(image)
    if type(image.Container) == "string" then
      image.Container = ""
    end
    hide_hostname(image.Config)
    hide_hostname(image.ContainerConfig)
    hide_users(image, members)
  end
end

return relations
