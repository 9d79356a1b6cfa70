-- tecnativa against Tecnativa's rules: as they are (category_originals.lua), as they are meant here, and run by
-- HAProxy.

local cases = require "spec.support.category_cases"
local category_program = require "spec.support.category_program"
local originals = require "spec.support.category_originals"
local ordered_rules = require "spec.support.ordered_rules"
local test = require "moonward.test"

local sections = originals.sections

-- As they are meant: whole words, and POST for what is done.
local intended = ordered_rules.join({
  { say = "deny", methods = "GET HEAD", path = "^/containers/[^/]+/(.*/)?attach(/|$)", off = "POST" },
  { say = "deny", others = "GET HEAD", off = "POST" },
  { say = "allow", methods = "POST", path = "^/containers/[a-zA-Z0-9_.-]+/(stop|restart|kill)$", on = "ALLOW_RESTARTS" },
  { say = "allow", methods = "POST", path = "^/containers/[a-zA-Z0-9_.-]+/start$", on = "ALLOW_START" },
  { say = "allow", methods = "POST", path = "^/containers/[a-zA-Z0-9_.-]+/stop$", on = "ALLOW_STOP" },
}, ordered_rules.sections(sections, "^/", "(/|$)"))

local program = {
  name = "tecnativa",
  variables = cases.words [[ALLOW_RESTARTS ALLOW_START ALLOW_STOP AUTH BUILD COMMIT CONFIGS CONTAINERS DISTRIBUTION
    EVENTS EXEC GRPC IMAGES INFO NETWORKS NODES PING PLUGINS POST SECRETS SERVICES SESSION SWARM SYSTEM TASKS
    VERSION VOLUMES]],
  defaults = { "EVENTS", "PING", "VERSION" },
  original = ordered_rules.evaluator(originals.tecnativa, { fold = true }),
  intended = ordered_rules.evaluator(intended, { strip = "^/v[%d.]+%f[/]" }),
}

local function check(list)
  for _, case in ipairs(list) do
    it(case.name, case.run)
  end
end

