--- Where the engine's answers can hold what somebody meant to keep: one list, by operation, that `redact`
--- reads for every policy that hides secrets. docs/secrets.md is made from it.
---
--- Each place is of a sort. A policy that needs one shown names the sort, and why:
---
---   secrets.paths("container.inspect", { environment = "docker-gen reads VIRTUAL_HOST" })

local secrets = {}

--- The sorts, and what they are.
secrets.sorts = {
  { "environment", "Variables of containers, images, services, tasks and plugins." },
  { "build", "Steps of a build: RUN, ENV and the arguments in them." },
  { "command", "Command lines of containers, execs, services and plugins." },
  { "healthcheck", "Commands of health checks, and what they wrote." },
  { "logging", "Options of log drivers, such as the token of splunk." },
  { "volume", "Options of volumes and what their drivers tell, such as the password of a cifs share." },
  { "network", "Options of networks, of their address managers, and of a container in them." },
  { "swarm", "What opens the swarm: tokens to join it, keys." },
  { "data", "What configs and secrets hold." },
  { "proxy", "Proxies of the engine, which may have a password in their address." },
}

-- Paths ------------------------------------------------------------------------------------------

-- Each path with this in front.
local function below(prefix, paths)
  local list = {}
  for i, path in ipairs(paths) do
    list[i] = prefix .. path
  end
  return list
end

