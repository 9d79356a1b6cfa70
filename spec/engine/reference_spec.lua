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
local function by_network(make, how)
  return function()
    local first = network "nn"
    local id = make(first)
    must "DELETE /networks/nn"
    local second = network "nn"
    ask("POST /containers/" .. id .. "/" .. (how or "start"))
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

experiments["container.restart state"] = { "start", "second", by_network(function()
  return create("xx", { HostConfig = { NetworkMode = "nn" } })
end, "restart") }

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

-- A request whose body is a tar that is complete only later, after 'between'.
local function slow(line, tar, between)
  local opened = world:open("operator", line, { "-H", "Content-Type: application/x-tar" })
  opened:write(tar:sub(1, 512))
  process.run({ "sleep", "0.3" })
  between()
  opened:write(tar:sub(513))
  local status, said = owners.answer(opened)
  return type(said) == "table" and (said.message or "") or said, status
end

local function slow_build(query, dockerfile, between)
  local path = folder.new()
  folder.write(path .. "/Dockerfile", dockerfile)
  local tar = process.run({ "tar", "-c", "-C", path, "Dockerfile" }).stdout
  return (slow("POST /build?rm=1&forcerm=1&" .. query, tar, between))
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

-- A build whose second step names "nn", which is another image by then: what is in the file that came with it.
local function by_step(dockerfile)
  return function()
    return docker([[
      for one in first second; do
        printf 'FROM busybox\nRUN echo %s >/made\n' $one | docker build -q -t $one - >/dev/null
      done
      docker tag first nn
      printf ']] .. dockerfile .. [[' | docker build -q --no-cache -t built - >/dev/null &
      sleep 1
      docker tag second nn
      wait
      docker run --rm --network none built cat /made
      docker rmi -f built nn first second >/dev/null
    ]]):match "%a+"
  end
end
experiments["image.build tar.FROM"] = { "use", "second", by_step([[FROM busybox\nRUN sleep 3\nFROM nn\n]]) }
experiments["image.build tar.COPY --from"] = { "use", "second",
  by_step([[FROM busybox\nRUN sleep 3\nCOPY --from=nn /made /made\n]]) }
experiments["image.build tar.ADD"] = { "use", "second", function()
  return docker([[
    docker run -d --name nn --network host busybox \
      sh -c 'echo first >/made; exec busybox httpd -f -p 127.0.0.1:8099 -h /' >/dev/null
    printf 'FROM busybox\nRUN sleep 3\nADD http://127.0.0.1:8099/made /made\nRUN chmod 644 /made\n' |
      docker build -q --no-cache -t built - >/dev/null &
    sleep 1
    docker exec nn sh -c 'echo second >/made'
    wait
    docker run --rm --network none built cat /made
    docker rm -f nn >/dev/null
    docker rmi -f built >/dev/null
  ]]):match "%a+"
end }

-- A name that is another's before the request that gives it has ended.
local function by_upload(line, tar_of)
  return function()
    local _, status = slow(line, tar_of(), function()
      docker "docker tag busybox taken:1"
    end)
    local was = docker "docker inspect -f '{{.Id}}' busybox" == docker "docker inspect -f '{{.Id}}' taken:1"
    docker "docker rmi -f taken:1"
    return status == 200 and not was and "second" or "first"
  end
end
experiments["image.pull query.repo"] = { "end", "second", by_upload("POST /images/create?fromSrc=-&repo=taken&tag=1",
  function()
    local path = folder.new()
    folder.write(path .. "/file", ("x"):rep(4000))
    return process.run({ "tar", "-c", "-C", path, "file" }).stdout
  end) }
experiments["image.load tar.RepoTags"] = { "end", "second", by_upload("POST /images/load", function()
  local tar = docker [[printf 'FROM busybox\nLABEL loaded=1\n' | docker build -q -t taken:1 - >/dev/null
    docker save taken:1; docker rmi -f taken:1 >/dev/null]]
  return tar:gsub("Untagged: [^\n]*\n", "")
end) }
experiments["plugin.create query.name"] = { "now", "first", function()
  local path = folder.new()
  folder.write(path .. "/config.json", [[{"description":"x","entrypoint":["/x"],"linux":{},"network":{"type":"none"},
    "interface":{"types":["docker.volumedriver/1.0"],"socket":"x.sock"}}]])
  process.shell("mkdir " .. path .. "/rootfs")
  local tar = process.run({ "tar", "-c", "-C", path, "config.json", "rootfs" }).stdout
  local is_taken
  local _, status = slow("POST /plugins/create?name=pp", tar, function()
    is_taken = docker("docker plugin create pp " .. path .. " 2>&1 || :"):find("pp:latest locked", 1, true)
  end)
  docker "docker plugin rm pp"
  return is_taken and status == 204 and "first" or "second"
end }

-- Swarm: an engine of its own, that is one. A service without tasks names something, which is another by the time
-- that it has one.
local swarm

local clean = [[
  docker service rm s >/dev/null 2>&1
  for i in $(seq 100); do docker ps -aq -f label=com.docker.swarm.service.name=s | grep -q . || break; sleep 0.2; done
  for i in $(seq 50); do docker network rm nn >/dev/null 2>&1; docker network ls | grep -q ' nn ' || break; sleep 0.2; done
  docker volume rm -f vv >/dev/null
  set -e
]]

