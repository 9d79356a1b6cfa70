-- needs busted: HAProxy runs the original rules beside it
-- tecnativa against Tecnativa's rules: as they are (category_originals.lua), as they are meant here, and run by
-- HAProxy.

local cases = require "spec.support.category_cases"
local category_program = require "spec.support.category_program"
local originals = require "spec.support.category_originals"
local ordered_rules = require "spec.support.ordered_rules"
local test = require "moonward.test"

local sections = originals.sections

-- As they are meant: whole words, POST for what is done, and what is closed is closed further behind too, but for
-- the names of checkpoints.
local intended = ordered_rules.join(
  { { say = "deny", methods = "GET HEAD", path = "^/containers/[^/]+/(.*/)?attach(/|$)", off = "POST" } },
  originals.tecnativas_gate,
  originals.each(originals.guarded_by_tecnativa,
    { say = "deny", path = "^/containers/[^/]+/([^/]+/)*", off = "ALLOW_" }),
  originals.each(originals.actions,
    { say = "allow", methods = "POST", path = "^/containers/[a-zA-Z0-9_.-]+/", on = "ALLOW_" }, "$"),
  ordered_rules.sections(sections, "^/", "(/|$)"))

local program = {
  name = "tecnativa",
  variables = cases.words [[ALLOW_ARCHIVE ALLOW_ATTACH ALLOW_EXEC ALLOW_EXPORT ALLOW_KILL ALLOW_LOGS ALLOW_PAUSE
    ALLOW_RESTARTS ALLOW_START ALLOW_STOP ALLOW_UNPAUSE AUTH BUILD COMMIT CONFIGS CONTAINERS DELETE DISTRIBUTION
    EVENTS EXEC GRPC IMAGES INFO NETWORKS NODES PATCH PING PLUGINS POST PUT SECRETS SERVICES SESSION SWARM SYSTEM
    TASKS VERSION VOLUMES]],
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
    segment = 1602, action = 280, attach = 34, kept = 67, case = 291, form = 2072, status = 8400,
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
    { { CONTAINERS = "1", POST = "1", PUT = "1", PATCH = "1", DELETE = "1" }, "OPTIONS", "/containers/json", 403 },
    { { CONTAINERS = "1", POST = "1", DELETE = "1" }, "PUT", "/containers/web/archive", 403 },
    { { CONTAINERS = "1", PUT = "1" }, "PUT", "/containers/web/archive", 403 },
    { { CONTAINERS = "1", PUT = "1", ALLOW_ARCHIVE = "1" }, "PUT", "/containers/web/archive", 200 },
    { { CONTAINERS = "1", POST = "1" }, "DELETE", "/containers/web", 403 },
    { { CONTAINERS = "1", DELETE = "1" }, "DELETE", "/containers/web", 200 },
    { { CONTAINERS = "1", DELETE = "1" }, "POST", "/containers/create", 403 },
    { { PLUGINS = "1", PATCH = "1" }, "PATCH", "/plugins/x", 200 },
    -- 2. kept closed, whatever else is open; and opened, CONTAINERS still counts
    { { CONTAINERS = "1" }, "GET", "/v1.43/containers/web/logs", 403 },
    { { CONTAINERS = "1", ALLOW_LOGS = "1" }, "GET", "/v1.43/containers/web/logs", 200 },
    { { ALLOW_LOGS = "1" }, "GET", "/containers/web/logs", 403 },
    { { CONTAINERS = "1" }, "GET", "/containers/web/export", 403 },
    { { CONTAINERS = "1" }, "HEAD", "/containers/web/archive", 403 },
    { { CONTAINERS = "1" }, "GET", "/containers/web/db/logs", 403 },
    { { CONTAINERS = "1" }, "GET", "/containers/web/top", 200 },
    { { CONTAINERS = "1" }, "GET", "/containers/web/changes", 200 },
    { { CONTAINERS = "1", POST = "1" }, "POST", "/containers/web/kill", 403 },
    { { CONTAINERS = "1", POST = "1", ALLOW_KILL = "1" }, "POST", "/containers/web/kill", 200 },
    -- 3. one of them is enough, without CONTAINERS; and CONTAINERS is enough without them
    { { ALLOW_RESTARTS = "1", POST = "1" }, "POST", "/containers/web/kill", 403 },
    { { ALLOW_PAUSE = "1", POST = "1" }, "POST", "/containers/web/pause", 200 },
    { { ALLOW_PAUSE = "1", POST = "1" }, "POST", "/containers/web/unpause", 403 },
    { { ALLOW_UNPAUSE = "1", POST = "1" }, "POST", "/containers/web/unpause", 200 },
    { { ALLOW_RESTARTS = "1", POST = "1" }, "POST", "/v1.43/containers/web/stop", 200 },
    { { ALLOW_RESTARTS = "1", POST = "1" }, "POST", "/containers/web/restart", 200 },
    { { ALLOW_RESTARTS = "1", ALLOW_KILL = "1", POST = "1" }, "POST", "/containers/web/kill?signal=HUP", 200 },
    { { ALLOW_RESTARTS = "1", POST = "1" }, "POST", "/containers/web/start", 403 },
    { { ALLOW_STOP = "1", POST = "1" }, "POST", "/containers/web/stop", 200 },
    { { ALLOW_STOP = "1", POST = "1" }, "POST", "/containers/web/restart", 403 },
    { { ALLOW_STOP = "1", POST = "1" }, "POST", "/containers/web/pause", 403 },
    { { CONTAINERS = "1", POST = "1" }, "POST", "/containers/web/start", 200 },
    { { ALLOW_START = "1", POST = "1", DELETE = "1" }, "DELETE", "/containers/web/start", 403 },
    { { ALLOW_START = "1", POST = "1" }, "POST", "/containers/web/start/exec", 403 },
    -- 4. sections; EXEC is about /exec only
    { { CONTAINERS = "1" }, "GET", "/containers/web/nobodys-route", 200 },
    { { CONTAINERS = "1", POST = "1", EXEC = "1" }, "POST", "/containers/web/exec", 403 },
    { { CONTAINERS = "1", POST = "1", ALLOW_EXEC = "1" }, "POST", "/containers/web/exec", 200 },
    { { EXEC = "1", POST = "1" }, "POST", "/containers/web/exec", 403 },
    { { EXEC = "1", POST = "1" }, "POST", "/exec/x/start", 200 },
    { { IMAGES = "1" }, "GET", "/v1.43/images/quay.io/a/b:1/json", 200 },
    { { PING = "0" }, "GET", "/_ping", 403 },
    { { EVENTS = "", VERSION = "" }, "GET", "/events", 403 },
    { { CONTAINERS = "1", POST = "1" }, "GET", "/libpod/containers/json", 403 },
    -- attach/ws
    { { CONTAINERS = "1" }, "GET", "/v1.43/containers/web/attach/ws", 403 },
    { { CONTAINERS = "1", ALLOW_ATTACH = "1" }, "GET", "/v1.43/containers/web/attach/ws", 403 },
    { { CONTAINERS = "1", POST = "1" }, "GET", "/v1.43/containers/web/attach/ws", 403 },
    { { CONTAINERS = "1", POST = "1", ALLOW_ATTACH = "1" }, "GET", "/v1.43/containers/web/attach/ws", 200 },
  }))

  check(category_program.stops("tecnativa", {
    { { CONTAINERS = "true" }, 'CONTAINERS="true" is off, since HAProxy takes only numbers for on; write CONTAINERS=1' },
    { { POST = "yes" }, 'POST="yes" is off' },
    { { EVENTS = "on" }, 'EVENTS="on" is off' },
    { { CONTAINER = "1" }, "unknown variable CONTAINER; did you mean CONTAINERS?" },
    { { NETWORK = "true" }, "unknown variable NETWORK; did you mean NETWORKS?" },
    { { ALLOW_RESTART = "1" }, "unknown variable ALLOW_RESTART; did you mean ALLOW_RESTARTS?" },
    { { ALLOW_TOP = "0" }, "unknown variable ALLOW_TOP: tecnativa has no such switch: CONTAINERS=1 opens top of containers" },
    { { ALLOW_DELETE = "0" }, "unknown variable ALLOW_DELETE: tecnativa has no such switch: DELETE does it here" },
    { { LIBPOD_PODS = "1" }, "paths below /libpod are closed here; the policy linuxserver has a switch for them" },
    { { CONTAINERS_CREATE = "0" }, "CONTAINERS=1 opens all of /containers to GET, and to the methods that are open" },
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
    { { POST = "1" }, "/containers/web/pause", "pause of containers needs ALLOW_PAUSE=1" },
    { { POST = "1" }, "/containers/web/kill", "kill of containers needs ALLOW_KILL=1" },
    { { POST = "1", CONTAINERS = "1" }, "/containers/web/exec", "exec of containers needs ALLOW_EXEC=1" },
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
    -- HAProxy's bind
    { { BIND_CONFIG = ":2376" }, { "tcp 0.0.0.0:2376" } },
    { { BIND_CONFIG = "*:2376" }, { "tcp 0.0.0.0:2376" } },
    { { BIND_CONFIG = "[::]:2376 v4v6" }, { "tcp [::]:2376" } },
    { { BIND_CONFIG = ":::2376" }, { "tcp [::]:2376" } },
    { { BIND_CONFIG = "127.0.0.1:1,ipv4@127.0.0.2:2,ipv6@[::1]:3" }, { "tcp 127.0.0.1:1", "tcp 127.0.0.2:2", "tcp [::1]:3" } },
    { { BIND_CONFIG = "unix@/run/x.sock mode 660 gid 7" }, { "unix /run/x.sock, mode 0660, group 7" } },
    { { BIND_CONFIG = ":1 ssl crt x" }, { 'BIND_CONFIG: "ssl" of HAProxy\'s bind is not known here; MOONWARD_LISTEN takes' } },
    { { BIND_CONFIG = ":1 mode" }, { "BIND_CONFIG: expected a value behind the last word" } },
    { { BIND_CONFIG = " " }, { "BIND_CONFIG: expected an address and a port, as in 127.0.0.1:2375" } },
    { { BIND_CONFIG = "localhost:1" }, { "expected an IP address" } },
    { { BIND_CONFIG = ":1", DISABLE_IPV6 = "1" }, { "BIND_CONFIG and DISABLE_IPV6 both say where to listen" } },
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
    on "CONTAINERS IMAGES DELETE ALLOW_LOGS",
    on "ALLOW_START ALLOW_STOP ALLOW_RESTARTS",
    on "ALLOW_START ALLOW_PAUSE POST",
    on "ALLOW_RESTARTS ALLOW_KILL POST EXEC",
    on "CONTAINERS POST PUT ALLOW_EXEC ALLOW_ATTACH ALLOW_ARCHIVE",
    on(table.concat(program.variables, " ")),
  }, { segment = 55, action = 43, attach = 8, kept = 24, case = 20, form = 111, status = 285 }))
end)
