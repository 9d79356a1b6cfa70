-- Markers in each place of real objects that can hold a secret, and every answer of every policy that hides them.

local daemon = require "spec.support.daemon"
local engine = require "spec.support.engine"
local folder = require "spec.support.folder"
local json = require "moonward.json"
local loop = require "spec.support.loop"
local message = require "spec.support.message"
local operations = require "moonward.operations"
local process = require "spec.support.process"
local secrets = require "moonward.secrets"
local stream = require "spec.support.stream"

local it = engine.it(it, pending)

local function docker(...)
  local result = process.run({ "docker", ... }, { env = engine.env(engine.get().straight), timeout = 30 })
  assert(result.code == 0, table.concat({ ... }, " ") .. ": " .. result.stderr)
  return (result.stdout:gsub("%s+$", ""))
end

-- The body of an answer at this address; nil where the status is no success.
local function ask(address, method, path, body)
  local conn = assert(stream.connect(address))
  conn:send(("%s %s HTTP/1.1\r\nHost: docker\r\nConnection: close\r\nContent-Type: application/json\r\n"):format(method, path)
    .. (body and "Content-Length: " .. #body or "X-None: 0") .. "\r\n\r\n" .. (body or ""))
  local response = message.read_response(conn, 10)
  conn:close()
  return response and response.status >= 200 and response.status < 300 and response.body or nil
end

local function get(address, path)
  return ask(address, "GET", path)
end

-- What makes an object one that a policy shows, by its label or its name.
local marks = {
  "autoheal=true", "homepage.name=x", "crowdsec.enable=true", "sablier.enable=true", "ofelia.enabled=true", "traefik.enable=true",
  "docker-volume-backup.stop-during-backup=true", "io.goauthentik.outpost-uuid=x", "org.testcontainers=true", "caddy=x",
  "com.centurylinklabs.watchtower.enable=true", "wud.watch=true", "moonward.owner=agent:marked", "kuma.x=y", "dozzle.name=x",
}
local labels = {}
for i, label in ipairs(marks) do
  labels[i] = "--label=" .. label
end
local named = { "wp_marked", "runner-marked", "nc_app_marked" }
local image_of = { "-c", "ENV B=MARKER-environment", "-c", "ONBUILD RUN echo MARKER-build", "-c", 'CMD ["MARKER-command"]',
  "-c", 'ENTRYPOINT ["MARKER-command"]', "-m", "MARKER-build", "-c", "HEALTHCHECK CMD echo MARKER-healthcheck" }

local function all(...)
  local list = {}
  for _, part in ipairs { ... } do
    for _, one in ipairs(type(part) == "table" and part or { part }) do
      list[#list + 1] = one
    end
  end
  return table.unpack(list)
end

-- What each container has, and that of a command line behind the image.
local options = { "--network=marked-network", "-e=A=MARKER-environment", "--log-opt=tag=MARKER-logging",
  "--health-cmd=echo MARKER-healthcheck", "--health-interval=1s",
  "--mount=type=volume,source=marked-mount,target=/m,volume-driver=local,volume-opt=type=tmpfs,volume-opt=device=MARKER-volume" }
local command = { "busybox", "sh", "-c", ": MARKER-command; sleep 1000" }

-- What an engine of one's own can have: an option of `docker create`, or the like, that has the marker.
local function make_objects()
  docker(all("volume", "create", labels, "-o", "type=tmpfs", "-o", "device=MARKER-volume", "marked-volume"))
  docker(all("network", "create", labels, "-o", "com.example.token=MARKER-network", "marked-network"))
  docker(all("run", "-d", "--name", "marked-web", labels, options, command))
  for _, name in ipairs(named) do
    docker(all("create", "--name", name, options, command))
  end
  docker("create", "--name", "marked-other", "-e", "A=MARKER-other", "--health-cmd", "echo MARKER-other", "busybox",
    "echo", "MARKER-other")
  docker("commit", all(image_of, "marked-web", "marked-image"))
  docker("exec", "marked-web", "echo", "MARKER-command")
  local exec = ask(engine.get().straight, "POST", "/containers/marked-web/exec", '{"Cmd":["echo","MARKER-command"]}')
  return { container = "marked-web", image = "marked-image", network = "marked-network", volume = "marked-volume",
    exec = json.decode(exec).Id }
end

-- A plugin that is installed and does not run: its settings are what it was made with.
local function make_plugin()
  local path = folder.new()
  process.shell("mkdir -p " .. path .. "/rootfs/bin && touch " .. path .. "/rootfs/bin/x")
  folder.write(path .. "/config.json", json.encode {
    description = "marked", entrypoint = json.array { "/bin/x", "MARKER-command" }, workdir = "",
    interface = { types = json.array { "docker.volumedriver/1.0" }, socket = "x.sock" }, network = { type = "none" },
    env = json.array { { name = "A", value = "MARKER-environment", settable = json.array { "value" } } },
    args = { name = "args", value = json.array { "MARKER-command" }, settable = json.array { "value" } },
  })
  docker("plugin", "create", "marked-plugin", path)
  return { plugin = "marked-plugin:latest" }
end

-- A swarm of one node. A task that no node fits stays, and shows what it was to be.
local function make_swarm()
  docker("swarm", "init", "--advertise-addr", "127.0.0.1")
  local swarm = json.decode(get(engine.get().straight, "/swarm"))
  swarm.Spec.TaskDefaults = { LogDriver = { Name = "json-file", Options = { tag = "MARKER-logging" } } }
  local authority = { Protocol = "cfssl", URL = "https://127.0.0.1:1/", Options = { key = "MARKER-swarm" } }
  swarm.Spec.CAConfig.ExternalCAs = { authority }
  swarm.Spec.EncryptionConfig = { AutoLockManagers = true }
  assert(ask(engine.get().straight, "POST", "/swarm/update?version=" .. swarm.Version.Index, json.encode(swarm.Spec)))
  local file = folder.write(folder.new() .. "/data", "MARKER-data")
  docker("config", "create", "marked-config", file)
  docker("secret", "create", "marked-secret", file)
  docker(all("service", "create", "-d", "--name", "marked-service", labels, "--no-resolve-image",
    "--constraint=node.labels.none==x", "-e=A=MARKER-environment", "--log-driver=json-file", "--log-opt=tag=MARKER-logging",
    "--health-cmd=echo MARKER-healthcheck", options[#options], command))
  docker("service", "update", "-d", "--no-resolve-image", "--env-add", "B=c", "marked-service")
  local task
  loop.until_true(function()
    task = docker("service", "ps", "-q", "marked-service"):match "%w+"
    return task
  end, 20)
  return { service = "marked-service", task = task, config = "marked-config", secret = "marked-secret" }
end

-- The paths of all that can be asked about these objects.
local function paths_of(names)
  local paths = {}
  for _, operation in ipairs(operations.list) do
    local family = operation.name:match("^(%a+)%.")
    if operation.method == "GET" and (secrets.places[operation.name] or operation.name == "system.events")
      and not operation.path:find("^/libpod") and (names[family] or not operation.path:find("{", 1, true)) then
      local containers = family == "container" and { names.container, all(named, "marked-other") }
      for _, name in ipairs(containers or { names[family] or "" }) do
        local path = operation.path:gsub("{[^}]*}", name)
        paths[#paths + 1] = path .. (operation.name == "system.events" and "?since=1&until=" .. os.time() + 1 or "?all=1")
      end
    end
  end
  return paths
end

-- What no marker can be written into: tokens and keys that the engine makes, and data, which it shows in base64.
local others = { ["SWMTKN-"] = "swarm", ["SWMKEY-"] = "swarm", TUFSS0VSLWRhdGE = "data" }

local function sorts_in(body)
  local sorts = {}
  for sort in (body or ""):gmatch "MARKER%-(%a+)" do
    sorts[sort] = true
  end
  for text, sort in pairs(others) do
    if (body or ""):find(text, 1, true) then
      sorts[sort] = true
    end
  end
  return sorts
end

local own = "environment command healthcheck logging volume" -- of a container

-- By policy: options, and the sorts that it shows. "other" is what stands in a container without a mark.
local policies = {
  { "agent", { "-agent=marked" }, "command healthcheck" }, { "authentik", {}, own },
  { "autoheal", { "-containerlabel=all" } }, { "autoheal" }, { "autokuma" }, { "beszel", { "-beszeldetails" } },
  { "caddy-docker-proxy" }, { "caddy-docker-proxy", { "-caddyswarm" } }, { "container-filter", { "-scrubenvs=true" } },
  { "crowdsec" }, { "crowdsec", { "-crowdsecswarm" } }, { "diun" }, { "diun", { "-diunswarm" } }, { "docker-volume-backup" },
  { "dozzle" }, { "gitlab-runner", {}, own }, { "homarr" }, { "homepage" }, { "homepage", { "-homepagelabel=homepage.*" } },
  { "homepage", { "-homepageswarm" } }, { "netdata" }, { "nextcloud-aio" }, { "nginx-proxy", {}, "environment other" },
  { "ofelia" }, { "ofelia", { "-ofeliarun" } }, { "owner", { "-owner=agent:marked" }, own .. " build network" }, { "portainer" },
  { "portainer", { "-portainerlogs" } },
  { "portainer", { "-portainerenvironment" }, "environment build command healthcheck other" },
  { "portainer-operator", { "-portainerswarm" }, "environment command healthcheck logging network volume other" },
  { "read-only" }, { "sablier" }, { "testcontainers", {}, own .. " build" }, { "traefik" }, { "traefik", { "-traefikswarm" } },
  { "uptime-kuma" }, { "woodpecker", {}, own },
  { "watchtower", { "-watchtowerlabelled", "-allowpower=log-option,volume-device,host-namespace=cgroup" }, own .. " build" },
  { "wud" },
}

describe("a secret in a real object", function()
  local paths

  setup(function()
    if not engine.unavailable() then
      local names = make_objects()
      for _, made in ipairs { make_swarm(), make_plugin() } do
        for kind, name in pairs(made) do
          names[kind] = name
        end
      end
      paths = paths_of(names)
    end
  end)
  teardown(function()
    if not engine.unavailable() then
      docker("swarm", "leave", "-f")
      docker("plugin", "rm", "marked-plugin")
      docker(all("rm", "-f", "-v", "marked-web", "marked-other", named))
      docker("rmi", "marked-image")
      docker("volume", "rm", "marked-volume", "marked-mount")
      docker("network", "rm", "marked-network")
      -- If the swarm could make it.
      process.run({ "docker", "network", "rm", "docker_gwbridge" }, { env = engine.env(engine.get().straight) })
    end
  end)

  it("is in the engine's answers, of every sort that an engine alone can have", function()
    local found = {}
    for _, path in ipairs(paths) do
      for sort in pairs(sorts_in(get(engine.get().straight, path))) do
        found[sort] = true
      end
    end
    assert.same({ build = true, command = true, data = true, environment = true, healthcheck = true, logging = true,
      network = true, other = true, proxy = true, swarm = true, volume = true }, found)
  end)

  for _, row in ipairs(policies) do
    local name, given, shown = row[1], row[2] or {}, row[3] or ""
    it(("does not pass %s %s%s"):format(name, table.concat(given, " "), shown ~= "" and ", but " .. shown or ""), function()
      local running = daemon.start(daemon.flatten("-policy=" .. name, "-socketpath=" .. engine.get().socket, given),
        { env = { "CONTAINER_NAME=" } }) -- whoever runs this may have one
      local sees, leaks, found = false, {}, {}
      for _, path in ipairs(paths) do
        for _, version in ipairs { "", "/v1.41" } do
          local body = get(running.unix, version .. path)
          sees = sees or body ~= nil and (body:find("marked", 1, true) or body:find('"State"', 1, true)) ~= nil
          for sort in pairs(sorts_in(body)) do
            found[sort] = true
            leaks[#leaks + 1] = not shown:find(sort, 1, true) and version .. path .. ": " .. sort or nil
          end
        end
      end
      running:stop()
      assert.same({}, leaks)
      assert.is_true(sees, "it sees none of these objects")
      for sort in shown:gmatch "%a+" do
        assert.is_true(found[sort], sort .. " is not there")
      end
    end)
  end

  it("is in what a plugin was set to", function()
    for _, path in ipairs { "/plugins", "/plugins/marked-plugin:latest/json" } do
      assert.same({ command = true, environment = true }, sorts_in(get(engine.get().straight, path)))
    end
  end)

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
