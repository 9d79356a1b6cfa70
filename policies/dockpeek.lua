-- dockpeek: what Dockpeek calls to show containers, ports and logs, and with -dockpeekupdate what its
-- update button does: it pulls an image, renames the old container, makes a new one as that was, and takes
-- the old one away.
--
-- What is made anew asks for every power that the old container had. Those in -commonpower are let through,
-- which reach other containers, ports and volumes, but not the host, and those in -allowpower. A container
-- that has more cannot be stopped, renamed or removed: list what it has, -allowpower=bind=/srv/app, or
-- update it by hand. One that it may update is shown with its environment.
--
-- Read from Dockpeek 1.7.1: ping, version, info, list, inspect and logs of containers, inspect of images;
-- services, their logs and tasks; list, pull and removal of images; create, start, stop, kill, rename,
-- remove, inspect of networks and connect.
local calls = require "moonward.calls"
local client = require "moonward.client"
local recreate = require "moonward.recreate"

local renewer = recreate.renewer()

return client.policy {
  summary = "Dockpeek lists and inspects containers, without their environment, and reads their logs; with"
    .. " an option it updates them: whoever steers it then runs any image.",
  always = { calls.info, calls.containers, calls.logs, "image.inspect" },
  options = {
    {
      name = "dockpeekupdate", env = "MOONWARD_DOCKPEEK_UPDATE", kind = "switch",
      help = "Updates containers, and removes images that nobody uses.",
      allows = {
        "image.list", "image.pull", "image.remove", "container.create", "network.inspect", "network.connect",
        {
          "container.inspect", "container.stop", "container.kill", "container.rename", "container.remove",
          "container.start",
          when = renewer.may, shows = "it writes into the new container what the old one had",
        },
      },
    },
    {
      name = "dockpeekswarm", env = "MOONWARD_DOCKPEEK_SWARM", kind = "switch",
      help = "Services, their logs, and tasks.",
      allows = { "service.list", "service.inspect", "service.logs", "task.list" },
    },
    client.commonpower(recreate.usual), client.allowpower(),
  },
  start = renewer.start,
}
