-- `moonward check`: what it finds by asking the policies about every operation.

local cli = require "spec.support.pinger"
local daemon = require "spec.support.daemon"
local folder = require "spec.support.folder"
local process = require "spec.support.process"

local place = folder.new()

local function check(text, words)
  local path = folder.write(place .. "/house.lua", 'local moonward = require "moonward"\n' .. text)
  return cli.run(cli.with(path, { "check", table.unpack(words or {}) }), {})
end

local function has(text, part)
  assert.is_truthy(string.find(text, part, 1, true), "missing: " .. part .. "\nin: " .. text)
end

describe("check asks about every operation, and finds", function()
  -- what is wrong, the policy from its second line on, and what is said
  local cases = {
    { "an operation that does not exist",
      'return function(_, request)\n  if request:is "container.lst" then return moonward.allow() end\nend',
      "house.lua:3: unknown operation 'container.lst'; did you mean 'container.list'?\n    at GET /v1.47/" },
    { "a method that is misspelt, where one operation gets to it",
      'return function(_, request)\n  if request:is "container.create" then return request:iz "x" end\nend',
      "house.lua:3: unknown field 'iz' of request; did you mean 'id'?\n    at POST /v1.47/containers/create" },
    { "a name that the sandbox does not have",
      'return function(_, request)\n  return request:is "image.prune" and moonward.deny(os.time()) or nil\nend',
      "house.lua:3: os is not in the sandbox; use an option that the policy declares, with env = for a variable;"
        .. " there is no clock\n    at POST /v1.47/images/prune" },
    { "what comes of a target that exists",
      "return function(_, request)\n"
        .. '  if request:is "container.start" and request.target then return request.target.nam end\nend',
      "house.lua:3: unknown field 'nam' of the container; did you mean 'name'?\n    at POST /v1.47/containers/sample/start" },
    { "what comes of a target that does not exist",
      'return function(_, request)\n  return request:is "volume.remove" and moonward.deny(request.target.name) or nil\nend',
      "house.lua:3: attempt to index a nil value (field 'target')\n    at DELETE /v1.47/volumes/sample" },
    { "what comes of a body",
      'return function(_, request)\n  return request:is "container.create" and moonward.deny(request.json.a.b) or nil\nend',
      "house.lua:3: attempt to index a nil value (field 'a')\n    at POST /v1.47/containers/create" },
    { "a value that is no verdict",
      'return function(_, request)\n  return request:is "system.info" and "yes" or nil\nend',
      "house.lua:2: decide returned a string; return moonward.allow(),"
        .. " moonward.deny(reason), moonward.hide() or nothing\n    at GET /v1.47/info" },
    { "a policy behind one that denies", 'return function(_, request)\n  return request:is "x.y" end', "unknown operation 'x.y'",
      { "-policy=read-only", "-policy=" .. cli.path } },
    { "a policy that clients choose", 'return function() return moonward.deny "no" end', "unknown operation 'x.y'",
      { "-selectable=" .. folder.write(place .. "/chosen.lua", 'return function(_, request) request:is "x.y" end') } },
  }
  for _, case in ipairs(cases) do
    it(case[1], function()
      local result = check(case[2], case[4])
      has(result.stdout, "\nerrors, each of them a denial\n")
      has(result.stdout, case[3])
      has(result.stdout, "\nnot ok: a policy errs\n")
      assert.equal(1, result.code)
    end)
  end

  it("no fault where the engine was asked what only an engine knows", function()
    local result = check('local recreate = require "moonward.recreate"\nreturn function(client)\n'
      .. '  return client.container and moonward.allow() or moonward.deny "nobody"\nend')
    has(result.stdout, "\nok, with")
    assert.equal(0, result.code)
  end)

  it("each error once, with the first request that meets it", function()
    local result = check 'return function(_, request)\n  return request.x\nend'
    local _, count = string.gsub(result.stdout, "unknown field 'x'", "")
    assert.equal(1, count)
    has(result.stdout, " and others\n")
  end)
end)

describe("check shows", function()
  local options = [[
return {
  options = {
    { name = "paths", env = "PATHS", kind = "list", help = "Paths." },
    { name = "token", env = "TOKEN", secret = true, help = "A token." },
    { name = "tokens", env = "TOKENS", kind = "list", secret = true, help = "More." },
  },
  decide = function() return moonward.deny "no" end,
}]]

  it("each entry of a list", function()
    has(check(options, { "-paths=/a, /b", "-paths=/c" }).stdout,
      "\n  -paths = /a  (-paths)\n  -paths = /b  (-paths)\n  -paths = /c  (-paths)\n")
  end)

  it("no secret", function()
    local result = check(options, { "-token=hunter2", "-tokens=hunter2,hunter3" })
    has(result.stdout, "\n  -token is secret, and set  (-token)\n  -tokens is secret, and set  (-tokens)\n")
    assert.is_nil(result.stdout:find("hunter", 1, true))
    has(check(options).stdout, "\n  -token is empty  (default)\n")
  end)

  it("a list that is called -allowfrom, as an option of another kind is elsewhere", function()
    local result = check([[
return {
  options = { { name = "allowfrom", kind = "list", default = "10.0.0.1", help = "Who." } },
  decide = function() return moonward.deny "no" end,
}]], { "-listen=tcp://0.0.0.0:1" })
    has(result.stdout, "\n  -allowfrom = 10.0.0.1  (default)\n")
    assert.equal(0, result.code, result.stderr)
  end)

  it("that its output cannot be written", function()
    local result = process.run({ "sh", "-c", "exec " .. daemon.binary .. " check >/dev/full" }, { timeout = 20 })
    assert.equal("moonward: standard output: No space left on device\n", result.stderr)
    assert.equal(1, result.code)
  end)

  it("no secret that cannot be read", function()
    local result = check(options, { "-token='hunter2'" })
    assert.is_truthy(result.code > 0)
    has(result.stderr, "-token: the value is not what is expected; it is secret and not shown here")
    assert.is_nil(result.stderr:find("hunter", 1, true))
  end)
end)

