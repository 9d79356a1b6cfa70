-- Clients that mostly read, through their policies, in front of a real engine: what they ask for works, what they
-- need not see is not there, and what is denied had no effect.

local cjson = require "cjson"
local daemon = require "spec.support.daemon"
local engine = require "spec.support.engine"
local front = require "spec.support.front"
local loop = require "spec.support.loop"
local message = require "spec.support.message"
local process = require "spec.support.process"
local stream = require "spec.support.stream"

local it = engine.it(it, pending)

-- Seen by nobody who does not need it.
local secret = "PASSWORD=hunter2"

local function docker(host, line, timeout)
  return process.run({ "sh", "-c", "docker " .. line }, { env = engine.env(host), timeout = timeout or 30 })
end

local function straight(line)
  local result = docker(engine.get().straight, line)
  assert(result.code == 0, line .. "\n" .. result.stderr)
  return (result.stdout:gsub("%s+$", ""))
end

-- "web": labelled, with a secret, and writing; "db": the same without labels.
local labels = " -l homepage.name=Web -l crowdsec.enable=true -l nginx -l kuma.web.http.name=Web"
local running = " -e " .. secret .. " -e NOMAD_JOB_NAME=job busybox"
  .. " sh -c 'trap \"echo hup\" HUP; while sleep 1; do echo tick; done'"

