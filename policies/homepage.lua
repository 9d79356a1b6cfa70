-- homepage: what gethomepage.dev calls to find services by their labels, and to show state and usage.
--
-- With -homepagelabel, containers without the label do not exist for it. "homepage.*" leaves those that
-- Homepage finds by itself; a widget for another container (`container:` in services.yaml) then has none.
local calls = require "moonward.calls"
local client = require "moonward.client"

return client.policy {
  summary = "Homepage lists containers and sees their state and usage, without their environment; with an"
    .. " option, only those with a label.",
  always = {
    calls.containers, calls.stats,
  },
  options = {
    {
      name = "homepagelabel", env = "MOONWARD_HOMEPAGE_LABEL", label = true,
      help = "Label of the containers to show, as homepage.* or homepage.show=yes; empty: all.",
      allows = {
        { calls.containers, calls.stats, only = client.labelled "homepagelabel" },
      },
    },
    {
      name = "homepageswarm", env = "MOONWARD_HOMEPAGE_SWARM", kind = "switch",
      help = "Services and tasks, for `swarm: true` in docker.yaml.",
      allows = { "service.list", "service.inspect", "task.list" },
    },
  },
}
