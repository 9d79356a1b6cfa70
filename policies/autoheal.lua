-- autoheal: what willfarrell/docker-autoheal calls. It sees the containers that are labelled for it and
-- restarts them; the list shows no others.
--
-- AUTOHEAL_CONTAINER_LABEL is autoheal's own variable: set it here too if it is set there. With "all" it
-- restarts any container, moonward's included.
local client = require "moonward.client"

-- As autoheal filters: the label is "true".
local function is_watched(container, options)
  return options.containerlabel == "all" or container.labels[options.containerlabel] == "true"
end

return client.policy {
  summary = "docker-autoheal: lists the containers with the label autoheal=true, and restarts them. Whoever"
    .. " creates containers or images sets labels.",
  options = {
    {
      name = "containerlabel", env = "AUTOHEAL_CONTAINER_LABEL", default = "autoheal",
      help = "The label of the containers to restart; all: any container.",
    },
  },
  always = {
    { "container.list", only = is_watched },
    { "container.restart", when = client.target(is_watched, "it has no label autoheal=true") },
  },
}
