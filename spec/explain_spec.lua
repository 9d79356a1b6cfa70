-- moonward explain: what would happen to a request, and why.

local cli = require "spec.support.pinger"
local daemon = require "spec.support.daemon"
local folder = require "spec.support.folder"

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
