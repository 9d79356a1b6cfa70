-- komodo: what Komodo's periphery calls, by the API and by the docker and docker compose commands that it
-- runs: it deploys containers and stacks, starts, stops and removes them, pulls images, and shows what
-- there is.
--
-- What it creates has only the powers over the host of -commonpower and -allowpower
-- (policies/no-host-power.lua says how they are written). Binds of stacks are mostly below
-- PERIPHERY_ROOT_DIRECTORY: set it here as there. A symbolic link below it leads anywhere on the host, and
-- who may write there makes one. Komodo builds, prunes, opens terminals and works on swarms with options of
-- their own; periphery's own shell on its host goes past any proxy.
--
-- Read from Komodo 2.3.2: list and inspect of containers, images, networks and volumes, history, stats,
-- info, logs; docker run, start, stop, restart, pause, rename, rm, pull, exec, attach, login; compose;
-- prune; buildx; service, stack, config, secret and node.
local calls = require "moonward.calls"
local client = require "moonward.client"
local manager = require "moonward.manager"

return client.policy {
  summary = "Komodo deploys containers and stacks, and works on all of the engine's; what it creates has"
    .. " only the powers over the host that are listed.",
  always = { { calls.compose, events = true }, "image.history", "system.auth", "system.df" },
  options = {
    manager.directory("komodoroot", "PERIPHERY_ROOT_DIRECTORY", "Its folder on the host, to mount from."),
    manager.environment "komodo", manager.exec "komodo", manager.build "komodo", manager.prune "komodo",
    manager.swarm "komodo", client.commonpower(manager.powers), client.allowpower(),
  },
}
