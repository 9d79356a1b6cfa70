-- traefik: what the docker and swarm providers of Traefik call.
--
-- Traefik reads labels, names, addresses and health; the environment of containers it gets as an empty list.
local calls = require "moonward.calls"
local client = require "moonward.client"

return client.policy {
  summary = "Traefik lists, inspects and follows containers, without their environment.",
  always = {
    calls.events, calls.containers,
  },
  options = {
    {
      name = "traefikswarm", env = "MOONWARD_TRAEFIK_SWARM", kind = "switch",
      help = "Services, tasks, nodes and networks, for the swarm provider.",
      allows = {
        "network.list", "node.inspect", "service.list", "task.list",
      },
    },
  },
}
