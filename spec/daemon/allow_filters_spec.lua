-- allow-filters with the variables of the program that it emulates: start, answers, reload.

local daemon = require "spec.support.daemon"
local folder = require "spec.support.folder"
local front = require "spec.support.front"
local loop = require "spec.support.loop"
local message = require "spec.support.message"
local upstream = require "spec.support.upstream"

local place = folder.new()

local function filters(path, name)
  return folder.write(place .. "/" .. (name or "filters") .. ".toml",
    ("[[allow_filters]]\nmethod = \"GET\"\npath = '%s'\n"):format(path))
end

local function check(env, words)
  return daemon.run(daemon.flatten("check", words or {}), { env = daemon.flatten("MOONWARD_POLICY=allow-filters", env),
    timeout = 20 })
end

describe("allow-filters with the variables of docker-socket-proxy", function()
  local file = filters("/_ping", "start")

  -- what, environment, options, exit code, what is said
  local cases = {
    { "listens where its image does", { "CONFIG_FILE=" .. file }, {}, 0, "listeners\n  tcp 0.0.0.0:2375\n" },
    { "takes API_LISTEN and SOCKET_FILE", { "CONFIG_FILE=" .. file, "API_LISTEN=127.0.0.1:1234", "SOCKET_FILE=/x" }, {}, 0,
      "listeners\n  tcp 127.0.0.1:1234\n\nengine\n  unix /x\n" },
    { "listens on all addresses for a bare port", { "CONFIG_FILE=" .. file, "API_LISTEN=:1234" }, {}, 0, "tcp [::]:1234\n" },
    { "takes its flags, which go first", { "CONFIG_FILE=/nowhere", "API_LISTEN=:1" },
      { "-config-file", file, "-api-listen=[::1]:5", "--socket-file=/y" }, 0, "tcp [::1]:5\n\nengine\n  unix /y\n" },
    { "does not read VERSION", { "CONFIG_FILE=" .. file, "VERSION=2.0" }, {}, 0, "\nok" },
    { "takes VERBOSE for a log level", { "CONFIG_FILE=" .. file, "VERBOSE=TRUE" }, {}, 0, "-loglevel = DEBUG  (VERBOSE)" },
    { "needs a file", {}, {}, 1,
      "moonward: policy allow-filters: no filters: -config-file or CONFIG_FILE has to name a TOML file\n" },
    { "needs a file that is there", { "CONFIG_FILE=/nowhere.toml" }, {}, 1,
      "moonward: policy allow-filters: -config-file: /nowhere.toml: No such file or directory\n" },
    { "needs a file, not the folder that docker makes where none is", { "CONFIG_FILE=" .. place }, {}, 1,
      ": expected a file, got a folder\n" },
    { "needs a file without mistakes",
      { "CONFIG_FILE=" .. folder.write(place .. "/bad.toml", "[[allow_filters]]\npath = /x\n") }, {}, 1,
      "bad.toml: line 2, column 8: expected a value, found '/'\n" },
    { "refuses a word that VERBOSE does not take", { "CONFIG_FILE=" .. file, "VERBOSE=yes" }, {}, 1,
      'moonward: VERBOSE: expected one of 0, 1, f, false, t, true; got "yes"\n' },
    { "takes -verbose", { "CONFIG_FILE=/nowhere" }, { "-verbose", "-config-file=" .. file }, 0,
      "-loglevel = DEBUG  (-verbose)" },
    { "refuses an option that it does not know", { "CONFIG_FILE=" .. file }, { "-api-listn=:1" }, 2,
      "unknown option -api-listn; did you mean -api-listen?" },
  }
  for _, case in ipairs(cases) do
    it(case[1], function()
      local result = check(case[2], case[3])
      local said = result.stdout .. result.stderr
      assert.equal(case[4], result.code, said)
      assert.is_truthy(said:find(case[5], 1, true), said)
    end)
  end
end)

describe("allow-filters", function()
  local to, engine, file

  setup(function()
    file = filters "/containers/*/json"
    local socket = folder.new() .. "/engine.sock"
    local port = daemon.free_port()
    engine = upstream.start(socket)
    to = daemon.start({}, { listen = false, await = "tcp://127.0.0.1:" .. port, env = { "MOONWARD_POLICY=allow-filters",
      "CONFIG_FILE=" .. file, "API_LISTEN=127.0.0.1:" .. port, "SOCKET_FILE=" .. socket } })
    to.tcp = "tcp://127.0.0.1:" .. port
  end)
  teardown(function()
    to:stop()
    engine:stop()
  end)

  local function ask(line)
    local conn = to:connect()
    local response = message.ask(conn, front.request(line), 5)
    conn:close()
    return response
  end

  it("passes on what a filter takes", function()
    assert.equal(200, ask("GET /v1.41/containers/web/json").status)
    assert.is_truthy(engine:seen():find("GET /v1.41/containers/web/json HTTP/1.1\r\n", 1, true))
  end)

  it("rejects the rest with 403 and a message that Docker clients show", function()
    for _, line in ipairs { "GET /containers/json", "POST /containers/web/json", "GET /containers/a/b/json" } do
      engine:drop()
      local response = ask(line)
      assert.equal(403, response.status)
      assert.equal('{"message":"moonward: request rejected"}', (response.body:gsub("%s+$", "")))
      assert.equal("", engine:seen())
    end
    assert.is_truthy(to:logs { "reason=\"request rejected\"", "path=/containers/json" }, to:log())
  end)

  it("reads the file anew at SIGHUP, and keeps the old one while the new one is broken", function()
    local function status()
      return ask("GET /info").status
    end
    assert.equal(403, status())
    filters "/info"
    to:signal("HUP")
    assert.is_truthy(loop.until_true(function() return status() == 200 end, 5), to:log())
    folder.write(file, "[[allow_filters]\n")
    to:signal("HUP")
    assert.is_truthy(to:logs { "reload failed", "filters.toml: line 1, column 16:" }, to:log())
    assert.equal(200, status())
    os.remove(file)
    to:signal("HUP")
    assert.is_truthy(to:logs { "reload failed", "No such file or directory" }, to:log())
    assert.equal(200, status())
  end)
end)
