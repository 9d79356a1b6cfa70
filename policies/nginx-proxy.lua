-- nginx-proxy: what docker-gen calls, in nginxproxy/nginx-proxy or beside it.
--
-- docker-gen reads the environment of all containers (VIRTUAL_HOST), so it is shown: passwords in it as well.
-- To be told of a new configuration (-notify-sighup, -notify-container, -notify-filter), another container
-- needs the label that -nginxproxynotify names. It can be sent any signal, and be restarted.
local calls = require "moonward.calls"
local client = require "moonward.client"

local notified = client.target(client.labelled "nginxproxynotify", "it lacks the label of -nginxproxynotify")

return client.policy {
  summary = "docker-gen lists, inspects and follows containers and networks; with an option, it signals"
    .. " containers with a label, and restarts them.",
  shows = { environment = "docker-gen makes its hosts of VIRTUAL_HOST and the like" },
  always = {
    calls.info, calls.containers, "network.list",
    { calls.events, events = { "container", "network" } },
  },
  options = {
    {
      name = "nginxproxynotify", env = "MOONWARD_NGINX_PROXY_NOTIFY", label = true,
      help = "Label of the containers to notify, as com.github.nginx-proxy.nginx; empty: none.",
      allows = { { "container.kill", "container.restart", when = notified } },
    },
  },
}
