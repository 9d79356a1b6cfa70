-- When the engine resolves the names in the table of references: each experiment lets one object be named,
-- puts another in its place, and looks which of them it was. What the experiments say is the column `when`.

local engine = require "spec.support.engine"
local folder = require "spec.support.folder"
local owners = require "spec.support.owners"
local places = require "moonward.references.places"
local process = require "spec.support.process"

local it = engine.it(it, pending)

local world

local function ask(line, body)
  return world:ask("operator", line, body)
end

local function must(line, body)
  return world:must("operator", line, body)
end

local function docker(script)
  return process.shell(script, { env = engine.env(engine.get().straight) })
end

local function create(name, body)
  body.Image, body.Cmd = body.Image or "busybox", body.Cmd or { "sleep", "1000" }
  return must("POST /containers/create?name=" .. name, body).Id
end

local function remove(...)
  for _, path in ipairs { ... } do
    ask("DELETE " .. path)
  end
end

local function network(name)
  return must("POST /networks/create", { Name = name }).Id
end

-- Each: makes what is named, and gives a function that takes its place and one that tells what was meant:
-- "first", "second", or "none".
local experiments = {}

-- A container that names the network "nn" somehow, and starts once "n" is another.
local function by_network(make)
  return function()
    local first = network "nn"
    local id = make(first)
    must "DELETE /networks/nn"
    local second = network "nn"
    ask("POST /containers/" .. id .. "/start")
    local found = "none"
    for _, endpoint in pairs(must("GET /containers/" .. id .. "/json").NetworkSettings.Networks) do
      if endpoint.EndpointID ~= "" then
        found = endpoint.NetworkID == second and "second" or endpoint.NetworkID == first and "first" or found
      end
    end
    remove("/containers/" .. id .. "?force=1", "/networks/nn")
    return found
  end
end

-- A container that names the container "cc", and starts once that is another.
local function by_container(make, look)
  return function()
    create("cc", { Hostname = "first", Volumes = { ["/first"] = {} } })
    must "POST /containers/cc/start"
    local id = make()
    must "DELETE /containers/cc?force=1"
    local second = create("cc", { Hostname = "second", Volumes = { ["/second"] = {} } })
    must "POST /containers/cc/start"
    local status = ask("POST /containers/" .. id .. "/start")
    local found = status >= 300 and "none" or look(id, second)
    remove("/containers/" .. id .. "?force=1&v=1", "/containers/cc?force=1&v=1")
    return found
  end
end

-- Whether a container is in the namespace of the second one.
local function in_second(namespace)
  return function(id, second)
    local look = "docker exec %s readlink /proc/1/ns/" .. namespace
    return docker(look:format(id)) == docker(look:format(second)) and "second" or "first"
  end
end

experiments["container.create body.HostConfig.NetworkMode"] = { "start", "second", by_network(function()
  return create("xx", { HostConfig = { NetworkMode = "nn" } })
end) }
experiments["container.create body.NetworkingConfig.EndpointsConfig{}"] = { "start", "second",
  by_network(function()
    return create("xx", { NetworkingConfig = { EndpointsConfig = { nn = { Aliases = { "a" } } } } })
  end) }
experiments["container.create body.NetworkingConfig.EndpointsConfig{}.NetworkID"] = { "start", "none",
  by_network(function(first)
    return create("xx", { NetworkingConfig = { EndpointsConfig = { nn = { NetworkID = first } } } })
  end) }
experiments["network.connect path"] = { "start", "second", by_network(function()
  local id = create("xx", {})
  must("POST /networks/nn/connect", { Container = "xx" })
  return id
end) }
experiments["network.connect body.EndpointConfig.NetworkID"] = { "start", "none", by_network(function(first)
  local id = create("xx", {})
  must("POST /networks/nn/connect", { Container = "xx", EndpointConfig = { NetworkID = first } })
  return id
end) }
experiments["container.start state"] = { "start", "second", by_network(function()
  return create("xx", { HostConfig = { NetworkMode = "nn" } })
end) }

for field, namespace in pairs { PidMode = "pid", IpcMode = "ipc" } do
  experiments["container.create body.HostConfig." .. field] = { "now", "none", by_container(function()
    return create("xx", { HostConfig = { [field] = "container:cc" } })
  end, in_second(namespace)) }
end
experiments["container.create body.HostConfig.VolumesFrom[]"] = { "now", "first", by_container(function()
  return create("xx", { HostConfig = { VolumesFrom = { "cc" } } })
end, function(id)
  return docker("docker exec " .. id .. " ls /"):find("first", 1, true) and "first" or "second"
end) }
experiments["container.create body.HostConfig.Links[]"] = { "now", "none", by_container(function()
  return create("xx", { HostConfig = { Links = { "cc:alias" } } })
end, function(id)
  return docker("docker exec " .. id .. " cat /etc/hosts"):find("second", 1, true) and "second" or "none"
end) }

