-- The program from outside: commands, messages, exit codes.

local daemon = require "spec.support.daemon"
local folder = require "spec.support.folder"
local json = require "cjson"
local cli = require "spec.support.pinger"
local process = require "spec.support.process"
local sys = require "spec.support.sys"

local place = cli.folder

local pinger = cli.path
local broken = folder.write(place .. "/broken.lua", "return {\n")

local run, with = cli.run, cli.with

describe("the command line", function()
  -- arguments, environment, exit code, standard error as a whole or (with ~) a part of it
  local cases = {
    { "an unknown command", { "serv" }, {}, 2,
      'moonward: unknown command "serv"; did you mean serve?\n' },
    { "an unknown command like no other", { "frobnicate" }, {}, 2,
      'moonward: unknown command "frobnicate"; '
        .. "expected serve, check, explain, compare, test, policies, new, healthcheck, help or version\n" },
    { "an unknown option", with(pinger, { "check", "-proxyprot=1" }), {}, 2,
      "~moonward: unknown option -proxyprot; did you mean -proxyport?\nusage: moonward " },
    { "a variable behind the command", { "explain", "POST=1", "GET", "/info" }, {}, 2,
      '~unexpected argument "POST=1": variables go in front of the command, or, with compare, in front of the options\n' },
    { "a policy's option without its policy", { "check", "-policy=" .. pinger, "-allowGOT=x" }, {}, 2,
      "~unknown option -allowGOT" },
    { "a switch with its value behind a space", with(pinger, { "check", "-strict", "false" }), {}, 2,
      '~unexpected argument "false": -strict is a switch and takes a value only with =, as in -strict=false\n' },
    { "a bad value on the command line", with(pinger, { "check", "-strict=maybe" }), {}, 2,
      '~moonward: -strict: expected true or false (or 1, t, 0, f), got "maybe"\n' },
    { "a bad value in a variable", with(pinger, { "check" }), { "PINGER_STRICT=maybe" }, 1,
      'moonward: PINGER_STRICT: expected true or false (or 1, t, 0, f), got "maybe"\n' },
    { "an unknown variable with the core's prefix", with(pinger, { "check" }), { "SP_LISTENPI=::" }, 1,
      "moonward: unknown variable SP_LISTENPI; did you mean SP_LISTENIP?\n" },
    { "an unknown variable with the prefix of a family", with(pinger, { "check" }), { "PINGER_LABLE=y" }, 1,
      "moonward: unknown variable PINGER_LABLE; did you mean PINGER_LABEL?\n" },
    { "a value out of range", with(pinger, { "check", "-workers=65" }), {}, 1,
      'moonward: -workers: expected 1 to 64, got "65"\n' },
    { "a port out of range, in wollomatic's words", with(pinger, { "check", "-proxyport=0" }), {}, 1,
      "moonward: port number has to be between 1 and 65535, got 0\n" },
    { "an address that is none", with(pinger, { "check", "-listenip=local" }), {}, 1,
      'moonward: invalid IP "local" for listenip\n' },
    { "a level that is none", with(pinger, { "check" }), { "SP_LOGLEVEL=loud" }, 1,
      "moonward: invalid log level loud: Supported levels are DEBUG, INFO, WARN, ERROR\n" },
    { "a file mode in decimal", with(pinger, { "check", "-proxysocketendpointfilemode=600" }), {}, 1,
      "moonward: file mode has to be between 0 and 0o777, got 0o1130; " ..
      "on the command line octal has a leading 0, as in 0600\n" },
    { "two ways to say where to listen", with(pinger, { "check", "-listen=/a" }), { "SP_PROXYPORT=1" }, 1,
      "moonward: -listen and SP_PROXYPORT both say where to listen; keep one of them\n" },
    { "two variables for one thing", with(pinger, { "check" }), { "ENGINE_SOCKET=/a", "SP_SOCKETPATH=/b" }, 1,
      "moonward: SP_SOCKETPATH: ENGINE_SOCKET is set as well and means the same option; keep one of them\n" },
    { "a policy that does not exist", { "check", "-policy=nonesuch" }, {}, 1, "~nonesuch" },
    { "a policy that is no Lua", { "check", "-policy=" .. broken }, {}, 1, "~broken.lua:" },
    { "no policy at all", { "check", "-policy=" }, {}, 1,
      "moonward: -policy: expected the name of a policy or the path of a Lua file, got nothing\n" },
    { "the same policy twice", { "check", "-policy=" .. pinger, "-policy=" .. pinger }, {}, 1, "~pinger" },
    { "a line that reads in two ways", { "check", "-label", "-policy=" .. pinger }, {}, 1,
      "~can be read in two ways" },
    { "serve with the name of another command behind it", with(pinger, { "serve", "check" }), {}, 2,
      "~unexpected argument \"check\"" },
    { "version with arguments", { "version", "x" }, {}, 2, "moonward: version takes no arguments\n" },
    { "healthcheck with arguments", { "healthcheck", "x" }, {}, 2, "moonward: healthcheck takes no arguments\n" },
    { "help about something", { "help", "serve" }, {}, 2,
      "moonward: help serve: expected options, or markdown and options\n" },
  }
  for _, case in ipairs(cases) do
    it("refuses " .. case[1], function()
      local result = run(case[2], case[3])
      if case[5]:sub(1, 1) == "~" then
        assert.is_truthy(result.stderr:find(case[5]:sub(2), 1, true), result.stderr)
      else
        assert.equal(case[5], result.stderr)
      end
      assert.equal(case[4], result.code)
    end)
  end

  it("prints all options of core and policy for -help, with exit code 0", function()
    for _, words in ipairs { { "-help" }, { "-h" }, { "--help" }, { "check", "-h" }, { "help" } } do
      local all = daemon.flatten(words, "-policy=" .. pinger)
      -- What is wrong elsewhere keeps nobody from reading the help.
      local result = run(all, { "SP_LOGLEVEL=loud", "SP_NONSENSE=1" })
      assert.equal("", result.stderr)
      assert.equal(0, result.code)
      assert.is_truthy(result.stdout:find("Options of the core:\n", 1, true))
      assert.is_truthy(result.stdout:find("\nPolicies:\n  pinger\n      Lets people ping.\n$"), result.stdout)
      assert.is_truthy(result.stdout:find("  -proxyport NUMBER   SP_PROXYPORT, MOONWARD_PROXYPORT   (default 2375)\n", 1, true))
      assert.is_truthy(result.stdout:find("Options of pinger:\n  -label TEXT   PINGER_LABEL   (default x)\n", 1, true))
      assert.is_truthy(result.stdout:find("PINGER_PATH[_...]", 1, true))
      assert.is_truthy(result.stdout:find("Another name of -socketpath.", 1, true))
    end
  end)

  it("prints the tables of the reference pages", function()
    local result = run { "help", "markdown", "-policy=" .. pinger }
    assert.equal(0, result.code)
    assert.is_truthy(result.stdout:find("## core\n", 1, true))
    assert.is_truthy(result.stdout:find("## pinger\n\nLets people ping.\n\n| option", 1, true))
    assert.is_truthy(result.stdout:find("| `-label` | `PINGER_LABEL` | `x` | text | A label. |\n", 1, true))
  end)

  it("takes policies from variables and folders", function()
    local result = run({ "check" }, { "MOONWARD_POLICY=pinger", "MOONWARD_POLICYDIR=" .. place })
    assert.equal("", result.stderr)
    assert.equal(0, result.code)
  end)

  it("says its version", function()
    for _, word in ipairs { "version", "-version", "--version" } do
      local result = run { word }
      assert.equal(0, result.code)
      assert.is_truthy(result.stdout:find("^moonward %S+\n$"))
    end
  end)
end)