describe("behind its policy", function()
  local proxies = {}

  setup(function()
    if not engine.unavailable() then
      straight("run -d --name web" .. labels .. running)
      straight("run -d --name db" .. running)
    end
  end)
  teardown(function()
    for _, proxy in ipairs(proxies) do
      proxy:stop()
    end
    if not engine.unavailable() then
      straight "rm -f web db"
    end
  end)

  local function start(policy, ...)
    local proxy = daemon.start { "-socketpath=" .. engine.get().socket, "-policy=" .. policy, ... }
    proxies[#proxies + 1] = proxy
    return proxy
  end

  local function ask(proxy, line, body)
    local conn = assert(stream.connect(proxy.tcp))
    local response = message.ask(conn, front.request(line, body and { "Content-Type: application/json" }, body), 30)
    conn:close()
    return assert(response, "no answer to " .. line)
  end

  local function get(proxy, path)
    local response = ask(proxy, "GET " .. path)
    assert.equal(200, response.status, path .. ": " .. tostring(response.body))
    return cjson.decode(response.body), response.body
  end

  -- Names of the containers in a list.
  local function names_of(list)
    local names = {}
    for i, one in ipairs(list) do
      names[i] = one.Names and one.Names[1]:sub(2) or ""
    end
    table.sort(names)
    return table.concat(names, " ")
  end

  local function is_running(name)
    return straight("inspect -f '{{.State.Running}}' " .. name) == "true"
  end

  it("Traefik sees containers without their environment, and stops none", function()
    local proxy = start "traefik"
    assert.equal("db web", names_of(get(proxy, "/v1.41/containers/json")))
    local web, text = get(proxy, "/v1.41/containers/web/json")
    assert.equal("Web", web.Config.Labels["homepage.name"])
    assert.is_truthy(next(web.NetworkSettings.Networks))
    assert.is_nil(text:find(secret, 1, true))
    assert.equal(403, ask(proxy, "POST /v1.41/containers/web/stop?t=0").status)
    assert.is_true(is_running "web")
  end)

  it("Traefik follows events", function()
    local proxy = start "traefik"
    local conn = assert(stream.connect(proxy.tcp))
    conn:send(front.request('GET /v1.41/events?filters=%7B%22type%22%3A%7B%22container%22%3Atrue%7D%7D'))
    assert.is_truthy(conn:read_until("\r\n\r\n", 10))
    straight "kill -s HUP web"
    assert.is_truthy(conn:read_until('"Action":"kill"', 10))
    conn:close()
  end)

  it("Homepage sees labelled containers only", function()
    local proxy = start("homepage", "-homepagelabel=homepage.*")
    assert.equal("web", names_of(get(proxy, "/containers/json?all=true")))
    local web, text = get(proxy, "/containers/web/json")
    assert.equal("running", web.State.Status)
    assert.is_nil(text:find(secret, 1, true))
    assert.is_truthy(get(proxy, "/containers/web/stats?stream=false").cpu_stats)
    for _, path in ipairs { "/containers/db/json", "/containers/db/stats?stream=false", "/containers/nobody/json" } do
      local response = ask(proxy, "GET " .. path)
      assert.equal(404, response.status, path)
      assert.is_truthy(response.body:find("No such container: ", 1, true), response.body)
    end
  end)

  it("Uptime Kuma sees state and nothing else", function()
    local proxy = start "uptime-kuma"
    local web = get(proxy, "/containers/web/json")
    assert.is_true(web.State.Running)
    web.State, web.Id = nil, nil
    assert.same({}, web)
    local list = get(proxy, "/containers/json?all=true")
    local _, count = straight "ps -aq":gsub("%x+", "")
    assert.equal(count, #list)
    assert.is_truthy(list[1].ImageID)
    assert.is_nil(list[1].Names)
  end)

  it("Netdata sees what Nomad set", function()
    local id = straight "inspect -f '{{.Id}}' web"
    assert.same({ "NOMAD_JOB_NAME=job" }, get(start "netdata", "/containers/" .. id .. "/json").Config.Env)
  end)

  it("CrowdSec reads logs and events of labelled containers", function()
    local proxy = start("crowdsec", "-crowdseclabel=crowdsec.enable=true")
    assert.equal("web", names_of(get(proxy, "/v1.41/containers/json")))
    local conn = assert(stream.connect(proxy.tcp))
    conn:send(front.request("GET /v1.41/events"))
    assert.is_truthy(conn:read_until("\r\n\r\n", 10))
    straight "kill -s HUP db"
    straight "kill -s HUP web"
    local seen = conn:read_until('"Action":"kill"', 10)
    assert.is_nil(seen:find('"name":"db"', 1, true))
    conn:close()
    local logs = ask(proxy, "GET /v1.41/containers/web/logs?stdout=1&tail=1")
    assert.equal(200, logs.status)
    assert.equal(404, ask(proxy, "GET /v1.41/containers/db/logs?stdout=1").status)
  end)

  it("Dozzle reads logs and usage, and opens a shell when it may", function()
    local plain, open = start "dozzle", start("dozzle", "-dozzleshell", "-dozzleactions")
    assert.is_truthy(docker(plain.tcp, "logs --tail 1 web").stdout:find("tick", 1, true))
    assert.equal(0, docker(plain.tcp, "stats --no-stream web").code)
    local refused = docker(plain.tcp, "exec web touch /refused")
    assert.is_truthy(refused.stderr:find("exec.create is not among the calls of this client", 1, true), refused.stderr)
    assert.equal(403, ask(open, "POST /v1.41/containers/web/exec", '{"Privileged":true,"Cmd":["true"]}').status)
    local made = ask(open, "POST /v1.41/containers/web/exec", '{"AttachStdout":true,"Tty":true,"Cmd":["ls","/refused"]}')
    assert.equal(201, made.status)
    local conn = assert(stream.connect(open.tcp))
    conn:send(front.request("POST /v1.41/exec/" .. cjson.decode(made.body).Id .. "/start",
      { "Content-Type: application/json", "Connection: Upgrade", "Upgrade: tcp" }, '{"Tty":true}'))
    assert.is_truthy(conn:read_until("No such file", 10))
    conn:close()
    assert.equal(204, ask(open, "POST /v1.41/containers/web/restart?t=0").status)
  end)

  it("docker-gen signals the container with the label, and no other", function()
    local proxy = start("nginx-proxy", "-nginxproxynotify=nginx")
    local _, text = get(proxy, "/containers/db/json")
    assert.is_truthy(text:find(secret, 1, true))
    assert.equal(204, ask(proxy, "POST /containers/web/kill?signal=SIGHUP").status)
    assert.is_truthy(loop.until_true(function()
      return straight("logs web"):find("hup", 1, true)
    end, 10))
    assert.equal(403, ask(proxy, "POST /containers/db/kill?signal=SIGKILL").status)
    assert.is_true(is_running "db")
  end)

  it("Portainer reads everything and changes nothing", function()
    local proxy = start "portainer"
    for _, line in ipairs { "ps -a", "images", "network ls", "volume ls", "info", "version", "inspect web" } do
      local result = docker(proxy.tcp, line)
      assert.equal(0, result.code, line .. "\n" .. result.stderr)
      assert.is_nil(result.stdout:find(secret, 1, true), line)
    end
    for _, line in ipairs { "stop -t 0 web", "rm -f web", "exec web true", "run busybox true", "logs web" } do
      assert.is_truthy(docker(proxy.tcp, line).stderr:find("is not among the calls", 1, true), line)
    end
    assert.is_true(is_running "web")
  end)

  it("Traefik, Caddy and Portainer see a swarm without environments, tokens and what configs hold", function()
    assert(straight "swarm init --advertise-addr 127.0.0.1")
    finally(function()
      straight "swarm leave -f"
      docker(engine.get().straight, "network rm docker_gwbridge") -- it stays, if the engine could make it
    end)
    straight("service create -d --name s -e " .. secret .. " --no-resolve-image busybox sleep 100")
    straight "config create plain /etc/hostname"
    straight "config create -l caddy routes /etc/hostname"

    local traefik, caddy = start("traefik", "-traefikswarm"), start("caddy-docker-proxy", "-caddyswarm")
    local portainer = start "portainer"
    for _, proxy in ipairs { traefik, caddy, portainer } do
      local services, text = get(proxy, "/v1.41/services")
      assert.equal("s", services[1].Spec.Name)
      assert.is_nil(text:find(secret, 1, true))
      local tasks
      tasks, text = get(proxy, "/v1.41/tasks")
      assert.is_truthy(tasks[1].Spec.ContainerSpec)
      assert.is_nil(text:find(secret, 1, true))
    end
    local configs = get(caddy, "/v1.41/configs")
    assert.equal(1, #configs)
    assert.equal("routes", configs[1].Spec.Name)
    assert.is_truthy(#configs[1].Spec.Data > 0)
    configs = get(portainer, "/v1.41/configs")
    assert.equal(2, #configs)
    assert.equal("", configs[1].Spec.Data .. configs[2].Spec.Data)
    local swarm = get(portainer, "/v1.41/swarm")
    assert.same({ Worker = "", Manager = "" }, swarm.JoinTokens)
    assert.is_truthy(swarm.Spec.Raft)
  end)

  it("Portainer's operator runs containers, without power over the host", function()
    local proxy = start "portainer-operator"
    for _, line in ipairs {
      "volume create operated", "network create operated",
      "run -d --name operated --restart always -p 127.0.0.1::80 -v operated:/data --network operated busybox sleep 100",
      "exec operated touch /data/x", "exec -it operated true </dev/null || true", "stop -t 0 operated",
      "rm -f operated", "volume rm operated", "network rm operated",
    } do
      local result = docker(proxy.tcp, line)
      assert.equal(0, result.code, line .. "\n" .. result.stderr)
    end
    for _, line in ipairs {
      "create --name denied -v /:/host busybox", "create --name denied --privileged busybox",
      "create --name denied --pid host busybox", "exec --privileged web true",
      "volume create -o type=none -o o=bind -o device=/ denied",
    } do
      local result = docker(proxy.tcp, line)
      assert.is_truthy(result.stderr:find("not allowed: ", 1, true), line .. "\n" .. result.stdout .. result.stderr)
    end
    assert.equal("", straight "ps -aq -f name=denied")
    assert.equal("", straight "volume ls -q -f name=denied")
  end)
end)
