--- Fields of the bodies that create and update containers and pods in podman's own API (podman 3 to 6).
--- What is not here is an unknown field.

local objects = require "moonward.powers.objects"
local mount_fields = require "moonward.mount_fields"
local r = require "moonward.powers.readers"
local walk = require "moonward.powers.walk"

local libpod = {}

local apart = walk.set "default private none bridge auto nomap no-map slirp4netns pasta"

-- { nsmode: "container", value: "db" }; row.is says which one.
local function read_namespace(found, value, where, row)
  mount_fields.object(value, where)
  local mode = mount_fields.text_at(value, "nsmode", where)
  local of = mount_fields.text_at(value, "value", where)
  if mode == "host" then
    walk.add(found, "host-namespace", row.is, where)
  elseif mode == "container" or mode == "pod" or mode == "ns" or mode == "path" then
    walk.add(found, "joined-namespace", row.is .. ":" .. of, where)
  elseif row.is == "ipc" and mode == "shareable" then
    walk.add(found, "shareable-ipc", "", where)
  elseif mode ~= "" and not apart[mode] or of ~= "" then
    walk.add(found, "unknown-value", mode .. ":" .. of, where)
  end
  walk.object(found, row.type, value, where .. ".")
end

local function namespace(field, which)
  return { field, read_namespace, { "host-namespace", "joined-namespace", "unknown-value" }, is = which,
    type = walk.type({}, "nsmode value") }
end

local device = walk.type({}, "path type major minor fileMode uid gid")
local device_rule = walk.type({}, "allow type major minor access")
local mount = walk.type({
  { "type", r.mount, "unknown-value" },
  { "source", r.mount, "bind" },
  { "options", r.mount, { "bind", "propagation" } },
}, "destination uidMappings gidMappings")
local volume = walk.type({
  { "Name", r.mount, { "volume", "bind" } },
  { "source", r.mount, { "bind", "volume" } },
  { "options", r.mount, { "bind", "propagation" } },
}, "Dest destination IsAnonymous SubPath ReadWrite")
local throttled = { "io-limit" }

local function throttle(field)
  return { field, r.map, throttled }
end

-- What containers and pods have in common.
local common = walk.type({
  { "mounts", r.objects, type = mount },
  { "volumes", r.objects, type = volume },
  { "overlay_volumes", r.objects, type = volume },
  { "volumes_from", r.mount, "volumes-from" },
  namespace("pidns", "pid"), namespace("ipcns", "ipc"), namespace("utsns", "uts"),
  namespace("userns", "user"), namespace("cgroupns", "cgroup"), namespace("netns", "net"),
  { "idmappings", r.present, "unknown-value" },
  { "cgroup_parent", r.text, "cgroup-parent" },
  { "sysctl", r.map, "sysctl" },
  { "restart_policy", r.text, "restart-policy", harmless = walk.set "no" },
  { "portmappings", r.port_list, "port", port = "host_port", address = "host_ip", range = "range",
    type = walk.type({}, "host_ip container_port host_port range protocol") },
  { "Networks", r.endpoints, { "network", "host-namespace", "joined-namespace" },
    type = objects.libpod_endpoint },
  { "cni_networks", r.texts, "network" },
  { "network_options", r.map, "network-option" },
  { "static_ip", r.text, "address" },
  { "static_ipv6", r.text, "address" },
  { "static_mac", r.text, "mac-address" },
  { "aliases", r.map, "alias" },
  { "dns_server", r.texts, "dns" },
  { "dns_search", r.texts, "dns" },
  { "dns_option", r.texts, "dns" },
  { "hostadd", r.texts, "extra-host" },
  throttle "throttleReadBpsDevice", throttle "throttleWriteBpsDevice", throttle "throttleReadIOPSDevice",
  throttle "throttleWriteIOPSDevice", throttle "weightDevice",
  { "hostsFile", r.mount, "bind" },
  { "base_hosts_file", r.mount, "bind" },
  { "resource_limits", r.object, type = walk.type({
    { "devices", r.each, "device-rule", value = "type", type = device_rule },
    { "blockIO", r.given, "io-limit" },
    { "unified", r.map, "limits" },
    { "network", r.given, "limits" },
    { "rdma", r.given, "limits" },
  }, "memory cpu pids hugepageLimits") },
}, "name hostname labels image_volumes shm_size shm_size_systemd restart_tries cpu_period cpu_quota")

