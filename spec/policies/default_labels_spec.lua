-- Lists of containers by label: socket-proxy's -proxycontainername. "unlike socket-proxy" marks what is
-- different on purpose.
local test = require "moonward.test"

local no_path, no_method, no_client = "403 path not allowed", "405 method not allowed", "403 forbidden IP"

local general = { proxycontainername = "proxy", allowfrom = "10.0.0.0/8", allowGET = "/general" }
local proxy = { { name = "proxy", address = "172.17.0.9" } }

local function policy(options)
  local all = {}
  for name, value in pairs(general) do
    all[name] = value
  end
  for name, value in pairs(options or {}) do
    all[name] = value
  end
  return test.policy("default", all)
end

local function ask(loaded, request)
  request.containers = request.containers or proxy
  local verdict = loaded:decide(request)
  return verdict.allowed and "allowed" or verdict.status .. " " .. verdict.reason, verdict
end

local function client_with(labels, address)
  return { address = address or "172.17.0.2", container = { name = "web", labels = labels } }
end

describe("default: a container's own list", function()
  -- what, its labels, method, path, answer
  local cases = {
    { "a method", { ["socket-proxy.allow.get"] = "/info" }, "GET", "/info", "allowed" },
    { "a method with a number", { ["socket-proxy.allow.get.1"] = "/info" }, "GET", "/info", "allowed" },
    { "a method with a word", { ["socket-proxy.allow.get.some.thing"] = "/info" }, "GET", "/info", "allowed" },
    { "a method in capitals", { ["socket-proxy.allow.GET.x"] = "/info" }, "GET", "/info", "allowed" },
    { "several", { ["socket-proxy.allow.get"] = "/a", ["socket-proxy.allow.get.1"] = "/info" }, "GET", "/info", "allowed" },
    { "POST", { ["socket-proxy.allow.post"] = "/containers/.*" }, "POST", "/containers/a/start", "allowed" },
    { "CONNECT", { ["socket-proxy.allow.connect"] = "/x" }, "CONNECT", "/x", "allowed" },
    { "TRACE, which nobody allows", { ["socket-proxy.allow.get"] = "/x" }, "TRACE", "/x", no_method },
    { "no other path", { ["socket-proxy.allow.get"] = "/info" }, "GET", "/general", no_path },
    { "no other method", { ["socket-proxy.allow.get"] = "/info" }, "HEAD", "/info", no_method },
    { "the whole path alone", { ["socket-proxy.allow.get"] = "/info|/x" }, "GET", "/x/info", no_path },
    { "nothing when it has only a bind rule", { ["socket-proxy.allow.bindmountfrom"] = "/srv" }, "GET", "/general", no_method },

    -- without a list of its own it is one like any other
    { "no empty label", { ["socket-proxy.allow.get"] = "" }, "GET", "/info", no_client },
    { "no other prefix", { ["socket-proxyx.allow.get"] = "/info" }, "GET", "/info", no_client },
    { "no prefix in capitals", { ["Socket-Proxy.allow.get"] = "/info" }, "GET", "/info", no_client },
    { "no other word", { ["socket-proxy.permit.get"] = "/info" }, "GET", "/info", no_client },
    { "no method that there is not", { ["socket-proxy.allow.fetch"] = "/info" }, "GET", "/info", no_client },
    { "no bind rule with a number", { ["socket-proxy.allow.bindmountfrom.1"] = "/srv" }, "GET", "/info", no_client },
    { "no labels", {}, "GET", "/info", no_client },
  }
  for _, case in ipairs(cases) do
    it("has " .. case[1], function()
      assert.equal(case[5], (ask(policy(), { method = case[3], path = case[4], client = client_with(case[2]) })))
    end)
  end

  it("replaces the general one, wherever it comes from", function()
    local labels = { ["socket-proxy.allow.get"] = "/info" }
    assert.equal("allowed", (ask(policy(), { path = "/info", client = client_with(labels, "172.17.0.2") })))
    assert.equal(no_path, (ask(policy(), { path = "/general", client = client_with(labels, "10.0.0.2") })))
  end)

  it("is not needed where -allowfrom has the address", function()
    assert.equal("allowed", (ask(policy(), { path = "/general", client = client_with({}, "10.0.0.2") })))
    assert.equal("allowed", (ask(policy(), { path = "/general", client = { address = "10.0.0.2" } })))
  end)

  it("has the prefix that is set", function()
    local loaded = policy { dockerlabelprefix = "acme.proxy" }
    assert.equal("allowed", (ask(loaded, { path = "/info", client = client_with { ["acme.proxy.allow.get"] = "/info" } })))
    assert.equal(no_client, (ask(loaded, { path = "/info", client = client_with { ["socket-proxy.allow.get"] = "/info" } })))
  end)

  it("counts only where -proxycontainername is set", function()
    local loaded = policy { proxycontainername = "" }
    assert.equal(no_client, (ask(loaded, { path = "/info", client = client_with { ["socket-proxy.allow.get"] = "/info" } })))
    assert.is_false(loaded:watches_containers())
    assert.is_true(policy():watches_containers())
  end)

  it("does not count on a Unix socket", function()
    local labels = { ["socket-proxy.allow.get"] = "/info" }
    local client = { uid = 0, gid = 0, pid = 1, container = { name = "web", labels = labels } }
    assert.equal(no_path, (ask(policy(), { path = "/info", client = client })))
    assert.equal("allowed", (ask(policy(), { path = "/general", client = client })))
  end)

  it("is what a hint speaks of", function()
    local _, verdict = ask(policy(), { path = "/info?a=1", client = client_with { ["socket-proxy.allow.get"] = "/x" } })
    assert.equal("label socket-proxy.allow.get=/info", verdict.hint)
    _, verdict = ask(policy(), { path = "/x", client = client_with { ["socket-proxy.allow.get"] = "/x" } })
    assert.equal("label socket-proxy.allow.get=/x", verdict.rule)
  end)
end)

