-- portainer: Portainer as a window: what its pages read, and nothing that changes anything. For an
-- environment that Portainer may also change, there is portainer-operator.
--
-- Left out of what it shows: environments, command lines, options of drivers, tokens to join the swarm, what
-- configs hold, and settings of plugins. What its buttons ask for is refused.
local calls = require "moonward.calls"
local client = require "moonward.client"

local asked = "who sets -portainerenvironment wants to see it"
local asked_for = { build = asked, command = asked, environment = asked, healthcheck = asked }

return client.policy {
  summary = "Portainer reads containers, images, networks, volumes and the swarm, without environments and"
    .. " tokens; it changes nothing.",
  powers = { "swarm-secret" }, -- of GET /swarm, where they are left out
  always = {
    { calls.overview, events = true },
    calls.details, "config.list", "config.inspect", "swarm.inspect", "plugin.list",
  },
  options = {
    {
      name = "portainerlogs", env = "MOONWARD_PORTAINER_LOGS", kind = "switch",
      help = "What containers, services and tasks wrote, and their processes.",
      allows = { calls.logs, "service.logs", "task.logs", "container.top" },
    },
    {
      name = "portainerenvironment", env = "MOONWARD_PORTAINER_ENVIRONMENT", kind = "switch",
      help = "The environment and the command lines of containers and services, which may hold passwords.",
      allows = { { calls.details, shows = asked_for } },
    },
  },
}
