--- Requests that ask for one power each, for the specs of moonward.create and of no-host-power.
--
-- A row: { power, value, where, fragment }. The fragment stands in the template of its group,
-- which asks for nothing without it.

local powers = {}

local container = { path = "/v1.41/containers/create", template = '{"Image":"busybox","HostConfig":{%s}}' }
local config = { path = "/v1.41/containers/create", template = '{"Image":"busybox"%s}', comma = true }
local service = { path = "/v1.41/services/create", template = '{"Name":"s","TaskTemplate":{"ContainerSpec":{"Image":'
  .. '"busybox"%s},"RestartPolicy":{"Condition":"none"}}}', comma = true }
local task = { path = "/v1.41/services/create", template = '{"Name":"s","TaskTemplate":{"ContainerSpec":{"Image":'
  .. '"busybox"},"RestartPolicy":{"Condition":"none"}%s}}', comma = true }
local spec = { path = "/v1.41/services/create", template = '{"TaskTemplate":{"RestartPolicy":{"Condition":"none"}}%s}',
  comma = true }
local update = { path = "/v1.41/containers/web/update", template = "{%s}" }
local exec = { path = "/v1.41/containers/web/exec", template = '{"Cmd":["id"]%s}', comma = true }
local volume = { path = "/v1.41/volumes/create", template = '{"Name":"v"%s}', comma = true }
local network = { path = "/v1.41/networks/create", template = '{"Name":"n"%s}', comma = true }
local connect = { path = "/v1.41/networks/bridge/connect", template = '{"Container":"web"%s}', comma = true }
local secret = { path = "/v1.41/secrets/create", template = '{"Name":"s","Data":"eA=="%s}', comma = true }
local pod = { path = "/v4.0.0/libpod/pods/create", template = '{"name":"p"%s}', comma = true }
local podman = { path = "/v4.0.0/libpod/containers/create", template = '{"image":"busybox"%s}', comma = true }
local podman_volume = { path = "/v4.0.0/libpod/volumes/create", template = '{"Name":"v"%s}', comma = true }
local podman_network = { path = "/v4.0.0/libpod/networks/create", template = '{"name":"n"%s}', comma = true }

