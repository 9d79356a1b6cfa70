-- client.policy: policies that are written with it, judged as the daemon would.
local folder = require "spec.support.folder"
local test = require "moonward.test"

local containers = {
  { name = "web", labels = { ours = "yes" } },
  { name = "db", labels = {} },
}

-- The policy that a description makes.
local function policy(description, options, settings)
  local path = folder.new() .. "/fancy.lua"
  folder.write(path, 'local calls = require "moonward.calls"\nlocal client = require "moonward.client"\n'
    .. 'local function is_ours(object) return object.labels.ours == "yes" end\n'
    .. "return calls and client.policy { " .. description .. " }\n")
  return test.policy(path, options, settings)
end

local function decide(loaded, text, body)
  local method, path = text:match("^(%S+) (.*)$")
  local verdict = loaded:decide { method = method, path = path, body = body, containers = containers }
  assert.is_false(verdict.failed or false, verdict.reason)
  return verdict
end

local function allows(loaded, text, body)
  return decide(loaded, text, body).allowed
end

describe("client.policy", function()
  local loaded = policy [[
    always = { calls.greeting, "container.list", { { "network.list" }, "exec.*" } },
    options = {
      { name = "fancylogs", kind = "switch", help = "Logs.", allows = { calls.logs } },
      { name = "fancyimage", help = "An image.", allows = { calls.images } },
    },
  ]]

  for _, text in ipairs { "HEAD /_ping", "GET /_ping", "GET /v1.41/version", "GET /containers/json", "GET /networks",
    "POST /containers/web/exec", "POST /exec/0a/start" } do
    it("allows " .. text .. ", which is in a list", function()
      local verdict = loaded:decide { method = text:match("^%S+"), path = text:match("%S+$"), body = "{}" }
      assert.is_true(verdict.allowed, verdict.reason)
    end)
  end

  -- request, reason, hint
  local denials = {
    { "GET /containers/web/json", "container.inspect is not among the calls of this client" },
    { "POST /networks/create", "network.create is not among the calls of this client" },
    { "GET /new/thing", "unknown route" },
    { "GET /containers/web/logs", "container.logs is not among the calls of this client", "-fancylogs" },
    { "GET /images/json", "image.list is not among the calls of this client", "-fancyimage=..." },
  }
  for _, case in ipairs(denials) do
    it("denies " .. case[1] .. " and says why", function()
      local verdict = decide(loaded, case[1])
      assert.is_false(verdict.allowed)
      assert.equal(403, verdict.status)
      assert.equal(case[2], verdict.reason)
      assert.equal(case[3], verdict.hint ~= "" and verdict.hint or nil)
    end)
  end

  it("allows an option's entries when it is set, and names it as the rule", function()
    local description = [[
      options = {
        { name = "fancylogs", kind = "switch", help = "Logs.", allows = { calls.logs } },
        { name = "fancyimage", help = "An image.", allows = { calls.images } },
      },
    ]]
    local verdict = decide(policy(description, { fancylogs = true }), "GET /containers/web/logs")
    assert.is_true(verdict.allowed)
    assert.equal("fancylogs", verdict.rule)
    assert.is_true(allows(policy(description, { fancyimage = "x" }), "GET /images/json"))
    assert.is_false(allows(policy(description, { fancyimage = "" }), "GET /images/json"))
    assert.is_false(allows(policy(description, { fancylogs = false }), "GET /containers/web/logs"))
  end)

  it("shows its options without what is its own", function()
    local options = policy([[options = { { name = "a", kind = "switch", help = "A.", allows = { calls.logs } } }]])
      :options()
    local found
    for _, option in ipairs(options) do
      found = option.name == "a" and option or found
    end
    assert.equal("A.", found.help)
  end)
end)

