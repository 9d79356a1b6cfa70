-- The file of -config: several listeners, each with policies and options of its own; and what is said of a file
-- that is wrong. What is right is tried with `moonward explain`.

local daemon = require "spec.support.daemon"
local folder = require "spec.support.folder"

local place = folder.new()

local function write(text)
  return folder.write(place .. "/host.lua", text)
end

-- A listener as a whole file, for what is wrong in one.
local function listener(text)
  return write("return { listeners = { ci = {\n" .. text .. "\n} } }")
end

local function run(command, words)
  return daemon.run(daemon.flatten(command, "-config=" .. place .. "/host.lua", words or {}), { env = {} })
end

local function refused(message, words)
  local result = run("check", words)
  assert.not_equal(0, result.code, result.stdout)
  assert.is_truthy(string.find(result.stderr, message, 1, true), "missing: " .. message .. "\nin: " .. result.stderr)
end

describe("a file of -config is refused", function()
  local at = place .. "/host.lua:"
  local good = 'listen = "/run/x.sock", policy = "traefik"'
  -- what is wrong, the file, and what is said
  local cases = {
    { "that is not there", nil, place .. "/host.lua: No such file or directory" },
    { "that is no Lua", "return {", at .. "1: unexpected symbol" },
    { "that returns nothing", "local x = 1", "/host.lua: the file returned nothing, expected return { listeners" },
    { "that has no listeners", "return { upstream = '/x' }", at .. "1: expected listeners = { NAME = {" },
    { "whose listeners are a text", "return {\n listeners = 'x' }", at .. "2: listeners: expected listeners = { NAME" },
    { "with a key that is misspelt", "return {\n upstraem = '/x' }", at .. "2: upstraem: unknown key; did you mean 'upstream'?" },
    { "with a policy for all", "return {\n policy = 'default' }", at .. "2: policy: belongs to a listener: listeners = {" },
    { "that names another file", "return { config = 'x' }", at .. "1: config: is not for this file: a file cannot name" },
    { "that calls a function", "return { upstream = require('x') }", at .. "1: unknown name 'require'; the file holds" },
    { "that has a global", "x = 1\nreturn {}", at .. "1: 'x' is not a local variable; write: local x" },
    { "with a number where none belongs", "return {\n\n workers = 'many', listeners = { a = { " .. good .. " } } }",
      at .. "3: workers: " },
    { "with a float", "return { workers = 1.5 }", at .. "1: workers: expected a text, a whole number, true, false" },
    { "with two values for one", "return { upstream = { '/a', '/b' } }", at .. "1: upstream: takes one value, got 2" },
    { "with a line end in a value", 'return { upstream = "/a\\nb" }', at .. "1: upstream: a value has no line ends" },
  }
  for _, case in ipairs(cases) do
    it(case[1], function()
      os.remove(place .. "/host.lua")
      if case[2] then
        write(case[2])
      end
      refused(case[3])
    end)
  end

  -- what is wrong, the listener, and what is said
  local listeners = {
    { "without an address", 'policy = "traefik"', at .. "1: listeners.ci: the listener has no address; listen = " },
    { "without a policy", 'listen = "/run/x.sock"', at .. "1: listeners.ci: the listener has no policy; policy = " },
    { "with a key that is misspelt", good .. ', polycy = "x"',
      at .. "2: listeners.ci.polycy: unknown key; did you mean 'policy'?" },
    { "with an address that is none", 'listen = "ftp://x", policy = "traefik"', at .. '1: listeners.ci: listen "ftp://x": ' },
    { "with a name in its address", 'listen = "unix:///x?name=a", policy = "traefik"',
      'listen "unix:///x?name=a": the listener is called "ci" already; leave name= out' },
    { "that listens twice", 'listen = { "/x", "/x" }, policy = "traefik"', 'listen "/x": given twice' },
    { "with a policy that is not there", 'listen = "/x", policy = "trafik"',
      at .. "2: listeners.ci.policy: no such policy among those that ship with moonward; -policydir is for your own; did you" },
    { "with an empty list of policies", 'listen = "/x", policy = {}', at .. "2: listeners.ci.policy: the list is empty" },
    { "with options beside two names", 'listen = "/x", policy = { { "agent" }, "traefik",\n agentdir = "/x" }',
      at .. "3: listeners.ci.policy.agentdir: is beside a list of policies; an option stands beside the name" },
    { "with options of two policies at once", 'listen = "/x", policy = { "agent", "traefik", agentdir = "/x" }',
      at .. "2: listeners.ci.policy[2]: a policy with options has one name" },
    { "with an option that is misspelt", 'listen = "/x", policy = { "agent",\n agentdri = "/x" }',
      at .. "3: listeners.ci.policy.agentdri: policy agent has no option 'agentdri'; did you mean 'agentdir'?" },
    { "with an option's value that is none", 'listen = "/x", policy = { "agent",\n agentcontainers = "few" }',
      at .. "3: listeners.ci.policy.agentcontainers: " },
    { "with a list for one value", 'listen = "/x", policy = { "default",\n proxycontainername = { "a", "b" } }',
      at .. "3: listeners.ci.policy.proxycontainername: takes one value, got 2" },
    { "with what is the core's beside a policy", 'listen = "/x", policy = { "tecnativa",\n LOG_LEVEL = "info" }',
      at .. "3: listeners.ci.policy.LOG_LEVEL: 'LOG_LEVEL' is another name of 'loglevel', which is said once for all" },
    { "with from at a Unix socket", 'listen = "/x", policy = "traefik",\n from = "10.0.0.0/8"',
      at .. "3: listeners.ci.from: clients of /x have no address; its mode, owner and group say who may connect" },
    { "with from that fits nobody", 'listen = "tcp://:1", policy = "traefik", from = "10.0.0.300"',
      at .. "2: listeners.ci.from: " },
    { "with an empty from", 'listen = "tcp://:1", policy = "traefik", from = {}',
      at .. "2: listeners.ci.from: the list is empty" },
  }
  for _, case in ipairs(listeners) do
    it("whose listener is one " .. case[1], function()
      listener(case[2])
      refused(case[3])
    end)
  end

  it("with more policies than there can be", function()
    listener('listen = "/x", policy = {' .. ('"traefik", '):rep(33) .. "}")
    refused("/host.lua:1: listeners.ci: more than 32 policies in all")
  end)

  -- what stands beside it
  local besides = { "-policy=default", "-listen=tcp://:1", "-proxyport=1", "-selectable=default" }
  for _, flag in ipairs(besides) do
    it("beside " .. flag, function()
      listener(good)
      refused(flag:match("^[^=]+") .. " and -config both say where to listen or who judges; say it in the file", { flag })
    end)
  end

  it("beside an option of a policy, which would be whose", function()
    listener(good)
    refused("unknown option -allowGET", { "-allowGET=/x" })
  end)
end)

