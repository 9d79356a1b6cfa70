-- coolify: what the docker commands ask for that Coolify runs on a server, by SSH. Coolify has no setting
-- for an engine: it is held only where its user's DOCKER_HOST on the server names moonward, or where
-- moonward listens at /var/run/docker.sock and the engine elsewhere. Whoever is root there goes past any
-- proxy.
--
-- A deployment runs a helper with /var/run/docker.sock as a bind, and so do Coolify's proxy and Sentinel.
-- If moonward listens at that path, -coolifysocket lets them have it, and they reach what Coolify reaches.
-- Never set it where the engine itself listens there: then any container is root on the host. Applications
-- keep their files below -coolifydir; a symbolic link below it leads anywhere on the host.
--
-- Read from Coolify 4.3.11: ps, inspect, run, start, stop, restart, rm, exec, cp, logs, images, pull, push,
-- tag, rmi, login; network and volume; compose; build; prune; service and stack.
local calls = require "moonward.calls"
local client = require "moonward.client"
local manager = require "moonward.manager"

return client.policy {
  summary = "Coolify deploys applications, and works on all of the engine's containers; what it creates has"
    .. " only the powers over the host that are listed.",
  always = {
    { calls.compose, events = true },
    calls.exec, calls.attach, "image.tag", "image.push", "system.auth", "system.df",
  },
  options = {
    {
      name = "coolifysocket", env = "MOONWARD_COOLIFY_SOCKET", kind = "switch",
      help = "Binds of /var/run/docker.sock, where moonward itself listens.",
      powers = function() return { "bind=/var/run/docker.sock" } end,
    },
    manager.directory("coolifydir", "MOONWARD_COOLIFY_DIR", "Its folder on the host, as /data/coolify."),
    manager.files "coolify", manager.build "coolify", manager.prune "coolify", manager.swarm "coolify",
    client.commonpower(manager.powers), client.allowpower(),
  },
}
