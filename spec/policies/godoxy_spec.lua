-- needs busted: it shares its table of cases with those that start HAProxy
-- godoxy against the rules of GoDoxy's socket-proxy, written down twice: as they are and as they are meant here.

local cases = require "spec.support.category_cases"
local category_program = require "spec.support.category_program"
local ordered_rules = require "spec.support.ordered_rules"
local test = require "moonward.test"

local sections = [[auth build commit configs containers distribution events exec grpc images info networks nodes
  _ping plugins secrets services session swarm system tasks version volumes]]

local gate = {
  { say = "deny", others = "GET POST", status = 405 },
  { say = "deny", others = "GET", off = "POST", status = 405 },
}

-- What is kept closed: 'before' and 'behind' are what stands around the word.
local function withheld(before, behind)
  local rules = {}
  for _, row in ipairs {
    { "stop", "ALLOW_RESTARTS" }, { "restart", "ALLOW_RESTARTS" }, { "kill", "ALLOW_RESTARTS" },
    { "start", "ALLOW_START" }, { "stop", "ALLOW_STOP" },
  } do
    rules[#rules + 1] = { say = "deny", path = before .. row[1] .. behind, off = row[2] }
  end
  return rules
end

-- As they are: beginnings of paths, but whole ones where something is kept closed.
local version = ordered_rules.version
local original = ordered_rules.join(gate,
  withheld(version .. "/containers/[a-zA-Z0-9_.-]+/", "$"),
  ordered_rules.sections(sections, version .. "/", ""))

-- As they are meant: whole words; and what is closed is closed further behind too.
local intended = ordered_rules.join(gate,
  { { say = "deny", methods = "GET", path = "^/containers/[^/]+/(.*/)?attach(/|$)", off = "POST" } },
  withheld("^/containers/[^/]+/([^/]+/)*", "(/|$)"),
  ordered_rules.sections(sections, "^/", "(/|$)"))

local program = {
  name = "godoxy",
  variables = cases.words [[ALLOW_RESTARTS ALLOW_START ALLOW_STOP AUTH BUILD COMMIT CONFIGS CONTAINERS DISTRIBUTION
    EVENTS EXEC GRPC IMAGES INFO NETWORKS NODES PING PLUGINS POST SECRETS SERVICES SESSION SWARM SYSTEM TASKS
    VERSION VOLUMES]],
  defaults = { "EVENTS", "PING", "VERSION" },
  original = ordered_rules.evaluator(original),
  intended = ordered_rules.evaluator(intended, { strip = "^/v[%d.]+%f[/]" }),
}

local function check(list)
  for _, case in ipairs(list) do
    it(case.name, case.run)
  end
end

describe("godoxy", function()
  -- How many rows get another answer than from the original, by reason (category_cases.lua).
  check(category_program.rows(program, {
    segment = 437, action = 74, attach = 12, kept = 38, form = 518, status = 7413,
  }))

  local writes = { CONTAINERS = "1", POST = "1" }
  local function with(more)
    local variables = { CONTAINERS = "1", POST = "1" }
    for _, name in ipairs(cases.words(more)) do
      variables[name] = "1"
    end
    return variables
  end

  check(category_program.answers("godoxy", {
    -- 1. methods
    { {}, "GET", "/_ping", 200 },
    { {}, "HEAD", "/_ping", 405 },
    { {}, "POST", "/containers/create", 405 },
    { {}, "POST", "/_ping", 405 },
    { {}, "DELETE", "/containers/web", 405 },
    { writes, "DELETE", "/containers/web", 405 },
    { writes, "HEAD", "/_ping", 405 },
    { writes, "PUT", "/containers/web/archive", 405 },
    { writes, "PATCH", "/containers/web", 405 },
    { writes, "OPTIONS", "/containers/web", 405 },
    { writes, "POST", "/containers/create", 200 },
    { { POST = "1" }, "POST", "/containers/create", 403 },
    -- 2. what is kept closed
    { writes, "POST", "/containers/web/start", 403 },
    { writes, "POST", "/containers/web/stop", 403 },
    { writes, "POST", "/v1.43/containers/web/restart", 403 },
    { writes, "POST", "/containers/web/kill", 403 },
    { writes, "POST", "/containers/web/pause", 200 },
    { with "ALLOW_START", "POST", "/containers/web/start", 200 },
    { with "ALLOW_STOP", "POST", "/containers/web/stop", 403 },
    { with "ALLOW_RESTARTS", "POST", "/containers/web/stop", 403 },
    { with "ALLOW_RESTARTS", "POST", "/containers/web/restart", 200 },
    { with "ALLOW_RESTARTS", "POST", "/containers/web/kill", 200 },
    { with "ALLOW_RESTARTS ALLOW_STOP", "POST", "/containers/web/stop", 200 },
    { { ALLOW_START = "1", POST = "1" }, "POST", "/containers/web/start", 403 },
    { { ALLOW_START = "1", CONTAINERS = "1" }, "POST", "/containers/web/start", 405 },
    { writes, "POST", "/containers/web/stop/", 403 },
    { writes, "POST", "/containers/web/db/stop", 403 },
    -- 3. sections
    { { CONTAINERS = "1" }, "GET", "/containers/web/logs", 200 },
    { { IMAGES = "true" }, "GET", "/images/json", 200 },
    { { IMAGES = "F" }, "GET", "/images/json", 403 },
    { { PING = "0" }, "GET", "/_ping", 403 },
    { { PING = "" }, "GET", "/_ping", 200 },
    { {}, "GET", "/libpod/_ping", 403 },
    { {}, "GET", "/versionfoo/bar", 403 },
    -- attach/ws
    { { CONTAINERS = "1" }, "GET", "/containers/web/attach/ws", 403 },
    { writes, "GET", "/containers/web/attach/ws", 200 },
    -- names
    { { GODOXY_INFO = "1" }, "GET", "/info", 200 },
    { { GOPROXY_INFO = "1" }, "GET", "/info", 200 },
    { { GODOXY_INFO = "0", GOPROXY_INFO = "1", INFO = "1" }, "GET", "/info", 403 },
    { { GOPROXY_INFO = "1", INFO = "banana" }, "GET", "/info", 200 },
    { { GODOXY_INFO = "", INFO = "t" }, "GET", "/info", 200 },
  }))

  check(category_program.stops("godoxy", {
    { { CONTAINERS = "yes" }, 'CONTAINERS: expected true or false (or 1, t, 0, f), got "yes"' },
    { { GODOXY_POST = "2" }, 'GODOXY_POST: expected true or false (or 1, t, 0, f), got "2"' },
    { { CONTAINER = "1" }, "unknown variable CONTAINER; did you mean CONTAINERS?" },
    { { GODOXY_CONTAINER = "1" }, "unknown variable GODOXY_CONTAINER; did you mean GODOXY_CONTAINERS?" },
    { { ALLOW_LOGS = "1" }, "unknown variable ALLOW_LOGS: godoxy has no such switch: CONTAINERS=1 opens logs of containers" },
    { { DELETE = "1" }, "unknown variable DELETE: godoxy has no such switch: DELETE is always closed here" },
  }))

  it("leaves GoDoxy's own variables alone", function()
    local environment = { GODOXY_DEBUG = "true", GODOXY_API_ADDR = "127.0.0.1:8888", GODOXY_HTTP3_ENABLED = "true",
      GODOXY_API_JWT_SECURE = "false", GODOXY_UID = "1000" }
    assert.is_true(test.policy("godoxy", {}, { environment = environment }):decide({ path = "/_ping" }).allowed)
  end)

  it("takes MOONWARD_POLICY beside the user's own variables", function()
    category_program.is_all_it_takes("godoxy", "GODOXY_DOCKER_SOCKET", { "LISTEN_ADDR=127.0.0.1:PORT" },
      { "127.0.0.1" })
  end)

  check(category_program.checks("godoxy", {
    { {}, { "tcp 0.0.0.0:2375", "unix /var/run/docker.sock" } },
    { { LISTEN_ADDR = "127.0.0.1:12375" }, { "tcp 127.0.0.1:12375" } },
    { { LISTEN_ADDR = ":2375" }, { "tcp [::]:2375" } },
    { { DOCKER_SOCKET_ADDR = "127.0.0.1:1111", LISTEN_ADDR = "127.0.0.1:2222" }, { "tcp 127.0.0.1:2222" } },
    { { DOCKER_SOCKET_ADDR = "127.0.0.1:1111" }, { "tcp 127.0.0.1:1111" } },
    { { GODOXY_LISTEN_ADDR = "127.0.0.1:3333", LISTEN_ADDR = "0.0.0.0:2375" }, { "tcp 127.0.0.1:3333" } },
    { { GOPROXY_DOCKER_SOCKET = "/run/x.sock" }, { "unix /run/x.sock" } },
  }))
end)