local rows = {
  [container] = {
    { "bind", "/etc", "Binds[1]", '"Binds":["/etc:/h"]' },
    { "bind", "/etc", "Mounts[1].Source", '"Mounts":[{"Type":"bind","Source":"/srv/../etc","Target":"/h"}]' },
    { "bind", "/etc", "Mounts[1].VolumeOptions.DriverConfig.Options.device",
      '"Mounts":[{"Type":"volume","Target":"/h","VolumeOptions":{"DriverConfig":{"Options":'
        .. '{"type":"none","o":"bind","device":"/etc"}}}}]' },
    { "volume-device", "/dev/vda", "Mounts[1].VolumeOptions.DriverConfig.Options.device",
      '"Mounts":[{"Type":"volume","Target":"/h","VolumeOptions":{"DriverConfig":{"Name":"local","Options":'
        .. '{"type":"ext4","device":"/dev/vda"}}}}]' },
    { "volume-device", "proc", "Mounts[1].VolumeOptions.DriverConfig.Options.type",
      '"Mounts":[{"Type":"volume","Target":"/h","VolumeOptions":{"DriverConfig":{"Options":'
        .. '{"type":"proc","device":"proc"}}}}]' },
    { "volume-network", ":/x", "Mounts[1].VolumeOptions.DriverConfig.Options.device",
      '"Mounts":[{"Type":"volume","Target":"/h","VolumeOptions":{"DriverConfig":{"Options":'
        .. '{"type":"nfs","o":"addr=10.0.0.1","device":":/x"}}}}]' },
    { "volume-plugin", "rexray", "Mounts[1].VolumeOptions.DriverConfig.Options",
      '"Mounts":[{"Type":"volume","Target":"/h","VolumeOptions":{"DriverConfig":{"Name":"rexray"}}}]' },
    { "volume-plugin", "rexray", "VolumeDriver", '"VolumeDriver":"rexray"' },
    { "volume", "web_data", "Binds[1]", '"Binds":["web_data:/d"]' },
    { "volume", "web_data", "Mounts[1].Source", '"Mounts":[{"Type":"volume","Source":"web_data","Target":"/d"}]' },
    { "volumes-from", "db:ro", "VolumesFrom[1]", '"VolumesFrom":["db:ro"]' },
    { "propagation", "rshared", "Mounts[1].BindOptions.Propagation",
      '"Mounts":[{"Type":"tmpfs","Target":"/h","BindOptions":{"Propagation":"rshared"}}]' },
    { "unknown-value", "npipe", "Mounts[1]", '"Mounts":[{"Type":"npipe","Target":"/h"}]' },
    { "unknown-field", "Propagate", "Mounts[1].BindOptions.Propagate",
      '"Mounts":[{"Type":"tmpfs","Target":"/h","BindOptions":{"Propagate":true}}]' },
    { "storage-option", "size=1T", "StorageOpt.size", '"StorageOpt":{"size":"1T"}' },
    { "privileged", "", "Privileged", '"Privileged":true' },
    { "capability", "SYS_ADMIN", "CapAdd[1]", '"CapAdd":["SYS_ADMIN"]' },
    { "capability", "SYS_ADMIN", "CapAdd[1]", '"CapAdd":["cap_sys_admin"]' },
    { "capability", "ALL", "CapAdd", '"CapAdd":"all"' },
    { "device", "/dev/mem", "Devices[1]", '"Devices":[{"PathOnHost":"/dev//mem","PathInContainer":"/dev/mem",'
      .. '"CgroupPermissions":"rwm"}]' },
    { "device", "/dev", "Devices[1]", '"Devices":[{"PathOnHost":"/dev/","PathInContainer":"/d"}]' },
    { "device-rule", "b *:* rwm", "DeviceCgroupRules[1]", '"DeviceCgroupRules":["b *:* rwm"]' },
    { "device-request", "nvidia", "DeviceRequests[1]", '"DeviceRequests":[{"Driver":"nvidia","Count":-1}]' },
    { "device-request", "", "DeviceRequests[1]", '"DeviceRequests":[{"Capabilities":[["gpu"]]}]' },
    { "host-namespace", "pid", "PidMode", '"PidMode":"host"' },
    { "host-namespace", "ipc", "IpcMode", '"IpcMode":"host"' },
    { "host-namespace", "uts", "UTSMode", '"UTSMode":"host"' },
    { "host-namespace", "user", "UsernsMode", '"UsernsMode":"host"' },
    { "host-namespace", "cgroup", "CgroupnsMode", '"CgroupnsMode":"host"' },
    { "host-namespace", "net", "NetworkMode", '"NetworkMode":"host"' },
    { "joined-namespace", "pid:db", "PidMode", '"PidMode":"container:db"' },
    { "joined-namespace", "ipc:/db", "IpcMode", '"IpcMode":"container:/db"' },
    { "joined-namespace", "net:db", "NetworkMode", '"NetworkMode":"container:db"' },
    { "joined-namespace", "cgroup:db", "Cgroup", '"Cgroup":"container:db"' },
    { "shareable-ipc", "", "IpcMode", '"IpcMode":"shareable"' },
    { "unknown-value", "ns:/proc/1/ns/net", "NetworkMode", '"NetworkMode":"ns:/proc/1/ns/net"' },
    { "unknown-value", "Host", "PidMode", '"PidMode":"Host"' },
    { "network", "HOST", "NetworkMode", '"NetworkMode":"HOST"' },
    { "security-option", "seccomp=unconfined", "SecurityOpt[1]", '"SecurityOpt":["seccomp=unconfined"]' },
    { "security-option", "apparmor:unconfined", "SecurityOpt[1]", '"SecurityOpt":["apparmor:unconfined"]' },
    { "security-option", "disable", "SecurityOpt[1]", '"SecurityOpt":["disable"]' },
    { "security-option", "no-new-privileges=false", "SecurityOpt[1]", '"SecurityOpt":["no-new-privileges=false"]' },
    { "unmasked-paths", "/proc/kcore", "MaskedPaths", '"MaskedPaths":[]' },
    { "unmasked-paths", "/proc/fs", "ReadonlyPaths",
      '"ReadonlyPaths":["/proc/sys","/proc/bus","/proc/irq","/proc/sysrq-trigger"]' },
    { "runtime", "crun", "Runtime", '"Runtime":"crun"' },
    { "cgroup-parent", "/evil", "CgroupParent", '"CgroupParent":"/evil"' },
    { "sysctl", "net.core.somaxconn=1", "Sysctls.net.core.somaxconn", '"Sysctls":{"net.core.somaxconn":"1"}' },
    { "annotation", "run.oci.x=1", "Annotations.run.oci.x", '"Annotations":{"run.oci.x":"1"}' },
    { "log-driver", "syslog", "LogConfig.Type", '"LogConfig":{"Type":"syslog"}' },
    { "log-option", "syslog-address=unix:///x", "LogConfig.Config.syslog-address",
      '"LogConfig":{"Config":{"syslog-address":"unix:///x"}}' },
    { "port", "8080", "PortBindings.80/tcp[1]", '"PortBindings":{"80/tcp":[{"HostIp":"","HostPort":"8080"}]}' },
    { "port", "127.0.0.1:0", "PortBindings.80/tcp[1]", '"PortBindings":{"80/tcp":[{"HostIp":"127.0.0.1"}]}' },
    { "port", "[::1]:80-90", "PortBindings.80/tcp[1]",
      '"PortBindings":{"80/tcp":[{"HostIp":"::1","HostPort":"80-90"}]}' },
    { "port", "0", "PublishAllPorts", '"PublishAllPorts":true' },
    { "link", "db:alias", "Links[1]", '"Links":["db:alias"]' },
    { "extra-host", "db:10.0.0.1", "ExtraHosts[1]", '"ExtraHosts":["db:10.0.0.1"]' },
    { "dns", "10.0.0.1", "Dns[1]", '"Dns":["10.0.0.1"]' },
    { "dns", "evil", "DnsSearch[1]", '"DnsSearch":["evil"]' },
    { "restart-policy", "always", "RestartPolicy.Name", '"RestartPolicy":{"Name":"always"}' },
    { "oom", "-500", "OomScoreAdj", '"OomScoreAdj":-500' },
    { "oom", "", "OomKillDisable", '"OomKillDisable":true' },
    { "ulimit", "nofile", "Ulimits[1]", '"Ulimits":[{"Name":"nofile","Soft":1,"Hard":1}]' },
    { "realtime", "1000", "CpuRealtimeRuntime", '"CpuRealtimeRuntime":1000' },
    { "io-limit", "/dev/sda", "BlkioDeviceReadBps[1]", '"BlkioDeviceReadBps":[{"Path":"/dev/sda","Rate":1}]' },
    { "unknown-field", "Superpower", "Superpower", '"Superpower":true' },
    { "not-understood", "expected an object, got null", "Devices[1]", '"Devices":[null]' },
    { "not-understood", "expected an object, got null", "DeviceRequests[1]", '"DeviceRequests":[null]' },
    { "not-understood", "expected an object, got null", "Ulimits[1]", '"Ulimits":[null]' },
    { "not-understood", "expected an object, got null", "BlkioDeviceReadBps[1]", '"BlkioDeviceReadBps":[null]' },
    { "not-understood", "expected an object, got null", "Mounts[1]", '"Mounts":[null]' },
    { "not-understood", "expected an object, got null", "PortBindings.80/tcp[1]", '"PortBindings":{"80/tcp":[null]}' },
    { "not-understood", "expected a string, got null", "Binds[1]", '"Binds":[null]' },
    { "not-understood", "expected a string, got null", "CapAdd[1]", '"CapAdd":[null]' },
    { "not-understood", "expected a string, got null", "SecurityOpt[1]", '"SecurityOpt":[null]' },
    { "not-understood", "expected a string, got null", "VolumesFrom[1]", '"VolumesFrom":[null]' },
    { "not-understood", "expected a string, got null", "MaskedPaths[1]", '"MaskedPaths":[null]' },
    { "not-understood", "expected true or false, got a string", "Privileged", '"Privileged":"true"' },
    { "not-understood", "expected a list, got a string", "Binds", '"Binds":"/etc:/h"' },
  },
  [config] = {
    { "mac-address", "02:00:00:00:00:01", "MacAddress", '"MacAddress":"02:00:00:00:00:01"' },
    { "working-dir", "/proc/self/fd/8", "WorkingDir", '"WorkingDir":"/x/../proc/self/fd/8"' },
    { "working-dir", "/dev/fd/8", "WorkingDir", '"WorkingDir":"dev/fd/8"' },
    { "network", "app_net", "NetworkingConfig.EndpointsConfig.app_net",
      '"NetworkingConfig":{"EndpointsConfig":{"app_net":{}}}' },
    { "network", "other", "NetworkingConfig.EndpointsConfig.bridge.NetworkID",
      '"NetworkingConfig":{"EndpointsConfig":{"bridge":{"NetworkID":"other"}}}' },
    { "alias", "db", "NetworkingConfig.EndpointsConfig.bridge.Aliases[1]",
      '"NetworkingConfig":{"EndpointsConfig":{"bridge":{"Aliases":["db"]}}}' },
    { "address", "10.0.0.2", "NetworkingConfig.EndpointsConfig.bridge.IPAMConfig.IPv4Address",
      '"NetworkingConfig":{"EndpointsConfig":{"bridge":{"IPAMConfig":{"IPv4Address":"10.0.0.2"}}}}' },
    { "network-option", "com.docker.network.endpoint.sysctls=x",
      "NetworkingConfig.EndpointsConfig.bridge.DriverOpts.com.docker.network.endpoint.sysctls",
      '"NetworkingConfig":{"EndpointsConfig":{"bridge":{"DriverOpts":{"com.docker.network.endpoint.sysctls":"x"}}}}' },
    { "host-namespace", "net", "NetworkingConfig.EndpointsConfig.host",
      '"NetworkingConfig":{"EndpointsConfig":{"host":{}}}' },
    { "unknown-field", "Superpower", "Superpower", '"Superpower":0' },
    { "host-environment", "", "EnvHost", '"EnvHost":true' },
  },
  [update] = {
    { "restart-policy", "always", "RestartPolicy.Name", '"RestartPolicy":{"Name":"always"}' },
    { "limits", "-1", "MemorySwap", '"MemorySwap":-1' },
    { "limits", "0", "PidsLimit", '"PidsLimit":0' },
    { "privileged", "", "Privileged", '"Privileged":true' },
    { "bind", "/etc", "Binds[1]", '"Binds":["/etc:/h"]' },
  },
  [exec] = {
    { "privileged", "", "Privileged", '"Privileged":true' },
    { "working-dir", "/proc/1/fd", "WorkingDir", '"WorkingDir":"/proc/1/fd"' },
    { "unknown-field", "Superpower", "Superpower", '"Superpower":1' },
  },
  [service] = {
    { "bind", "/etc", "Mounts[1].Source", '"Mounts":[{"Type":"bind","Source":"/etc","Target":"/h"}]' },
    { "capability", "SYS_ADMIN", "CapabilityAdd[1]", '"CapabilityAdd":["CAP_SYS_ADMIN"]' },
    { "security-option", "", "Privileges.Seccomp", '"Privileges":{"Seccomp":{"Mode":"unconfined"}}' },
    { "sysctl", "kernel.x=1", "Sysctls.kernel.x", '"Sysctls":{"kernel.x":"1"}' },
    { "ulimit", "core", "Ulimits[1]", '"Ulimits":[{"Name":"core"}]' },
    { "extra-host", "10.0.0.1 db", "Hosts[1]", '"Hosts":["10.0.0.1 db"]' },
    { "dns", "10.0.0.1", "DNSConfig.Nameservers[1]", '"DNSConfig":{"Nameservers":["10.0.0.1"]}' },
    { "secret", "abc", "Secrets[1]", '"Secrets":[{"SecretID":"abc","SecretName":"mine"}]' },
    { "not-understood", "expected an object, got null", "Secrets[1]", '"Secrets":[null]' },
    { "not-understood", "expected an object, got null", "Configs[1]", '"Configs":[null]' },
    { "config", "abc", "Configs[1]", '"Configs":[{"ConfigID":"abc","ConfigName":"mine"}]' },
    { "working-dir", "/proc/self/fd/7", "Dir", '"Dir":"/proc/self/fd/7"' },
    { "oom", "-1", "OomScoreAdj", '"OomScoreAdj":-1' },
    { "unknown-field", "Superpower", "Superpower", '"Superpower":1' },
  },
  [task] = {
    { "plugin", "", "PluginSpec", '"PluginSpec":{"Name":"x"}' },
    { "plugin", "plugin", "Runtime", '"Runtime":"plugin"' },
    { "not-understood", "expected an object, got null", "Networks[1]", '"Networks":[null]' },
    { "network", "host", "Networks[1]", '"Networks":[{"Target":"host"}]' },
    { "log-driver", "syslog", "LogDriver.Name", '"LogDriver":{"Name":"syslog"}' },
    { "unknown-value", "", "NetworkAttachmentSpec", '"NetworkAttachmentSpec":{"ContainerID":"x"}' },
  },
  [spec] = {
    { "port", "80", "EndpointSpec.Ports[1]", '"EndpointSpec":{"Ports":[{"TargetPort":8080,"PublishedPort":80}]}' },
    { "network", "n", "Networks[1]", '"Networks":[{"Target":"n"}]' },
  },
  [volume] = {
    { "bind", "/etc", "DriverOpts.device", '"DriverOpts":{"type":"none","o":"bind","device":"/etc"}' },
    { "bind", "/etc", "DriverOpts.device", '"DriverOpts":{"type":"ext4","o":"ro,rbind","device":"/etc"}' },
    { "bind", "/etc", "DriverOpts.device", '"DriverOpts":{"type":"none","device":"/etc"}' },
    { "bind", "/etc", "DriverOpts.o", '"DriverOpts":{"type":"overlay","o":"lowerdir=/etc","device":"x"}' },
    { "volume-device", "/dev/vda", "DriverOpts.device", '"DriverOpts":{"type":"ext4","device":"/dev/vda"}' },
    { "volume-device", "sysfs", "DriverOpts.type", '"DriverOpts":{"type":"sysfs","device":"sysfs"}' },
    { "volume-plugin", "vieux/sshfs", "DriverOpts", '"Driver":"vieux/sshfs"' },
    { "cluster-volume", "", "ClusterVolumeSpec", '"ClusterVolumeSpec":{}' },
    { "not-understood", "unknown option of the local volume driver: 'Device'", "DriverOpts",
      '"DriverOpts":{"Device":"/etc"}' },
  },
  [network] = {
    { "network-driver", "macvlan", "Driver", '"Driver":"macvlan"' },
    { "network-driver", "", "Ingress", '"Ingress":true' },
    { "network-option", "parent=eth0", "Options.parent", '"Options":{"parent":"eth0"}' },
    { "network-option", "com.docker.network.bridge.name=docker0", "Options.com.docker.network.bridge.name",
      '"Options":{"com.docker.network.bridge.name":"docker0"}' },
    { "network-option", "other", "ConfigFrom.Network", '"ConfigFrom":{"Network":"other"}' },
    { "ipam-driver", "evil", "IPAM.Driver", '"IPAM":{"Driver":"evil"}' },
    { "subnet", "169.254.169.0/24", "IPAM.Config[1].Subnet", '"IPAM":{"Config":[{"Subnet":"169.254.169.0/24"}]}' },
  },
  [connect] = {
    { "alias", "db", "EndpointConfig.Aliases[1]", '"EndpointConfig":{"Aliases":["db"]}' },
    { "mac-address", "02:00:00:00:00:01", "EndpointConfig.MacAddress",
      '"EndpointConfig":{"MacAddress":"02:00:00:00:00:01"}' },
    { "address", "fd00::1", "EndpointConfig.IPAMConfig.IPv6Address",
      '"EndpointConfig":{"IPAMConfig":{"IPv6Address":"fd00::1"}}' },
  },
  [secret] = {
    { "secret-driver", "shell", "Driver.Name", '"Driver":{"Name":"shell"}' },
    { "secret-driver", "store=cat >/etc/x", "Driver.Options.store", '"Driver":{"Options":{"store":"cat >/etc/x"}}' },
  },
  [podman] = {
    { "bind", "/etc", "mounts[1].source", '"mounts":[{"type":"bind","source":"/etc","destination":"/h"}]' },
    { "propagation", "rshared", "rootfs_propagation", '"rootfs_propagation":"rshared"' },
    { "bind", "/", "rootfs", '"rootfs":"/"' },
    { "volume", "v", "volumes[1].Name", '"volumes":[{"Name":"v","Dest":"/d"}]' },
    { "volumes-from", "db", "volumes_from[1]", '"volumes_from":["db"]' },
    { "privileged", "", "privileged", '"privileged":true' },
    { "capability", "NET_ADMIN", "cap_add[1]", '"cap_add":["CAP_NET_ADMIN"]' },
    { "device", "/dev/kmsg", "devices[1]", '"devices":[{"path":"/dev/kmsg"}]' },
    { "device", "db", "devices_from[1]", '"devices_from":["db"]' },
    { "device-rule", "b", "device_cgroup_rule[1]", '"device_cgroup_rule":[{"allow":true,"type":"b","access":"rwm"}]' },
    { "host-namespace", "pid", "pidns", '"pidns":{"nsmode":"host"}' },
    { "host-namespace", "net", "netns", '"netns":{"nsmode":"host"}' },
    { "joined-namespace", "net:/proc/1/ns/net", "netns", '"netns":{"nsmode":"path","value":"/proc/1/ns/net"}' },
    { "unknown-value", "keep-id:", "userns", '"userns":{"nsmode":"keep-id"}' },
    { "joined-namespace", "web", "pod", '"pod":"web"' },
    { "security-option", "/x.json", "seccomp_profile_path", '"seccomp_profile_path":"/x.json"' },
    { "security-option", "unconfined", "apparmor_profile", '"apparmor_profile":"unconfined"' },
    { "unmasked-paths", "", "unmask", '"unmask":["ALL"]' },
    { "host-environment", "", "env_host", '"env_host":true' },
    { "host-path", "/root/x", "log_configuration.path", '"log_configuration":{"path":"/root/x"}' },
    { "host-path", "/root/pid", "conmon_pid_file", '"conmon_pid_file":"/root/pid"' },
    { "cgroup-parent", "disabled", "cgroups_mode", '"cgroups_mode":"disabled"' },
    { "network", "n", "Networks.n", '"Networks":{"n":{}}' },
    { "port", "80-81", "portmappings[1]", '"portmappings":[{"host_port":80,"container_port":80,"range":2}]' },
    { "secret", "token", "secret_env.X", '"secret_env":{"X":"token"}' },
    { "unknown-field", "superpower", "superpower", '"superpower":true' },
  },
  [pod] = {
    { "host-namespace", "net", "netns", '"netns":{"nsmode":"host"}' },
    { "security-option", "unmask=ALL", "security_opt[1]", '"security_opt":["unmask=ALL"]' },
    { "bind", "/etc", "volumes[1].Name", '"volumes":[{"Name":"/etc","Dest":"/h"}]' },
  },
  [podman_volume] = {
    { "bind", "/etc", "Options.device", '"Options":{"type":"bind","device":"/etc"}' },
    { "volume-plugin", "image", "Options", '"Driver":"image"' },
  },
  [podman_network] = {
    { "network-driver", "macvlan", "driver", '"driver":"macvlan"' },
    { "network-option", "eth0", "network_interface", '"network_interface":"eth0"' },
    { "subnet", "169.254.169.0/24", "subnets[1].subnet", '"subnets":[{"subnet":"169.254.169.0/24"}]' },
  },
}

local prefixes = {
  [container] = "HostConfig.", [service] = "TaskTemplate.ContainerSpec.", [task] = "TaskTemplate.",
}

local order = { container, config, update, exec, service, task, spec, volume, network, connect, secret, podman, pod,
  podman_volume, podman_network }

local function fill(group, fragment)
  return (group.template:gsub("%%s", function()
    return (group.comma and fragment ~= "" and "," or "") .. fragment
  end))
end

--- Every row as { group, power, value, where, fragment, path, body, harmless_body }.
powers.rows = {}

for _, group in ipairs(order) do
  for _, row in ipairs(rows[group]) do
    powers.rows[#powers.rows + 1] = {
      group = group, power = row[1], value = row[2], where = (prefixes[group] or "") .. row[3],
      fragment = row[4], path = group.path, body = fill(group, row[4]), harmless_body = fill(group, ""),
    }
  end
end

--- The group of the fields of HostConfig.
powers.host_config = container

return powers
