--- Fields of the bodies about containers and execs in the Engine API, up to 1.56 (threats in 4.2 to 4.4
--- of the notes that docs/security.md sums up), and podman's additions to the same routes.

local r = require "moonward.powers.readers"
local walk = require "moonward.powers.walk"

local container = {}

--- Fields that clients send (docker-java the first three, go-dockerclient the last) and no engine reads:
--- where, and how that is known. Whatever they hold asks for nothing.
---@type { place: string, field: string, why: string }[]
container.ignored = {
  { place = "HostConfig", field = "DiskQuota",
    why = "in the API until 20.10 (moby's commit a31a088665), and read by no daemon" },
  { place = "HostConfig", field = "LxcConf",
    why = "options of the driver lxc, which went with it in 1.10 (moby's commit 3b5fac462d)" },
  { place = "exec", field = "containerId",
    why = "stands in the path too; in no version of moby's ExecConfig" },
  { place = "network.connect", field = "Force",
    why = "a disconnect's, written into both; in no version of moby's NetworkConnect" },
}

--- The words for a type's harmless fields.
---@param place string
---@return string
function container.ignored_in(place)
  local words = ""
  for _, row in ipairs(container.ignored) do
    words = row.place == place and words .. " " .. row.field or words
  end
  return words
end

local namespaces = { "host-namespace", "joined-namespace", "unknown-value" }
local networks = { "network", "host-namespace", "joined-namespace", "unknown-value" }

-- Mounts, also of services. What they mount is read by mounts.lua.
container.mount = walk.type({
  { "Source", r.mount, { "bind", "volume" } },
  { "Type", r.mount, "unknown-value" },
  { "BindOptions", r.object, type = walk.type({
    { "Propagation", r.text, "propagation", harmless = walk.set "private rprivate slave rslave" },
  }, "NonRecursive CreateMountpoint ReadOnlyNonRecursive ReadOnlyForceRecursive") },
  { "VolumeOptions", r.object, type = walk.type({
    { "DriverConfig", r.object, type = walk.type({
      { "Name", r.mount, "volume-plugin" },
      { "Options", r.mount, { "bind", "volume-device", "volume-network" } },
    }) },
  }, "NoCopy Labels Subpath") },
}, "Target ReadOnly Consistency TmpfsOptions ImageOptions")

container.endpoint = walk.type({
  { "IPAMConfig", r.object, type = walk.type({
    { "IPv4Address", r.text, "address" },
    { "IPv6Address", r.text, "address" },
    { "LinkLocalIPs", r.texts, "address" },
  }) },
  { "NetworkID", r.network_mode, networks }, -- goes before the name of the network
  { "Links", r.texts, "link" },
  { "Aliases", r.texts, "alias" },
  { "MacAddress", r.text, "mac-address" },
  { "DriverOpts", r.map, "network-option" },
}, [[EndpointID Gateway IPAddress IPPrefixLen IPv6Gateway GlobalIPv6Address GlobalIPv6PrefixLen DNSNames
  GwPriority]])

local restart_policy = walk.type({
  { "Name", r.text, "restart-policy", harmless = walk.set "no" },
}, "MaximumRetryCount")

-- Drivers that write only into the container's own directory, and their options.
local log_config = walk.type({
  { "Type", r.text, "log-driver", harmless = walk.set "json-file local none" },
  { "Config", r.map, "log-option", harmless = walk.set
    "max-size max-file compress labels labels-regex env env-regex tag mode max-buffer-size" },
})

local ulimits = { "Ulimits", r.each, "ulimit", value = "Name", type = walk.type({}, "Name Soft Hard") }
local throttled = walk.type({}, "Path Rate Weight")

-- What only an engine on Windows reads stands among the harmless.
local resources = walk.type({
  { "CgroupParent", r.text, "cgroup-parent" },
  { "Devices", r.each, "device", value = "PathOnHost", is_path = true,
    type = walk.type({}, "PathOnHost PathInContainer CgroupPermissions") },
  { "DeviceCgroupRules", r.texts, "device-rule" },
  { "DeviceRequests", r.each, "device-request", value = "Driver",
    type = walk.type({}, "Driver Count DeviceIDs Capabilities Options") },
  { "OomKillDisable", r.flag, "oom" },
  ulimits,
  { "CpuRealtimePeriod", r.given, "realtime" },
  { "CpuRealtimeRuntime", r.given, "realtime" },
  { "BlkioWeightDevice", r.each, "io-limit", value = "Path", type = throttled },
  { "BlkioDeviceReadBps", r.each, "io-limit", value = "Path", type = throttled },
  { "BlkioDeviceWriteBps", r.each, "io-limit", value = "Path", type = throttled },
  { "BlkioDeviceReadIOps", r.each, "io-limit", value = "Path", type = throttled },
  { "BlkioDeviceWriteIOps", r.each, "io-limit", value = "Path", type = throttled },
}, "CpuCount CpuPercent IOMaximumIOps IOMaximumBandwidth")

-- No more than a container without them may take.
local limits = [[CpuShares Memory NanoCpus BlkioWeight CpuPeriod CpuQuota CpusetCpus CpusetMems Cpuset
  KernelMemory KernelMemoryTCP MemoryReservation MemorySwap MemorySwappiness PidsLimit]]

