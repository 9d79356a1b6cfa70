-- `moonward check`: what it finds by asking the policies about every operation.

local cli = require "spec.support.pinger"
local daemon = require "spec.support.daemon"
local folder = require "spec.support.folder"
local json = require "cjson"
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
        .. " moonward.now() is the clock\n    at POST /v1.47/images/prune" },
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

describe("check -matrix", function()
  local house = [[
return {
  options = {
    { name = "shop", default = "a|b", help = "A shop." },
    { name = "token", secret = true, help = "A token." },
  },
  decide = function(client, request)
    if request:is "system.info" then return moonward.allow() end
    if request:is "container.list" then return moonward.allow { redact = { "Labels" } } end
    if request:is "container.create" then
      if request.json.HostConfig then return moonward.deny("<b>no|\nhost</b>") end
      return moonward.allow { edit = function(body) body.Tty = true end }
    end
    if request:is "volume.inspect" then
      return request.target and moonward.deny("mine", { status = 409 }) or moonward.hide()
    end
    if request:is "image.prune" then return request.typo end
    return moonward.deny "no"
  end,
}]]
  local function matrix(words, text) return check(text or house, daemon.flatten("-matrix", words or {})) end

  -- operation, request, verdict, asks for, to nobody of nothing
  local rows = {
    { "what is allowed", "`system.info` | `GET /v1.47/info` | allowed |  |  |" },
    { "what is denied", "`system.df` | `GET /v1.47/system/df` | denied: no |  |  |" },
    { "an answer that is filtered", "`container.list` | `GET /v1.47/containers/json?all=1` | allowed, answer filtered |  |  |" },
    { "a body that is edited", "`container.create` | `POST /v1.47/containers/create {}` | allowed, body edited | body |  |" },
    { "a body that is denied, by a reason with a bar, a tag and a line break",
      '`{"Image":"sample","HostConfig":{"Privileged":true}}` | denied: &lt;b&gt;no\\| host&lt;/b&gt; | body |  |' },
    { "what is asked of the engine and what else is said of nothing",
      "`volume.inspect` | `GET /v1.47/volumes/sample` | denied with 409: mine | engine | hidden: " },
    { "an error with its line", "`image.prune` | `POST /v1.47/images/prune` | error: policy " },
  }
  for _, row in ipairs(rows) do
    it("shows " .. row[1], function()
      has(matrix().stdout, (row[2]:gsub("^`{", "POST /v1.47/containers/create {")))
    end)
  end

  it("has a row for every route, and the policy's options without secrets in its head", function()
    local result = matrix { "-token=hunter2", "-shop=c|d" }
    has(result.stdout, "# What `house` with `-shop=c\\|d`, `-token=(secret)` says to each operation\n")
    assert.is_nil(result.stdout:find("hunter", 1, true))
    for _, operation in ipairs(require("moonward.operations").list) do
      has(result.stdout, "\n| `" .. operation.name .. "` | `" .. operation.method .. " ")
    end
  end)

  it("fails where a policy errs, and says so on standard error", function()
    local result = matrix()
    assert.equal(1, result.code)
    has(result.stderr, "house.lua:17: unknown field 'typo' of request")
    has(result.stderr, " at POST /v1.47/images/prune")
  end)

  local fine = 'return function(_, request) return request:is "system.ping" and moonward.allow() or nil end'

  it("is the same wherever the lines of a policy are, and has nothing of the log", function()
    local one, two = matrix({}, fine), matrix({ "-listen=tcp://0.0.0.0:1" }, "\n\n-- A comment.\n" .. fine)
    assert.equal(one.stdout, two.stdout)
    assert.equal(0, one.code, one.stderr)
    assert.is_nil(one.stdout:find("house.lua:", 1, true))
  end)

  it("is JSON as well, a request on each line", function()
    local made = matrix({ "-json" }).stdout
    local found = {}
    for _, row in ipairs(json.decode(made).rows) do
      found[row.operation] = row
    end
    assert.same({ policies = { "house" }, options = {} }, json.decode(made).setup)
    assert.same({ verdict = "allowed", policy = "house", filtered = false, edited = false, asks_engine = false,
      reads_body = false }, found["system.info"].here)
    assert.equal(409, found["volume.inspect"].here.status)
    assert.equal("hidden", found["volume.inspect"].nowhere.verdict)
    assert.is_truthy(found["image.prune"].here.where:find("house.lua:17", 1, true))
    for line in made:gmatch("\n({[^\n]+}),?\n?%f[\n]") do
      assert.is_truthy(json.decode(line).operation)
    end
  end)

  describe("-against", function()
    -- what, words behind -matrix, what is shown or not, exit code
    local cases = {
      { "itself: nothing", { "-policy=dozzle", "-against", "dozzle" }, "say differently\n\nNothing.\n", 0 },
      { "another policy", { "-policy=dozzle", "-against=read-only" },
        "| `container.logs` | `GET /v1.47/containers/sample/logs` | allowed | denied: ", 4 },
      { "other options, with variables in front", { "-policy=tecnativa", "-against", "CONTAINERS=1", "-policy=tecnativa" },
        "# What `tecnativa` and `tecnativa` with `CONTAINERS=1` say differently\n", 4 },
      { "a policy with variables in front", { "-policy=tecnativa", "-against", "CONTAINERS=1", "tecnativa" },
        "| `container.list` | `GET /v1.47/containers/json` | denied: ", 4 },
      { "JSON", { "-policy=tecnativa", "-json", "-against", "CONTAINERS=1", "tecnativa" },
        '{"first":{"policies":["tecnativa"],"options":[]},"second":{"policies":["tecnativa"],"options":["CONTAINERS=1"]},',
        4 },
    }
    for _, case in ipairs(cases) do
      it("shows " .. case[1], function()
        local result = cli.run(daemon.flatten("check", "-matrix", case[2]), {})
        assert.equal("", result.stderr)
        has(result.stdout, case[3])
        assert.equal(case[4], result.code)
        assert.is_nil(result.stdout:find("`system.ping`", 1, true))
      end)
    end
  end)

  -- words, message
  for _, case in ipairs {
    { { "-json" }, "moonward: check: -json and -against go with -matrix\n" },
    { { "-against", "dozzle" }, "moonward: check: -json and -against go with -matrix\n" },
    { { "-matrix", "-against" }, "moonward: check: expected a policy or options behind -against, as in\n" },
    { { "-matrix", "-against", "nonesuch" }, "moonward: policy nonesuch" },
    { { "-matrix", "-against", "dozzle", "-frob" }, "moonward: unknown option -frob" },
  } do
    it("refuses " .. table.concat(case[1], " "), function()
      local result = cli.run(daemon.flatten("check", case[1]), {})
      assert.equal(case[2], result.stderr:sub(1, #case[2]))
      assert.equal("", result.stdout)
      assert.is_true(result.code == 1 or result.code == 2)
    end)
  end
end)

describe("check -strict", function()
  -- words, exit code, last line, standard error
  for _, case in ipairs {
    { { "-policy=read-only", "-upstream=tcp://127.0.0.1:1" }, 0, "\nok\n", "" },
    { { "-policy=read-only", "-upstream=/nowhere" }, 1, "\nnot ok: 1 warning, and -strict\n", "" },
    { { "-upstream=tcp://127.0.0.1:1" }, 1, "\nnot ok: 1 warning, and -strict\n", "" },
    { { "-matrix", "-policy=read-only", "-upstream=tcp://127.0.0.1:1" }, 0, " |\n", "" },
    { { "-matrix", "-policy=read-only", "-upstream=/nowhere" }, 1, " |\n", "the engine's socket /nowhere does not exist" },
  } do
    it((case[2] == 0 and "takes " or "refuses ") .. table.concat(case[1], " "), function()
      local result = cli.run(daemon.flatten("check", "-strict", case[1]), {})
      assert.equal(case[3], result.stdout:sub(-#case[3]))
      has(result.stderr, case[4])
      assert.equal(case[2], result.code)
    end)
  end
end)
