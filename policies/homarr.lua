-- homarr: what Homarr calls for its list of containers, and with options its buttons and its view of logs.
local calls = require "moonward.calls"
local client = require "moonward.client"

return client.policy {
  summary = "Homarr lists and inspects containers, without their environment, and sees their usage; with"
    .. " options, its buttons and logs.",
  always = {
    calls.info, calls.containers, calls.stats,
  },
  options = {
    {
      name = "homarractions", env = "MOONWARD_HOMARR_ACTIONS", kind = "switch",
      help = "Starts, stops, restarts and removes containers.",
      allows = { "container.start", "container.stop", "container.restart", "container.remove" },
    },
    {
      name = "homarrlogs", env = "MOONWARD_HOMARR_LOGS", kind = "switch",
      help = "What containers wrote.",
      allows = { calls.logs },
    },
  },
}