local function join(...)
  local all = {}
  for _, list in ipairs { ... } do
    table.move(list, 1, #list, #all + 1, all)
  end
  return all
end

-- The same sorts below several prefixes.
local function each(prefixes, sorts)
  local all = {}
  for sort, paths in pairs(sorts) do
    all[sort] = {}
    for _, prefix in ipairs(prefixes) do
      all[sort] = join(all[sort], below(prefix, paths))
    end
  end
  return all
end

local volume_options = "Mounts.*.VolumeOptions.DriverConfig.Options"

local container = {
  environment = { "Config.Env" },
  build = { "Config.OnBuild" },
  command = { "Path", "Args", "Config.Cmd", "Config.Entrypoint" },
  healthcheck = { "Config.Healthcheck.Test", "State.Health.Log.*.Output" },
  logging = { "HostConfig.LogConfig.Config" },
  volume = { "HostConfig." .. volume_options },
  network = { "NetworkSettings.Networks.*.DriverOpts" },
}

-- An image has the last step of its build as a command, and steps for those that are based on it.
local image = {
  environment = { "Config.Env", "ContainerConfig.Env" },
  build = { "Config.OnBuild", "ContainerConfig.OnBuild", "ContainerConfig.Cmd", "Comment" },
  command = { "Config.Cmd", "Config.Entrypoint", "ContainerConfig.Entrypoint" },
  healthcheck = { "Config.Healthcheck.Test", "ContainerConfig.Healthcheck.Test" },
}

local task = {
  environment = { "ContainerSpec.Env", "PluginSpec.Env" },
  command = { "ContainerSpec.Command", "ContainerSpec.Args" },
  healthcheck = { "ContainerSpec.Healthcheck.Test" },
  logging = { "LogDriver.Options" },
  volume = { "ContainerSpec." .. volume_options },
  network = { "Networks.*.DriverOpts" },
}

local of_task = each({ "Spec." }, task)
of_task.network[#of_task.network + 1] = "NetworksAttachments.*.Network.DriverState.Options"
of_task.network[#of_task.network + 1] = "NetworksAttachments.*.Network.Spec.DriverConfiguration.Options"

local service = each({ "Spec.TaskTemplate.", "PreviousSpec.TaskTemplate." }, task)
service.network = join(service.network, each({ "Spec.", "PreviousSpec." }, task).network)

local plugin = {
  environment = { "Settings.Env", "Config.Env" },
  command = { "Settings.Args", "Config.Args", "Config.Entrypoint" },
}

local swarm = {
  swarm = { "JoinTokens.*", "Spec.CAConfig.SigningCAKey", "Spec.CAConfig.ExternalCAs.*.Options" },
  logging = { "Spec.TaskDefaults.LogDriver.Options" },
}

local exec = { command = { "ProcessConfig.entrypoint", "ProcessConfig.arguments" } }
local volume = { volume = { "Options", "Status" } }
local network = { network = { "Options", "IPAM.Options" } }
local data = { data = { "Spec.Data" } }

-- Podman keeps its command line, too, with --env.
local libpod_container = each({ "" }, container)
libpod_container.environment = { "Config.Env", "Config.CreateCommand" }
libpod_container.healthcheck = join(container.healthcheck, { "State.Healthcheck.Log.*.Output" })
local libpod_image = each({ "" }, image)
libpod_image.build = join(image.build, { "History.*.created_by", "History.*.comment" })
libpod_image.healthcheck = { "Config.Healthcheck.Test", "Healthcheck.Test" }

--- Places by operation and sort: paths as `redact` reads them, in each item of the answer (moonward.answers).
---@type table<string, table<string, string[]>>
secrets.places = {
  ["container.inspect"] = container,
  ["container.list"] = {
    command = { "Command" }, network = { "NetworkSettings.Networks.*.DriverOpts" },
  },
  ["exec.inspect"] = exec,
  ["image.inspect"] = image,
  ["image.history"] = { build = { "CreatedBy", "Comment" } },
  ["volume.list"] = volume,
  ["volume.inspect"] = volume,
  ["network.list"] = network,
  ["network.inspect"] = network,
  ["service.list"] = service,
  ["service.inspect"] = service,
  ["task.list"] = of_task,
  ["task.inspect"] = of_task,
  ["config.list"] = data,
  ["config.inspect"] = data,
  ["secret.list"] = data,
  ["secret.inspect"] = data,
  ["plugin.list"] = plugin,
  ["plugin.inspect"] = plugin,
  ["swarm.inspect"] = swarm,
  ["swarm.unlock_key"] = { swarm = { "UnlockKey" } },
  ["system.info"] = {
    proxy = { "HttpProxy", "HttpsProxy" }, logging = below("Swarm.Cluster.", swarm.logging),
    swarm = below("Swarm.Cluster.", swarm.swarm),
  },
  -- Its items are containers, volumes and records of the build cache.
  ["system.df"] = { command = { "Command" }, volume = { "Options", "Status" }, build = { "Description" } },
  ["libpod.container.inspect"] = libpod_container,
  ["libpod.container.list"] = { command = { "Command" } },
  ["libpod.pod.inspect"] = { environment = { "CreateCommand" } },
  ["libpod.exec.inspect"] = exec,
  ["libpod.image.inspect"] = libpod_image,
  ["libpod.image.history"] = { build = { "CreatedBy", "Comment" } },
  ["libpod.volume.list"] = volume,
  ["libpod.volume.inspect"] = volume,
  ["libpod.network.list"] = { network = { "options", "ipam_options" } },
  ["libpod.network.inspect"] = { network = { "options", "ipam_options" } },
  ["libpod.secret.list"] = { data = { "SecretData", "Spec.Driver.Options" } },
  ["libpod.secret.inspect"] = { data = { "SecretData", "Spec.Driver.Options" } },
}

--- Answers that hold such a sort in a form that cannot be emptied. A policy that hides the sort denies them.
---@type table<string, string>
secrets.whole = {
  ["image.attestations"] = "build",
  ["image.export"] = "environment",
  ["image.export_many"] = "environment",
  ["libpod.image.export"] = "environment",
  ["libpod.image.export_many"] = "environment",
  ["libpod.container.checkpoint"] = "environment",
  ["libpod.kube.generate"] = "environment",
  ["libpod.generate.systemd"] = "environment",
  ["libpod.quadlet.file"] = "environment",
  ["libpod.system.df"] = "command",
}

-- Asking -----------------------------------------------------------------------------------------

local is_sort = {}
for _, row in ipairs(secrets.sorts) do
  is_sort[row[1]] = true
end

--- What a policy shows, as it says it: sorts with the reason of each; or a text, the reason to show all.
---@alias moonward.secrets.Shown table<string, string>|string

--- Raises what is wrong with it.
---@param shown moonward.secrets.Shown?
---@param what string
function secrets.check(shown, what)
  if shown == nil or type(shown) == "string" and shown ~= "" then
    return
  elseif type(shown) ~= "table" then
    error(what .. ": shows is a table of sorts of secrets (moonward.secrets), each with the reason", 0)
  end
  for sort, reason in pairs(shown) do
    if not is_sort[sort] then
      error(what .. ": shows: there is no sort of secrets '" .. tostring(sort) .. "'", 0)
    elseif type(reason) ~= "string" or reason == "" then
      error(what .. ": shows: " .. sort .. " needs the reason, a text", 0)
    end
  end
end

local function sorted_keys(map)
  local keys = {}
  for key in pairs(map) do
    keys[#keys + 1] = key
  end
  table.sort(keys)
  return keys
end

--- Whether a policy shows a sort.
---@param shown moonward.secrets.Shown?
---@param sort string
---@return boolean
function secrets.shows(shown, sort)
  return type(shown) == "string" or shown ~= nil and shown[sort] ~= nil
end

--- The paths to empty in the answer of an operation; nil: none.
---@param operation string?
---@param shown moonward.secrets.Shown? what the policy shows; nil: nothing
---@return string[]?
function secrets.paths(operation, shown)
  local found = {}
  for _, row in ipairs(secrets.sorts) do
    local paths = (secrets.places[operation] or {})[row[1]]
    if paths and not secrets.shows(shown, row[1]) then
      table.move(paths, 1, #paths, #found + 1, found)
    end
  end
  return #found > 0 and found or nil
end

--- The paths of some sorts in objects of every kind of the engine's.
---@param sorts string[]
---@return string[]
function secrets.paths_of(sorts)
  local found, seen = {}, {}
  for _, operation in ipairs(sorted_keys(secrets.places)) do
    for _, sort in ipairs(sorts) do
      local paths = not string.find(operation, "^libpod") and secrets.places[operation][sort]
      for _, path in ipairs(paths or {}) do
        found[#found + 1] = not seen[path] and path or nil
        seen[path] = true
      end
    end
  end
  return found
end

--- The sort of secrets that is all over the answer of an operation; nil: none that is hidden.
---@param operation string?
---@param shown moonward.secrets.Shown?
---@return string?
function secrets.hidden_whole(operation, shown)
  local sort = secrets.whole[operation]
  return sort and not secrets.shows(shown, sort) and sort or nil
end

-- "exec_create: sh -c ...": what is behind the colon is a command line; "health_status: healthy" is none.
local function bare(action)
  return type(action) == "string" and string.match(action, "^(exec_%a+): ") or nil
end

local function strip(event, shown)
  local attributes = type(event.Actor) == "table" and event.Actor.Attributes
  if event.Action == "commit" and type(attributes) == "table" and not secrets.shows(shown, "build") then
    attributes.comment = nil
  end
  for _, key in ipairs(secrets.shows(shown, "command") and {} or { "Action", "status" }) do
    local action = bare(event[key])
    if action then
      event[key] = action
    end
  end
end

--- An edit of events: without command lines, and without what somebody wrote of a commit.
---@param event table
function secrets.strip_event(event)
  strip(event)
end

--- The same where a policy shows some sorts.
---@param shown moonward.secrets.Shown?
---@return fun(event: table)
function secrets.stripper(shown)
  return function(event)
    strip(event, shown)
  end
end

return secrets
