-- wud: what What's Up Docker calls to learn which images containers run, and with -wudupdate what its docker
-- trigger does to update one: it pulls an image, takes the container away, and makes it anew as it was.
--
-- What is made anew asks for every power that the old container had. Those in -commonpower are let through,
-- which reach other containers, ports and volumes, but not the host, and those in -allowpower. A container
-- that has more (a bind, privileged, the host's network) cannot be stopped or removed, so WUD fails before
-- it begins: list what it has, -allowpower=bind=/srv/app, or update it by hand. A container that it may
-- update is shown with its environment; WUD writes it into the new one.
local calls = require "moonward.calls"
local client = require "moonward.client"
local recreate = require "moonward.recreate"

local renewer = recreate.renewer()

return client.policy {
  summary = "WUD lists, inspects and follows containers, without their environment, and looks at images;"
    .. " with an option it updates them: whoever steers it then runs any image.",
  always = {
    calls.events, calls.containers, "image.inspect",
  },
  options = {
    {
      name = "wudupdate", env = "MOONWARD_WUD_UPDATE", kind = "switch",
      help = "Updates containers, for the docker trigger.",
      allows = {
        "image.list", "image.pull", "image.remove", "container.create", "network.connect",
        {
          "container.inspect", "container.stop", "container.wait", "container.remove", "container.start",
          when = renewer.may, shows = "WUD writes into the new container what the old one had",
        },
      },
    },
    client.commonpower(recreate.usual), client.allowpower(),
  },
  start = renewer.start,
}