libpod.container = walk.type({
  { "privileged", r.flag, "privileged" },
  { "cap_add", r.capabilities, "capability" },
  { "selinux_opts", r.texts, "security-option" },
  { "apparmor_profile", r.text, "security-option" },
  { "seccomp_policy", r.text, "security-option", harmless = walk.set "default" },
  { "seccomp_profile_path", r.text, "security-option" },
  { "label_nested", r.flag, "security-option" },
  { "unmask", r.present, "unmasked-paths" },
  { "procfs_opts", r.present, "unmasked-paths" },
  { "pod", r.text, "joined-namespace" },
  { "oci_runtime", r.text, "runtime" },
  { "annotations", r.map, "annotation" },
  { "env_host", r.flag, "host-environment" },
  { "work_dir", r.working_dir, "working-dir" },
  { "rootfs", r.mount, "bind" },
  { "init_path", r.mount, "bind" },
  { "rootfs_propagation", r.text, "propagation", harmless = walk.set "private rprivate slave rslave" },
  { "devices", r.each, "device", value = "path", is_path = true, type = device },
  { "host_device_list", r.each, "device", value = "path", is_path = true, type = device },
  { "device_cgroup_rule", r.each, "device-rule", value = "type", type = device_rule },
  { "devices_from", r.texts, "device" },
  { "chroot_directories", r.texts, "host-path" },
  { "conmon_pid_file", r.path, "host-path" },
  { "healthLogDestination", r.path, "host-path", harmless = walk.set "local events_logger" },
  { "storage_opts", r.map, "storage-option" },
  { "secrets", r.each, "secret", value = "Source", type = walk.type({}, "Source Target UID GID Mode") },
  { "secret_env", r.map_values, "secret" },
  { "cgroups_mode", r.text, "cgroup-parent", harmless = walk.set "enabled" },
  { "unified", r.map, "limits" },
  { "intelRdt", r.present, "limits" },
  { "oom_score_adj", r.negative, "oom" },
  { "r_limits", r.each, "ulimit", value = "type", type = walk.type({}, "type hard soft") },
  { "rlimits", r.each, "ulimit", value = "type", type = walk.type({}, "type hard soft") },
  { "publish_image_ports", r.publish_all, "port" },
  { "log_configuration", r.object, type = walk.type({
    { "driver", r.text, "log-driver", harmless = walk.set "k8s-file json-file none passthrough" },
    { "path", r.path, "host-path" },
    { "options", r.map, "log-option", harmless = walk.set "max-size tag" },
  }, "size") },
}, [[entrypoint command httpproxy env terminal stdin stop_signal stop_timeout timeout raw_image_name image_os
  image_arch
  image_variant systemd sdnotifyMode namespace remove removeImage containerCreateCommand timezone
  dependencyContainers init_container_type personality unsetenv unsetenvall envmerge manage_password
  passwd_entry group_entry hostusers umask image rootfs_overlay rootfs_mapping image_volume_mode init
  artifact_volumes create_working_dir volatile user groups cap_drop no_new_privileges read_only_filesystem
  read_write_tmpfs mask use_image_resolve_conf use_image_hosts use_image_hostname expose healthconfig
  health_check_on_failure_action startupHealthConfig healthMaxLogCount healthMaxLogSize]], common)

libpod.pod = walk.type({
  { "security_opt", r.texts, "security-option" },
  { "pod_devices", r.texts, "device" },
  { "devices", r.texts, "device" },
  { "infra_conmon_pid_file", r.path, "host-path" },
}, [[exit_policy no_infra infra_command infra_image infra_name pod_create_command shared_namespaces
  share_parent no_manage_resolv_conf no_manage_hosts no_manage_hostname serviceContainerID]], common)

-- Limits, and what podman 5 added to them.
libpod.update = walk.type({
  { "memory", r.given, "limits" },
  { "cpu", r.given, "limits" },
  { "pids", r.given, "limits" },
  { "blockIO", r.given, "io-limit" },
  { "hugepageLimits", r.given, "limits" },
  { "unified", r.map, "limits" },
  { "devices", r.each, "device-rule", value = "type", type = device_rule },
}, [[health_cmd health_interval health_retries health_timeout health_start_period health_on_failure
  no_healthcheck Env UnsetEnv]])

return libpod
