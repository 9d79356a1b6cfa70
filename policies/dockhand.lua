-- dockhand: what Dockhand calls: containers, stacks, images, networks and volumes may be made, changed and
-- removed. What is created has only the powers over the host of -commonpower and -allowpower
-- (policies/no-host-power.lua says how they are written).
--
-- Dockhand edits and updates a container by making it anew from what it was shown, so that shows
-- environments. It browses volumes by a container of its own that mounts them, and files with
-- -dockhandfiles. Scans of images by Trivy or Grype bind the engine's socket into a container, and so does
-- its update of itself: both are denied. Hawser, its agent on other hosts, takes no address of an engine
-- but the socket itself, so moonward has to listen there.
--
-- Read from Dockhand 1.0.36: ping, version, info, df, events; list, inspect, create, start, stop, restart,
-- pause, rename, update, remove, top, stats, logs, wait, exec and files of containers; images with pull,
-- push, tag, save, search, history; networks; volumes; prune; compose.
local calls = require "moonward.calls"
local client = require "moonward.client"
local manager = require "moonward.manager"

return client.policy {
  summary = "Dockhand works on all containers, images, networks and volumes; what it creates has only the"
    .. " powers over the host that are listed.",
  shows = manager.remakes "it makes a container anew from what it was shown",
  always = {
    { calls.compose, events = true },
    { "image.export", shows = { environment = "an image without its configuration is none" } },
    "container.update", "image.history", "image.tag", "image.push", "image.search", "distribution.inspect",
    "system.auth", "system.df",
  },
  options = {
    manager.directory("dockhanddir", "MOONWARD_DOCKHAND_DIR", "Folder of stacks on the host, to mount from."),
    manager.exec "dockhand", manager.files "dockhand", manager.build "dockhand", manager.prune "dockhand",
    client.commonpower(manager.powers), client.allowpower(),
  },
}
