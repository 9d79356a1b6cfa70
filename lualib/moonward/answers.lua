--- The form of each answer that is JSON: where the items are that a filter keeps, drops or edits, and
--- what they are. Data only; an operation that is not here has an answer that no filter can read.

---@class moonward.Answer
---@field object? boolean one object; the engine says 404 when there is none
---@field [integer] { [1]: string, [2]: string } lists: where ("" is the whole answer, "Volumes" the array
---  below that key), and the kind of their elements; none: each top-level value is an item
---@field kind? string of the items, if there are no lists

local function list(kind)
  return { { "", kind } }
end

local function object(kind)
  return { object = true, kind = kind }
end

local function values(kind)
  return { kind = kind }
end

-- Old engines answer with the first four lists, API 1.52 and later with the others.
local disk_usage = {
  { "Containers", "container" }, { "Images", "image" }, { "Volumes", "volume" }, { "BuildCache", "cache" },
  { "ContainerUsage.Items", "container" }, { "ImageUsage.Items", "image" },
  { "VolumeUsage.Items", "volume" }, { "BuildCacheUsage.Items", "cache" },
}

return {
  ["container.list"] = list "container",
  ["container.inspect"] = object "container",
  ["container.top"] = { { "Processes", "process" } },
  ["container.changes"] = list "change",
  ["container.stats"] = values "stats",
  ["checkpoint.list"] = list "checkpoint",
  ["exec.inspect"] = object "exec",

  ["image.list"] = list "image",
  ["image.inspect"] = object "image",
  ["image.history"] = list "layer",
  ["image.search"] = list "result",
  ["image.attestations"] = list "attestation",
  ["distribution.inspect"] = object "distribution",

  ["volume.list"] = { { "Volumes", "volume" } },
  ["volume.inspect"] = object "volume",
  ["network.list"] = list "network",
  ["network.inspect"] = object "network",

  ["system.version"] = object "version",
  ["system.info"] = object "info",
  ["system.events"] = values "event",
  ["system.df"] = disk_usage,

  ["plugin.list"] = list "plugin",
  ["plugin.inspect"] = object "plugin",
  ["plugin.privileges"] = list "privilege",

  ["swarm.inspect"] = object "swarm",
  ["swarm.unlock_key"] = object "unlock key",
  ["node.list"] = list "node",
  ["node.inspect"] = object "node",
  ["service.list"] = list "service",
  ["service.inspect"] = object "service",
  ["task.list"] = list "task",
  ["task.inspect"] = object "task",
  ["secret.list"] = list "secret",
  ["secret.inspect"] = object "secret",
  ["config.list"] = list "config",
  ["config.inspect"] = object "config",

  ["libpod.container.list"] = list "container",
  ["libpod.container.inspect"] = object "container",
  ["libpod.exec.inspect"] = object "exec",
  ["libpod.pod.list"] = list "pod",
  ["libpod.pod.inspect"] = object "pod",
  ["libpod.image.list"] = list "image",
  ["libpod.image.inspect"] = object "image",
  ["libpod.image.history"] = list "layer",
  ["libpod.image.search"] = list "result",
  ["libpod.volume.list"] = list "volume",
  ["libpod.volume.inspect"] = object "volume",
  ["libpod.network.list"] = list "network",
  ["libpod.network.inspect"] = object "network",
  ["libpod.secret.list"] = list "secret",
  ["libpod.secret.inspect"] = object "secret",
  ["libpod.system.version"] = object "version",
  ["libpod.system.info"] = object "info",
  ["libpod.system.events"] = values "event",
}
