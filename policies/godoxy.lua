-- godoxy: one variable per part of the API, as in GoDoxy's socket-proxy: the same variables with the prefixes
-- GODOXY_, GOPROXY_ or none, the same defaults, order and statuses. Asked in this order:
--
--   1. GET? POST needs POST=1. Any other method gets 405, HEAD too.
--   2. start, stop, restart or kill of a container is closed without ALLOW_START, ALLOW_RESTARTS; stop needs
--      both ALLOW_STOP and ALLOW_RESTARTS.
--   3. The path's first segment: CONTAINERS=1 allows /containers and all below, and so on.
--   4. Else 403.
--
-- A variable is on with 1, t or true, off with 0, f or false; anything else stops the start. Of the three
-- names of a variable the first that is set counts. It listens on LISTEN_ADDR, else on DOCKER_SOCKET_ADDR,
-- else on 0.0.0.0:2375. POST=1 with CONTAINERS=1 is root on the host, here as there.
--
-- What is different there, on purpose:
--   * GET /containers/{id}/attach/ws needs POST=1, since it writes to the container's stdin.
--   * attach, exec and BuildKit sessions work: there, Upgrade does not get through to the engine.
--   * What rule 2 closes is closed whatever the id, and further behind in the path too.
--   * CONTAINER=1, ALLOW_ and something that does not exist, or a switch of another such proxy (DELETE=0)
--     stops the start.
--   * A section is a whole segment: not /containersfoo with CONTAINERS=1.
--   * Paths that are not canonical get 400 and no redirect.
--   * API versions below -minapi get 400; MOONWARD_MINAPI=1.12 for clients that are so old.
--   * Denials are logged, and an end with an error has an exit code.
local categories = require "moonward.categories"

local rules = categories.rules("godoxy", {
  on = { "EVENTS", "PING", "VERSION" },
  off = {
    "ALLOW_RESTARTS", "ALLOW_START", "ALLOW_STOP", "AUTH", "BUILD", "COMMIT", "CONFIGS", "CONTAINERS",
    "DISTRIBUTION", "EXEC", "GRPC", "IMAGES", "INFO", "NETWORKS", "NODES", "PLUGINS", "POST", "SECRETS",
    "SERVICES", "SESSION", "SWARM", "SYSTEM", "TASKS", "VOLUMES",
  },
  more = {
    {
      env = { "GODOXY_DOCKER_SOCKET", "GOPROXY_DOCKER_SOCKET", "DOCKER_SOCKET" },
      sets = "socketpath", default = "/var/run/docker.sock", help = "Path of the engine's Unix socket.",
    },
    {
      env = {
        "GODOXY_LISTEN_ADDR", "GOPROXY_LISTEN_ADDR", "LISTEN_ADDR",
        "GODOXY_DOCKER_SOCKET_ADDR", "GOPROXY_DOCKER_SOCKET_ADDR", "DOCKER_SOCKET_ADDR",
      },
      sets = "listen", default = "0.0.0.0:2375", help = "Address and port to listen on.",
    },
  },
})

local policy = {
  summary = "Parts of the API by variables such as CONTAINERS=1, as in GoDoxy's socket-proxy.",
  options = rules.options,
  start = rules.start,
  pure = true,
}

function policy.decide(_, request)
  return rules.judge(request)
end

return policy