describe("default: a container's own bind rule", function()
  local create = '{"Image":"a","HostConfig":{"Binds":["%s:/x"]}}'
  local refused = "403 bind mount restriction: bind mount source directory not allowed: %s (HostConfig.Binds)"
  local post = { ["socket-proxy.allow.post"] = "/containers/create" }
  local own = { ["socket-proxy.allow.post"] = "/containers/create", ["socket-proxy.allow.bindmountfrom"] = "/data,/opt/x" }
  local cases = {
    { "takes the place of the general one", own, "/data/a", true },
    { "may have several directories", own, "/opt/x", true },
    { "does not add to the general one", own, "/srv/a", false },
    { "unlike socket-proxy: is the general one, if it names none: inside", post, "/srv/a", true },
    { "unlike socket-proxy: is the general one, if it names none: outside", post, "/data/a", false },
  }
  for _, case in ipairs(cases) do
    it(case[1], function()
      local request = {
        method = "POST", path = "/containers/create", body = create:format(case[3]), client = client_with(case[2]),
      }
      local expected = case[4] and "allowed" or refused:format(case[3])
      local answer, verdict = ask(policy { allowbindmountfrom = "/srv" }, request)
      assert.equal(expected:match("^[^(]+"), answer:match("^[^(]+"))
      if case[3] == "/srv/a" and not case[4] then
        assert.equal("label socket-proxy.allow.bindmountfrom=/data,/opt/x,/srv/a", verdict.hint)
      end
    end)
  end
end)

describe("default: a label that cannot be read", function()
  local cases = {
    { "a regex", { ["socket-proxy.allow.get"] = "(" },
      'invalid regex "(" for method GET in docker container label socket-proxy.allow.get: missing ): (' },
    { "a regex beside a good one", { ["socket-proxy.allow.get"] = "/info", ["socket-proxy.allow.post.2"] = "a(?=b)" },
      'invalid regex "a(?=b)" for method POST in docker container label socket-proxy.allow.post.2: ' },
    { "a directory", { ["socket-proxy.allow.get"] = "/info", ["socket-proxy.allow.bindmountfrom"] = "srv" },
      'bind mount directory must start with /: "srv"' },
    { "two bind rules", { ["socket-proxy.allow.bindmountfrom"] = "/a", ["socket-proxy.allow.BINDMOUNTFROM"] = "/b" },
      "another one differs from it only in case" },
  }
  for _, case in ipairs(cases) do
    it("refuses that container, says why, and logs it once: " .. case[1], function()
      local loaded = policy()
      local answer
      for _ = 1, 2 do
        answer = ask(loaded, { path = "/info", client = client_with(case[2], "10.0.0.2") })
      end
      assert.equal("403 container web: ", answer:sub(1, 19))
      assert.truthy(answer:find(case[3], 1, true), answer)
      assert.equal(1, #loaded:log())
      assert.truthy(loaded:log()[1]:find("container web: ", 1, true), loaded:log()[1])
    end)

    it("refuses nobody else: " .. case[1], function()
      local loaded = policy()
      ask(loaded, { path = "/info", client = client_with(case[2]) })
      assert.equal("allowed", (ask(loaded, { path = "/info", client = client_with { ["socket-proxy.allow.get"] = "/info" } })))
      assert.equal("allowed", (ask(loaded, { path = "/general", client = { address = "10.0.0.3" } })))
    end)
  end
end)

describe("default: a client whose container is not known", function()
  local containers = {
    { name = "proxy", address = "172.17.0.9" },
    { name = "web", address = "172.17.0.2", labels = { ["socket-proxy.allow.get"] = "/info" } },
  }

  it("is known by its address, when the engine says so", function()
    local loaded = policy()
    local request = { path = "/info", containers = containers, client = { address = "172.17.0.2" } }
    assert.equal("allowed", (ask(loaded, request)))
    request.client.address = "192.168.1.3"
    assert.equal(no_client, (ask(loaded, request)))
    request.client.address = "172.17.0.3"
    assert.truthy((ask(loaded, request)):find("403 who is asking is not known right now: no container has the address", 1, true))
  end)

  it("unlike socket-proxy: is refused as long as nobody is called -proxycontainername", function()
    local answer = ask(policy { proxycontainername = "nobody" },
      { path = "/general", containers = containers, client = { address = "10.0.0.2" } })
    assert.truthy(answer:find("403 who is asking is not known right now: no container is called nobody", 1, true), answer)
  end)
end)
