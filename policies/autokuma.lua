-- autokuma: what AutoKuma calls to make monitors of labels.
--
-- Its templates may use any field of the list and of the engine's info, so both are shown whole.
local calls = require "moonward.calls"
local client = require "moonward.client"

return client.policy {
  summary = "AutoKuma lists containers and asks the engine for its info; with an option, it sees only those"
    .. " with a label.",
  always = { calls.info, "container.list" },
  options = {
    {
      name = "autokumalabel", env = "MOONWARD_AUTOKUMA_LABEL", label = true,
      help = "Label of the containers to show, as kuma.*; empty: all.",
      allows = { { "container.list", only = client.labelled "autokumalabel" } },
    },
    {
      name = "autokumaservices", env = "MOONWARD_AUTOKUMA_SERVICES", kind = "switch",
      help = "Services of the swarm, for AUTOKUMA__DOCKER__SOURCE=Services or Both.",
      allows = { "service.list" },
    },
  },
}