local function in_swarm(script)
  return function()
    return process.shell(clean .. script, { env = {
      "DOCKER_HOST=" .. swarm.straight, "DOCKER_BUILDKIT=0", "socket=" .. swarm.socket,
      "DOCKER_CONFIG=" .. swarm.folder .. "/config",
    } }):match "(%a+)%s*$"
  end
end

local scale = [[
  docker service scale -d s=1 >/dev/null
  for i in $(seq 100); do task=$(docker ps -q -f label=com.docker.swarm.service.name=s); [ -z "$task" ] || break; sleep 0.2; done
]]
local by_image = [[
  docker tag busybox nn
  printf 'FROM busybox\nLABEL second=second\n' | docker build -q -t other - >/dev/null
  %s
  docker tag other nn]] .. "\n" .. scale .. [[
  found=$(docker inspect -f '{{.Config.Labels.second}}' $task)
  echo ${found:-first}]]
local by_volume = [[
  docker volume create --label it=first vv >/dev/null
  %s
  docker volume rm vv >/dev/null
  docker volume create --label it=second vv >/dev/null]] .. "\n" .. scale .. [[
  mounted=$(docker inspect -f '{{range .Mounts}}{{.Name}}{{end}}' $task)
  docker volume inspect -f '{{.Labels.it}}' $mounted]]
-- A driver that nobody has is missed by the task.
local by_driver = [[
  %s
  docker service scale -d s=1 >/dev/null
  for i in $(seq 50); do docker service ps s --no-trunc | grep -q 'missing plugin' && break; sleep 0.2; done
  docker service ps s --no-trunc | grep -q 'missing plugin' && echo second]]
-- The name becomes an id, and what a service is on cannot be removed.
local by_name = [[
  id=$(docker network create -d overlay nn)
  curl -s --unix-socket $socket -H 'Content-Type: application/json' http://d/v1.41/services/%s
  held=$(docker service inspect -f '{{json .Spec}}' s | grep -o "\"Target\":\"$id\"")
  docker network rm nn >/dev/null 2>&1 || echo first]]

local create_s = "docker service create -d --no-resolve-image --name s --replicas 0 --network host %s sleep 1000 >/dev/null"
local update_s = "docker service create -d --no-resolve-image --name s --replicas 0 --network host busybox sleep 1000 >/dev/null"
  .. "\n  docker service update -d --no-resolve-image %s s >/dev/null"
local spec = [['{"Name":"s","Mode":{"Replicated":{"Replicas":0}},%s}']]
local networks = {
  ["body.TaskTemplate.Networks[].Target"] =
    [=["TaskTemplate":{"ContainerSpec":{"Image":"busybox"},"Networks":[{"Target":"nn"}]}]=],
  ["body.Networks[].Target"] = [=["TaskTemplate":{"ContainerSpec":{"Image":"busybox"}},"Networks":[{"Target":"nn"}]]=],
}
for operation, how in pairs { ["service.create"] = create_s, ["service.update"] = update_s } do
  local function add(place, when, what, script, words)
    experiments[operation .. " " .. place] = { when, what, in_swarm(script:format((how:format(words):gsub("%%", "%%%%")))) }
  end
  local is_update = operation == "service.update"
  add("body.TaskTemplate.ContainerSpec.Image", "use", "second", by_image, is_update and "--image nn" or "nn")
  local mount = (is_update and "--mount-add " or "--mount ") .. "type=volume,source=vv,target=/v"
    .. (is_update and "" or " busybox")
  add("body.TaskTemplate.ContainerSpec.Mounts[].Source", "use", "second", by_volume, mount)
  local driver = (is_update and "--mount-add " or "--mount ") .. "type=volume,source=dd,target=/v,volume-driver=nothing"
    .. (is_update and "" or " busybox")
  add("body.TaskTemplate.ContainerSpec.Mounts[].VolumeOptions.DriverConfig.Name", "use", "second", by_driver, driver)
  for place, words in pairs(networks) do
    local line = "create -d " .. spec:format(words) .. " >/dev/null"
    if is_update then
      line = "create -d " .. spec:format [["TaskTemplate":{"ContainerSpec":{"Image":"busybox"}}]] .. [[ >/dev/null
  version=$(docker service inspect -f '{{.Version.Index}}' s)
  curl -s --unix-socket $socket -H 'Content-Type: application/json' http://d/v1.41/services/s/update?version=$version -d ]]
        .. spec:format(words) .. " >/dev/null"
    end
    -- An update of what stands at the top is refused.
    experiments[operation .. " " .. place] = not (is_update and place == "body.Networks[].Target")
      and { "now", "first", in_swarm((by_name:gsub("%%s", function() return line end))) } or nil
  end
end

if not engine.unavailable() then
  setup(function()
    world = owners.start()
    swarm = engine.start_another()
    process.shell("docker swarm init --advertise-addr 127.0.0.1 --listen-addr 127.0.0.1:2377",
      { env = { "DOCKER_HOST=" .. swarm.straight } })
  end)
  teardown(function()
    world:stop()
    engine.stop_another(swarm)
  end)
end

describe("what is resolved later than it is judged", function()
  it("was tried in each place, or the table says why not", function()
    local wrong = {}
    for _, one in ipairs(places.all()) do
      local row = one.row
      local is_later = row.when == "start" or row.when == "use" or row.when == "end"
      local is_tried = experiments[one.operation .. " " .. row.place] ~= nil
      if is_later and is_tried == (row.untried ~= nil) then
        wrong[#wrong + 1] = one.operation .. " " .. row.place
      end
    end
    assert.same({}, wrong)
  end)
end)

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
