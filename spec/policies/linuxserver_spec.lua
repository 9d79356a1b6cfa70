-- needs busted: HAProxy runs the original rules beside it
-- linuxserver against linuxserver's rules: as they are (category_originals.lua), as they are meant here, and run
-- by HAProxy.

local cases = require "spec.support.category_cases"
local category_program = require "spec.support.category_program"
local originals = require "spec.support.category_originals"
local ordered_rules = require "spec.support.ordered_rules"
local test = require "moonward.test"

-- As they are meant: whole words, POST for what is done, and what is closed is closed further behind too, but for
-- the names of checkpoints.
local any, id = "^(/libpod)?/(containers|pods)/", "[a-zA-Z0-9_.-]+/"
local function grants(path, on)
  return originals.each(originals.actions, { say = "allow", methods = "POST", path = path, on = on }, "$")
end
local intended = ordered_rules.join(
  originals.each(originals.guarded, { say = "deny", path = any .. "[^/]+/([^/]+/)*", off = "ALLOW_" }),
  grants(any .. id, "ALLOW_"),
  grants("^/libpod/containers/" .. id, "LIBPOD_ALLOW_"),
  grants("^/libpod/pods/" .. id, "LIBPOD_ALLOW_POD_"),
  {
    { say = "deny", methods = "GET HEAD", path = any .. "[^/]+/(.*/)?attach(/|$)", off = "POST" },
    { say = "deny", others = "GET HEAD", off = "POST" },
  },
  ordered_rules.sections(originals.sections, "^/", "(/|$)"),
  ordered_rules.sections(originals.libpod_sections, "^/libpod/", "(/|$)", "LIBPOD_"))

local program = {
  name = "linuxserver",
  variables = cases.words [[ALLOW_ARCHIVE ALLOW_CHANGES ALLOW_EXPORT ALLOW_LOGS ALLOW_PAUSE ALLOW_RESTARTS
    ALLOW_START ALLOW_STOP ALLOW_TOP ALLOW_UNPAUSE AUTH BUILD COMMIT CONFIGS CONTAINERS DISTRIBUTION EVENTS EXEC
    GRPC IMAGES INFO NETWORKS NODES PING PLUGINS POST SECRETS SERVICES SESSION SWARM SYSTEM TASKS VERSION VOLUMES
    LIBPOD_ALLOW_PAUSE LIBPOD_ALLOW_UNPAUSE LIBPOD_ALLOW_RESTARTS LIBPOD_ALLOW_START LIBPOD_ALLOW_STOP
    LIBPOD_ALLOW_POD_PAUSE LIBPOD_ALLOW_POD_UNPAUSE LIBPOD_ALLOW_POD_RESTARTS LIBPOD_ALLOW_POD_START
    LIBPOD_ALLOW_POD_STOP LIBPOD_CONTAINERS LIBPOD_EVENTS LIBPOD_EXEC LIBPOD_GENERATE LIBPOD_IMAGES LIBPOD_INFO
    LIBPOD_MANIFESTS LIBPOD_NETWORKS LIBPOD_PING LIBPOD_PLAY LIBPOD_PODS LIBPOD_SECRETS LIBPOD_SYSTEM
    LIBPOD_VERSION LIBPOD_VOLUMES]],
  defaults = { "EVENTS", "PING", "VERSION", "LIBPOD_PING", "LIBPOD_VERSION" },
  original = ordered_rules.evaluator(originals.linuxserver, { fold = true }),
  intended = ordered_rules.evaluator(intended, { strip = "^/v[%d.]+%f[/]" }),
}

local function check(list)
  for _, case in ipairs(list) do
    it(case.name, case.run)
  end
end

