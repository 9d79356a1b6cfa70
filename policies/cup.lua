-- cup: what Cup calls to learn which images there are, and which of them containers run. It asks registries
-- by itself.
--
-- Read from Cup 3.5.1: list and inspect of images, lists of containers and services (where there is a
-- swarm).
local calls = require "moonward.calls"
local client = require "moonward.client"

return client.policy {
  summary = "Cup lists images, looks at them, and lists containers; with an option, the swarm's services.",
  always = { calls.images, "container.list" },
  options = {
    {
      name = "cupswarm", env = "MOONWARD_CUP_SWARM", kind = "switch",
      help = "Services; without them Cup goes on with images alone.", allows = { "service.list" },
    },
  },
}
