--- Which files of the host a request would bring into a container, a service or a volume.
---
--- Covered: creating and updating containers (HostConfig, and the same fields at the top of the body,
--- which engines before 27 read too), starting them with a body, services, volumes, plugins; podman's
--- libpod routes for containers, pods and volumes, and the volumes of its builds. A local volume is
--- judged by what it would mount, whatever its type: "device" and "o" are mount(2)'s.
---
--- Raises an error for what it does not understand: a new type of mount, a volume driver that is a
--- plugin, a route that is not in operations.lua, Kubernetes YAML. In a policy that is a denial.
---
--- Not covered:
---   * symbolic links: paths are text here. Who may write in an allowed directory may put a link
---     there, and the engine follows it.
---   * a volume that exists, by its name: it may have been made with any options, by anybody.
---   * devices, and everything else that is no mount but as good as one: privileged, capabilities,
---     namespaces, cgroup and log paths, archives put into a container whose binds lead outside,
---     checkpoint directories, a swarm that the host joins, BuildKit sessions.
---   * engines on Windows.

local json = require "moonward.json"
local local_volume = require "moonward.local_volume"
local mount_fields = require "moonward.mount_fields"
local operations = require "moonward.operations"

local mounts = {}

---@class moonward.Mount
---@field kind "bind"|"volume"|"tmpfs"|"image"|"network"|"from"
---@field source string bind: a cleaned path of the host, absolute but for what an engine would
---  refuse; volume: its name, "" if it has none; image and from: what is named; network: the device
---@field where string the place in the body, lists count from 1: "HostConfig.Binds[2]"
---@field target string? the cleaned path in the container, where the request says one
---@field readonly boolean? true: it is asked for read-only, of the mount itself; what is mounted below the
---  source on the host may stay writable (engines before 25, older kernels). Of a mount with a target
---@field options string[]? of a bind or volume, where they are written beside it: "ro", "rshared"
---@field is_device boolean? true: what lies at the path is mounted as a file system

local fail, list_at, object_at, text_at =
  mount_fields.fail, mount_fields.list_at, mount_fields.object_at, mount_fields.text_at
local flag_at, set_target = mount_fields.flag_at, mount_fields.set_target

-- HostConfig ---------------------------------------------------------------------------------

-- "source:target", "source:target:options"
local function add_bind(found, text, where)
  local parts = mount_fields.split(text, ":")
  if #parts < 2 or #parts > 3 or parts[1] == "" or parts[2] == "" then
    fail("invalid bind mount format: " .. text, where)
  end
  local options = mount_fields.split(parts[3] or "", ",")
  local entry = mount_fields.add_source(found, parts[1], where)
  entry.options = options
  set_target(entry, parts[2], mount_fields.is_readonly(options))
  mount_fields.add_option_paths(found, options, where)
end

local function add_mount(found, mount, where)
  local kind = text_at(mount, "Type", where)
  local source = text_at(mount, "Source", where)
  local target, readonly = text_at(mount, "Target", where), flag_at(mount, "ReadOnly", where)
  if kind == "bind" then
    set_target(mount_fields.add(found, "bind", source, where .. ".Source"), target, readonly)
  elseif kind == "volume" then
    local options = object_at(mount, "VolumeOptions", where)
    local driver = object_at(options, "DriverConfig", where .. ".VolumeOptions")
    set_target(mount_fields.add_source(found, source, where .. ".Source"), target, readonly)
    where = where .. ".VolumeOptions.DriverConfig"
    local_volume.add(found, text_at(driver, "Name", where), object_at(driver, "Options", where),
      where .. ".Options")
  elseif kind == "tmpfs" or kind == "image" then
    set_target(mount_fields.add(found, kind, source, where), target, readonly)
  else
    mount_fields.add_unknown(found, "unknown", kind, where, "unknown kind of mount: '" .. kind .. "'")
  end
end

local function add_mounts(found, list, where)
  for i, mount in ipairs(list) do
    add_mount(found, mount_fields.object(mount, where .. "[" .. i .. "]"), where .. "[" .. i .. "]")
  end
end

-- 'prefix' is "HostConfig." or "".
local function add_host_config(found, host, prefix)
  for i, text in ipairs(list_at(host, "Binds", prefix)) do
    local where = prefix .. "Binds[" .. i .. "]"
    add_bind(found, mount_fields.text(text, where), where)
  end
  add_mounts(found, list_at(host, "Mounts", prefix), prefix .. "Mounts")
  mount_fields.add_list(found, "from", list_at(host, "VolumesFrom", prefix), prefix .. "VolumesFrom")
  local driver = text_at(host, "VolumeDriver", prefix)
  local_volume.add(found, driver, nil, prefix .. "VolumeDriver")
