-- drydock: what Drydock calls to learn which images containers run, and with options what its buttons and
-- its docker and dockercompose triggers do: restart containers, read their logs, update them.
--
-- With -drydockupdate it pulls an image, renames the old container, makes a new one as that was, and takes
-- the old one away. What is made anew asks for every power that the old container had. Those in
-- -commonpower are let through, which reach other containers, ports and volumes, but not the host, and
-- those in -allowpower. A container that has more cannot be stopped, renamed or removed: list what it has,
-- -allowpower=bind=/srv/app, or update it by hand. One that it may update is shown with its environment.
-- Drydock's update of itself, and its scanner in a container, bind the engine's socket and are denied.
--
-- Read from Drydock 1.7.0: list, inspect, events, logs and stats of containers, list and inspect of images,
-- info, inspect of services; pull, create, start, stop, restart, kill, wait, rename, remove, network
-- connect, exec.
local calls = require "moonward.calls"
local client = require "moonward.client"
local recreate = require "moonward.recreate"

local renewer = recreate.renewer()

return client.policy {
  summary = "Drydock lists, inspects and follows containers, without their environment, and looks at"
    .. " images; with options it updates and restarts them: whoever steers it then runs any image.",
  always = {
    calls.info, calls.events, calls.containers, calls.stats, "image.inspect",
  },
  options = {
    {
      name = "drydocklogs", env = "MOONWARD_DRYDOCK_LOGS", kind = "switch",
      help = "What containers write.", allows = { calls.logs },
    },
    {
      name = "drydockactions", env = "MOONWARD_DRYDOCK_ACTIONS", kind = "switch",
      help = "Starts, stops and restarts containers.",
      allows = { "container.start", "container.stop", "container.restart" },
    },
    {
      name = "drydockupdate", env = "MOONWARD_DRYDOCK_UPDATE", kind = "switch",
      help = "Updates containers, for the triggers docker and dockercompose.",
      allows = {
        "image.list", "image.pull", "image.remove", "container.create", "network.inspect", "network.connect",
        {
          "container.inspect", "container.stop", "container.kill", "container.wait", "container.rename",
          "container.remove", "container.start",
          when = renewer.may, shows = "it writes into the new container what the old one had",
        },
      },
    },
    {
      name = "drydockhooks", env = "MOONWARD_DRYDOCK_HOOKS", kind = "switch",
      help = "Runs commands in the containers it updates, for post_start hooks.",
      allows = { { "exec.create", "exec.start", "exec.inspect", when = renewer.may } },
    },
    {
      name = "drydockswarm", env = "MOONWARD_DRYDOCK_SWARM", kind = "switch",
      help = "The service of a container, for its labels.", allows = { "service.inspect" },
    },
    client.commonpower(recreate.usual), client.allowpower(),
  },
  start = renewer.start,
}
