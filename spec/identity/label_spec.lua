-- What labels of real containers give their clients: lists of the default policy, and policies by name.

local caller = require "spec.support.caller"
local engine = require "spec.support.engine"
local folder = require "spec.support.folder"
local gate = require "spec.support.gate"

local it = engine.it(it, pending)

local host = "tcp://172.31.3.1:2376"
local made = {}

local function run(name, labels, options)
  options = options or {}
  options.network, options.labels = options.network or "labels", labels
  local one = caller.run(name, options)
  made[#made + 1] = one
  return one
end

-- The status of an answer; 200 is "granted".
local function status(one, address, path)
  local verdict = one:ask(address, path)
  return verdict == "granted" and 200 or tonumber(verdict:match("^%d+")) or verdict
end

describe("labels of containers", function()
  setup(function()
    if not engine.unavailable() then
      caller.network("labels", "172.31.3.")
      caller.network("elsewhere", "172.31.4.")
    end
  end)

  teardown(function()
    if not engine.unavailable() then
      caller.drop_network("labels")
      caller.drop_network("elsewhere")
    end
  end)

  after_each(function()
    caller.all(made, function(one) one:remove() end)
    made = {}
  end)

  describe("in the default policy with -proxycontainername", function()
    local proxy, at

    setup(function()
      if not engine.unavailable() then
        proxy = gate.container("label-proxy", { "labels" }, {
          "-proxycontainername=label-proxy", "-allowGET=/_ping", "-allowfrom=172.31.3.250",
        })
        at = proxy:on "labels"
      end
    end)

    teardown(function()
      if proxy then
        proxy:stop()
      end
    end)

    it("give what they say, and nothing else", function()
      local one = run("lister", {
        ["socket-proxy.allow.get"] = "/v1\\.41/containers/json", ["socket-proxy.allow.get.1"] = "/v1\\.41/version",
      })
      assert.equal(200, status(one, at, "/v1.41/containers/json"))
      assert.equal(200, status(one, at, "/v1.41/version"))
      assert.equal(403, status(one, at, "/v1.41/info"))
      assert.equal(403, status(one, at, "/_ping")) -- the list of the options is not theirs
    end)

    it("give nothing to who has none; -allowfrom decides then", function()
      local none, allowed = run("none"), run("allowed", nil, { ip = "172.31.3.250" })
      assert.equal(403, status(none, at, "/_ping"))
      assert.equal(200, status(allowed, at, "/_ping"))
      assert.equal(403, status(allowed, at, "/v1.41/version"))
    end)

    it("of another prefix, in capitals, or of no method give nothing", function()
      local one = run("odd-labels", {
        ["docker-proxy.allow.get"] = ".*", ["Socket-Proxy.allow.get"] = ".*", ["socket-proxy.allow.fetch"] = ".*",
      })
      assert.equal(403, status(one, at, "/_ping"))
    end)

    it("that cannot be read spoil that container, and no other", function()
      local bad = run("bad", { ["socket-proxy.allow.get"] = "(" })
      local good = run("good", { ["socket-proxy.allow.get"] = "/_ping" })
      assert.equal(403, status(bad, at, "/_ping"))
      assert.equal(200, status(good, at, "/_ping"))
      assert.is_truthy(proxy:logs("bad"), proxy:log())
    end)

    it("with directories only give no method", function()
      local one = run("binder", { ["socket-proxy.allow.bindmountfrom"] = "/srv" })
      assert.equal(405, status(one, at, "/_ping"))
    end)
  end)

  describe("in the default policy with -dockerlabelprefix", function()
    it("count by that prefix", function()
      local proxy = gate.container("prefix-proxy", { "labels" }, {
        "-proxycontainername=prefix-proxy", "-dockerlabelprefix=spec.proxy", "-allowGET=",
      })
      local at = proxy:on "labels"
      local good = run("good", { ["spec.proxy.allow.get"] = "/_ping" })
      local other = run("other", { ["socket-proxy.allow.get"] = "/_ping" })
      assert.equal(200, status(good, at, "/_ping"))
      assert.equal(403, status(other, at, "/_ping"))
      proxy:stop()
    end)
  end)

  describe("with -selectable", function()
    local proxy

    local function policy(name, body)
      return folder.write(folder.new() .. "/" .. name .. ".lua",
        "local moonward = require 'moonward'\nreturn function(_, request)\n" .. body .. "\nend\n")
    end

    setup(function()
      if not engine.unavailable() then
        proxy = gate.host({
          "-policy=" .. policy("usual", "return moonward.deny('the usual')"),
          "-selectable=" .. policy("pinger", "if request:is('system.ping') then return moonward.allow() end"),
          "-selectable=" .. policy("reader", "if request.method == 'GET' then return moonward.allow() end"),
        }, { port = 2376 })
      end
    end)

    teardown(function()
      if proxy then
        proxy:stop()
      end
    end)

    it("choose among those policies", function()
      local pinger = run("pinger", { ["moonward.policy"] = "pinger" })
      local reader = run("reader", { ["moonward.policy"] = "reader" })
      assert.equal(200, status(pinger, host, "/_ping"))
      assert.equal(403, status(pinger, host, "/v1.41/version"))
      assert.equal(200, status(reader, host, "/_ping"))
      assert.equal(200, status(reader, host, "/v1.41/version"))
    end)

    for _, name in ipairs({ "usual", "default", "Pinger", "", "../pinger", "pinger reader" }) do
      it(("cannot choose %q"):format(name), function()
        local one = run("chooser", { ["moonward.policy"] = name })
        local verdict = one:ask(host, "/_ping")
        assert.is_truthy(verdict:find("^403"), verdict)
      end)
    end

    it("leave who has none to the usual policies", function()
      local verdict = run("plain"):ask(host, "/_ping")
      assert.is_truthy(verdict:find("the usual", 1, true), verdict)
    end)
  end)
end)