describe("tecnativa", function()
  -- How many rows get another answer than from the original, by reason (category_cases.lua).
  check(category_program.rows(program, {
    segment = 1477, action = 223, attach = 21, case = 284, form = 2032, status = 5899,
  }))

  check(category_program.answers("tecnativa", {
    -- 1. the gate comes first
    { {}, "GET", "/_ping", 200 },
    { {}, "HEAD", "/_ping", 200 },
    { {}, "GET", "/v1.43/events", 200 },
    { {}, "POST", "/_ping", 403 },
    { {}, "GET", "/containers/json", 403 },
    { { ALLOW_START = "1" }, "POST", "/containers/web/start", 403 },
    { { ALLOW_START = "1", POST = "1" }, "POST", "/containers/web/start", 200 },
    { { ALLOW_START = "1", POST = "1" }, "POST", "/containers/web/stop", 403 },
    { { CONTAINERS = "1" }, "OPTIONS", "/containers/json", 403 },
    { { CONTAINERS = "1", POST = "1" }, "OPTIONS", "/containers/json", 200 },
    { { CONTAINERS = "1", POST = "1" }, "PUT", "/containers/web/archive", 200 },
    { { CONTAINERS = "1", POST = "1" }, "DELETE", "/containers/web", 200 },
    -- 2. one of them is enough, without CONTAINERS; and CONTAINERS is enough without them
    { { ALLOW_RESTARTS = "1", POST = "1" }, "POST", "/v1.43/containers/web/stop", 200 },
    { { ALLOW_RESTARTS = "1", POST = "1" }, "POST", "/containers/web/restart", 200 },
    { { ALLOW_RESTARTS = "1", POST = "1" }, "POST", "/containers/web/kill?signal=HUP", 200 },
    { { ALLOW_RESTARTS = "1", POST = "1" }, "POST", "/containers/web/start", 403 },
    { { ALLOW_STOP = "1", POST = "1" }, "POST", "/containers/web/stop", 200 },
    { { ALLOW_STOP = "1", POST = "1" }, "POST", "/containers/web/restart", 403 },
    { { ALLOW_STOP = "1", POST = "1" }, "POST", "/containers/web/pause", 403 },
    { { CONTAINERS = "1", POST = "1" }, "POST", "/containers/web/start", 200 },
    { { ALLOW_START = "1", POST = "1" }, "DELETE", "/containers/web/start", 403 },
    { { ALLOW_START = "1", POST = "1" }, "POST", "/containers/web/start/exec", 403 },
    -- 3. sections; EXEC is about /exec only
    { { CONTAINERS = "1" }, "GET", "/containers/web/logs", 200 },
    { { CONTAINERS = "1" }, "GET", "/containers/web/nobodys-route", 200 },
    { { CONTAINERS = "1", POST = "1" }, "POST", "/containers/web/exec", 200 },
    { { EXEC = "1", POST = "1" }, "POST", "/containers/web/exec", 403 },
    { { EXEC = "1", POST = "1" }, "POST", "/exec/x/start", 200 },
    { { IMAGES = "1" }, "GET", "/v1.43/images/quay.io/a/b:1/json", 200 },
    { { PING = "0" }, "GET", "/_ping", 403 },
    { { EVENTS = "", VERSION = "" }, "GET", "/events", 403 },
    { { CONTAINERS = "1", POST = "1" }, "GET", "/libpod/containers/json", 403 },
    -- attach/ws
    { { CONTAINERS = "1" }, "GET", "/v1.43/containers/web/attach/ws", 403 },
    { { CONTAINERS = "1", POST = "1" }, "GET", "/v1.43/containers/web/attach/ws", 200 },
  }))

  check(category_program.stops("tecnativa", {
    { { CONTAINERS = "true" }, 'CONTAINERS="true" is off, since HAProxy takes only numbers for on; write CONTAINERS=1' },
    { { POST = "yes" }, 'POST="yes" is off' },
    { { EVENTS = "on" }, 'EVENTS="on" is off' },
    { { CONTAINER = "1" }, "unknown variable CONTAINER; did you mean CONTAINERS?" },
    { { NETWORK = "true" }, "unknown variable NETWORK; did you mean NETWORKS?" },
    { { ALLOW_RESTART = "1" }, "unknown variable ALLOW_RESTART; did you mean ALLOW_RESTARTS?" },
    { { ALLOW_LOGS = "0" }, "unknown variable ALLOW_LOGS" },
  }))

  it("leaves other people's variables alone", function()
    local environment = { HOST = "web", PORT = "2375", TASK = "backup", ALLOW_FROM = "10.0.0.0/8", CI = "true",
      container = "podman", DOCKER_HOST = "tcp://x:2375", NODES_SERVICE_HOST = "10.0.0.1", TZ = "Europe/Berlin" }
    assert.is_true(test.policy("tecnativa", {}, { environment = environment }):decide({ path = "/_ping" }).allowed)
  end)

  -- The variable that opens no more than what was asked for: variables, path, reason.
  for _, case in ipairs {
    { {}, "/containers/web/restart", "POST needs POST=1" },
    { { POST = "1" }, "/containers/web/restart", "restart of containers needs ALLOW_RESTARTS=1" },
    { { POST = "1" }, "/containers/create", "/containers needs CONTAINERS=1" },
  } do
    it("says of " .. case[2] .. ": " .. case[3], function()
      local verdict = test.policy("tecnativa", {}, { environment = case[1] }):decide { method = "POST", path = case[2] }
      assert.equal(case[3], verdict.reason)
    end)
  end

  it("takes MOONWARD_POLICY beside the user's own variables, and listens on IPv4 and IPv6", function()
    category_program.is_all_it_takes("tecnativa", "SOCKET_PATH", { "SP_PROXYPORT=PORT" }, { "127.0.0.1", "[::1]" })
  end)

  check(category_program.checks("tecnativa", {
    { {}, { "tcp [::]:2375", "unix /var/run/docker.sock" } },
    { { DISABLE_IPV6 = "1" }, { "tcp 0.0.0.0:2375" } },
    { { DISABLE_IPV6 = "Yes" }, { "tcp 0.0.0.0:2375" } },
    { { DISABLE_IPV6 = "false" }, { "tcp [::]:2375" } },
    { { DISABLE_IPV6 = "on" }, { "DISABLE_IPV6: expected one of 0, 1, false, no, off, true, yes; got \"on\"" } },
    { { SOCKET_PATH = "/run/podman/podman.sock" }, { "unix /run/podman/podman.sock" } },
    { { SOCKET_PATH = "engine:2375" }, { "-socketpath: expected an absolute path" } },
    { { LOG_LEVEL = "err" }, { "-loglevel = ERROR  (LOG_LEVEL)" } },
    { { LOG_LEVEL = "loud" }, { "LOG_LEVEL: expected one of alert, crit, debug, emerg, err, info, notice, warning" } },
    { { MOONWARD_LISTEN = "unix:///run/x.sock" }, { "unix /run/x.sock" } },
  }))
end)

