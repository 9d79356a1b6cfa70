-- podman-exporter: what prometheus-podman-exporter calls of podman's own API (libpod), when it is told of a
-- socket (CONTAINER_HOST); on the host it reads podman's files instead.
--
-- Command lines of containers are left out of its metrics.
--
-- Read from prometheus-podman-exporter 1.22.0-dev.1: ping, info, lists of containers, pods, images, volumes
-- and networks, stats of containers, events.
local client = require "moonward.client"

return client.policy {
  summary = "prometheus-podman-exporter lists what podman has, sees the usage of containers, and follows"
    .. " events.",
  always = {
    "libpod.system.ping", "libpod.system.version", "libpod.system.info", "libpod.container.list",
    "libpod.container.stats_many", "libpod.pod.list", "libpod.image.list", "libpod.volume.list",
    "libpod.network.list", "libpod.system.events",
  },
}