describe("a file of -config", function()
  setup(function()
    folder.write(place .. "/house.lua", 'local moonward = require "moonward"\nreturn function(_, request)\n'
      .. '  if request:is "image.list" then return moonward.deny "not in this house" end\nend')
    write([=[
      local networks = { "10.0.0.0/8", "127.0.0.1" }
      return {
        upstream = "unix:///run/none.sock", loglevel = "WARN",
        listeners = {
          images = { listen = { "tcp://127.0.0.1:1", "/run/a.sock" }, policy = { "tecnativa", IMAGES = 1, PING = false } },
          containers = { listen = "tcp://127.0.0.1:2", from = networks,
            policy = { { "tecnativa", CONTAINERS = 1, IMAGES = 1 }, "house.lua" } },
          regexes = { listen = "tcp://127.0.0.1:3",
            policy = { { "default", allowfrom = "0.0.0.0/0", allowGET = { "/images/.*", "/version" } }, "./house.lua" } },
        },
      }]=])
  end)

  -- listener, from, path; what comes of it
  local cases = {
    { "images", "127.0.0.1", "/images/json", "allowed" },
    { "images", "127.0.0.1", "/containers/json", "denied" },
    { "images", "127.0.0.1", "/_ping", "denied" },
    { "containers", "127.0.0.1", "/containers/json", "allowed" },
    { "containers", "127.0.0.1", "/images/json", "denied" },
    { "containers", "127.0.0.1", "/_ping", "allowed" },
    { "containers", "10.1.2.3", "/containers/json", "allowed" },
    { "containers", "192.0.2.1", "/containers/json", "192.0.2.1 may not connect to listener containers (from)" },
    { "regexes", "192.0.2.1", "/version", "allowed" },
    { "regexes", "192.0.2.1", "/images/x/json", "allowed" },
    { "regexes", "192.0.2.1", "/info", "denied" },
    { "regexes", "192.0.2.1", "/images/json", "not in this house" },
  }
  for _, case in ipairs(cases) do
    it(("says %s to %s from %s at %s"):format(case[4], case[3], case[2], case[1]), function()
      local shown = run("explain", { "-listener=" .. case[1], "-from=" .. case[2], "GET", case[3] })
      assert.is_truthy(string.find(shown.stdout, case[4], 1, true), shown.stdout .. shown.stderr)
    end)
  end

  it("goes before variables, and after flags", function()
    local function level(words, env)
      local shown = daemon.run(daemon.flatten("check", "-config=" .. place .. "/host.lua", words), { env = env })
      return shown.stdout:match("%-loglevel = (%u+  %b())")
    end
    assert.equal("WARN  (loglevel in -config)", level({}, { "SP_LOGLEVEL=ERROR" }))
    assert.equal("DEBUG  (-loglevel)", level({ "-loglevel=DEBUG" }, {}))
  end)

  it("is shown by check, each policy with its listener and options", function()
    local shown = run("check").stdout
    assert.is_truthy(shown:find("\npolicy tecnativa of listener containers\n", 1, true), shown)
    assert.is_truthy(shown:find("\npolicy default of listener regexes\n  -allowfrom = 0.0.0.0/0  (allowfrom in -config)\n",
      1, true), shown)
    assert.is_truthy(shown:find("\npolicy house of listener regexes\n", 1, true), shown)
  end)

  it("has a matrix for each listener", function()
    local function said(name, operation)
      local rows = run("check", { "-matrix", "-json", "-listener=" .. name }).stdout
      return rows:match('[^\n]*"operation":"' .. operation .. '"'):match '"here":.-"verdict":"(%a+)"'
    end
    assert.equal("allowed", said("images", "image%.list"))
    assert.equal("denied", said("images", "container%.list"))
    assert.equal("allowed", said("containers", "container%.list"))
    assert.is_truthy(run("check", { "-matrix", "-listener=imges" }).stderr:find('no listener is called "imges"', 1, true))
  end)

  it("is named by a variable as well", function()
    local shown = daemon.run({ "explain", "-listener=images", "GET", "/images/json" },
      { env = { "MOONWARD_CONFIG=" .. place .. "/host.lua" } })
    assert.is_truthy(shown.stdout:find("allowed", 1, true), shown.stdout .. shown.stderr)
  end)
end)