describe("linuxserver", function()
  -- How many rows get another answer than from the original, by reason (category_cases.lua).
  check(category_program.rows(program, {
    segment = 3627, action = 1329, attach = 42, kept = 156, case = 955, form = 3579, status = 11744,
  }))

  check(category_program.answers("linuxserver", {
    -- 1. kept closed, whatever else is open; and opened, CONTAINERS still counts
    { { CONTAINERS = "1" }, "GET", "/containers/web/json", 200 },
    { { CONTAINERS = "1" }, "GET", "/containers/web/logs", 403 },
    { { CONTAINERS = "1" }, "GET", "/containers/web/changes", 403 },
    { { CONTAINERS = "1" }, "HEAD", "/v1.43/containers/web/archive", 403 },
    { { CONTAINERS = "1", POST = "1" }, "PUT", "/v1.43/containers/web/archive", 403 },
    { { CONTAINERS = "1", ALLOW_LOGS = "1" }, "GET", "/containers/web/logs?follow=1", 200 },
    { { ALLOW_LOGS = "1" }, "GET", "/containers/web/logs", 403 },
    { { LIBPOD_CONTAINERS = "1" }, "GET", "/libpod/containers/web/logs", 403 },
    { { LIBPOD_CONTAINERS = "1", ALLOW_LOGS = "1" }, "GET", "/libpod/containers/web/logs", 200 },
    { { LIBPOD_PODS = "1" }, "GET", "/libpod/pods/web/top", 403 },
    { { SERVICES = "1" }, "GET", "/services/web/logs", 200 },
    { { CONTAINERS = "1" }, "GET", "/containers/web/db/logs", 403 },
    { { CONTAINERS = "1" }, "GET", "/containers/a@b/logs", 403 },
    { { CONTAINERS = "1", POST = "1" }, "DELETE", "/containers/web/checkpoints/top", 200 },
    -- 2. before the gate
    { { ALLOW_START = "1" }, "POST", "/containers/web/start", 200 },
    { { ALLOW_START = "1" }, "POST", "/libpod/containers/web/start", 200 },
    { { ALLOW_START = "1" }, "POST", "/v5.2.0/libpod/pods/web/start", 200 },
    { { ALLOW_START = "1" }, "DELETE", "/containers/web/start", 403 },
    { { ALLOW_START = "1" }, "POST", "/containers/web/stop", 403 },
    { { ALLOW_STOP = "1" }, "POST", "/containers/web/stop", 200 },
    { { ALLOW_RESTARTS = "1" }, "POST", "/containers/web/stop", 200 },
    { { ALLOW_RESTARTS = "1" }, "POST", "/containers/web/kill", 200 },
    { { ALLOW_PAUSE = "1" }, "POST", "/containers/web/pause", 200 },
    { { ALLOW_PAUSE = "1" }, "POST", "/containers/web/unpause", 403 },
    { { ALLOW_UNPAUSE = "1" }, "POST", "/containers/web/unpause", 200 },
    { { LIBPOD_ALLOW_START = "1" }, "POST", "/libpod/containers/web/start", 200 },
    { { LIBPOD_ALLOW_START = "1" }, "POST", "/libpod/pods/web/start", 403 },
    { { LIBPOD_ALLOW_START = "1" }, "POST", "/containers/web/start", 403 },
    { { LIBPOD_ALLOW_POD_RESTARTS = "1" }, "POST", "/libpod/pods/web/kill", 200 },
    { { LIBPOD_ALLOW_POD_RESTARTS = "1" }, "POST", "/libpod/containers/web/kill", 403 },
    -- 3. the gate
    { { CONTAINERS = "1" }, "POST", "/containers/create", 403 },
    { { CONTAINERS = "1", POST = "1" }, "POST", "/containers/create", 200 },
    { { CONTAINERS = "1", POST = "1" }, "DELETE", "/containers/web", 200 },
    { { CONTAINERS = "1", POST = "1" }, "POST", "/containers/web/start", 200 },
    -- 4. sections
    { {}, "GET", "/libpod/_ping", 200 },
    { {}, "GET", "/libpod/version", 200 },
    { {}, "GET", "/libpod/info", 403 },
    { { LIBPOD_CONTAINERS = "1" }, "GET", "/libpod/containers/web/healthcheck", 200 },
    { { CONTAINERS = "1" }, "GET", "/libpod/containers/json", 403 },
    { { LIBPOD_CONTAINERS = "1" }, "GET", "/containers/json", 403 },
    { { LIBPOD_PLAY = "1", POST = "1" }, "POST", "/libpod/play/kube", 200 },
    { { LIBPOD_PLAY = "1", POST = "1" }, "POST", "/libpod/kube/play", 403 },
    { { GRPC = "1", POST = "1" }, "POST", "/grpc", 200 },
    { { LIBPOD_PING = "" }, "GET", "/libpod/_ping", 403 },
    -- attach/ws
    { { CONTAINERS = "1", ALLOW_LOGS = "1" }, "GET", "/containers/web/attach/ws?logs=1", 403 },
    { { CONTAINERS = "1", POST = "1" }, "GET", "/containers/web/attach/ws", 200 },
  }))

  check(category_program.stops("linuxserver", {
    { { ALLOW_LOGS = "true" }, 'ALLOW_LOGS="true" is off' },
    { { LIBPOD_PING = "yes" }, 'LIBPOD_PING="yes" is off' },
    { { LIBPOD_CONTAINER = "1" }, "unknown variable LIBPOD_CONTAINER; did you mean LIBPOD_CONTAINERS?" },
    { { ALLOW_LOG = "0" }, "unknown variable ALLOW_LOG; did you mean ALLOW_LOGS?" },
    { { LIBPOD_BUILD = "1" }, "unknown variable LIBPOD_BUILD" },
    { { DELETE = "0" }, "unknown variable DELETE: linuxserver has no such switch: POST=1 opens DELETE too, and POST=0"
      .. " closes it; the policy tecnativa has a switch for it" },
    { { PUT = "0" }, "POST=1 opens PUT too" },
    { { PATCH = "1" }, "POST=1 opens PATCH too" },
    { { ALLOW_EXEC = "0" }, "linuxserver has no such switch: CONTAINERS=1 with POST=1 opens exec of containers" },
    { { ALLOW_KILL = "0" }, "kill of containers needs ALLOW_RESTARTS=1" },
    { { VOLUMES_DELETE = "0" }, "VOLUMES=1 opens all of /volumes to GET, and to the methods that are open" },
  }))

  -- The variable that opens no more than what was asked for: variables, path, reason.
  for _, case in ipairs {
    { {}, "/containers/web/restart", "restart of containers needs ALLOW_RESTARTS=1" },
    { {}, "/containers/web/stop", "stop of containers needs ALLOW_STOP=1" },
    { { POST = "1" }, "/containers/web/pause", "pause of containers needs ALLOW_PAUSE=1" },
    { {}, "/libpod/containers/web/start", "start of containers needs LIBPOD_ALLOW_START=1" },
    { {}, "/libpod/pods/web/kill", "kill of pods needs LIBPOD_ALLOW_POD_RESTARTS=1" },
    { {}, "/containers/web/rename", "POST needs POST=1" },
    { {}, "/containers/web/start/foo", "POST needs POST=1" },
  } do
    it("says of " .. case[2] .. ": " .. case[3], function()
      local verdict = test.policy("linuxserver", {}, { environment = case[1] }):decide { method = "POST", path = case[2] }
      assert.equal(case[3], verdict.reason)
    end)
  end

  it("takes MOONWARD_POLICY beside the user's own variables", function()
    category_program.is_all_it_takes("linuxserver", "SOCKET_PATH", { "SP_PROXYPORT=PORT", "DISABLE_IPV6=1" },
      { "127.0.0.1" })
  end)

  check(category_program.checks("linuxserver", {
    { {}, { "tcp [::]:2375", "unix /var/run/docker.sock" } },
    { { DISABLE_IPV6 = "1" }, { "tcp 0.0.0.0:2375" } },
    { { DISABLE_IPV6 = "true" }, { 'DISABLE_IPV6: expected one of 0, 1, false, no, off; got "true"' } },
    { { SOCKET_PATH = "/run/podman/podman.sock", TZ = "Etc/UTC" }, { "unix /run/podman/podman.sock" } },
    { { LOG_LEVEL = "warning" }, { "-loglevel = WARN  (LOG_LEVEL)" } },
  }))
end)

describe("linuxserver beside HAProxy", function()
  local on = cases.configuration

  check(category_program.side_by_side(program, originals.linuxserver, {
    on "EVENTS PING VERSION LIBPOD_PING LIBPOD_VERSION",
    on "CONTAINERS LIBPOD_CONTAINERS LIBPOD_PODS",
    on "CONTAINERS ALLOW_LOGS ALLOW_TOP ALLOW_STOP POST",
    on "ALLOW_START ALLOW_RESTARTS ALLOW_PAUSE",
    on "LIBPOD_ALLOW_START LIBPOD_ALLOW_POD_RESTARTS LIBPOD_IMAGES POST",
    on(table.concat(program.variables, " ")),
  }, { segment = 52, action = 55, attach = 7, kept = 14, case = 20, form = 74, status = 190 }))
end)
