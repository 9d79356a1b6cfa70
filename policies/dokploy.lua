-- dokploy: what Dokploy calls, by the API and by the docker commands that it runs: it needs a swarm,
-- deploys applications as services and compose stacks, and shows containers, their logs and usage.
--
-- What it creates has only the powers over the host of -commonpower and -allowpower
-- (policies/no-host-power.lua says how they are written). Its set-up makes more: it starts the swarm, and
-- Traefik with the engine's socket as a bind. Let it do that straight, and put moonward before it
-- afterwards. Files of applications are below -dokploydir; a symbolic link below it leads anywhere on the
-- host. Remote servers it reaches by SSH, past any proxy.
--
-- Read from Dokploy 0.30.2: list and inspect of containers, networks, services, tasks and nodes, create of
-- networks and services, info, version, swarm, pull; compose, stack, service, exec, run, cp, logs, stats,
-- network connect, volume, buildx, tag, push, login, prune, system df.
local calls = require "moonward.calls"
local client = require "moonward.client"
local manager = require "moonward.manager"

return client.policy {
  summary = "Dokploy deploys services and stacks, and works on all of the engine's containers; what it"
    .. " creates has only the powers over the host that are listed.",
  powers = { "swarm-secret" }, -- of GET /swarm, where the tokens are left out
  shows = { environment = "an update of a service writes back what it was shown" },
  always = {
    { calls.compose, events = true },
    calls.swarm, calls.swarm_writes, calls.exec, calls.attach, "service.logs", "task.logs", "swarm.inspect",
    "secret.list", "secret.inspect", "config.list", "config.inspect", "image.tag", "image.push",
    "system.auth", "system.df",
  },
  options = {
    manager.directory("dokploydir", "MOONWARD_DOKPLOY_DIR", "Dokploy's folder on the host, as /etc/dokploy."),
    manager.files "dokploy", manager.build "dokploy", manager.prune "dokploy",
    client.commonpower(manager.powers), client.allowpower(),
  },
}