describe("check warns of", function()
  local HOST = " takes over the host for whoever may ask it: "
  -- words, variables, and what is said; false: nothing of the host
  local cases = {
    { { "-policy=tecnativa" }, { "CONTAINERS=1", "POST=1" }, "policy tecnativa" .. HOST .. "POST /v1.47/containers/create" },
    { { "-policy=tecnativa" }, { "CONTAINERS=1" }, false },
    { { "-policy=tecnativa", "-policy=no-host-power" }, { "CONTAINERS=1", "POST=1" }, false },
    { { "-allowPOST=.*" }, {}, "policy default" .. HOST },
    { { "-allowPOST=.*", "-allowfrom=10.0.0.0/8" }, {}, "policy default" .. HOST },
    { { "-allowPOST=.*", "-allowfrom=web.test,10.0.0.0/8" }, {}, "policy default" .. HOST },
    { { "-allowPOST=/v1.47/containers/[^/]+/exec" }, {}, "policy default" .. HOST .. "POST /v1.47/containers/sample/exec" },
    { { "-allowPOST=/v1.47/volumes/create" }, {}, "policy default" .. HOST .. "POST /v1.47/volumes/create" },
    { { "-allowGET=.*" }, {}, false },
    { { "-policy=docker-cli" }, {}, "policy docker-cli" .. HOST },
    { { "-policy=read-only" }, {}, false },
    { { "-policy=owner", "-owner=me" }, {}, false },
    { { "-policy=testcontainers" }, {}, false },
  }
  for _, case in ipairs(cases) do
    it(table.concat(daemon.flatten(case[2], case[1]), " ") .. (case[3] and "" or ": nothing"), function()
      local result = cli.run(daemon.flatten("check", case[1]), case[2])
      assert.equal(0, result.code, result.stdout .. result.stderr)
      if case[3] then
        has(result.stdout, case[3])
      else
        assert.is_nil(result.stdout:find(HOST, 1, true), result.stdout)
      end
    end)
  end

  it("a listener for all and an -allowfrom for nobody else", function()
    local words = "0.0.0.0:2375 can be reached from elsewhere, and -allowfrom=127.0.0.1/32, the default, denies"
    has(cli.run({ "check", "-listenip=0.0.0.0", "-allowGET=/info" }, {}).stdout, words)
    for _, words_of in ipairs { { "-listenip=0.0.0.0", "-allowfrom=0.0.0.0/0" }, { "-listenip=127.0.0.1" } } do
      local result = cli.run(daemon.flatten("check", words_of, "-allowGET=/info"), {})
      assert.is_nil(result.stdout:find("can be reached from elsewhere", 1, true), result.stdout)
    end
  end)
end)

describe("every policy that ships", function()
  local filters = '[[allow_filters]]\nmethod = "GET"\npath = "/_ping"\n'
  local needs = {
    ["allow-filters"] = { "-config-file=" .. folder.write(place .. "/filters.toml", filters) },
    ["container-filter"] = { "-upstream=/var/run/docker.sock" },
  }
  -- What these let through, their operator says, as in the programs that they take the place of.
  local says_itself = { ["allow-filters"] = true, default = true }
  local never = { godoxy = { HEAD = true } }

  -- The machine's own CONTAINER_NAME is nearly a variable of container-filter's.
  local function run(name, command, ...)
    return cli.run(daemon.flatten(command, "-policy=" .. name, needs[name] or {}, ...), { "CONTAINER_NAME=" })
  end

  for path in io.popen("ls policies/*.lua"):lines() do
    local name = string.match(path, "([^/]+)%.lua$")
    it(name .. " has an answer to every operation", function()
      local result = run(name, "check")
      assert.is_nil(string.find(result.stdout, "\nerrors", 1, true), result.stdout)
      assert.equal(0, result.code, result.stdout .. result.stderr)
    end)

    -- Else Docker's own client speaks the oldest version of the API, or says that it is too new.
    it(name .. " lets a ping and the version pass, whoever asks", function()
      for _, request in ipairs { "HEAD /_ping", "GET /_ping", "GET /v1.47/_ping", "GET /version", "GET /v1.47/version" } do
        local method, target = string.match(request, "(%u+) (.*)")
        if not says_itself[name] and not (never[name] or {})[method] then
          local result = run(name, "explain", method, target)
          assert.equal(0, result.code, request .. "\n" .. result.stdout .. result.stderr)
        end
      end
    end)
  end
end)
