-- Verdicts of pure policies that are remembered: they are what the policies would say, however the requests
-- come; what else a policy reads is never remembered; and a policy that only says it is pure is found out.

local folder = require "spec.support.folder"
local test = require "moonward.test"

-- A policy that decides as these lines say; "count" is how often it was asked.
local function policy_of(lines, top)
  return folder.write(folder.new() .. "/counting.lua", ([[
local moonward = require "moonward"
local count = 0
%s
return {
  pure = true,
  decide = function(client, request, options)
    count = count + 1
    %s
  end,
}
]]):format(top or "", lines))
end

local function remembering(lines, entries, top)
  return test.policy(policy_of(lines, top), {}, { remembers = entries or 64 })
end

local counts = 'return moonward.deny("asked " .. count)'

describe("a remembered verdict", function()
  it("comes without asking the policy", function()
    local policy = remembering(counts)
    local first, second = policy:decide { path = "/v1.41/info" }, policy:decide { path = "/v1.41/info" }
    assert.same({ "asked 1", false }, { first.reason, first.recalled })
    assert.same({ "asked 1", true }, { second.reason, second.recalled })
  end)

  it("has all that the log and the client are told", function()
    local policy = remembering [[
      if request.path == "/info" then
        return moonward.deny("no", { status = 405, rule = "the rule", hint = "-word=y" })
      elseif request.path == "/version" then
        return moonward.hide "nothing here"
      end
      return moonward.allow { rule = "all" }]]
    for _, path in ipairs { "/info", "/version", "/_ping" } do
      local first, second = policy:decide { path = path }, policy:decide { path = path }
      assert.is_true(second.recalled)
      first.recalled, second.recalled = nil, nil
      assert.same(first, second)
    end
  end)

  -- Each differs from the first in one thing that verdicts may follow.
  local usual = { path = "/v1.41/info?a=1", client = { address = "10.0.0.7", listener = "one" } }
  local others = {
    ["another method"] = { method = "HEAD" },
    ["another path"] = { path = "/v1.41/version?a=1" },
    ["another version"] = { path = "/v1.42/info?a=1" },
    ["no version"] = { path = "/info?a=1" },
    ["another value in the query"] = { path = "/v1.41/info?a=2" },
    ["one more in the query"] = { path = "/v1.41/info?a=1&b=" },
    ["no query"] = { path = "/v1.41/info" },
    ["a body"] = { body = "{}" },
    ["another address"] = { client = { address = "10.0.0.8", listener = "one" } },
    ["no address"] = { client = { listener = "one" } },
    ["another listener"] = { client = { address = "10.0.0.7", listener = "two" } },
    ["a user"] = { client = { address = "10.0.0.7", listener = "one", uid = 0, gid = 0 } },
    ["a letter of the listener in the address"] = { client = { address = "10.0.0.7o", listener = "ne" } },
  }
  for what, other in pairs(others) do
    it("is not that of a request with " .. what, function()
      local policy, case = remembering(counts), {}
      for key, value in pairs(usual) do
        case[key] = value
      end
      for key, value in pairs(other) do
        case[key] = value
      end
      assert.equal("asked 1", policy:decide(usual).reason)
      assert.equal("asked 2", policy:decide(case).reason)
      assert.equal("asked 1", policy:decide(usual).reason)
      assert.equal("asked 2", policy:decide(case).reason)
    end)
  end

  it("is not kept for a target that is longer than others", function()
    local policy = remembering(counts)
    local long = { path = "/info?a=" .. ("a"):rep(2000) }
    assert.equal("asked 1", policy:decide(long).reason)
    assert.equal("asked 2", policy:decide(long).reason)
  end)

  -- What is read, in a policy that says it is pure, and what that is called.
  local impure = {
    { "request:header 'x-y'", "request.header" },
    { "request.body", "request.body" },
    { "request.json", "request.json" },
    { "request.target", "request.target", path = "/containers/web/json",
      engine = { ["/containers/web/json"] = { status = 404, body = "{}" } } },
    { "client.port", "client.port" },
    { "client.pid", "client.pid" },
    { "client.labels", "client.labels", client = { labels = {} } },
    { "client.container", "client.container", client = { labels = {} } },
    { "moonward.resolve 'web'", "an answer from outside", resolve = { web = { "10.0.0.1" } } },
    { "moonward.warn 'x'", "moonward.warn" },
    { "moonward.now()", "the clock" },
    { "open()", "the clock" },
    { "hosts:has '10.0.0.9'", "the clock", resolve = { web = { "10.0.0.1" } } },
  }
  local hosts = 'local hosts, open = require("moonward.addresses").parse "web", moonward.window { days = "mon-fri" }'
  for _, row in ipairs(impure) do
    local case = { path = row.path or "/info", engine = row.engine, resolve = row.resolve, client = row.client }
    local lines = "local _ = " .. row[1] .. " " .. counts

    it("is never one of a policy that reads " .. row[2] .. " (" .. row[1] .. ")", function()
      local policy = remembering(lines, nil, hosts)
      assert.equal("asked 1", policy:decide(case).reason)
      assert.equal("asked 2", policy:decide(case).reason)
    end)

    it("is promised in vain by a policy that reads " .. row[2] .. " (" .. row[1] .. "), with the line", function()
      local policy = test.policy(policy_of(lines, hosts))
      assert.error_matches(function() policy:decide(case) end,
        "counting.lua:8: the policy says pure = true, and reads " .. row[2]:gsub("%.", "%%."))
    end)
  end

  it("is none that changes the answer, the query or the body", function()
    for _, change in ipairs {
      "redact = { 'Config.Env' }", "only = function() return true end", "query = { all = '1' }",
      "edit = function() end",
    } do
      local policy = remembering("return moonward.allow { " .. change .. " }")
      local case = { path = "/containers/json" }
      policy:decide(case)
      assert.is_false(policy:decide(case).recalled)
    end
  end)

  it("is no denial with fields of its own in the answer", function()
    local policy = remembering 'return moonward.deny("asked " .. count, { headers = { ["retry-after"] = "5" } })'
    assert.same({ "asked 1", { ["retry-after"] = "5" } },
      (function(v) return { v.reason, v.headers } end)(policy:decide { path = "/info" }))
    assert.same({ "asked 2", { ["retry-after"] = "5" } },
      (function(v) return { v.reason, v.headers } end)(policy:decide { path = "/info" }))
  end)

  it("is none of a policy that failed", function()
    local policy = remembering "if count < 3 then error 'x' end return moonward.allow()"
    assert.is_true(policy:decide { path = "/info" }.failed)
    assert.is_true(policy:decide { path = "/info" }.failed)
    assert.is_true(policy:decide { path = "/info" }.allowed)
  end)

  it("needs all policies to be pure", function()
    local impure_too = folder.write(folder.new() .. "/second.lua", "return function() end")
    local policy = test.policy({ policy_of(counts), impure_too }, {}, { remembers = 64 })
    assert.equal("asked 1", policy:decide { path = "/info" }.reason)
    assert.equal("asked 2", policy:decide { path = "/info" }.reason)
  end)

  it("goes when there are more than are remembered, and those that are asked for stay", function()
    local policy = remembering(counts, 16)
    assert.equal("asked 1", policy:decide { path = "/info" }.reason)
    for i = 1, 200 do
      policy:decide { path = "/x/" .. i }
      assert.is_true(policy:decide { path = "/info" }.recalled)
      assert.is_true(policy.host:remembered() <= 16)
    end
    assert.is_false(policy:decide { path = "/x/1" }.recalled)
  end)
end)