end

--- Mounts in the body of a request that creates or updates a container.
---@param body table as json.decode gives it
---@param found? moonward.Mount[] the list to add to, for mounts.all
---@return moonward.Mount[]
function mounts.of_container(body, found)
  found = found or {}
  add_host_config(found, object_at(body, "HostConfig", ""), "HostConfig.")
  add_host_config(found, body, "")
  return found
end

--- Mounts in the body of a request that creates or updates a service.
---@param body table
---@return moonward.Mount[]
function mounts.of_service(body, found)
  found = found or {}
  local task = object_at(body, "TaskTemplate", "")
  local plugin = task and task.PluginSpec
  if plugin ~= nil and plugin ~= json.null and not found.open then
    fail("a service that is a plugin may mount anything", "TaskTemplate.PluginSpec")
  end
  local container = object_at(task, "ContainerSpec", "TaskTemplate")
  local where = "TaskTemplate.ContainerSpec."
  add_mounts(found, list_at(container, "Mounts", where), where .. "Mounts")
  return found
end

--- What the volume that a request creates would mount.
---@param body table
---@return moonward.Mount[]
function mounts.of_volume(body, found)
  found = found or {}
  local cluster = body.ClusterVolumeSpec
  if cluster ~= nil and cluster ~= json.null and not found.open then
    fail("a cluster volume may mount anything", "ClusterVolumeSpec")
  end
  local_volume.add(found, text_at(body, "Driver", ""), object_at(body, "DriverOpts", ""), "DriverOpts")
  return found
end

-- libpod -------------------------------------------------------------------------------------

-- Types that bring no files of the host, whatever the source says.
local own_types = { tmpfs = true, ramfs = true, devpts = true, mqueue = true }

-- A mount of the OCI runtime specification.
local function add_oci_mount(found, mount, where)
  local options, binds = list_at(mount, "options", where), false
  for _, option in ipairs(options) do
    binds = binds or option == "bind" or option == "rbind"
  end
  local kind, target = text_at(mount, "type", where), text_at(mount, "destination", where)
  local readonly = mount_fields.is_readonly(options)
  if kind == "bind" or binds then
    local entry = mount_fields.add(found, "bind", text_at(mount, "source", where), where .. ".source")
    entry.options = options
    set_target(entry, target, readonly)
  elseif own_types[kind] then
    set_target(mount_fields.add(found, "tmpfs", "", where), target, readonly)
  else
    mount_fields.add_unknown(found, "unknown", kind, where, "unknown kind of mount: '" .. kind .. "'")
  end
  mount_fields.add_option_paths(found, options, where .. ".options")
end

-- A named volume or an overlay: either may turn out to be a path.
local function add_libpod_volume(found, volume, key, target, where)
  local options = list_at(volume, "options", where)
  local entry = mount_fields.add_source(found, text_at(volume, key, where), where .. "." .. key)
  entry.options = options
  set_target(entry, text_at(volume, target, where), mount_fields.is_readonly(options))
  mount_fields.add_option_paths(found, options, where .. ".options")
end

local function each_object(list, where, add)
  for i, item in ipairs(list) do
    local at = where .. "[" .. i .. "]"
    add(mount_fields.object(item, at), at)
  end
end

-- Single paths of the host that become files of the container.
local libpod_paths = { "rootfs", "init_path", "base_hosts_file", "hostsFile" }
local no_paths = { [""] = true, none = true, image = true }

--- Mounts in the body of a libpod request that creates a container or a pod.
---@param body table
---@return moonward.Mount[]
function mounts.of_libpod(body, found)
  found = found or {}
  each_object(list_at(body, "mounts", ""), "mounts", function(mount, where)
    add_oci_mount(found, mount, where)
  end)
  each_object(list_at(body, "volumes", ""), "volumes", function(volume, where)
    add_libpod_volume(found, volume, "Name", "Dest", where)
  end)
  each_object(list_at(body, "overlay_volumes", ""), "overlay_volumes", function(volume, where)
    add_libpod_volume(found, volume, "source", "destination", where)
  end)
  each_object(list_at(body, "image_volumes", ""), "image_volumes", function(volume, where)
    mount_fields.add(found, "image", text_at(volume, "Source", where), where)
  end)
  mount_fields.add_list(found, "from", list_at(body, "volumes_from", ""), "volumes_from")
  for _, name in ipairs(libpod_paths) do
    local path = text_at(body, name, "")
    if not no_paths[path] then
      mount_fields.add(found, "bind", path, name)
    end
  end
  return found
