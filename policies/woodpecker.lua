-- woodpecker: what a Woodpecker agent with the docker backend calls. It creates containers, volumes and
-- networks whose names begin with wp_, as all do that the agent makes, and touches no others. Steps get no
-- power over the host.
--
-- Steps that ask for more (privileged, volumes of the host, devices, dns, extra_hosts: trusted
-- repositories only) need it in -allowpower, and so does a network of WOODPECKER_BACKEND_DOCKER_NETWORK:
-- -allowpower=network=ci. It holds for every step then, so who may write pipelines has it too.
local calls = require "moonward.calls"
local client = require "moonward.client"
local marks = require "moonward.marks"

local ours = marks.name("wp_*")

return client.policy {
  summary = "A Woodpecker agent: runs steps in containers, volumes and networks named wp_*, without"
    .. " power over the host.",
  options = { client.allowpower() },
  powers = { "volume=wp_*", "network=wp_*", "alias" },
  always = {
    calls.info, calls.pull,
    { "container.create", "volume.create", "network.create", when = ours.made },
    { "container.inspect", only = ours.is, shows = "its own: it made them with these values" },
    {
      "container.start", "container.wait", "container.logs", "container.stop", "container.kill",
      "container.remove", "volume.remove", "network.remove", when = ours.held,
    },
    { "network.connect", when = ours.joined },
  },
}
