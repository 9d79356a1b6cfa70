-- The two set-ups that docker-proxy-filter was written for, with moonward in both places and the variables as they
-- are: a dashboard that sees only what is labelled for it, and a monitor that sees everything but environments.

local daemon = require "spec.support.daemon"
local engine = require "spec.support.engine"
local front = require "spec.support.front"
local message = require "spec.support.message"
local process = require "spec.support.process"
local reply = require "moonward.reply"

local it = engine.it(it, pending)

local function ask(proxy, line)
  local response = front.ask({ connect = function() return proxy:connect(proxy.tcp) end }, front.request(line), 10)
  return response.status, reply.decode(response.body) or response.body
end

local function straight(script)
  return process.shell(script, { env = engine.env(engine.get().straight) })
end

-- As in a compose file: what the filter is told, and the proxy behind it.
local function start(variables, behind)
  local clean = { "CONTAINER_NAME=" } -- some environments have it, and it stops the start
  local first = daemon.start(daemon.flatten("-socketpath=" .. engine.get().socket, behind.words),
    { env = daemon.flatten(clean, behind.variables or {}) })
  local second = daemon.start({ "-policy=container-filter" },
    { env = daemon.flatten(clean, variables, "PROXY_URL=" .. first.tcp:gsub("^tcp", "http")) })
  return second, first
end

local function names(list)
  local all = {}
  for i, container in ipairs(list) do
    all[i] = container.Names[1]
  end
  table.sort(all)
  return table.concat(all, " ")
end

if not engine.unavailable() then
  setup(function()
    straight [[docker run -d --name dashed --label homepage.name=Dashed --label homepage.group=x -e KEY=hunter2 busybox sleep 1000
      docker run -d --name plain --label other=homepage -e KEY=hunter2 busybox sleep 1000]]
  end)
  teardown(function() straight "docker rm -f dashed plain" end)
end

describe("a dashboard with its labels", function()
  local filter, behind
  setup(function()
    if not engine.unavailable() then
      filter, behind = start({ "CONTAINER_LABELS=homepage", "SCRUB_ENVS=true" }, {
        words = { "-policy=linuxserver" },
        variables = { "ALLOW_START=0", "ALLOW_STOP=0", "ALLOW_RESTARTS=0", "CONTAINERS=1", "INFO=0", "POST=0" },
      })
    end
  end)
  teardown(function()
    if filter then
      filter:stop()
      behind:stop()
    end
  end)

  it("lists what is labelled for it", function()
    for _, line in ipairs { "GET /containers/json", "GET /v1.41/containers/json?all=1", "GET /containers/json?all=true" } do
      local status, list = ask(filter, line)
      assert.equal(200, status)
      assert.equal("/dashed", names(list))
    end
  end)

  it("lists the same if the path is written in another way, or does not get in", function()
    for _, line in ipairs { "GET /v1.41/%63ontainers/json", "GET /v1.41/containers%2Fjson" } do
      local status, list = ask(filter, line)
      assert.is_true(status == 400 or names(list) == "/dashed", status .. " " .. tostring(list))
    end
  end)

  it("inspects it, without its environment", function()
    local status, container = ask(filter, "GET /v1.41/containers/dashed/json")
    assert.equal(200, status)
    assert.equal("/dashed", container.Name)
    assert.same({}, container.Config.Env)
    assert.equal("running", container.State.Status)
    status = ask(filter, "GET /containers/dashed/stats?stream=false")
    assert.equal(200, status)
  end)

  it("finds nothing else", function()
    for _, what in ipairs { "json", "logs?stdout=1", "top", "stats?stream=false", "archive?path=/etc/passwd" } do
      local status, answer = ask(filter, "GET /containers/plain/" .. what)
      assert.same({ 404, "No such container: plain" }, { status, answer.message })
    end
  end)

  it("can do nothing", function()
    for _, line in ipairs {
      "POST /containers/dashed/stop", "POST /containers/plain/stop", "DELETE /containers/plain?force=1", "GET /info",
      "GET /images/json", "POST /containers/dashed/exec",
    } do
      local status = ask(filter, line)
      assert.equal(line:find("plain", 1, true) and 404 or 403, status, line)
    end
    assert.equal("true\ntrue\n", straight("docker inspect -f '{{.State.Running}}' dashed plain"))
  end)

  it("uses docker as it is", function()
    local env = engine.env(filter.tcp)
    local listed = process.run({ "docker", "ps", "-a", "--format", "{{.Names}}" }, { env = env })
    assert.equal("dashed\n", listed.stdout .. listed.stderr)
  end)
end)

describe("a monitor that sees no environments", function()
  local filter, behind
  setup(function()
    if not engine.unavailable() then
      filter, behind = start({ "SCRUB_ENVS=true" }, { words = {
        "-loglevel=debug", "-allowfrom=127.0.0.1", "-allowHEAD=/_ping",
        [[-allowGET=/_ping|/(v1\..{1,2}/)?((info|version)$|containers/(json$|.*/json$))]],
      } })
    end
  end)
  teardown(function()
    if filter then
      filter:stop()
      behind:stop()
    end
  end)

  it("lists everything", function()
    local status, list = ask(filter, "GET /v1.41/containers/json?all=1")
    assert.equal(200, status)
    assert.is_truthy(names(list):find("/dashed.*/plain"))
  end)

  it("inspects everything, without environments", function()
    for _, name in ipairs { "dashed", "plain" } do
      local status, container = ask(filter, "GET /v1.41/containers/" .. name .. "/json")
      assert.equal(200, status)
      assert.same({ "/" .. name, {} }, { container.Name, container.Config.Env })
    end
  end)

  it("knows the engine", function()
    for _, line in ipairs { "GET /info", "GET /v1.41/version", "GET /_ping" } do
      assert.equal(200, (ask(filter, line)), line)
    end
    local conn = filter:connect(filter.tcp)
    conn:send(front.request "HEAD /_ping")
    assert.is_truthy(message.read_response(conn, 5, "HEAD").headers["api-version"])
    conn:close()
  end)

  it("gets no further", function()
    for _, line in ipairs {
      "GET /containers/plain/logs?stdout=1", "GET /containers/plain/archive?path=/proc/1/environ", "GET /images/busybox/json",
      "POST /containers/plain/exec", "GET /events?until=1",
    } do
      assert.is_true((ask(filter, line)) >= 403, line)
    end
  end)
end)