-- What HAProxy makes of a value; nil: it is off there, and stops the start here.
local values = {
  ["1"] = true, ["2"] = true, ["01"] = true, ["-1"] = true, ["+1"] = true, ["1abc"] = true, ["1 "] = true,
  ["9999999999999999999"] = true, ["99999999999999999999999999"] = true, ["1.5"] = true,
  ["0"] = false, ["00"] = false, ["false"] = false, ["No"] = false, ["off"] = false, ["-0"] = false,
  ["disabled"] = false, [" 0"] = false, ['"0"'] = false, ["0 # not yet"] = false, [""] = false,
}
for _, value in ipairs { "true", "True", "yes", "on", "0x1", " 1", "0.9", "t", '"1"', "enabled", "--1", "banana" } do
  values[value] = "stops"
end

describe("a value of tecnativa's variables", function()
  for value, on in pairs(values) do
    it(("%q is %s"):format(value, on == "stops" and "a mistake" or on and "on" or "off"), function()
      local fine, policy = pcall(test.policy, "tecnativa", {}, { environment = { INFO = value } })
      assert.equal(on ~= "stops", fine)
      if fine then
        assert.equal(on, policy:decide({ path = "/info" }).allowed)
      end
    end)
  end

  it("is read so by HAProxy", function()
    local names = cases.words(sections)
    for from = 1, 100, #names do
      local env, wanted, i = {}, {}, 0
      for value, on in pairs(values) do
        i = i + 1
        local section = i >= from and names[i - from + 1]
        if section then
          env[#env + 1] = (section == "_ping" and "PING" or section:upper()) .. "=" .. value
          wanted[section] = { on == true and 200 or 403, value }
        end
      end
      if next(wanted) then
        category_program.beside_haproxy(program, originals.tecnativa, env, nil, function(theirs)
          for section, want in pairs(wanted) do
            assert.equal(want[1], category_program.ask(theirs, { method = "GET", target = "/" .. section }), want[2])
          end
        end)
      end
    end
  end)
end)

describe("tecnativa beside HAProxy", function()
  local on = cases.configuration

  check(category_program.side_by_side(program, originals.tecnativa, {
    on "EVENTS PING VERSION",
    on "CONTAINERS INFO NETWORKS",
    on "CONTAINERS IMAGES POST",
    on "ALLOW_START ALLOW_STOP ALLOW_RESTARTS",
    on "ALLOW_START POST",
    on "ALLOW_RESTARTS POST EXEC",
    on(table.concat(program.variables, " ")),
  }, { segment = 46, action = 45, attach = 7, case = 16, form = 76, status = 232 }))
end)
