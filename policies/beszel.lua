-- beszel: what Beszel's agent calls for the usage of containers, and with -beszeldetails what a click on one
-- shows: its settings, without the environment, and its last lines of output.
local calls = require "moonward.calls"
local client = require "moonward.client"

return client.policy {
  summary = "Beszel lists containers and sees their usage; with an option, their settings and output.",
  always = { calls.info, "container.list", calls.stats },
  options = {
    {
      name = "beszeldetails", env = "MOONWARD_BESZEL_DETAILS", kind = "switch",
      help = "Settings and logs, for the details of a container.",
      allows = { calls.logs, "container.inspect" },
    },
  },
}
