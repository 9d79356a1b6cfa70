-- What the engine really does when it is asked for power over the host, and that no-host-power keeps each
-- such request from it. Every case goes straight to the engine first, which has to honour it: a power
-- that no engine gives would be denied here for nothing.

local daemon = require "spec.support.daemon"
local differences = require "spec.support.engine_differences"
local engine = require "spec.support.engine"
local front = require "spec.support.front"
local message = require "spec.support.message"
local process = require "spec.support.process"
local stream = require "spec.support.stream"

local it = engine.it(it, pending)

local json_type = { "Content-Type: application/json" }
local count = 0

local function new_name()
  count = count + 1
  return "power-" .. count
end

local function ask(address, line, body, headers)
  local conn = assert(stream.connect(address))
  local response = message.ask(conn, front.request(line, body and (headers or json_type), body), 30)
  conn:close()
  return assert(response, "no answer to " .. line)
end

local function straight(...)
  return ask(engine.get().straight, ...)
end

local function host(fragment)
  return '{"Image":"busybox","HostConfig":{' .. fragment .. "}}"
end

local function mount(options)
  return '"Mounts":[{"Type":"volume","Target":"/h","VolumeOptions":{"DriverConfig":{"Options":' .. options .. "}}}]"
end

-- what, the body of a create, what the engine's inspect then shows, path if it is not the usual one
local containers = {
  { "a bind", host '"Binds":["/etc:/h"]', '"Binds":["/etc:/h"]' },
  { "a bind mount", host '"Mounts":[{"Type":"bind","Source":"/etc","Target":"/h"}]', '"Source":"/etc"' },
  { "a volume that binds", host(mount '{"type":"none","o":"bind","device":"/etc"}'), '"device":"/etc"' },
  { "a volume of a disk", host(mount '{"type":"ext4","device":"/dev/vda"}'), '"device":"/dev/vda"' },
  { "a volume of the kernel's", host(mount '{"type":"proc","device":"proc"}'), '"device":"proc"' },
  { "an overlay of the host", host(mount '{"type":"overlay","o":"lowerdir=/etc:/var","device":"x"}'),
    '"o":"lowerdir=/etc:/var"' },
  { "volumes of another container", host '"VolumesFrom":["victim"]', '"VolumesFrom":["victim"]' },
  { "a volume by name", host '"Binds":["somebodys:/d"]', '"Binds":["somebodys:/d"]' },
  { "shared propagation", host('"Mounts":[{"Type":"bind","Source":"/etc","Target":"/h","BindOptions":'
    .. '{"Propagation":"rshared"}}]'), '"Propagation":"rshared"' },
  { "privileged", host '"Privileged":true', '"Privileged":true' },
  { "a capability", host '"CapAdd":["cap_sys_admin"]', '"CapAdd":["' },
  { "all capabilities as a text", host '"CapAdd":"ALL"', '"CapAdd":["ALL"]' },
  { "a device", host '"Devices":[{"PathOnHost":"/dev/mem","PathInContainer":"/dev/mem","CgroupPermissions":"rwm"}]',
    '"PathOnHost":"/dev/mem"' },
  { "device rules", host '"DeviceCgroupRules":["b *:* rwm"]', '"DeviceCgroupRules":["b *:* rwm"]' },
  { "a request for devices", host '"DeviceRequests":[{"Driver":"nvidia","Count":-1}]', '"Driver":"nvidia"' },
  { "the host's pid namespace", host '"PidMode":"host"', '"PidMode":"host"' },
  { "the host's ipc namespace", host '"IpcMode":"host"', '"IpcMode":"host"' },
  { "the host's uts namespace", host '"UTSMode":"host"', '"UTSMode":"host"' },
  { "the host's user namespace", host '"UsernsMode":"host"', '"UsernsMode":"host"' },
  { "the host's network", host '"NetworkMode":"host"', '"NetworkMode":"host"' },
  { "another's pid namespace", host '"PidMode":"container:victim"', '"PidMode":"container:' },
  { "another's network", host '"NetworkMode":"container:victim"', '"NetworkMode":"container:' },
  { "a shareable ipc namespace", host '"IpcMode":"shareable"', '"IpcMode":"shareable"' },
  { "unconfined seccomp", host '"SecurityOpt":["seccomp=unconfined"]', '"seccomp=unconfined"' },
  { "unconfined AppArmor, with a colon", host '"SecurityOpt":["apparmor:unconfined"]', '"apparmor:unconfined"' },
  { "nothing hidden in /proc", host '"MaskedPaths":[],"ReadonlyPaths":[]', '"MaskedPaths":[]' },
  { "a cgroup", host '"CgroupParent":"/evil"', '"CgroupParent":"/evil"' },
  { "a kernel parameter", host '"Sysctls":{"net.ipv4.ip_forward":"1"}', '"net.ipv4.ip_forward":"1"' },
  { "a log driver that connects", host '"LogConfig":{"Type":"syslog","Config":{"syslog-address":"udp://127.0.0.1:1"}}',
    '"Type":"syslog"' },
  { "a port", host '"PortBindings":{"80/tcp":[{"HostPort":"8080"}]}', '"HostPort":"8080"' },
  { "all ports", host '"PublishAllPorts":true', '"PublishAllPorts":true' },
  { "a link", host '"Links":["victim:alias"]', ':/' },
  { "a line in /etc/hosts", host '"ExtraHosts":["db:10.0.0.1"]', '"db:10.0.0.1"' },
  { "a name server", host '"Dns":["10.0.0.1"]', '"Dns":["10.0.0.1"]' },
  { "a restart policy", host '"RestartPolicy":{"Name":"always"}', '"Name":"always"' },
  { "to be spared", host '"OomScoreAdj":-500', '"OomScoreAdj":-500' },
  { "a limit of processes", host '"Ulimits":[{"Name":"nofile","Soft":1,"Hard":1000000}]', '"Hard":1000000' },
  { "a MAC address", '{"Image":"busybox","MacAddress":"02:00:00:00:00:01"}', '"MacAddress":"02:00:00:00:00:01"' },
  { "a working directory", '{"Image":"busybox","WorkingDir":"/proc/self/fd/8"}', '"WorkingDir":"/proc/self/fd/8"' },

  { "privileged in other cases", '{"Image":"busybox","hostconfig":{"PRIVILEGED":true}}', '"Privileged":true' },
  { "privileged in an escape", '{"Image":"busybox","\\u0048ostConfig":{"Pri\\u0076ileged":true}}', '"Privileged":true' },
  { "privileged with U+017F", '{"Image":"busybox","Ho\u{17f}tConfig":{"Privileged":true}}', '"Privileged":true' },
  { "the host's network with U+212A", host '"Networ\u{212a}Mode":"host"', '"NetworkMode":"host"' },
  { "privileged in the first of two", '{"Image":"busybox","HostConfig":{"Privileged":true},"HostConfig":{}}',
    '"Privileged":true' },
  { "privileged in the second of two", '{"Image":"busybox","HostConfig":{},"hostConfig":{"Privileged":true}}',
    '"Privileged":true' },
  { "privileged that null leaves", host '"Privileged":true,"Privileged":null', '"Privileged":true' },
  { "a mount that a second list leaves",
    host '"Mounts":[{"Type":"bind","Source":"/etc","Target":"/h"}],"Mounts":[{}]', '"Source":"/etc"' },
  { "a bind with an escape", host '"Binds":["\\u002fetc:\\/h"]', '"Binds":["/etc:/h"]' },
  { "a bind before something else", host '"Binds":["/etc:/h"]' .. "}", '"Binds":["/etc:/h"]' },
  { "privileged at the top", '{"Image":"busybox","Privileged":true}', '"Privileged":true' },
  { "a bind at the top", '{"Image":"busybox","HostConfig":null,"binds":["/etc:/h"]}', '"Binds":["/etc:/h"]' },
  { "the ipc namespace of API 1.39", '{"Image":"busybox","HostConfig":{"CgroupnsMode":"private"}}',
    '"IpcMode":"shareable"', "/v1.39" },
  { "the ipc namespace of API 1.39, with decoys at the top",
    '{"Image":"busybox","IpcMode":"private","CgroupnsMode":"private","HostConfig":{}}', '"IpcMode":"shareable"', "/v1.39" },
  { "a device that is null", host '"Devices":[null]', '"Devices":[{' },
  { "privileged in API 1.24", host '"Privileged":true,"IpcMode":"private","CgroupnsMode":"private"',
    '"Privileged":true', "/v1.24" },
}

