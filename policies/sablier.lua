-- sablier: what Sablier's docker provider calls. It sees the containers with the label sablier.enable=true,
-- and starts and stops them.
--
-- Containers that a labelled one depends on (compose's depends_on) need the label as well, if Sablier is to
-- start them. What Sablier calls of a swarm is not here: updating a service can take over every host.
local calls = require "moonward.calls"
local client = require "moonward.client"
local marks = require "moonward.marks"

local enabled = marks.label("sablier.enable", "true")

return client.policy {
  summary = "Sablier: sees the containers with the label sablier.enable=true, starts and stops them. Whoever"
    .. " creates containers or images sets labels.",
  options = {
    {
      name = "sablierpause", env = "MOONWARD_SABLIER_PAUSE", kind = "switch",
      help = "Pauses and unpauses them too, for Sablier's strategy pause.",
      allows = { { "container.pause", "container.unpause", when = enabled.held } },
    },
    {
      name = "sablierscale", env = "MOONWARD_SABLIER_SCALE", kind = "switch",
      help = "Changes their limits of CPU, memory and disks too, for Sablier's scale mode.",
      allows = { { "container.update", when = enabled.held } },
    },
  },
  powers = { "limits", "io-limit" },
  always = {
    { calls.containers, calls.events, only = enabled.is },
    { "container.start", "container.stop", "container.wait", when = enabled.held },
  },
}