experiments["container.create body.HostConfig.Binds[]"] = { "now", "first", function()
  must("POST /volumes/create", { Name = "vv" })
  create("xx", { HostConfig = { Binds = { "vv:/v" } } })
  local status = ask "DELETE /volumes/vv"
  remove("/containers/xx?force=1", "/volumes/vv")
  return status == 409 and "first" or "second"
end }
experiments["container.create body.HostConfig.Mounts[].Source"] = { "now", "first", function()
  must("POST /volumes/create", { Name = "vv" })
  create("xx", { HostConfig = { Mounts = { { Type = "volume", Source = "vv", Target = "/v" } } } })
  local status = ask "DELETE /volumes/vv"
  remove("/containers/xx?force=1", "/volumes/vv")
  return status == 409 and "first" or "second"
end }
experiments["container.create body.Image"] = { "now", "first", function()
  docker "docker tag busybox i; printf 'FROM busybox\\nLABEL second=1\\n' | docker build -q -t other - >/dev/null"
  create("xx", { Image = "i" })
  docker "docker tag other i"
  must "POST /containers/xx/start"
  local labels = must("GET /containers/xx/json").Config.Labels
  docker "docker rm -f xx; docker rmi i other"
  return labels.second and "second" or "first"
end }

-- A build whose context is complete only later, after 'between'.
local function slow_build(query, dockerfile, between)
  local path = folder.new()
  folder.write(path .. "/Dockerfile", dockerfile)
  local tar = process.run({ "tar", "-c", "-C", path, "Dockerfile" }).stdout
  local opened = world:open("operator", "POST /build?rm=1&forcerm=1&" .. query, { "-H", "Content-Type: application/x-tar" })
  opened:write(tar:sub(1, 512))
  process.run({ "sleep", "0.3" })
  between()
  opened:write(tar:sub(513))
  local _, said = owners.answer(opened)
  return type(said) == "table" and (said.message or "") or said
end

experiments["image.build query.t"] = { "end", "second", function()
  docker "docker rmi -f taken"
  slow_build("t=taken", "FROM busybox\nLABEL second=1\n", function()
    docker "docker tag busybox taken"
  end)
  local labels = must("GET /images/taken/json").Config.Labels
  docker "docker rmi -f taken"
  return type(labels) == "table" and labels.second and "second" or "first"
end }
experiments["image.build query.cachefrom"] = { "end", "second", function()
  docker [[printf 'FROM busybox\nRUN echo %s >/made\n' "$(date +%N)" >/tmp/second.$$
    docker build -q -t second - </tmp/second.$$ >/dev/null; docker tag busybox source]]
  local said = slow_build("cachefrom=[\"source\"]&nocache=0", docker "cat /tmp/second.*; rm -f /tmp/second.*", function()
    docker "docker tag second source"
  end)
  docker "docker rmi -f source second"
  return said:find("Using cache", 1, true) and "second" or "first"
end }
experiments["image.build query.networkmode"] = { "use", "second", function()
  local first = network "nn"
  local opened = world:open("operator", "POST /build?rm=1&nocache=1&networkmode=nn", { "-H", "Content-Type: application/x-tar" })
  local path = folder.new()
  folder.write(path .. "/Dockerfile", "FROM busybox\nRUN sleep 3\nRUN sleep 3\n")
  opened:write(process.run({ "tar", "-c", "-C", path, "Dockerfile" }).stdout)
  opened:close_input()
  local second, found = nil, "none"
  for _ = 1, 60 do
    process.run({ "sleep", "0.2" })
    for _, one in ipairs(must "GET /containers/json") do
      local endpoint = one.NetworkSettings.Networks.nn
      if endpoint and endpoint.NetworkID == second then
        found = "second"
      elseif endpoint and not second then
        must("POST /networks/nn/disconnect", { Container = one.Id, Force = true })
        must("DELETE /networks/" .. first)
        second = network "nn"
      end
    end
    if found == "second" then
      break
    end
  end
  opened:wait(30)
  remove "/networks/nn"
  return found
end }
experiments["container.commit query.repo"] = { "end", "second", function()
  create("xx", { Cmd = { "sh", "-c", "dd if=/dev/zero of=/big bs=1M count=150 2>/dev/null" } })
  must "POST /containers/xx/start"
  must "POST /containers/xx/wait"
  local opened = world:open("operator", "POST /commit?container=xx&repo=taken&tag=1",
    { "-H", "Content-Type: application/json" })
  opened:close_input()
  process.run({ "sleep", "0.2" })
  docker "docker tag busybox taken:1"
  opened:wait(60)
  local image = must "GET /images/taken:1/json"
  docker "docker rm -f xx; docker rmi -f taken:1"
  return image.Container ~= "" and "second" or "first"
end }

if not engine.unavailable() then
  setup(function()
    world = owners.start()
  end)
  teardown(function()
    world:stop()
  end)
end

describe("the engine resolves", function()
  local names = {}
  for name in pairs(experiments) do
    names[#names + 1] = name
  end
  table.sort(names)
  for _, name in ipairs(names) do
    local when, expected, try = table.unpack(experiments[name])
    it(name .. ": " .. when, function()
      local operation, place = name:match("^(%S+) (.+)$")
      assert.equal(when, places.at(operation, place).when)
      assert.equal(expected, try())
    end)
  end
end)