describe("client.policy: when", function()
  local loaded = policy [[
    always = {
      { "container.restart", when = client.target(is_ours, "not ours") },
      { "container.stop", when = function(request) return request.query.t == "1", "t is 1 here" end },
      { "container.stop", when = function(request) return request.query.t == "2" end },
      { "service.remove", when = client.target(is_ours, "not ours") },
    },
  ]]

  it("asks about the target", function()
    assert.is_true(allows(loaded, "POST /containers/web/restart"))
    local verdict = decide(loaded, "POST /containers/db/restart")
    assert.is_false(verdict.allowed)
    assert.equal("not ours", verdict.reason)
  end)

  it("leaves what does not exist to a 404", function()
    assert.equal(404, decide(loaded, "POST /containers/nobody/restart").status)
  end)

  it("never holds for a thing whose labels nobody can ask for", function()
    assert.equal("not ours", decide(loaded, "DELETE /services/web").reason)
  end)

  it("of the first entry that holds decides", function()
    assert.is_true(allows(loaded, "POST /containers/web/stop?t=1"))
    assert.is_true(allows(loaded, "POST /containers/web/stop?t=2"))
    assert.equal("t is 1 here", decide(loaded, "POST /containers/web/stop?t=3").reason)
  end)
end)

describe("client.policy: a pull", function()
  -- what the policy lists, query, reason; nil: allowed
  local cases = {
    { '"image.pull"', "fromImage=alpine&tag=3", nil },
    { '"image.pull"', "fromSrc=-&repo=nginx", "image.load is not among the calls of this client" },
    { '"image.pull"', "fromImage=&fromSrc=-&repo=nginx", "image.load is not among the calls of this client" },
    { '"image.pull"', "", "image.load is not among the calls of this client" },
    { '"image.pull", "image.load"', "fromSrc=-&repo=nginx", nil },
    { '"image.load"', "fromImage=alpine", "image.pull is not among the calls of this client" },
    { '"image.pull", "image.load"', "fromSrc=http://10.0.0.1/x&repo=nginx",
      "not allowed: remote http://10.0.0.1/x (query.fromSrc)" },
  }
  for _, case in ipairs(cases) do
    local listed, query, reason = table.unpack(case, 1, 3)
    it(("of %s, with %s, is %s"):format(query, listed, reason and "denied" or "allowed"), function()
      local verdict = decide(policy("always = { " .. listed .. " }"), "POST /images/create?" .. query, "x")
      assert.equal(reason, not verdict.allowed and verdict.reason or nil)
    end)
  end
end)

describe("client.policy: only", function()
  local loaded = policy [[always = { { "container.start", "container.commit", only = is_ours } }]]

  it("makes other objects not exist", function()
    assert.is_true(allows(loaded, "POST /containers/web/start"))
    assert.is_true(allows(loaded, "POST /commit?container=web"))
    for _, text in ipairs { "POST /containers/db/start", "POST /containers/nobody/start", "POST /commit?container=db",
      "POST /commit" } do
      assert.equal(404, decide(loaded, text).status, text)
    end
  end)
end)

