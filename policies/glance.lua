-- glance: what the docker-containers widget of Glance (glanceapp) calls: one list, and nothing else.
--
-- With -glancelabel, containers without the label do not exist for it: glance.* fits `hide-by-default: true`.
-- Those that only glance.yml names are then gone, too.
--
-- Read from Glance at 20672ee of 2026-08-21, after 0.8.5: the list of containers.
local client = require "moonward.client"

return client.policy {
  summary = "Glance lists containers, without their command lines; with an option, only those with a label.",
  always = { "container.list" },
  options = {
    {
      name = "glancelabel", env = "MOONWARD_GLANCE_LABEL", label = true,
      help = "Label of the containers to show, as glance.*; empty: all.",
      allows = { { "container.list", only = client.labelled "glancelabel" } },
    },
  },
}
