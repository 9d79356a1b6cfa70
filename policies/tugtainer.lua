-- tugtainer: what Tugtainer and its agent call, by the docker command, to learn which containers have newer
-- images, and with -tugtainerupdate to update them: it pulls an image, takes the container away, and makes
-- it anew.
--
-- What is made anew asks for every power that the old container had. Those in -commonpower are let through,
-- which reach other containers, ports and volumes, but not the host, and those in -allowpower. A container
-- that has more cannot be stopped or removed, so an update fails before it begins: list what it has,
-- -allowpower=bind=/srv/app, or update it by hand. One that it may update is shown with its environment.
--
-- Read from Tugtainer 1.33.0: docker info, version, ps, inspect, logs, images, pull, manifest inspect;
-- create, start, stop, restart, kill, pause, unpause, rm, tag, image prune, network connect and disconnect,
-- exec.
local calls = require "moonward.calls"
local client = require "moonward.client"
local recreate = require "moonward.recreate"

local renewer = recreate.renewer()

return client.policy {
  summary = "Tugtainer lists and inspects containers, without their environment, pulls images, and reads"
    .. " logs; with options it updates and restarts them: whoever steers it then runs any image.",
  always = { calls.info, calls.containers, calls.images, calls.logs, "image.pull" },
  options = {
    {
      name = "tugtaineractions", env = "MOONWARD_TUGTAINER_ACTIONS", kind = "switch",
      help = "Starts, stops, restarts, kills and pauses containers, for its buttons.",
      allows = { calls.lifecycle },
    },
    {
      name = "tugtainerupdate", env = "MOONWARD_TUGTAINER_UPDATE", kind = "switch",
      help = "Updates containers.",
      allows = {
        "image.tag", "container.create", "network.connect", "network.disconnect",
        {
          "container.inspect", "container.stop", "container.remove", "container.start",
          when = renewer.may, shows = "it writes into the new container what the old one had",
        },
      },
    },
    {
      name = "tugtainerprune", env = "MOONWARD_TUGTAINER_PRUNE", kind = "switch",
      help = "Removes images that nobody uses.", allows = { "image.prune" },
    },
    {
      name = "tugtainerhooks", env = "MOONWARD_TUGTAINER_HOOKS", kind = "switch",
      help = "Runs commands in the containers it updates, for its hooks.",
      allows = { { "exec.create", "exec.start", "exec.resize", "exec.inspect", when = renewer.may } },
    },
    client.commonpower(recreate.usual), client.allowpower(),
  },
  start = renewer.start,
}
