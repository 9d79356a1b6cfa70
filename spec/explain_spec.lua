-- moonward explain: what would happen to a request, and why.

local cli = require "spec.support.pinger"
local daemon = require "spec.support.daemon"
local folder = require "spec.support.folder"
local json = require "cjson"

local pinger, run = cli.path, cli.run
local place = folder.new()

describe("explain", function()
  it("names the rule of the default policy, and what would allow a denied request", function()
    -- words, variables, exit code, what the output ends in
    local of_default = {
      { { "GET", "/v1.47/containers/json" }, { [[SP_ALLOW_GET_1=/v1\..+/containers/json]] }, 0,
        "\nallowed\npolicy     default\nrule       -allowGET=/v1\\..+/containers/json\nwhere      policies/default.lua:" },
      { { "GET", "/v1.47/info" }, { [[SP_ALLOW_GET_1=/v1\..+/containers/json]] }, 3,
        "reason     path not allowed\nto allow   SP_ALLOW_GET_2=/v1\\.47/info\n" },
      { { "-allowGET=/info", "GET", "/version" }, { "SP_ALLOW_GET=/version" }, 3, "reason     path not allowed\n" },
      { { "POST", "/containers/web/start" }, {}, 3, "denied with 405\n" },
      { { "POST", "/containers/create" }, {}, 3, "to allow   -allowPOST=/containers/create\n"
        .. "beware     this can take over the host: creates a container; the body may ask for all of the host\n" },
      { { "-allowGET=.*", "GET", "/info", "-from=10.0.0.1" }, {}, 3,
        "reason     forbidden IP\nto allow   -allowfrom=127.0.0.1/32,10.0.0.1\n" },
      { { "-allowGET=.*", "-allowfrom=localhost", "GET", "/info" }, {}, 0, "\nallowed\n" },
      { { "-allowPOST=.*", "-allowbindmountfrom=/srv", "POST", "/containers/create", "-body=-" }, {}, 3,
        "reason     bind mount restriction: bind mount source directory not allowed: /etc" },
    }
    for _, case in ipairs(of_default) do
      local result = run(daemon.flatten("explain", case[1]), case[2],
        '{"Image":"a","HostConfig":{"Binds":["/etc:/etc"]}}')
      assert.is_truthy(result.stdout:find(case[4], 1, true), result.stdout .. result.stderr)
      assert.equal(case[3], result.code)
    end
  end)

  local function explain(words, stdin)
    return run(daemon.flatten("explain", "-policy=" .. pinger, words), {}, stdin)
  end

  -- words, exit code, output
  local cases = {
    { "an allowed request", { "GET", "/_ping" }, 0,
      "request    GET /_ping\noperation  system.ping\nclient     127.0.0.1 on 127.0.0.1:2375\n\nallowed\n" ..
      "policy     pinger\nwhere      " .. pinger .. ":15\n" },
    { "a denied request", { "GET", "/v1.41/info", "-from", "10.0.0.9", "-label=a=b" }, 3,
      "request    GET /v1.41/info\noperation  system.info\nclient     10.0.0.9 on 127.0.0.1:2375\n\n" ..
      "denied with 403\npolicy     pinger\nwhere      " .. pinger .. ":22\n" ..
      "reason     pings only, 10.0.0.9 on 127.0.0.1:2375\n" },
    { "its own options before the request", { "-from", "10.0.0.9", "GET", "/v1.41/info", "-label=a=b" }, 3,
      "~reason     pings only, 10.0.0.9 on" },
    { "a label of the client's container", { "GET", "/info", "-label", "app=web" }, 0, "~\nallowed\n" },
    { "the policy's option of the same name", { "-label=mine", "GET", "/info", "-label=app=web" }, 0, "~\nallowed\n" },
    { "a client of a Unix socket", { "-listen=/run/a.sock?name=ci", "GET", "/info" }, 3,
      "~reason     pings only, nobody on ci\n" },
    { "one listener of several",
      { "-listen=/run/a.sock", "-listen=tcp://127.0.0.1:1?name=b", "GET", "/info", "-listener=b" }, 3,
      "~reason     pings only, 127.0.0.1 on b\n" },
    { "a route that nobody knows", { "GET", "/nonsense" }, 3, "~operation  none: the route is unknown\n" },
    { "a request whose policy asks the resolver", { "GET", "/images/json" }, 3, "~reason     localhost has addresses\n" },
    { "a malformed target", { "GET", "/a/../b" }, 3,
      "refused with 400 before any policy\nreason     a dot segment in the path\n" },
    { "a method that is none", { "GRAB", "/_ping" }, 3, "~refused with " },
    { "a line break in the path", { "GET", "/_ping HTTP/1.1\r\n\r\nGET /x" }, 3, "~refused with 400 before any policy\n" },
    { "an API version that is too old", { "GET", "/v1.12/info" }, 3, "~refused with 400 before any policy\n" },
  }
  for _, case in ipairs(cases) do
    it("tells of " .. case[1], function()
      local result = explain(case[2])
      assert.equal("", result.stderr)
      if case[4]:sub(1, 1) == "~" then
        assert.is_truthy(result.stdout:find(case[4]:sub(2), 1, true), result.stdout)
      else
        assert.equal(case[4], result.stdout)
      end
      assert.equal(case[3], result.code)
    end)
  end

  it("gives a policy the body from a file or from standard input", function()
    local file = folder.write(place .. "/body.json", '{"Image":"busybox"}')
    for _, result in ipairs {
      explain { "POST", "/containers/create", "-body", file },
      explain({ "POST", "/containers/create", "-body=-" }, '{"Image":"busybox"}'),
    } do
      assert.is_truthy(result.stdout:find("reason     no image busybox\n", 1, true), result.stdout)
      assert.is_truthy(result.stdout:find("body       is held back until the policy has seen all of it\n", 1, true))
      assert.equal(3, result.code)
    end
  end)

  it("says that no body was judged where one could matter", function()
    local none = "body       none was judged; -body FILE gives one\n"
    assert.is_truthy(explain({ "POST", "/containers/create" }).stdout:find(none, 1, true))
    assert.is_nil(explain({ "GET", "/_ping" }).stdout:find(none, 1, true))
  end)

  it("says what a body gets that is too long", function()
    local result = explain({ "-maxbody=1k", "POST", "/containers/create", "-body=-" }, ("x"):rep(1025))
    assert.is_truthy(result.stdout:find("refused with 413", 1, true))
    assert.equal(3, result.code)
  end)

  -- words, message
  local refused = {
    { "no path", { "GET" }, "moonward: explain: expected METHOD PATH" },
    { "a word too many", { "GET", "/x", "y" }, 'moonward: unexpected argument "y"' },
    { "an address that is none", { "GET", "/x", "-from=web" }, 'moonward: -from: expected an IP address, got "web"\n' },
    { "an address for a Unix socket", { "-listen=/a", "GET", "/x", "-from=::1" }, "moonward: -from: the listener /a is a Unix" },
    { "a listener that is none", { "GET", "/x", "-listener=b" }, 'moonward: -listener: no listener is called "b"' },
    { "a container and labels", { "GET", "/x", "-container=web", "-label=a=b" },
      "moonward: -container has labels of its own; leave out -label\n" },
    { "a container's name that is none", { "GET", "/x", "-container=../x" },
      'moonward: -container: expected a name or an id, got "../x"\n' },
    { "a label without value", { "GET", "/x", "-label=app" }, 'moonward: -label: expected name=value, got "app"\n' },
    { "a body that is not there", { "GET", "/x", "-body=/nonesuch" },
      "moonward: -body: expected a file, or - for stdin: /nonesuch: No such file" },
  }
  for _, case in ipairs(refused) do
    it("refuses " .. case[1], function()
      local result = explain(case[2])
      assert.equal(case[3], result.stderr:sub(1, #case[3]))
      assert.equal(2, result.code)
    end)
  end
end)

describe("explain shows", function()
  local house = folder.write(place .. "/house.lua", [[
local moonward = require "moonward"
return function(_, request)
  if request:is "container.list" then return moonward.allow { only = function(c) return c.labels.mine end } end
  if request:is "container.inspect" then return moonward.allow { only = function() return false end } end
  if request:is "container.create" then return moonward.allow { edit = function(body) body.User = "1000" end } end
  return moonward.deny("header " .. tostring(request:header "x-y") .. " of " .. tostring(request:header "content-type"))
end]])
  local list = '[{"Id":"1","Labels":{"mine":"1"}},{"Id":"2","Labels":{}}]'

  local function explain(words, stdin)
    return run(daemon.flatten("explain", "-policy=" .. house, words), {}, stdin)
  end

  -- words, standard input, part of the output, exit code
  local cases = {
    { "the headers", { "GET", "/info", "-header", "X-Y: z" }, "", "\nreason     header z of nil\n", 3 },
    { "a header that it would send by itself", { "POST", "/build", "-header=Content-Type: text/x", "-body=-" }, "{}",
      "\nreason     header nil of text/x\n", 3 },
    { "the body as it goes on", { "POST", "/containers/create", "-body=-" }, '{"Image":"a"}',
      '\n\nthe body as it goes on\n{"Image":"a","User":"1000"}\n', 0 },
    { "the answer as it is filtered", { "GET", "/containers/json", "-answer=-" }, list,
      '\n\nthe answer as the client sees it\n[{"Id":"1","Labels":{"mine":"1"}}]\n', 0 },
    { "that nothing of an answer may be shown", { "GET", "/containers/web/json", "-answer=-" }, '{"Id":"1"}',
      "\n\nthe client gets 404: No such container: web\n", 0 },
    { "an answer that cannot be filtered", { "GET", "/containers/json", "-answer=-" }, "[{]", "\n\nthe answer is ended: ", 0 },
  }
  for _, case in ipairs(cases) do
    it(case[1], function()
      local result = explain(case[2], case[3])
      assert.equal("", result.stderr)
      assert.is_truthy(result.stdout:find(case[4], 1, true), result.stdout)
      assert.equal(case[5], result.code)
    end)
  end

  it("an answer that nobody filters as it is", function()
    local result = run({ "explain", "-policy=read-only", "GET", "/networks", "-answer=-" }, {}, '[{"Name":"a"}]')
    assert.is_truthy(result.stdout:find('the answer as the client sees it\n[{"Name":"a"}]\n', 1, true), result.stdout)
  end)

  it("all of it as JSON", function()
    local result = explain({ "-json", "GET", "/v1.47/containers/json", "-answer=-" }, list)
    assert.same({
      address = "127.0.0.1", allowed = true, answer = '[{"Id":"1","Labels":{"mine":"1"}}]',
      does = "lists containers with labels, mounts and addresses",
      filters = true, listener = "127.0.0.1:2375", looked = false, failed = false, hidden = false, edits = false,
      method = "GET", operation = "container.list", policy = "house", power = 1, target = "/v1.47/containers/json",
      where = house .. ":3",
    }, json.decode(result.stdout))
    local denied = json.decode(explain({ "-json", "GET", "/info" }).stdout)
    assert.same({ false, 403, "header nil of nil" }, { denied.allowed, denied.status, denied.reason })
    local refused = explain { "-json", "GET", "/a/../b" }
    assert.same({ allowed = false, refused = true, status = 400, reason = "a dot segment in the path" },
      json.decode(refused.stdout))
    assert.equal(3, refused.code)
  end)

  it("an answer that can be read in no charset as JSON all the same", function()
    assert.is_truthy(json.decode(explain({ "-json", "GET", "/containers/json", "-answer=-" }, '["\xff"]').stdout))
  end)

  -- the policy, the request, and what is said
  local ways = {
    { "the option that allows it", "dozzle", { "POST", "/containers/web/exec" }, "\nto allow   -dozzleshell\n" },
    { "the policies that allow it", "dozzle", { "GET", "/volumes" }, "\nto allow   policies that do: " },
    { "nothing where it can take over the host", "dozzle", { "POST", "/swarm/init" }, false },
    { "nothing where nobody knows the route", "dozzle", { "GET", "/nonsense" }, false },
    { "nothing where the policy does not ship", house, { "GET", "/volumes" }, false },
  }
  for _, case in ipairs(ways) do
    it(case[1], function()
      local result = daemon.run(daemon.flatten("explain", "-policy=" .. case[2], case[3]), { env = {}, timeout = 60 })
      assert.equal("", result.stderr)
      assert.equal(3, result.code)
      assert.equal(case[4] ~= false, result.stdout:find(case[4] or "\nto allow ", 1, true) ~= nil, result.stdout)
    end)
  end

  it("by the answer of JSON which policies those are", function()
    local words = { "explain", "-json", "-policy=dozzle", "GET", "/volumes" }
    local answer = json.decode(daemon.run(words, { env = {}, timeout = 60 }).stdout)
    assert.is_truthy(answer.allowed_by:find("container-filter, ", 1, true), answer.allowed_by)
  end)

  for _, header in ipairs { "X-Y", "X-Y: a\r\nX-Z: b", ": a", "X Y: a" } do
    it("no sense in the header " .. (header:gsub("%s+", " ")), function()
      local result = explain { "GET", "/info", "-header", header }
      assert.equal("moonward: -header: expected Name: value, got ", result.stderr:sub(1, 45))
      assert.equal(2, result.code)
    end)
  end
end)