describe("check", function()
  it("shows what policies warn about and what is not set", function()
    local result = run({ "check" }, { "SP_ALLOW_GET=/a|/b" })
    assert.equal(0, result.code)
    for _, text in ipairs {
      "\npolicy default\n  -allowfrom = 127.0.0.1/32  (default)\n", "  -allowGET = /a|/b  (SP_ALLOW_GET)\n",
      "  -allowHEAD is empty  (default)\n", "log of the policies\ntime=", "-allowGET=/a|/b: is anchored as a whole",
    } do
      assert.is_truthy(result.stdout:find(text, 1, true), "missing: " .. text .. "\nin: " .. result.stdout)
    end
  end)

  it("fails where the policy does not start, in wollomatic's words", function()
    local result = run({ "check" }, { "SP_ALLOW_POST=(" })
    assert.equal(1, result.code)
    assert.is_truthy(result.stderr:find('invalid regex "(" for method POST in', 1, true), result.stderr)
  end)

  it("reports listeners, engine, options and where they come from, and warns", function()
    local result = run({ "check", "-policy=" .. pinger, "-listen=unix:///run/a.sock?mode=0660&group=7&name=ci",
      "-listen=tcp://[::1]:1", "-paths=/b", "-stoponwatchdog" }, { "ENGINE_SOCKET=/nowhere.sock", "PINGER_STRICT=1" })
    assert.equal("", result.stderr)
    assert.equal(0, result.code)
    for _, text in ipairs {
      "listeners\n  unix /run/a.sock, mode 0660, group 7, called ci\n  tcp [::1]:1\n",
      "engine\n  unix /nowhere.sock\n",
      "  -socketpath = /nowhere.sock  (ENGINE_SOCKET)\n",
      "policy pinger\n  -label = x  (default)\n  -strict = true  (PINGER_STRICT)\n  -paths = /b  (-paths)\n",
      "warnings\n  the engine's socket /nowhere.sock does not exist",
      "  -stoponwatchdog does nothing without -watchdoginterval\n",
    } do
      assert.is_truthy(result.stdout:find(text, 1, true), "missing: " .. text .. "\nin: " .. result.stdout)
    end
    assert.is_truthy(result.stdout:find("\nok, with 2 warnings\n$"))
  end)

  it("warns where nothing is allowed, and where the engine's socket is a directory", function()
    local directory = folder.new()
    local result = run({ "check", "-socketpath=" .. directory }, {})
    assert.equal(0, result.code)
    assert.is_truthy(result.stdout:find("nothing is allowed: there is no -allowGET", 1, true), result.stdout)
    assert.is_truthy(result.stdout:find(directory .. " is a directory and no socket: Docker makes one", 1, true))
    assert.is_truthy(result.stdout:find("\nok, with 2 warnings\n$"))
  end)
end)

