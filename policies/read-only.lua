-- read-only: allows what changes nothing, and tells no more than it has to.
--
-- Some reads are worth as much as a write; each kind has an option of its own, and is denied without:
--
--   -allowlogs        what containers, services and tasks wrote, and attach without stdin
--   -allowarchive     files of containers: archive, copy, and whether a path exists
--   -allowexport      whole file systems: export of containers, images and volumes
--   -allowpsargs      top with ps_args: "axe" shows the environment of processes
--   -allowsecrets     all that can hold secrets: environments, command lines, health checks, options of log
--                     drivers, volumes and networks, steps of builds, tokens and keys of the swarm, configs
--   -allowregistries  reads that make the engine connect to a host which the client names
--   -allowdebug       profiles of the engine's process
--
-- Denied with any option: what writes, exec, stdin of an attach (also of attach/ws, a GET that writes),
-- checkpoints in directories of the host, and routes that moonward does not know. Without
-- -allowsecrets an inspect shows no environment; docs/secrets.md lists what is left out.
local moonward = require "moonward"
local ps_args = require "moonward.ps_args"
local secrets = require "moonward.secrets"

-- What a policy that only reads shows nobody by itself; -allowsecrets shows all.
local asked = "who sets -allowsecrets wants to see them"

local policy = {
  summary = "Allows what changes nothing; logs, files, exports and secrets only when asked for.",
  options = {
    { name = "allowlogs", env = "MOONWARD_ALLOWLOGS", kind = "switch",
      help = "Logs, and attach without stdin." },
    { name = "allowarchive", env = "MOONWARD_ALLOWARCHIVE", kind = "switch",
      help = "Files of containers." },
    { name = "allowexport", env = "MOONWARD_ALLOWEXPORT", kind = "switch",
      help = "Whole file systems of containers, images and volumes." },
    { name = "allowpsargs", env = "MOONWARD_ALLOWPSARGS", kind = "switch",
      help = "Arguments of ps for top, which can show environments." },
    { name = "allowsecrets", env = "MOONWARD_ALLOWSECRETS", kind = "switch",
      help = "Environments, command lines, tokens, configs: all that can hold secrets." },
    { name = "allowregistries", env = "MOONWARD_ALLOWREGISTRIES", kind = "switch",
      help = "Search, distribution and plugin privileges, which ask a host of the client's choice." },
    { name = "allowdebug", env = "MOONWARD_ALLOWDEBUG", kind = "switch",
      help = "Profiles and counters of the engine's process." },
  },
}

-- Operations by the option they need; "" needs none. What is in no list is denied.
local lists = {
  [""] = {
    "container.changes", "container.inspect", "container.list", "container.stats", "container.top",
    "container.wait", "checkpoint.list", "exec.inspect", "image.history", "image.inspect", "image.list",
    "network.inspect", "network.list", "node.inspect", "node.list", "plugin.inspect", "plugin.list",
    "secret.inspect", "secret.list", "service.inspect", "service.list", "system.df", "system.events",
    "system.info", "system.options", "system.ping", "system.version", "task.inspect", "task.list",
    "volume.inspect", "volume.list", "libpod.artifact.inspect", "libpod.artifact.list",
    "libpod.container.changes", "libpod.container.exists", "libpod.container.inspect",
    "libpod.container.list", "libpod.container.list_mounted", "libpod.container.stats",
    "libpod.container.stats_many", "libpod.container.top", "libpod.container.wait",
    "libpod.exec.inspect", "libpod.image.changes", "libpod.image.exists", "libpod.image.history",
    "libpod.image.inspect", "libpod.image.list", "libpod.image.resolve", "libpod.image.tree",
    "libpod.manifest.exists", "libpod.network.exists", "libpod.network.inspect", "libpod.network.list",
    "libpod.pod.exists", "libpod.pod.inspect", "libpod.pod.list", "libpod.pod.stats", "libpod.pod.top",
    "libpod.quadlet.exists", "libpod.quadlet.list", "libpod.secret.exists", "libpod.secret.inspect",
    "libpod.secret.list", "libpod.system.events", "libpod.system.info", "libpod.system.ping",
    "libpod.system.swagger", "libpod.system.version", "libpod.volume.exists", "libpod.volume.inspect",
    "libpod.volume.list",
  },
  allowlogs = {
    "container.attach", "container.attach_ws", "container.logs", "service.logs", "task.logs",
    "libpod.container.attach", "libpod.container.logs",
  },
  allowarchive = {
    "container.archive.get", "container.archive.head", "container.copy",
    "libpod.container.archive.get", "libpod.container.archive.head",
  },
  allowexport = {
    "container.export", "image.export", "image.export_many", "libpod.artifact.extract",
    "libpod.container.export", "libpod.image.export", "libpod.image.export_many",
    "libpod.volume.export",
  },
  allowsecrets = {
    "config.inspect", "config.list", "image.attestations", "swarm.inspect", "swarm.unlock_key",
    "libpod.generate.systemd", "libpod.kube.generate", "libpod.quadlet.file", "libpod.system.df",
  },
  allowregistries = {
    "distribution.inspect", "image.search", "plugin.privileges", "libpod.image.search",
    "libpod.manifest.inspect", -- asks the registry for a list that is not here
  },
  allowdebug = {
    "debug.pprof.cmdline", "debug.pprof.index", "debug.pprof.named", "debug.pprof.profile",
    "debug.pprof.symbol", "debug.pprof.trace", "debug.vars",
  },
}

