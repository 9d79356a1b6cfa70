-- tecnativa: one variable per part of the API, as in Tecnativa/docker-socket-proxy: the same variables,
-- defaults, order and statuses, those of its main branch in 2026 (commit b44f37d), which is stricter than the
-- releases up to 0.5. Asked in this order:
--
--   1. GET or HEAD? POST, PUT, PATCH and DELETE need POST=1, PUT=1, PATCH=1 and DELETE=1. Others get 403.
--   2. exec, kill, attach, archive, export or logs of a container: closed without ALLOW_EXEC, ALLOW_KILL,
--      ALLOW_ATTACH, ALLOW_ARCHIVE, ALLOW_EXPORT, ALLOW_LOGS. With them, still CONTAINERS counts.
--   3. POST /containers/{id}/start, stop, restart, kill, pause or unpause: ALLOW_START, ALLOW_STOP,
--      ALLOW_RESTARTS, ALLOW_PAUSE, ALLOW_UNPAUSE allow it.
--   4. The path's first segment: CONTAINERS=1 allows /containers and all below, and so on.
--   5. Else 403.
--
-- On is a number other than 0. It listens on [::]:2375, on 0.0.0.0:2375 with DISABLE_IPV6, or on what
-- BIND_CONFIG says. POST=1 with CONTAINERS=1 is root on the host, here as there.
--
-- What is different there, on purpose:
--   * GET /containers/{id}/attach/ws needs POST=1 as well, since it writes to the container's stdin.
--   * What rule 2 closes is closed whatever the id, and further behind in the path too.
--   * CONTAINERS=true is off there, like all that begins with no number. Here a value that is off and is no
--     word for it stops the start; so does CONTAINER=1, ALLOW_ and something that does not exist, or a switch
--     of another such proxy (ALLOW_TOP=0), with what does it instead.
--   * A section is a whole segment: not /containersfoo with CONTAINERS=1. ALLOW_START means that POST and
--     nothing behind: not DELETE /containers/{id}/start, not /containers/{id}/start/foo. The engine has no
--     such routes, but takes the latter for a container whose alias holds slashes.
--   * /Containers/JSON gets 403 here and the engine's 404 there. Paths that are not canonical get 400.
--   * Streams are not cut after ten minutes, and a head may have 64 KiB. Refusals have a message.
--   * API versions below -minapi get 400; MOONWARD_MINAPI=1.12 for clients that are so old.
local categories = require "moonward.categories"
local haproxy = require "moonward.haproxy"

local rules = categories.rules("tecnativa", {
  on = { "EVENTS", "PING", "VERSION" },
  off = {
    "ALLOW_ARCHIVE", "ALLOW_ATTACH", "ALLOW_EXEC", "ALLOW_EXPORT", "ALLOW_KILL", "ALLOW_LOGS", "ALLOW_PAUSE",
    "ALLOW_RESTARTS", "ALLOW_START", "ALLOW_STOP", "ALLOW_UNPAUSE", "AUTH", "BUILD", "COMMIT", "CONFIGS",
    "CONTAINERS", "DELETE", "DISTRIBUTION", "EXEC", "GRPC", "IMAGES", "INFO", "NETWORKS", "NODES", "PATCH",
    "PLUGINS", "POST", "PUT", "SECRETS", "SERVICES", "SESSION", "SWARM", "SYSTEM", "TASKS", "VOLUMES",
  },
  more = haproxy.options({ "1", "true", "yes" }, haproxy.bind),
})

local policy = {
  summary = "Parts of the API by variables such as CONTAINERS=1, as in Tecnativa/docker-socket-proxy.",
  options = rules.options,
  start = rules.start,
  pure = true,
}

function policy.decide(_, request)
  return rules.judge(request)
end

return policy