describe("a start that fails", function()
  -- words, variables, is it told as JSON, exit code
  local cases = {
    { { "-logjson", "-policy=nonesuch" }, {}, true, 1 },
    { { "--logjson=1", "-policy=nonesuch" }, {}, true, 1 },
    { { "-policy=nonesuch" }, { "SP_LOGJSON=true" }, true, 1 },
    { { "-logjson", "-lisen=x" }, {}, true, 2 },
    { { "-logjson=false", "-policy=nonesuch" }, { "SP_LOGJSON=true" }, false, 1 },
    { { "check", "-logjson", "-policy=nonesuch" }, {}, false, 1 },
  }
  for _, case in ipairs(cases) do
    it("is told in the log's form with " .. table.concat(daemon.flatten(case[1], case[2]), " "), function()
      local result = run(case[1], case[2])
      assert.equal(case[4], result.code)
      assert.equal("", result.stdout)
      if case[3] then
        local entry = json.decode(result.stderr)
        assert.equal("ERROR", entry.level)
        assert.is_truthy(entry.error:find("nonesuch", 1, true) or entry.error:find("-lisen", 1, true))
      else
        assert.equal("moonward: policy nonesuch", result.stderr:sub(1, 25))
      end
    end)
  end
end)

-- As the first process of a container is, with a /proc of its own: the sanitizer reads there which threads it has.
local as_first = { "unshare", "--pid", "--fork", "--mount-proc" }
local can_be_first = process.run(daemon.flatten(as_first, "true")).code == 0

describe("as the first process of a container", function()
  local test = can_be_first and it or pending
  -- address, whether it warns
  for address, warns in pairs { ["tcp://127.0.0.1:1"] = true, ["tcp://[::1]:1"] = true, ["tcp://0.0.0.0:1"] = false } do
    test((warns and "warns about " or "says nothing of ") .. address, function()
      local words = { daemon.binary, "-listen=" .. address, "-socketpath=/nowhere.sock" }
      local result = process.run(daemon.flatten(as_first, words), { timeout = 20 })
      assert.equal(2, result.code)
      assert.equal(warns, result.stdout:find("listening on loopback only", 1, true) ~= nil, result.stdout)
    end)
  end
end)

