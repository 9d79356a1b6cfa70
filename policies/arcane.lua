-- arcane: what Arcane calls: containers, compose projects, images, networks and volumes may be made,
-- changed and removed. What is created has only the powers over the host of -commonpower and -allowpower
-- (policies/no-host-power.lua says how they are written).
--
-- Arcane updates a container by making it anew from what it was shown, so that shows environments. Projects
-- mount files below -arcanedir; a symbolic link below it leads anywhere on the host. Its updates of itself,
-- and scans of images by Trivy, bind the engine's socket into a container and are denied. What joins,
-- leaves, locks and unlocks a swarm is, too.
--
-- Read from Arcane 2.8.1: list, inspect, create, start, stop, restart, kill, pause, rename, remove, commit,
-- logs, stats, wait, exec and copy of containers; images with pull, tag, save, load, search, history;
-- networks; volumes; info, df, events, login, distribution, prune; services, nodes, secrets, configs.
local calls = require "moonward.calls"
local client = require "moonward.client"
local manager = require "moonward.manager"

return client.policy {
  summary = "Arcane works on all containers, images, networks and volumes; what it creates has only the"
    .. " powers over the host that are listed.",
  shows = manager.remakes "an update makes a container or a service anew from what it was shown",
  always = {
    { calls.compose, events = true },
    "container.commit", "container.update", "image.history", "image.tag", "image.search",
    "distribution.inspect", "system.auth", "system.df",
  },
  options = {
    manager.directory("arcanedir", "MOONWARD_ARCANE_DIR", "Folder of projects on the host, to mount from."),
    {
      name = "arcaneimages", env = "MOONWARD_ARCANE_IMAGES", kind = "switch",
      help = "Saves and loads images, over any name.", allows = { "image.load", "image.export_many" },
    },
    manager.exec "arcane", manager.files "arcane", manager.build "arcane", manager.prune "arcane",
    manager.swarm "arcane", client.commonpower(manager.powers), client.allowpower(),
  },
}