describe("client.policy: what the engine answers", function()
  local description = [[
    always = { { "container.list", only = client.labelled "fancylabel", edit = function(c) c.Ports = nil end },
      { "container.inspect", redact = client.environment } },
    options = { { name = "fancylabel", default = "ours", label = true, help = "A label." } },
  ]]
  local list = '[{"Id":"1","Labels":{"ours":"yes"},"Ports":[]},{"Id":"2","Labels":{"our.s":"no"}}]'

  -- label, what is left of the list
  local cases = {
    { "ours", '[{"Id":"1","Labels":{"ours":"yes"}}]' },
    { "ours=yes", '[{"Id":"1","Labels":{"ours":"yes"}}]' },
    { "ours=", "[]" },
    { "ours=no", "[]" },
    { "our.*", '[{"Id":"2","Labels":{"our.s":"no"}}]' },
    { "our*=no", '[{"Id":"2","Labels":{"our.s":"no"}}]' },
    { "other", "[]" },
    { "", "[]" },
  }
  for _, case in ipairs(cases) do
    it("is filtered by the label " .. case[1], function()
      local loaded = policy(description, { fancylabel = case[1] })
      assert.equal(case[2], loaded:decide({ path = "/containers/json", answer = list }).answer)
    end)
  end

  it("needs a label that can be read", function()
    local ok, message = pcall(policy, description, { fancylabel = "[a=b" })
    assert.is_false(ok)
    assert.is_truthy(tostring(message):find("option fancylabel: '[a' is not a glob: ", 1, true), tostring(message))
  end)

  it("loses what the value of an option says", function()
    local chosen = [[
      always = { { "container.inspect", shows = { environment = "for a spec" }, redact = function(options)
        return { { "Config.Env", keep = { table.unpack(options.fancynames) } } }
      end } },
      options = { { name = "fancynames", kind = "list", help = "Names." } },
    ]]
    for names, left in pairs { ["B"] = '"B=2"', ["A,C*"] = '"A=1","CC=3"' } do
      local verdict = policy(chosen, { fancynames = names }):decide { path = "/containers/1/json",
        answer = '{"Config":{"Env":["A=1","B=2","CC=3"]}}' }
      assert.equal('{"Config":{"Env":[' .. left .. "]}}", verdict.answer)
    end
  end)

  it("loses its environment", function()
    local verdict = policy(description):decide { path = "/containers/1/json", answer = '{"Config":{"Env":["A=b"]}}' }
    assert.equal('{"Config":{"Env":[]}}', verdict.answer)
  end)
end)

describe("client.policy: powers", function()
  local description = [[
    always = { "container.create" },
    powers = { "volume=cache" },
    options = {
      { name = "fancypowers", kind = "list", env = "FANCY_POWERS", env_family = true, help = "P.", powers = true },
    },
  ]]
  local create = "POST /v1.47/containers/create"
  local volume = '{"Image":"x","HostConfig":{"Binds":["cache:/c"]}}'
  local other = '{"Image":"x","HostConfig":{"Binds":["other:/c"]}}'
  local bind = '{"Image":"x","HostConfig":{"Binds":["/srv/a:/c"]}}'

  it("are none but those listed", function()
    local loaded = policy(description)
    assert.is_true(allows(loaded, create, '{"Image":"x"}'))
    assert.is_true(allows(loaded, create, volume))
    local verdict = decide(loaded, create, other)
    assert.is_false(verdict.allowed)
    assert.equal("not allowed: volume other (HostConfig.Binds[1])", verdict.reason)
    assert.equal("-fancypowers=volume=other", verdict.hint)
    assert.is_false(allows(loaded, create, bind))
  end)

  it("are more with the option", function()
    local loaded = policy(description, { fancypowers = { "bind=/srv,volume" } })
    assert.is_true(allows(loaded, create, other))
    assert.is_true(allows(loaded, create, bind))
    assert.is_true(allows(policy(description, {}, { environment = { FANCY_POWERS_1 = "bind" } }), create, bind))
  end)

  it("are none if nothing is said, and not looked at if false", function()
    assert.is_false(allows(policy [[always = { "container.create" }]], create, volume))
    assert.is_true(allows(policy [[always = { "container.create" }, powers = false]], create, bind))
  end)
end)

describe("client.policy stops the start at", function()
  -- what, description, message
  local mistakes = {
    { "an unknown key", [[allways = {}]], "unknown key 'allways'" },
    { "an unknown operation", [[always = { "container.lst" }]], "unknown operation 'container.lst', did you mean" },
    { "an unknown key of an entry", [[always = { { "container.list", onyl = 1 } }]], "unknown key 'onyl'" },
    { "a key in a list inside", [[always = { { { "container.list", only = 1 } } }]], "a list inside an entry" },
    { "an only that has nothing to ask", [[always = { { "container.create", only = is_ours } }]], "is about no object" },
    { "an unknown power", [[powers = { "bnd" }]], "unknown power 'bnd'" },
  }
  for _, case in ipairs(mistakes) do
    it(case[1], function()
      local ok, message = pcall(policy, case[2])
      assert.is_false(ok)
      assert.truthy(tostring(message):find(case[3], 1, true), tostring(message))
    end)
  end
end)