local option_of = {}
for option, list in pairs(lists) do
  for _, operation in ipairs(list) do
    option_of[operation] = option
  end
end

-- Parameters ---------------------------------------------------------------------------------

-- As the engine reads a boolean: all but these is true. podman takes fewer words for either, and
-- refuses the rest.
local no_words = { [""] = true, ["0"] = true, no = true, ["false"] = true, none = true }

-- Whether any value of a parameter is true; a value that looks odd counts as true.
local function is_true(request, name)
  for _, value in ipairs(request:values(name)) do
    if not no_words[string.lower(value)] then
      return true
    end
  end
  return false
end

local function is_given(request, name)
  for _, value in ipairs(request:values(name)) do
    if value ~= "" then
      return true
    end
  end
  return false
end

-- "1.41" is before "1.42"; without a version it is the newest.
local function is_before(version, major, minor)
  local point = #(version or "") + 1
  for i = 1, #(version or "") do
    point = string.sub(version, i, i) == "." and i or point
  end
  local first = tonumber(string.sub(version or "", 1, point - 1))
  local second = tonumber(string.sub(version or "", point + 1))
  return first ~= nil and (first < major or first == major and (second or 0) < minor)
end

-- An attach that only listens. Where no stream is asked for by name, podman takes all three; below
-- API 1.42 a WebSocket has stdin whatever is asked for.
local function attach_refusal(request)
  if is_true(request, "stdin") then
    return "attach with stdin writes to the container"
  elseif not (is_true(request, "stdout") or is_true(request, "stderr")) then
    return "attach needs stdout=1 or stderr=1 here: without any stream, stdin may be attached too"
  elseif request:is("container.attach_ws") and is_before(request.version, 1, 42) then
    return "below API 1.42 attach/ws writes to the container"
  end
end

-- Why the parameters of an operation are refused, and the option that would allow them.
local function parameter_refusal(request, options)
  if request:is("container.attach", "container.attach_ws", "libpod.container.attach") then
    return attach_refusal(request)
  elseif request:is("container.top", "libpod.container.top", "libpod.pod.top") then
    local reason, more = ps_args.refusal(request, true)
    if is_given(request, "ps_args") and not options.allowpsargs then
      return "ps_args may show environments", "-allowpsargs"
    end
    return reason, more and more.hint
  elseif request:is("secret.inspect", "libpod.secret.inspect") then
    return is_given(request, "showsecret") and not options.allowsecrets and "showsecret shows the secret",
      "-allowsecrets"
  elseif request:is("checkpoint.list") then
    return is_given(request, "dir") and "dir lists directories of the host"
  end
end

function policy.decide(_, request, options)
  local option = option_of[request.operation or ""]
  if not option then
    return moonward.deny(request.operation and request.operation .. " is not read-only" or "unknown route")
  elseif option ~= "" and not options[option] then
    return moonward.deny(request.operation .. " needs -" .. option, { hint = "-" .. option })
  end
  local refusal, hint = parameter_refusal(request, options)
  if refusal then
    return moonward.deny(refusal, { hint = hint })
  end
  local shown = options.allowsecrets and asked or nil
  return moonward.allow {
    redact = secrets.paths(request.operation, shown),
    edit = not shown and request:is "system.events" and secrets.strip_event or nil,
  }
end

return policy
