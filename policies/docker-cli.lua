-- docker-cli: everything that the docker command does, with buildx and compose: all operations of the
-- Docker Engine but its debugging profiles, routes that only podman has, and two that no docker command
-- calls (attach over a WebSocket, the old copy).
--
-- Whoever reaches moonward with this policy alone is root on the host. It is made to stand beside a
-- policy that denies something: -policy docker-cli -policy no-host-power -allowrest=false
local client = require "moonward.client"

return client.policy {
  summary = "Everything that docker, buildx and compose do: root on the host, unless another policy"
    .. " stands beside it.",
  powers = false,
  shows = "whoever types docker is to see what the engine says",
  always = {
    { "system.events", events = true },
    "system.*", "image.*", "build.*", "volume.*", "network.*", "exec.*", "checkpoint.*", "distribution.*",
    "plugin.*", "swarm.*", "node.*", "service.*", "task.*", "secret.*", "config.*",
    "container.list", "container.create", "container.inspect", "container.top", "container.logs",
    "container.changes", "container.export", "container.stats", "container.resize", "container.start",
    "container.stop", "container.restart", "container.kill", "container.update", "container.rename",
    "container.pause", "container.unpause", "container.attach", "container.wait", "container.remove",
    "container.archive.*", "container.prune", "container.commit",
  },
}
