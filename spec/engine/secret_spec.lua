-- Markers in each place of real objects that can hold a secret, and every answer of every policy that hides them.

local daemon = require "spec.support.daemon"
local engine = require "spec.support.engine"
local json = require "moonward.json"
local message = require "spec.support.message"
local operations = require "moonward.operations"
local process = require "spec.support.process"
local secrets = require "moonward.secrets"

local it = engine.it(it, pending)

local function docker(...)
  local result = process.run({ "docker", ... }, { env = engine.env(engine.get().straight), timeout = 30 })
  assert(result.code == 0, table.concat({ ... }, " ") .. ": " .. result.stderr)
  return (result.stdout:gsub("%s+$", ""))
end

-- The body of a GET at this address; nil where the status is no 200.
local function get(address, path)
  local conn = assert(require("spec.support.stream").connect(address))
  conn:send(("GET %s HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n"):format(path))
  local response = message.read_response(conn, 10)
  conn:close()
  return response and response.status == 200 and response.body or nil
end

-- What an engine of one's own can have: an option of `docker create`, or the like, that has the marker.
local function make_objects()
  docker("volume", "create", "-o", "type=tmpfs", "-o", "device=MARKER-volume", "marked-volume")
  docker("network", "create", "-o", "com.example.token=MARKER-network", "marked-network")
  docker("run", "-d", "--name", "marked-web", "--network", "marked-network", "-e", "A=MARKER-environment",
    "--log-opt", "tag=MARKER-logging", "--health-cmd", "echo MARKER-healthcheck", "--health-interval", "1s",
    "--mount", "type=volume,source=marked-mount,target=/m,volume-driver=local,volume-opt=type=tmpfs,"
      .. "volume-opt=device=MARKER-volume",
    "busybox", "sh", "-c", ": MARKER-command; sleep 1000")
  docker("commit", "-c", "ENV B=MARKER-environment", "-c", "ONBUILD RUN echo MARKER-build", "-c", "CMD [\"MARKER-command\"]",
    "-c", "ENTRYPOINT [\"MARKER-command\"]", "-m", "MARKER-build", "-c", "HEALTHCHECK CMD echo MARKER-healthcheck",
    "marked-web", "marked-image")
  docker("exec", "marked-web", "echo", "MARKER-command")
end

-- The paths of all that can be asked about these objects.
local function paths_of()
  local names = {
    container = "marked-web", image = "marked-image", network = "marked-network", volume = "marked-volume",
  }
  local paths = {}
  for _, operation in ipairs(operations.list) do
    local family = operation.name:match("^(%a+)%.")
    if operation.method == "GET" and (secrets.places[operation.name] or operation.name == "system.events")
      and not operation.path:find("^/libpod") and (names[family] or not operation.path:find("{", 1, true)) then
      local path = operation.path:gsub("{[^}]*}", names[family] or "")
      paths[#paths + 1] = path .. (operation.name == "system.events" and "?since=1&until=" .. os.time() + 1 or "?all=1")
    end
  end
  return paths
end

-- By policy: options, and the sorts that it shows.
local policies = {
  { "autoheal", { "-containerlabel=all" } }, { "autokuma" }, { "beszel", { "-beszeldetails" } }, { "caddy-docker-proxy" },
  { "crowdsec" }, { "diun" }, { "dozzle" }, { "homarr" }, { "homepage" }, { "netdata" },
  { "nginx-proxy", {}, "environment" }, { "portainer" }, { "portainer", { "-portainerlogs" } },
  { "portainer", { "-portainerenvironment" }, "environment build command healthcheck" }, { "read-only" }, { "traefik" },
  { "uptime-kuma" }, { "wud" }, { "container-filter", { "-scrubenvs=true" } },
}

describe("a secret in a real object", function()
  local paths

  setup(function()
    if not engine.unavailable() then
      make_objects()
      paths = paths_of()
    end
  end)
  teardown(function()
    if not engine.unavailable() then
      docker("rm", "-f", "-v", "marked-web")
      docker("rmi", "marked-image")
      docker("volume", "rm", "marked-volume", "marked-mount")
      docker("network", "rm", "marked-network")
    end
  end)

  it("is in the engine's answers, of every sort that an engine alone can have", function()
    local found = {}
    for _, path in ipairs(paths) do
      for sort in (get(engine.get().straight, path) or ""):gmatch("MARKER%-(%a+)") do
        found[sort] = true
      end
    end
    assert.same({ build = true, command = true, environment = true, healthcheck = true, logging = true, network = true,
      volume = true }, found)
  end)

  for _, row in ipairs(policies) do
    local name, options, shown = row[1], row[2] or {}, row[3] or ""
    it(("does not pass %s %s%s"):format(name, table.concat(options, " "), shown ~= "" and ", but " .. shown or ""), function()
      local running = daemon.start(daemon.flatten("-policy=" .. name, "-socketpath=" .. engine.get().socket, options),
        { env = { "CONTAINER_NAME=" } }) -- whoever runs this may have one
      local answered, leaks = 0, {}
      for _, path in ipairs(paths) do
        for _, version in ipairs { "", "/v1.41" } do
          local body = get(running.unix, version .. path)
          answered = body and answered + 1 or answered
          for sort in (body or ""):gmatch("MARKER%-(%a+)") do
            leaks[#leaks + 1] = not shown:find(sort, 1, true) and version .. path .. ": " .. sort or nil
          end
        end
      end
      running:stop()
      assert.is_true(answered > 0)
      assert.same({}, leaks)
    end)
  end

  it("is left out, and all else is as it was", function()
    local running = daemon.start { "-policy=read-only", "-socketpath=" .. engine.get().socket }
    local straight = json.decode(get(engine.get().straight, "/v1.41/containers/marked-web/json"))
    local through = json.decode(get(running.unix, "/v1.41/containers/marked-web/json"))
    running:stop()
    for _, key in ipairs { "Id", "Name", "Image", "Created" } do
      assert.equal(straight[key], through[key])
    end
    assert.equal(straight.State.Pid, through.State.Pid)
    assert.equal(straight.Config.Hostname, through.Config.Hostname)
  end)
end)