-- What engines hide or make read-only by themselves, and show in an inspect. The two last of the hidden
-- are new (25 and 28), so a list from an older engine lacks them.
local masked_paths = {
  "/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/sched_debug",
  "/proc/scsi", "/proc/timer_list", "/proc/timer_stats", "/sys/firmware",
  "/proc/interrupts", "/sys/devices/virtual/powercap",
}
local readonly_paths = { "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger" }

local host = walk.type({
  { "Binds", r.mount, { "bind", "volume", "propagation" } },
  { "Mounts", r.objects, type = container.mount },
  { "VolumesFrom", r.mount, "volumes-from" },
  { "VolumeDriver", r.mount, "volume-plugin" },
  { "StorageOpt", r.map, "storage-option" },
  { "Privileged", r.flag, "privileged" },
  { "CapAdd", r.capabilities, "capability" },
  { "Capabilities", r.capabilities, "capability" },
  { "SecurityOpt", r.security_options, "security-option" },
  { "MaskedPaths", r.missing, "unmasked-paths", defaults = masked_paths },
  { "ReadonlyPaths", r.missing, "unmasked-paths", defaults = readonly_paths },
  { "PidMode", r.namespace, namespaces, is = "pid", harmless = walk.set "private" },
  { "IpcMode", r.namespace, { "host-namespace", "joined-namespace", "shareable-ipc", "unknown-value" },
    is = "ipc", harmless = walk.set "none private" },
  { "UTSMode", r.namespace, namespaces, is = "uts", harmless = walk.set "private" },
  { "UsernsMode", r.namespace, namespaces, is = "user", harmless = walk.set "private" },
  { "CgroupnsMode", r.namespace, namespaces, is = "cgroup", harmless = walk.set "private" },
  { "Cgroup", r.namespace, namespaces, is = "cgroup", harmless = {} },
  { "NetworkMode", r.network_mode, networks },
  { "Runtime", r.text, "runtime" },
  { "Annotations", r.map, "annotation" },
  { "Sysctls", r.map, "sysctl" },
  { "OomScoreAdj", r.negative, "oom" },
  { "RestartPolicy", r.object, type = restart_policy },
  { "LogConfig", r.object, type = log_config },
  { "PortBindings", r.port_bindings, "port" },
  { "PublishAllPorts", r.publish_all, "port" },
  { "Links", r.texts, "link" },
  { "ExtraHosts", r.texts, "extra-host" },
  { "Dns", r.texts, "dns" },
  { "DnsOptions", r.texts, "dns" },
  { "DnsSearch", r.texts, "dns" },
}, "ContainerIDFile AutoRemove ConsoleSize CapDrop GroupAdd ReadonlyRootfs Tmpfs ShmSize Isolation Init",
  resources)

--- HostConfig.
container.host_config = walk.type({}, limits .. container.ignored_in "HostConfig", host)

local networking = walk.type {
  { "EndpointsConfig", r.endpoints, networks, type = container.endpoint },
}

-- Config, NetworkingConfig, and at the top what engines before 27 read as HostConfig. "Name" and
-- "Platform" are for the query; some clients write them here too, podman reads them.
container.create = walk.type({
  { "HostConfig", r.object, type = container.host_config },
  { "NetworkingConfig", r.object, type = networking },
  { "MacAddress", r.text, "mac-address" },
  { "WorkingDir", r.working_dir, "working-dir" },
  { "EnvHost", r.flag, "host-environment" },
}, [[Hostname Domainname User AttachStdin AttachStdout AttachStderr ExposedPorts Tty OpenStdin StdinOnce Env
  Cmd Healthcheck ArgsEscaped Image Volumes Entrypoint NetworkDisabled OnBuild Labels StopSignal StopTimeout
  Shell PortSpecs Name Platform UnsetEnv UnsetEnvAll]], container.host_config)

--- The engine changes limits and the restart policy; what others may make of the rest counts too.
container.update = walk.type({
  { "Memory", r.given, "limits" },
  { "MemorySwap", r.given, "limits" },
  { "MemoryReservation", r.given, "limits" },
  { "MemorySwappiness", r.present, "limits" },
  { "KernelMemory", r.given, "limits" },
  { "KernelMemoryTCP", r.given, "limits" },
  { "CpuShares", r.given, "limits" },
  { "NanoCpus", r.given, "limits" },
  { "CpuPeriod", r.given, "limits" },
  { "CpuQuota", r.given, "limits" },
  { "CpusetCpus", r.given, "limits" },
  { "CpusetMems", r.given, "limits" },
  { "Cpuset", r.given, "limits" },
  { "BlkioWeight", r.given, "limits" },
  { "PidsLimit", r.present, "limits" }, -- 0 takes the limit away
}, "", host)

container.exec = walk.type({
  { "Privileged", r.flag, "privileged" },
  { "WorkingDir", r.working_dir, "working-dir" },
}, "User Tty ConsoleSize AttachStdin AttachStdout AttachStderr Detach DetachKeys Env Cmd Container"
  .. container.ignored_in "exec")

--- What the engine chooses for clients of old versions where HostConfig says nothing. What stands at the top
--- of the body counts only without a HostConfig, and to engines before 27, so it takes no default away.
container.defaults = {
  { field = "IpcMode", below = "1.40", power = "shareable-ipc", value = "" },
  { field = "CgroupnsMode", below = "1.41", power = "host-namespace", value = "cgroup" },
}

return container