describe("no-host-power in front of the engine", function()
  local proxy

  setup(function()
    if engine.unavailable() then
      return
    end
    proxy = daemon.start { "-socketpath=" .. engine.get().socket, "-policy=no-host-power" }
    assert.equal(201, straight("POST /v1.41/containers/create?name=victim", '{"Image":"busybox","Cmd":["sleep","600"]}').status)
    assert.equal(204, straight("POST /v1.41/containers/victim/start").status)
  end)
  teardown(function()
    if proxy then
      straight("DELETE /v1.41/containers/victim?force=1&v=1")
      straight("DELETE /v1.41/volumes/somebodys")
      proxy:stop()
    end
  end)

  local function through(...)
    return ask(proxy.unix, ...)
  end

  local function is_refusal(response)
    assert.is_true(response.status == 403 or response.status == 400, response.head .. response.body)
    assert.is_truthy(response.body:find('"moonward: ', 1, true), response.body)
  end

  for _, case in ipairs(containers) do
    local what, body, shows, version = table.unpack(case, 1, 4)
    it("denies " .. what .. ", which the engine would give", function()
      local create = "POST " .. (version or "/v1.41") .. "/containers/create?name="
      local name = new_name()
      local made = straight(create .. name, body)
      assert.equal(201, made.status, made.body)
      local seen = straight("GET /v1.41/containers/" .. name .. "/json").body
      straight("DELETE /v1.41/containers/" .. name .. "?force=1&v=1")
      assert.is_truthy(seen:find(differences.shows(what, shows), 1, true), seen)

      name = new_name()
      is_refusal(through(create .. name, body))
      assert.equal(404, straight("GET /v1.41/containers/" .. name .. "/json").status)
    end)
  end

  it("lets an ordinary container through", function()
    local name = new_name()
    local made = through("POST /v1.41/containers/create?name=" .. name, host '"Memory":8388608,"CapDrop":["ALL"]')
    assert.equal(201, made.status, made.body)
    assert.equal(204, through("DELETE /v1.41/containers/" .. name .. "?force=1").status)
  end)

  -- Engines up to 24 take the body of a start for a new HostConfig, below API 1.24, which newer ones refuse.
  it("denies a start with a body", function()
    local name, other = new_name(), new_name()
    for _, each in ipairs { name, other } do
      assert.equal(201, straight("POST /v1.41/containers/create?name=" .. each, '{"Image":"busybox","Cmd":["true"]}').status)
    end
    local body = '{"Binds":["/etc:/h"]}'
    if straight("GET /v1.23/version").status == 200 then
      assert.equal(204, straight("POST /v1.23/containers/" .. name .. "/start", body).status)
      assert.is_truthy(straight("GET /v1.41/containers/" .. name .. "/json").body:find('"/etc:/h"', 1, true))
    end
    for _, version in ipairs { "/v1.23", "/v1.41" } do
      is_refusal(through("POST " .. version .. "/containers/" .. other .. "/start", body))
    end
    local seen = straight("GET /v1.41/containers/" .. other .. "/json").body
    assert.is_nil(seen:find('"/etc:/h"', 1, true))
    assert.is_truthy(seen:find('"Status":"created"', 1, true), seen)
    for _, each in ipairs { name, other } do
      straight("DELETE /v1.41/containers/" .. each .. "?force=1")
    end
  end)

  it("denies a privileged exec", function()
    local body = '{"Cmd":["true"],"privileged":true}'
    local made = straight("POST /v1.41/containers/victim/exec", body)
    assert.equal(201, made.status, made.body)
    local id = made.body:match('"Id":"(%x+)"')
    assert.is_truthy(straight("GET /v1.41/exec/" .. id .. "/json").body:find('"privileged":true', 1, true))
    local before = straight("GET /v1.41/containers/victim/json").body:match('"ExecIDs":(.-)[,}]')
    is_refusal(through("POST /v1.41/containers/victim/exec", body))
    assert.equal(before, straight("GET /v1.41/containers/victim/json").body:match('"ExecIDs":(.-)[,}]'))
    assert.equal(201, through("POST /v1.41/containers/victim/exec", '{"Cmd":["true"]}').status)
  end)

  it("denies a change of limits and of the restart policy", function()
    local body = '{"Memory":67108864,"MemorySwap":-1,"RestartPolicy":{"Name":"always"}}'
    local function seen()
      return straight("GET /v1.41/containers/victim/json").body:match('"RestartPolicy":(%b{})')
    end
    is_refusal(through("POST /v1.41/containers/victim/update", body))
    assert.is_nil(seen():find("always", 1, true))
    assert.equal(200, straight("POST /v1.41/containers/victim/update", '{"RestartPolicy":{"Name":"always"}}').status)
    assert.is_truthy(seen():find("always", 1, true))
  end)

  it("denies an archive", function()
    local tar = "x" .. ("\0"):rep(99) .. "0000644\0" .. ("0000000\0"):rep(2) .. "00000000000\0" .. "00000000000\0"
    local sum = 8 * 32
    for i = 1, #tar do
      sum = sum + tar:byte(i)
    end
    tar = tar .. ("%06o\0 "):format(sum) .. ("\0"):rep(512 - 156 + 1024)
    local headers = { "Content-Type: application/x-tar" }
    is_refusal(through("PUT /v1.41/containers/victim/archive?path=/tmp", tar, headers))
    assert.equal(404, straight("HEAD /v1.41/containers/victim/archive?path=/tmp/x").status)
    assert.equal(200, straight("PUT /v1.41/containers/victim/archive?path=/tmp", tar, headers).status)
    assert.equal(200, straight("HEAD /v1.41/containers/victim/archive?path=/tmp/x").status)
  end)

  local volumes = {
    { "binds", '"DriverOpts":{"type":"none","o":"bind","device":"/etc"}', '"device":"/etc"' },
    { "binds, in other cases", '"driveropts":{"type":"","o":"rbind","device":"/etc"}', '"o":"rbind"' },
    { "mounts a disk", '"DriverOpts":{"type":"ext4","device":"/dev/vda"}', '"device":"/dev/vda"' },
    { "overlays the host", '"DriverOpts":{"type":"overlay","o":"lowerdir=/etc:/var","device":"x"}', "lowerdir=/etc" },
    { "is the kernel's", '"DriverOpts":{"type":"sysfs","device":"sysfs"}', '"type":"sysfs"' },
    { "is on another machine", '"DriverOpts":{"type":"nfs","o":"addr=127.0.0.1","device":":/x"}', '"type":"nfs"' },
  }
  for _, case in ipairs(volumes) do
    it("denies a volume that " .. case[1], function()
      local name, other = new_name(), new_name()
      local made = straight("POST /v1.41/volumes/create", '{"Name":"' .. name .. '",' .. case[2] .. "}")
      assert.equal(201, made.status, made.body)
      assert.is_truthy(straight("GET /v1.41/volumes/" .. name).body:find(case[3], 1, true))
      straight("DELETE /v1.41/volumes/" .. name)
      is_refusal(through("POST /v1.41/volumes/create", '{"Name":"' .. other .. '",' .. case[2] .. "}"))
      assert.equal(404, straight("GET /v1.41/volumes/" .. other).status)
    end)
  end

  local networks = {
    { "hides other addresses", '"IPAM":{"Config":[{"Subnet":"169.254.169.0/24"}]}', "169.254.169.0/24" },
    { "chooses where its ports listen", '"Options":{"com.docker.network.bridge.host_binding_ipv4":"127.0.0.9"}',
      '"127.0.0.9"' },
    { "names its bridge", '"Options":{"com.docker.network.bridge.name":"evil0"}', '"evil0"' },
  }
  for _, case in ipairs(networks) do
    it("denies a network that " .. case[1], function()
      local name, other = new_name(), new_name()
      local made = straight("POST /v1.41/networks/create", '{"Name":"' .. name .. '",' .. case[2] .. "}")
      assert.equal(201, made.status, made.body)
      assert.is_truthy(straight("GET /v1.41/networks/" .. name).body:find(case[3], 1, true))
      straight("DELETE /v1.41/networks/" .. name)
      is_refusal(through("POST /v1.41/networks/create", '{"Name":"' .. other .. '",' .. case[2] .. "}"))
      assert.equal(404, straight("GET /v1.41/networks/" .. other).status)
    end)
  end
end)