end

--- What the volume that a libpod request creates would mount.
---@param body table
---@return moonward.Mount[]
function mounts.of_libpod_volume(body, found)
  found = found or {}
  local_volume.add(found, text_at(body, "Driver", ""), object_at(body, "Options", ""), "Options")
  return found
end

-- Requests -----------------------------------------------------------------------------------

-- The body as an object; an empty one, or null, asks for nothing.
local function body_of(request)
  if request.body == "" then
    return {}
  end
  local body = request.json
  if body == nil or body == json.null then
    return {}
  end
  return mount_fields.object(body, "the body")
end

local function of_body(read)
  return function(request, found)
    return read(body_of(request), found)
  end
end

-- Engines up to 24 take the body for a new HostConfig with API versions below 1.24, which the core
-- refuses; there is no other use for one.
local function of_start(request)
  if json.next(body_of(request)) ~= nil then
    fail("a container is started without a body", "the body")
  end
  return {}
end

-- Docker does not know these parameters, podman does.
local function of_build(request, found)
  found = found or {}
  for i, text in ipairs(request:values("volume")) do
    add_bind(found, text, "volume[" .. i .. "]")
  end
  for _, name in ipairs { "transientRunMounts", "additionalbuildcontexts" } do
    if #request:values(name) > 0 and not found.open then
      fail("the parameter may name paths of the host", name)
    end
  end
  return found
end

local function refuse(why)
  return function()
    error(why, 0)
  end
end

local plugin = refuse "what a plugin mounts is not known"
local yaml = refuse "what Kubernetes YAML mounts is not known"
local of_host = refuse "this route reads a path of the host"

-- The path itself is a power of its own to moonward.create.
local function of_local_build(request, found)
  return found and of_build(request, found) or of_host()
end

local readers = {
  ["container.create"] = of_body(mounts.of_container),
  ["container.update"] = of_body(mounts.of_container),
  ["container.start"] = of_start,
  ["service.create"] = of_body(mounts.of_service),
  ["service.update"] = of_body(mounts.of_service),
  ["volume.create"] = of_body(mounts.of_volume),
  ["volume.update"] = refuse "what a cluster volume mounts is not known",
  ["image.build"] = of_build,
  ["plugin.create"] = plugin,
  ["plugin.pull"] = plugin,
  ["plugin.set"] = plugin,
  ["plugin.upgrade"] = plugin,
  ["libpod.container.create"] = of_body(mounts.of_libpod),
  ["libpod.container.restore"] = refuse "what a checkpoint mounts is not known",
  ["libpod.pod.create"] = of_body(mounts.of_libpod),
  ["libpod.volume.create"] = of_body(mounts.of_libpod_volume),
  ["libpod.image.build"] = of_build,
  ["libpod.image.build_local"] = of_local_build,
  ["libpod.image.load_local"] = of_host,
  ["libpod.artifact.add_local"] = of_host,
  ["libpod.kube.play"] = yaml,
  ["libpod.kube.apply"] = yaml,
  ["libpod.quadlet.install"] = refuse "what a unit mounts is not known",
}
for name in pairs(readers) do
  assert(operations.names[name], name)
end

-- Methods that change nothing on any engine, known route or not, or only take away.
local harmless = { GET = true, HEAD = true, OPTIONS = true, DELETE = true }

--- Every mount that a request asks for. Reads the body of the requests that have such, and only of
--- those.
---@param request moonward.Request
---@return moonward.Mount[]
function mounts.of(request)
  local operation = request.operation or ""
  if readers[operation] then
    return readers[operation](request)
  elseif operation == "" and not harmless[request.method] then
    error("what this route mounts is not known", 0)
  end
  return {}
end

--- As mounts.of, for moonward.create, which names what this module does not understand: such mounts
--- are entries too, of the kinds "plugin" (of the volume driver), "view" (of the kernel) and "unknown".
--- Only for the operations whose mounts are in a body or in a query.
---@param request moonward.Request
---@param found moonward.Mount[] gets the mounts, those before an error too
function mounts.all(request, found)
  found.open = true
  local read = readers[request.operation]
  if read then
    read(request, found)
  end
end

return mounts
