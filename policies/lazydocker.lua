-- lazydocker: what lazydocker calls to show containers, images, volumes and networks, with logs, usage and
-- processes; and with options what its keys do.
--
-- Environments and command lines are left out unless -lazydockerenvironment is set. Its keys for compose
-- services run docker compose, which needs more than this: -policy docker-cli beside no-host-power.
--
-- Read from lazydocker at 7e7aadc of 2026-04-19, after 0.25: list, inspect, stats, top and logs of
-- containers, events, list of images, their history, lists of volumes and networks; start, stop, pause,
-- unpause, restart, remove, prune; docker exec and docker attach.
local calls = require "moonward.calls"
local client = require "moonward.client"
local manager = require "moonward.manager"

return client.policy {
  summary = "lazydocker reads containers, their logs and usage, images, volumes and networks, without"
    .. " environments; with options, its keys and its shell.",
  always = {
    { calls.events, events = true },
    calls.info, calls.containers, calls.stats, calls.logs, "container.top", "image.list", "image.history",
    "volume.list", "network.list",
  },
  options = {
    {
      name = "lazydockeractions", env = "MOONWARD_LAZYDOCKER_ACTIONS", kind = "switch",
      help = "Starts, stops, pauses and removes containers, and removes images, volumes and networks.",
      allows = {
        "container.start", "container.stop", "container.restart", "container.pause", "container.unpause",
        "container.remove", "image.remove", "volume.remove", "network.remove", "container.prune",
        "image.prune", "volume.prune", "network.prune",
      },
    },
    {
      name = "lazydockerenvironment", env = "MOONWARD_LAZYDOCKER_ENVIRONMENT", kind = "switch",
      help = "Environments and command lines of containers, which may hold passwords.",
      allows = {
        {
          "container.inspect",
          shows = { command = "it has a line for it", environment = "who sets the option wants to see it" },
        },
      },
    },
    manager.exec "lazydocker",
  },
}
