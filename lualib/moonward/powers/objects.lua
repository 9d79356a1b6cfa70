--- Fields of the bodies about volumes, networks and secrets, in the Engine API and in libpod.

local container = require "moonward.powers.container"
local r = require "moonward.powers.readers"
local walk = require "moonward.powers.walk"

local objects = {}

objects.volume = walk.type({
  { "Driver", r.mount, "volume-plugin" },
  { "DriverOpts", r.mount, { "bind", "volume-device", "volume-network" } },
  { "ClusterVolumeSpec", r.present, "cluster-volume" },
}, "Name Labels")

objects.libpod_volume = walk.type({
  { "Driver", r.mount, "volume-plugin" },
  { "Options", r.mount, { "bind", "volume-device", "volume-network" } },
}, "Name Label Labels IgnoreIfExists UID GID")

-- Options of the bridge driver that stay inside the network.
local own_options = walk.set [[com.docker.network.bridge.enable_icc com.docker.network.driver.mtu]]

objects.network = walk.type({
  { "Driver", r.text, "network-driver", harmless = walk.set "bridge" },
  { "Scope", r.text, "network-driver", harmless = walk.set "local" },
  { "Ingress", r.flag, "network-driver" },
  { "ConfigFrom", r.object, type = walk.type { { "Network", r.text, "network-option" } } },
  { "Options", r.map, "network-option", harmless = own_options },
  { "IPAM", r.object, type = walk.type {
    { "Driver", r.text, "ipam-driver", harmless = walk.set "default" },
    { "Options", r.map, "network-option" },
    { "Config", r.objects, type = walk.type({
      { "Subnet", r.text, "subnet" },
      { "Gateway", r.text, "subnet" },
    }, "IPRange AuxiliaryAddresses") },
  } },
}, "Name CheckDuplicate Internal Attachable ConfigOnly EnableIPv4 EnableIPv6 Labels")

objects.connect = walk.type({
  { "EndpointConfig", r.object, type = container.endpoint },
}, "Container" .. container.ignored_in "network.connect")

-- podman's options of an endpoint.
objects.libpod_endpoint = walk.type({
  { "static_ips", r.texts, "address" },
  { "static_mac", r.text, "mac-address" },
  { "aliases", r.texts, "alias" },
  { "options", r.map, "network-option" },
}, "interface_name")

objects.libpod_connect = walk.type({}, "Container", objects.libpod_endpoint)

objects.libpod_network = walk.type({
  { "driver", r.text, "network-driver", harmless = walk.set "bridge" },
  { "network_interface", r.text, "network-option" },
  { "subnets", r.objects, type = walk.type({
    { "subnet", r.text, "subnet" },
    { "gateway", r.text, "subnet" },
  }, "lease_range") },
  { "routes", r.each, "network-option", value = "destination",
    type = walk.type({}, "destination gateway metric route_type") },
  { "network_dns_servers", r.texts, "dns" },
  { "options", r.map, "network-option", harmless = walk.set "mtu isolate" },
  { "ipam_options", r.map, "ipam-driver" },
}, "name id created ipv6_enabled internal dns_enabled labels")

objects.libpod_network_update = walk.type {
  { "adddnsservers", r.texts, "dns" },
  { "removednsservers", r.texts, "dns" },
}

-- podman's driver "shell" runs the commands in its options.
objects.secret = walk.type({
  { "Driver", r.object, type = walk.type {
    { "Name", r.text, "secret-driver" },
    { "Options", r.map, "secret-driver" },
  } },
  { "Templating", r.object, type = walk.type {
    { "Name", r.text, "secret-driver", harmless = walk.set "golang" },
    { "Options", r.map, "secret-driver" },
  } },
}, "Name Labels Data")

return objects