-- Requests of few kinds in an order that differs from seed to seed, some again and again.
local function requests(seed, count)
  local methods = { "GET", "POST", "DELETE", "HEAD" }
  local paths = {
    "/_ping", "/info", "/containers/json", "/containers/web/json", "/containers/web/start", "/images/json",
    "/containers/web/logs", "/containers/web/attach/ws", "/networks", "/nothing/here", "/containers/web/top",
  }
  local addresses = { "127.0.0.1", "10.0.0.7", "::1" }
  local list, state = {}, seed
  local function pick(from)
    state = (state * 1103515245 + 12345) % 2147483648
    return from[(state >> 8) % #from + 1]
  end
  for i = 1, count do
    list[i] = {
      method = pick(methods), path = pick { "", "/v1.41" } .. pick(paths) .. pick { "", "?all=1" },
      client = { address = pick(addresses), listener = pick { "one", "two" } },
    }
  end
  return list
end

describe("a policy that ships and is pure", function()
  local filters = folder.write(folder.new() .. "/filters.toml",
    '[[allow_filters]]\nmethod = "GET"\npath = "/containers/**"\n')
  local shipped = {
    { "default", { "-allowGET=/containers/.*", "-allowPOST=/containers/web/start", "-allowfrom=127.0.0.1,::1" } },
    { "tecnativa", {}, { CONTAINERS = "1", POST = "1", ALLOW_START = "1", ALLOW_LOGS = "1" } },
    { "linuxserver", {}, { CONTAINERS = "1", POST = "1" } },
    { "godoxy", {}, { CONTAINERS = "1", POST = "1" } },
    { "allow-filters", { "-config-file=" .. filters } },
  }
  for _, row in ipairs(shipped) do
    it("is answered from memory as by itself: " .. row[1], function()
      local recalled = 0
      for seed = 1, 3 do
        local fresh = test.policy(row[1], row[2], { environment = row[3] })
        local remembers = test.policy(row[1], row[2], { environment = row[3], remembers = 512 })
        for _, request in ipairs(requests(seed, 600)) do
          local expected, got = fresh:decide(request), remembers:decide(request)
          recalled = recalled + (got.recalled and 1 or 0)
          expected.recalled, got.recalled = nil, nil
          assert.same(expected, got)
        end
      end
      assert.is_true(recalled > 300)
    end)
  end

  it("is not when it looks up names or reads bodies", function()
    for _, more in ipairs { "-allowfrom=web", "-allowbindmountfrom=/srv", "-proxycontainername=proxy" } do
      assert.is_false(test.policy("default", { "-allowGET=.*", more }).host:is_pure())
    end
    assert.is_true(test.policy("default", { "-allowGET=.*" }).host:is_pure())
  end)
end)

describe("a policy that keeps something between requests", function()
  it("is found out when a case is decided again", function()
    local policy = test.policy(policy_of(counts))
    assert.error_matches(function() policy:decide { path = "/info" } end,
      'policy counting says pure = true, and GET /info has the reason "asked 1" first and "asked 2" later')
  end)

  it("is found out when it follows the order", function()
    local policy = test.policy(policy_of([[
      local was = before
      before = request.path
      return moonward.deny("behind " .. (was == request.path and "itself" or "another"))]],
      "local before = '/info'"))
    assert.error_matches(function()
      policy:decide { path = "/info" }
      policy:decide { path = "/version" }
    end, "says pure = true")
  end)
end)
