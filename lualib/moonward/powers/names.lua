--- The powers that moonward.create finds, by name. Data only; docs/powers.md is printed from it.
---
--- A row: name, what a rule may say of its value, what it is.
---   flag        nothing: there is no value worth a rule
---   text        a glob for the value
---   path        a directory; the value is a path of the host, in it or it
---   port        [address:]port or [address:]first-last, of the host
---   capability  a glob, with or without CAP_, in any case
---   never       cannot be let through by name: what was asked for is not known

local rows = {
  -- Files of the host
  { "bind", "path", "mounts a file or directory of the host" },
  { "volume-device", "path", "mounts a device, a file of the host or a kernel's view as a file system" },
  { "propagation", "text", "mounts inside the container come back to the host, or to others" },
  { "host-path", "path", "reads or writes a path of the host" },
  { "checkpoint", "path", "writes, reads or removes checkpoints, in any directory of the host" },
  { "archive", "text", "writes files as root into a container or a volume, and through its binds" },

  -- Files of others
  { "volume", "text", "mounts a volume by its name, with whatever options it was once made" },
  { "volumes-from", "text", "mounts all volumes and binds of another container" },
  { "volume-plugin", "text", "a volume driver that may mount anything" },
  { "volume-network", "text", "mounts a share of another machine, with the host's address" },
  { "cluster-volume", "flag", "a volume of the swarm's storage plugins" },
  { "secret", "text", "reads a secret; the value is its id (podman: its name)" },
  { "config", "text", "reads a config; the value is its id" },

  -- The border of the container
  { "privileged", "flag", "all capabilities and devices, no confinement" },
  { "capability", "capability", "a capability by name, ALL for all" },
  { "device", "path", "a device, or all devices in a directory" },
  { "device-rule", "text", "a rule of the device cgroup: devices by their numbers" },
  { "device-request", "text", "devices that a driver picks, such as GPUs" },
  { "host-namespace", "text", "a namespace of the host: pid, ipc, uts, user, cgroup, net" },
  { "joined-namespace", "text", "a namespace of another container: pid:NAME, ipc:, net:, cgroup:, ..." },
  { "shareable-ipc", "flag", "other containers may join its IPC namespace" },
  { "security-option", "text", "an option of seccomp, AppArmor, SELinux or no-new-privileges" },
  { "unmasked-paths", "path", "a path of /proc or /sys that the engine would hide or make read-only" },
  { "runtime", "text", "an OCI runtime other than the engine's choice" },
  { "annotation", "text", "key=value that reaches the OCI runtime and its hooks" },
  { "working-dir", "text", "a working directory in /proc or /dev, which may lead outside (CVE-2024-21626)" },
  { "host-environment", "flag", "the environment of the engine" },

  -- The kernel and its limits
  { "sysctl", "text", "key=value of the kernel" },
  { "cgroup-parent", "text", "a cgroup whose limits others set" },
  { "oom", "text", "is spared when memory runs out, so that others are not" },
  { "ulimit", "text", "sets a limit of its processes, perhaps above the engine's default" },
  { "realtime", "text", "CPU time before everybody else" },
  { "limits", "text", "changes limits that were set when the container was made" },
  { "io-limit", "text", "names a block device of the host" },
  { "storage-option", "text", "key=value of the storage driver, such as a quota" },
  { "restart-policy", "text", "starts again by itself, also with the host" },

  -- The network and names on it
  { "port", "port", "listens on a port of the host; 0 is any free one" },
  { "network", "text", "joins a network other than the engine's default" },
  { "network-driver", "text", "a network of a driver that may take an interface of the host" },
  { "network-option", "text", "key=value of a network or an endpoint: interfaces of the host, sysctls" },
  { "ipam-driver", "text", "addresses from a plugin" },
  { "subnet", "text", "chooses addresses of a network, which may hide real ones from the host" },
  { "address", "text", "chooses its address" },
  { "mac-address", "text", "chooses its MAC address" },
  { "alias", "text", "takes a name on a network" },
  { "link", "text", "gives another container a second name, which the API takes too" },
  { "extra-host", "text", "writes a line into /etc/hosts" },
  { "dns", "text", "chooses name servers, search domains or options" },

  -- The engine itself
  { "log-driver", "text", "logs to another machine, or into the host's own logs" },
  { "log-option", "text", "key=value of a log driver: addresses, sockets and files that the engine opens" },
  { "remote", "text", "an address that the engine fetches from" },
  { "frontend", "text", "an image that BuildKit runs to understand the build" },
  { "build-session", "flag", "BuildKit's builds and sessions: images it runs, files, secrets, SSH agents" },
  { "build-grpc", "flag", "BuildKit's control API, where no rule about builds holds" },
  { "build-output", "text", "writes the result of a build elsewhere" },
  { "start-body", "flag", "starts a container with a body, which old engines take for a new HostConfig" },
  { "plugin", "text", "installs, changes, starts or stops code that runs as root on the host" },
  { "swarm", "text", "changes which machines command this one" },
  { "swarm-secret", "flag", "shows the keys of the swarm, with which any machine becomes a manager" },
  { "secret-driver", "text", "a driver of secrets, some of which run commands or write files on the host" },
  { "kubernetes", "flag", "Kubernetes YAML, which may ask for anything" },
  { "unit", "flag", "units that systemd runs on the host" },
  { "ssh", "text", "connects to other hosts with the engine's SSH keys" },

  -- What is not known
  { "unknown-field", "text", "a field or parameter that moonward does not know; an engine may" },
  { "unknown-value", "text", "a value that moonward does not know in a field that it knows" },
  { "unknown-route", "text", "a route that moonward does not know: METHOD /path" },
  { "not-understood", "never", "a body that is not what the engine expects" },
}

local names = { list = {}, known = {} }

for i, row in ipairs(rows) do
  local entry = { power = row[1], takes = row[2], text = row[3] }
  names.list[i], names.known[entry.power] = entry, entry
end

return names