-- What somebody at a terminal can do; docker sends far more fields than the specs of one power.
describe("docker", function()
  local proxies = {}

  setup(function()
    if not engine.unavailable() then
      local socket = "-socketpath=" .. engine.get().socket
      proxies["no-host-power"] = daemon.start { socket, "-policy=no-host-power",
        "-allowpower=port=18080,volume=power-*,restart-policy=on-failure,network=power-*" }
      proxies["read-only"] = daemon.start { socket, "-policy=read-only", "-allowarchive" }
    end
  end)
  teardown(function()
    for _, proxy in pairs(proxies) do
      proxy:stop()
    end
  end)

  -- policy, arguments, exit code
  local cases = {
    { "no-host-power", "run --rm busybox true", 0 },
    { "no-host-power", "run --rm -i -t=false --init --memory 64m --cap-drop ALL --read-only --tmpfs /run busybox true", 0 },
    { "no-host-power", "run --rm --security-opt no-new-privileges --user 1000 -e A=b -l c=d -w /tmp busybox true", 0 },
    { "no-host-power", "run --rm -v /data --mount type=tmpfs,target=/t busybox true", 0 },
    { "no-host-power", "run -d --name power-cli -p 18080:80 -v power-data:/d --restart on-failure busybox sleep 600", 0 },
    { "no-host-power", "exec power-cli true", 0 },
    { "no-host-power", "exec --privileged power-cli true", 1 },
    { "no-host-power", "update --restart always power-cli", 1 },
    { "no-host-power", "cp /etc/hostname power-cli:/tmp/", 1 },
    { "no-host-power", "rm -f power-cli", 0 },
    { "no-host-power", "volume rm power-data", 0 },
    { "no-host-power", "volume create power-plain", 0 },
    { "no-host-power", "volume rm power-plain", 0 },
    { "no-host-power", "network create power-net", 0 },
    { "no-host-power", "run --rm --network power-net busybox true", 0 },
    { "no-host-power", "network rm power-net", 0 },
    { "no-host-power", "run --rm -p 18081:80 busybox true", 125 },
    { "no-host-power", "run --rm -v /:/host busybox true", 125 },
    { "no-host-power", "run --rm --privileged busybox true", 125 },
    { "no-host-power", "run --rm --pid host busybox true", 125 },
    { "no-host-power", "run --rm --security-opt systempaths=unconfined busybox true", 125 },
    { "no-host-power", "volume create -o type=none -o o=bind -o device=/etc power-evil", 1 },
    { "no-host-power", "swarm init", 1 },
    { "read-only", "ps -a", 0 },
    { "read-only", "info", 0 },
    { "read-only", "images", 0 },
    { "read-only", "inspect busybox", 0 },
    { "read-only", "system df", 0 },
    { "read-only", "run --rm busybox true", 125 },
    { "read-only", "tag busybox power:x", 1 },
    { "read-only", "save busybox", 1 },
    { "read-only", "search busybox", 1 },
  }
  for _, case in ipairs(cases) do
    local policy, arguments, code = table.unpack(case)
    it(("%s under %s: %s"):format(code == 0 and "works" or "is refused", policy, arguments), function()
      local words = { "docker" }
      for word in arguments:gmatch("%S+") do
        words[#words + 1] = word
      end
      local result = process.run(words, { env = engine.env(proxies[policy].tcp), timeout = 60 })
      assert.equal(code, result.code, result.stderr)
      assert.equal(code ~= 0, result.stderr:find("moonward: ", 1, true) ~= nil, result.stderr)
    end)
  end
end)
