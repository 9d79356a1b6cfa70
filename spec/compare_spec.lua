-- `moonward compare`: what two set-ups decide differently.

local daemon = require "spec.support.daemon"
local samples = require "moonward.host.samples"
local folder = require "spec.support.folder"
local operations = require "moonward.operations"

local place = folder.new()

local function compare(words, options)
  options = options or {}
  return daemon.run(daemon.flatten("compare", words), { env = options.env or {}, stdin = options.stdin, timeout = 60 })
end

local function requests(text)
  return "-requests=" .. folder.write(place .. "/requests", text)
end

-- Lines of the difference, without the blanks that align them; and the sum behind them.
local function read(output)
  local lines, sum = {}, output:match("\n\n(.*)$")
  for line in output:gmatch("[^\n]+") do
    if line:find(" %-> ") then
      lines[#lines + 1] = (line:gsub("%s+", " "))
    end
  end
  return lines, sum
end

describe("the requests of moonward compare", function()
  it("are routes of the API, all of them", function()
    local seen = {}
    for line in samples.text():gmatch("[^\n]+") do
      local method, path = line:match("^(%u+) %[/v[%d.]+%](/[^ ?]*)")
      local operation = operations.find(method, path)
      assert.is_truthy(operation, line)
      seen[operation.name] = true
    end
    for _, operation in ipairs(operations.list) do
      assert.is_true(seen[operation.name], operation.name)
    end
  end)
end)

describe("moonward compare", function()
  it("finds a set-up like itself", function()
    local result = compare { "-policy=read-only", "-with", "-policy", "read-only" }
    assert.equal("", result.stderr)
    assert.is_truthy(result.stdout:find("^all %d+ requests are decided alike\n$"), result.stdout)
    assert.equal(0, result.code)
  end)

  it("shows each request that is decided differently, and why it is denied", function()
    local result = compare { "CONTAINERS=1", "-policy=tecnativa", "-with", "-allowGET=(/v1\\..+)?/containers/.*",
      requests "GET [/v1.47]/containers/json\nGET /version\nGET [/v1.41]/containers/x/attach/ws\nPOST /info\n" }
    local lines, sum = read(result.stdout)
    assert.same({
      "GET /version allowed -> denied with 403 (path not allowed)",
      "GET [/v1.41]/containers/x/attach/ws denied with 403"
        .. " (attach, which writes to the container, needs POST=1) -> allowed",
    }, lines)
    assert.equal("2 of 4 requests are decided differently\n     1  only the first allows\n     1  only the second allows\n"
      .. "     0  both allow, and one filters the answer\n", sum)
    assert.equal(4, result.code)
  end)

  it("asks for each route of the API, if no requests are given", function()
    local result = compare { "-policy=docker-cli", "-with", "-policy=read-only" }
    local _, sum = read(result.stdout)
    local total = tonumber(sum:match("of (%d+) requests"))
    assert.is_true(total >= #operations.list)
    assert.is_truthy(result.stdout:find('POST    [/v1.47]/containers/create                     {"Image":"sample"', 1, true))
    assert.is_truthy(result.stdout:find("GET     [/v1.47]/images/library/sample/get ", 1, true))
    assert.equal(4, result.code)
  end)

  it("tells versions apart where they matter", function()
    local lines = read(compare { "-allowGET=/v1.*", "-with", "-allowGET=/info", requests "GET [/v1.47]/info\n" }.stdout)
    assert.same({ "GET /info denied with 403 (path not allowed) -> allowed",
      "GET /v1.47/info allowed -> denied with 403 (path not allowed)" }, lines)
  end)

  it("tells an answer that is filtered from one that is not", function()
    local result = compare { "-policy=docker-cli", "-with", "-policy=dozzle", requests "GET /containers/x/json\n" }
    assert.same({ "GET /containers/x/json allowed -> allowed, answer filtered" }, (read(result.stdout)))
    assert.is_truthy(result.stdout:find("     1  both allow, and one filters the answer\n", 1, true))
    assert.equal(4, result.code)
  end)

  it("does not count denials with other words or another status", function()
    local list = requests "POST /info\nGRAB /info\nGET /v1.1/x\n"
    assert.equal(0, compare({ "-allowGET=/x", "-with", "-policy=tecnativa", list }).code)
  end)

  it("says what cannot be told without the engine", function()
    local result = compare { "-policy=autoheal", "-with", "-policy=docker-cli", "-socketpath=/nowhere",
      requests "POST /containers/x/restart\n" }
    assert.same({ "POST /containers/x/restart not known -> allowed" }, (read(result.stdout)))
    local told = "     1  cannot be told: policy autoheal failed: the engine could not be asked:"
    assert.is_truthy(result.stdout:find(told, 1, true))
    assert.equal(4, result.code)
  end)

  it("takes requests with bodies, from standard input as well, and passes over comments", function()
    local text = '# creates\r\n\r\n  POST /containers/create\t{"Image":"x","HostConfig":{"Privileged":true}}\r\n'
      .. 'POST /containers/create {"Image":"x"}'
    local words = { "-policy=docker-cli", "-with", "-policy=no-host-power", "-allowrest" }
    for _, result in ipairs { compare(daemon.flatten(words, requests(text))),
      compare(daemon.flatten("-requests=-", words), { stdin = text }) } do
      local lines = read(result.stdout)
      assert.equal(1, #lines, result.stdout)
      local expected = 'POST /containers/create {"Image":"x","HostConfig":{"Privileged":true}} allowed -> denied'
      assert.equal(expected, lines[1]:sub(1, #expected))
    end
  end)

  it("gives the first side the variables of the command, and the second only those behind -with", function()
    local env = { "SP_ALLOW_GET=/info" }
    local list = requests "GET /info\n"
    assert.equal(0, compare({ "-with", "-allowGET=/info", list }, { env = env }).code)
    assert.equal(4, compare({ "-with", list }, { env = env }).code)
    assert.equal(0, compare({ "-with", "SP_ALLOW_GET=/info", list }, { env = env }).code)
    assert.equal(4, compare({ "SP_ALLOW_GET=/x", "-with", "SP_ALLOW_GET=/info", list }, { env = env }).code)
    -- What only one of the policies knows does not trouble the other.
    assert.equal(0, compare({ "-with", "INFO=1", "-policy=tecnativa", list }, { env = env }).code)
  end)

  it("asks for the same client on both sides, unless the second says otherwise", function()
    local list = requests "GET /info\n"
    local words = { "-allowGET=/info", "-allowfrom=10.0.0.5", "-with", "-allowGET=/info", "-allowfrom=10.0.0.0/24", list }
    assert.equal(0, compare(words).code)
    assert.equal(0, compare(daemon.flatten("-from=10.0.0.5", words)).code)
    assert.equal(0, compare(daemon.flatten(words, "-from=10.0.0.5")).code)
    assert.equal(4, compare(daemon.flatten(words, "-from=10.0.0.6")).code)
    assert.equal(0, compare(daemon.flatten("-from=10.0.0.5", words, "-from=10.0.0.6")).code)
  end)

  it("explains itself", function()
    for _, words in ipairs { { "-help" }, { "-h" }, { "-policy=tecnativa", "-with", "--help" } } do
      local result = compare(words)
      assert.equal(0, result.code, result.stderr)
      assert.is_truthy(result.stdout:find("Options of compare:\n  -requests FILE\n", 1, true))
    end
  end)

  -- what, words, exit code, message
  local refused = {
    { "one set-up", { "-policy=tecnativa" }, 2, "compare: expected two set-ups with -with between them, as in\n" },
    { "nothing", {}, 2, "compare: expected two set-ups with -with between them, as in\n" },
    { "a word in front", { "x", "-with" }, 2,
      'compare: in front of -with: unexpected argument "x": options begin with a dash\n' },
    { "a variable behind the options", { "-with", "-policy=tecnativa", "POST=1" }, 2,
      'compare: behind -with: unexpected argument "POST=1": variables go in front of the command, or, with compare,'
        .. " in front of the options\n" },
    { "an unknown option", { "-with", "-polcy=x" }, 2, "compare: behind -with: unknown option -polcy; did you mean -policy?\n" },
    { "a policy that is none", { "-policy=x", "-with" }, 1, "compare: in front of -with: policy x: no such policy" },
    { "a misspelt variable", { "-with", "SP_LOGLEVL=INFO" }, 1,
      "compare: behind -with: unknown variable SP_LOGLEVL; did you mean SP_LOGLEVEL?\n" },
    { "a policy that does not start", { "-with", "-policy=allow-filters" }, 1,
      "compare: behind -with: policy allow-filters: no filters: -config-file or CONFIG_FILE" },
    { "an address that is none", { "-from=web", "-with" }, 2,
      'compare: in front of -with: -from: expected an IP address, got "web"\n' },
    { "a file that is not there", { "-with", "-requests=/nowhere" }, 2,
      "-requests: expected a file, or - for stdin: /nowhere: No such file or directory\n" },
    { "a line that is no request", { "-with", "-requests=" .. folder.write(place .. "/bad", "GET /x\n\nGET\n") }, 2,
      "-requests " .. place .. "/bad, line 3: expected METHOD PATH, as in GET /containers/json" },
    { "a path without slash", { "-with", "-requests=" .. folder.write(place .. "/bare", "GET x") }, 2,
      "/bare, line 1: expected" },
    { "a path with a byte 0", { "-with", "-requests=" .. folder.write(place .. "/zero", "GET /x\0y") }, 2,
      "/zero, line 1: expected" },
    { "brackets that do not close", { "-with", "-requests=" .. folder.write(place .. "/open", "GET [/v1.4/x") }, 2,
      "/open, line 1: expected" },
    { "a path without end", { "-with", "-requests=" .. folder.write(place .. "/long", "GET /" .. ("x"):rep(5000)) }, 1,
      "-requests: a method, version or path that is too long: GET /xxx" },
  }
  for _, case in ipairs(refused) do
    it("refuses " .. case[1], function()
      local result = compare(case[2])
      assert.is_truthy(result.stderr:find(case[4], 1, true), result.stderr .. result.stdout)
      assert.equal(case[3], result.code)
    end)
  end
end)
