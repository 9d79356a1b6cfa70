-- dockge: what Dockge calls by the docker and docker compose commands that it runs: stacks are brought up
-- and down, restarted, updated and removed; their logs followed; networks and usage shown.
--
-- What stacks create has only the powers over the host of -commonpower and -allowpower
-- (policies/no-host-power.lua says how they are written). Files of a stack beside its compose file,
-- ./data:/data, are below Dockge's folder of stacks: set DOCKGE_STACKS_DIR here as there. A symbolic link
-- below it leads anywhere on the host, and who may write there makes one: so do containers that mount it.
--
-- Whoever may use this Dockge owns all containers of the engine and what is in their volumes. Terminals
-- need -dockgeexec, stacks that build -dockgebuild.
--
-- Read from Dockge 1.5.0 (compose ls, ps, up, stop, restart, down, pull, logs, exec; network ls; stats) and
-- Docker Compose 5.5.0.
local calls = require "moonward.calls"
local client = require "moonward.client"
local manager = require "moonward.manager"

return client.policy {
  summary = "Dockge runs compose stacks, on all containers, networks and volumes; what it creates has only"
    .. " the powers over the host that are listed.",
  always = { { calls.compose, events = true } },
  options = {
    manager.directory("dockgestacks", "DOCKGE_STACKS_DIR", "Folder of stacks on the host, to mount from."),
    manager.exec "dockge", manager.build "dockge", client.commonpower(manager.powers), client.allowpower(),
  },
}
