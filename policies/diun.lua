-- diun: what Diun calls to learn which images containers run.
--
-- Diun asks registries for new images by itself, so it needs nothing of the engine but names and digests.
-- It can be told of containers by their labels, which the list shows; it inspects none.
local client = require "moonward.client"

return client.policy {
  summary = "Diun lists containers and looks at their images; with an option, lists the swarm's services.",
  always = { "container.list", "image.inspect" },
  options = {
    {
      name = "diunswarm", env = "MOONWARD_DIUN_SWARM", kind = "switch",
      help = "Services, for Diun's swarm provider.",
      allows = { "service.list" },
    },
  },
}