describe("serve", function()
  it("logs what it does before it listens", function()
    local socket = place .. "/engine.sock"
    local engine = sys.listen_unix(socket)
    local port = daemon.free_port()
    local served = process.start({ daemon.binary, "-policy=" .. pinger, "-proxyport=" .. port, "-socketpath=" .. socket,
      "-watchdoginterval=9" }, { env = {} })
    assert.is_truthy(served:shows("running and listening", 10), served.stdout() .. served.stderr())
    served:kill("TERM")
    local result = served:wait(15)
    sys.close(engine)
    assert.equal(0, result.code)
    local from = 1
    for _, text in ipairs {
      'level=INFO msg="starting moonward" version=', "os=linux",
      'msg="configuration info" socketpath=' .. socket .. " listenaddress=127.0.0.1:" .. port .. " loglevel=INFO logjson=false",
      "shutdowngracetime=10\n",
      'msg="watchdog enabled" interval=9 stoponwatchdog=false\n',
      'msg="policy loaded" policy=' .. pinger .. "\n",
      "received stop signal - shutting down",
      "exit_code=0\n",
    } do
      local _, stop = result.stdout:find(text, from, true)
      assert.is_truthy(stop, "missing or out of order: " .. text .. "\nin: " .. result.stdout)
      from = stop
    end
  end)

  it("ends with 2 when the engine's socket is not there", function()
    local result = run { "-policy=" .. pinger, "-proxyport=" .. daemon.free_port(), "-socketpath=/nowhere.sock" }
    assert.equal(2, result.code)
    assert.is_truthy(result.stdout:find('level=ERROR msg="socket not available"', 1, true))
  end)

  it("writes JSON when asked to", function()
    local result = run { "-policy=" .. pinger, "-logjson", "-proxyport=" .. daemon.free_port(), "-socketpath=/nowhere.sock" }
    assert.is_truthy(result.stdout:find('"level":"INFO","msg":"starting moonward"', 1, true))
  end)
end)

describe("healthcheck", function()
  it("says what to do when nothing answers", function()
    local result = run { "healthcheck" }
    assert.equal(1, result.code)
    assert.is_truthy(result.stderr:find("start moonward with -allowhealthcheck or SP_ALLOWHEALTHCHECK=true", 1, true))
  end)

  it("is also what the program does under the name of healthcheck", function()
    local link = place .. "/healthcheck"
    process.shell(("ln -sf %s %s"):format(process.shell("realpath " .. daemon.binary):gsub("%s", ""), link))
    local result = process.run({ link }, { env = {} })
    assert.equal(1, result.code)
    assert.is_truthy(result.stderr:find("-allowhealthcheck", 1, true))
  end)
end)

describe("check, of a listener that knows nobody", function()
  local socket = "-listen=unix://" .. place .. "/all.sock"
  -- policy, what it takes all for, where it listens, whether it warns
  for _, case in ipairs {
    { "owner", "-owner=x", "-listen=tcp://127.0.0.1:0", true }, { "agent", "-agent=x", "-listen=tcp://127.0.0.1:0", true },
    { "owner", "-owner=x", socket, false }, { "agent", "-agent=x", socket, false },
    { "owner", "-ownerlabel=x", "-listen=tcp://127.0.0.1:0", false },
  } do
    it(table.concat({ (case[4] and "warns of " or "has no word for "), case[1], case[2], case[3]:sub(9, 12) }, " "), function()
      local shown = run({ "check", "-policy=" .. case[1], case[2], (case[3]:gsub(":0$", ":" .. daemon.free_port())) }).stdout
      local warns = shown:find("a TCP listener knows nobody: all that reach it are x, and so is the engine", 1, true)
      assert.equal(case[4], warns ~= nil, shown)
    end)
  end
end)

describe("a variable that looks like a switch and that nothing reads", function()
  -- the variable, whether it is told
  for _, case in ipairs {
    { "PORTS=1", true }, { "CONTAINERS=1", true }, { "POST=0", true }, { "DEBUG=1", false }, { "SHLVL=1", false },
    { "PYTHONUNBUFFERED=1", false },
    { "MY_PORTS=1", false }, { "PORTS=10", false }, { "PORTS=", false },
  } do
    it((case[2] and "is named by check: " or "is somebody else's: ") .. case[1], function()
      local shown = run({ "check", "-policy=" .. pinger, "-listen=tcp://127.0.0.1:" .. daemon.free_port() }, { case[1] })
      local told = shown.stdout:find(case[1] .. " looks like a switch, and no policy in use reads it", 1, true)
      assert.equal(0, shown.code, shown.stderr)
      assert.equal(case[2], told ~= nil, shown.stdout)
    end)
  end

  it("is named at the start", function()
    local shown = run({ "-policy=" .. pinger, "-socketpath=/nonexistent", "-listen=tcp://127.0.0.1:" .. daemon.free_port() },
      { "PORTS=1" })
    assert.is_truthy(shown.stdout:find('level=WARN[^\n]* variable="PORTS=1"'), shown.stdout .. shown.stderr)
  end)
end)
