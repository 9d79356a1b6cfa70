-- nextcloud-aio: what Nextcloud's AppAPI calls to run external apps (its Docker daemon
-- "docker_socket_proxy", as in Nextcloud All-in-One). It creates containers and volumes whose names begin
-- with nc_app_, and touches no others. Made to stand where the nextcloud-aio-docker-socket-proxy
-- container stands, with the same calls.
--
-- It is not for the mastercontainer of All-in-One, which makes containers with binds, devices and
-- the engine's socket: whoever steers that one is root on the host, whatever stands between.
--
-- Apps are on the network nextcloud-aio; another, the --net of the daemon, needs
-- -allowpower=network=NAME. They mount nothing but their own volume nc_app_NAME_data. GPUs need
-- -allowpower=device-request, or -allowpower=device=/dev/dri,device=/dev/kfd; directories for an app
-- -allowpower=bind=/that/directory.
local calls = require "moonward.calls"
local client = require "moonward.client"
local marks = require "moonward.marks"

local app, data = marks.name "nc_app_*", marks.name "nc_app_*_data"

return client.policy {
  summary = "Nextcloud's AppAPI runs apps in containers named nc_app_*, each with its own volume."
    .. " Not for the mastercontainer of All-in-One.",
  options = { client.allowpower() },
  -- With a daemon at a distance apps listen on the host's loopback.
  powers = {
    "volume=nc_app_*_data", "network=nextcloud-aio", "restart-policy", "alias", "port=127.0.0.1:*",
    "port=[::1]:*", "archive",
  },
  always = {
    calls.pull,
    { "container.create", when = app.made },
    { "container.inspect", only = app.is },
    {
      "container.start", "container.stop", "container.update", "container.logs", "container.remove",
      "container.archive.put", "exec.create", "exec.start", when = app.held,
    },
    { "volume.create", when = data.made },
    { "volume.remove", when = data.held },
  },
}
