--- Fields of the bodies that create and update services.

local container = require "moonward.powers.container"
local r = require "moonward.powers.readers"
local walk = require "moonward.powers.walk"

local ports = walk.type({}, "Name Protocol TargetPort PublishedPort PublishMode")

local networks = { "Networks", r.each, "network", value = "Target", type = walk.type {
  { "Target", r.mount, "network" },
  { "Aliases", r.texts, "alias" },
  { "DriverOpts", r.map, "network-option" },
} }

local privileges = walk.type({
  { "CredentialSpec", r.present, "security-option" },
  { "SELinuxContext", r.present, "security-option" },
  { "Seccomp", r.present, "security-option" },
  { "AppArmor", r.present, "security-option" },
}, "NoNewPrivileges")

local container_spec = walk.type({
  { "Mounts", r.objects, type = container.mount },
  { "Dir", r.working_dir, "working-dir" },
  { "Privileges", r.object, type = privileges },
  { "CapabilityAdd", r.capabilities, "capability" },
  { "Sysctls", r.map, "sysctl" },
  { "Ulimits", r.each, "ulimit", value = "Name", type = walk.type({}, "Name Soft Hard") },
  { "OomScoreAdj", r.negative, "oom" },
  { "Hosts", r.texts, "extra-host" },
  { "DNSConfig", r.object, type = walk.type {
    { "Nameservers", r.texts, "dns" },
    { "Search", r.texts, "dns" },
    { "Options", r.texts, "dns" },
  } },
  -- The id decides; a name beside it may be any.
  { "Secrets", r.each, "secret", value = "SecretID", type = walk.type({}, "File SecretID SecretName") },
  { "Configs", r.each, "config", value = "ConfigID",
    type = walk.type({}, "File Runtime ConfigID ConfigName") },
}, [[Image Labels Command Args Hostname Env User Groups Init StopSignal TTY OpenStdin ReadOnly
  StopGracePeriod Healthcheck Isolation CapabilityDrop]])

local task = walk.type({
  { "PluginSpec", r.present, "plugin" },
  { "Runtime", r.text, "plugin", harmless = walk.set "container" },
  { "NetworkAttachmentSpec", r.present, "unknown-value" },
  { "ContainerSpec", r.object, type = container_spec },
  { "RestartPolicy", r.object, type = walk.type({
    { "Condition", r.text, "restart-policy", harmless = walk.set "none" },
  }, "Delay MaxAttempts Window") },
  networks,
  { "LogDriver", r.object, type = walk.type {
    { "Name", r.text, "log-driver", harmless = walk.set "json-file local none" },
    { "Options", r.map, "log-option", harmless = walk.set
      "max-size max-file compress labels labels-regex env env-regex tag mode max-buffer-size" },
  } },
}, "Resources Placement ForceUpdate")

return walk.type({
  { "TaskTemplate", r.object, type = task },
  networks,
  { "EndpointSpec", r.object, type = walk.type({
    { "Ports", r.port_list, "port", port = "PublishedPort", type = ports },
  }, "Mode") },
}, "Name Labels Mode UpdateConfig RollbackConfig")
