-- linuxserver: one variable per part of the API, as in linuxserver/docker-socket-proxy 3.4.6: the same
-- variables, defaults, order and statuses, those of podman's libpod included. Asked in this order:
--
--   1. archive, changes, export, logs or top of a container or pod: closed without ALLOW_ARCHIVE,
--      ALLOW_CHANGES, ALLOW_EXPORT, ALLOW_LOGS, ALLOW_TOP. With them, still CONTAINERS counts.
--   2. POST .../{id}/start, stop, restart, kill, pause or unpause of a container or pod: ALLOW_START,
--      ALLOW_STOP, ALLOW_RESTARTS, ALLOW_PAUSE, ALLOW_UNPAUSE allow it, with POST=0 too; LIBPOD_ALLOW_START
--      and so on allow it below /libpod/containers, LIBPOD_ALLOW_POD_START and so on below /libpod/pods.
--   3. GET or HEAD? Any other method needs POST=1.
--   4. The path's first segment: CONTAINERS=1 allows /containers and all below, LIBPOD_CONTAINERS=1
--      /libpod/containers, and so on.
--   5. Else 403.
--
-- On is a number other than 0. It listens on [::]:2375, or on 0.0.0.0:2375 with DISABLE_IPV6=1.
-- POST=1 with CONTAINERS=1 is root on the host, here as there; and with LIBPOD_CONTAINERS=1 and POST=0
-- GET /libpod/containers/{id}/healthcheck runs that container's own health check.
--
-- What is different there, on purpose:
--   * GET /containers/{id}/attach/ws needs POST=1, since it writes to the container's stdin.
--   * What rule 1 closes is closed whatever the id, and further behind in the path too.
--   * CONTAINERS=true is off there, like all that begins with no number. Here a value that is off and is no
--     word for it stops the start; so does CONTAINER=1, ALLOW_ and something that does not exist, or a switch
--     of another such proxy (DELETE=0), with what does it instead.
--   * A section is a whole segment: not /containersfoo with CONTAINERS=1. ALLOW_START means that POST and
--     nothing behind: not DELETE /containers/{id}/start, not /containers/{id}/start/foo. The engine has no
--     such routes, but takes the latter for a container whose alias holds slashes.
--   * /Containers/JSON gets 403 here and the engine's 404 there. Paths that are not canonical get 400.
--   * Streams are not cut after ten minutes, and a head may have 64 KiB. Refusals have a message.
--   * API versions below -minapi get 400; MOONWARD_MINAPI=1.12 for clients that are so old.
local categories = require "moonward.categories"
local haproxy = require "moonward.haproxy"

local rules = categories.rules("linuxserver", {
  on = { "EVENTS", "PING", "VERSION", "LIBPOD_PING", "LIBPOD_VERSION" },
  off = {
    "ALLOW_ARCHIVE", "ALLOW_CHANGES", "ALLOW_EXPORT", "ALLOW_LOGS", "ALLOW_PAUSE", "ALLOW_RESTARTS",
    "ALLOW_START", "ALLOW_STOP", "ALLOW_TOP", "ALLOW_UNPAUSE", "AUTH", "BUILD", "COMMIT", "CONFIGS",
    "CONTAINERS", "DISTRIBUTION", "EXEC", "GRPC", "IMAGES", "INFO", "NETWORKS", "NODES", "PLUGINS", "POST",
    "SECRETS", "SERVICES", "SESSION", "SWARM", "SYSTEM", "TASKS", "VOLUMES",
    "LIBPOD_ALLOW_PAUSE", "LIBPOD_ALLOW_RESTARTS", "LIBPOD_ALLOW_START", "LIBPOD_ALLOW_STOP",
    "LIBPOD_ALLOW_UNPAUSE", "LIBPOD_ALLOW_POD_PAUSE", "LIBPOD_ALLOW_POD_RESTARTS", "LIBPOD_ALLOW_POD_START",
    "LIBPOD_ALLOW_POD_STOP", "LIBPOD_ALLOW_POD_UNPAUSE", "LIBPOD_CONTAINERS", "LIBPOD_EVENTS", "LIBPOD_EXEC",
    "LIBPOD_GENERATE", "LIBPOD_IMAGES", "LIBPOD_INFO", "LIBPOD_MANIFESTS", "LIBPOD_NETWORKS", "LIBPOD_PLAY",
    "LIBPOD_PODS", "LIBPOD_SECRETS", "LIBPOD_SYSTEM", "LIBPOD_VOLUMES",
  },
  more = haproxy.options { "1" },
})

local policy = {
  summary = "Parts of the API by variables such as CONTAINERS=1, as in linuxserver/docker-socket-proxy.",
  options = rules.options,
  start = rules.start,
  pure = true,
}

function policy.decide(_, request)
  return rules.judge(request)
end

return policy
