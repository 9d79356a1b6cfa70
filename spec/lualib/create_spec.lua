local create = require "moonward.create"
local json = require "moonward.json"
local operations = require "moonward.operations"
local powers = require "spec.support.powers"

-- What create.lua reads of a request. 'query' is a list of { name, value }.
local function request(method, path, body, query, version)
  local entry, id = operations.find(method, path)
  local first = {}
  for _, pair in ipairs(query or {}) do
    first[pair[1]] = first[pair[1]] or pair[2]
  end
  return {
    method = method, path = path, version = version, operation = entry and entry.name, id = id,
    body = body or "", json = body and body ~= "" and json.decode(body) or nil, query = first,
    values = function(_, name)
      local list = {}
      for _, pair in ipairs(query or {}) do
        list[#list + 1] = pair[1] == name and pair[2] or nil
      end
      return list
    end,
  }
end

local function list(...)
  local texts = {}
  for i, power in ipairs(create.powers(request(...))) do
    texts[i] = power.power .. " | " .. power.value .. " | " .. power.where
  end
  return texts
end

local function unversioned(path)
  return (path:gsub("^/v[%d.]+", ""))
end

describe("create.powers finds", function()
  for _, row in ipairs(powers.rows) do
    it(("%s in %s of %s"):format(row.power, row.fragment, row.path), function()
      local found = list("POST", unversioned(row.path), row.body)
      local expected = row.power .. " | " .. row.value .. " | " .. row.where
      -- A connect names a network besides, a field of the wrong type may stand for several.
      assert.is_truthy(table.concat(found, "\n"):find(expected, 1, true),
        "expected " .. expected .. ", got:\n" .. table.concat(found, "\n"))
    end)

    it("nothing without " .. row.fragment .. " in " .. row.path, function()
      assert.same({}, list("POST", unversioned(row.path), row.harmless_body))
    end)
  end

  -- what, method, path, query, body, powers
  local cases = {
    { "a bind and its propagation", "POST", "/containers/create", nil,
      '{"HostConfig":{"Binds":["/srv:/d:ro,rshared"]}}',
      { "bind | /srv | HostConfig.Binds[1]", "propagation | rshared | HostConfig.Binds[1]" } },
    { "a path that is no longer hidden", "POST", "/containers/create", nil, '{"HostConfig":{"MaskedPaths":["/proc/acpi",'
      .. '"/proc/asound","/proc/keys","/proc/latency_stats","/proc/sched_debug","/proc/scsi","/proc/timer_list",'
      .. '"/proc/timer_stats","/sys/firmware","/proc/interrupts","/sys/devices/virtual/powercap"]}}',
      { "unmasked-paths | /proc/kcore | HostConfig.MaskedPaths" } },
    { "nothing in what an inspect shows of these paths", "POST", "/containers/create", nil, '{"HostConfig":{"MaskedPaths":'
      .. '["/proc/acpi","/proc/asound","/proc/interrupts","/proc/kcore","/proc/keys","/proc/latency_stats",'
      .. '"/proc/sched_debug","/proc/scsi","/proc/timer_list","/proc/timer_stats","/sys/devices/virtual/powercap",'
      .. '"/sys/firmware"],"ReadonlyPaths":["/proc/bus","/proc/fs","/proc/irq","/proc/sys","/proc/sysrq-trigger"]}}', {} },
    { "nothing in a field that nobody knows, if it is null", "POST", "/containers/create", nil,
      '{"Superpower":null,"HostConfig":{"Superpower":null,"Mounts":[{"Type":"tmpfs","Superpower":null}]}}', {} },
    { "nothing in what docker-java writes for engines of long ago", "POST", "/containers/create", nil,
      '{"HostConfig":{"DiskQuota":1,"LxcConf":[{"Key":"a","Value":"b"}]}}', {} },
    { "nothing in the container that docker-java names in an exec", "POST", "/containers/x/exec", nil,
      '{"containerId":"x","Cmd":["id"]}', {} },
    { "nothing in what go-dockerclient writes into a connect as into a disconnect", "POST", "/networks/bridge/connect", nil,
      '{"Container":"x","Force":false}', {} },
    { "a field of long ago where it never was", "POST", "/containers/x/exec", nil, '{"DiskQuota":1}',
      { "unknown-field | DiskQuota | DiskQuota" } },
    { "a parameter that nobody knows", "POST", "/containers/create", { { "name", "a" }, { "newpower", "1" } }, "{}",
      { "unknown-field | newpower | query.newpower" } },
    { "a parameter in another case, which podman takes", "POST", "/containers/create", { { "Name", "a" } }, "{}",
      { "unknown-field | Name | query.Name" } },
    { "a url in another case", "POST", "/libpod/images/import", { { "URL", "http://x/" } }, nil,
      { "unknown-field | URL | query.URL" } },
    { "nothing in the body that dockerode repeats in the query", "POST", "/containers/create",
      { { "name", "a" }, { "platform", "x" }, { "Image", "x" }, { "Dns", "a" }, { "Dns", "b" }, { "HostConfig", "{}" } },
      '{"Image":"x","Dns":[],"HostConfig":{}}', {} },
    { "a body that nobody repeats", "POST", "/containers/x/exec", { { "Cmd", "id" } }, "{}",
      { "unknown-field | Cmd | query.Cmd" } },
    { "nothing in what the SDK for Python writes of a network", "POST", "/containers/create", nil,
      '{"NetworkingConfig":{"app":null}}', {} },
    { "a field of a network that is not null", "POST", "/containers/create", nil, '{"NetworkingConfig":{"app":{}}}',
      { "unknown-field | app | NetworkingConfig.app" } },
    { "a body for a start", "POST", "/containers/x/start", nil, '{"Binds":["/:/h"]}', { "start-body |  | the body" } },
    { "a start from a checkpoint", "POST", "/containers/x/start", { { "checkpoint", "c" }, { "checkpoint-dir", "/srv" } },
      nil, { "checkpoint | c | query.checkpoint", "checkpoint | /srv | query.checkpoint-dir" } },
    { "checkpoints of any directory", "GET", "/containers/x/checkpoints", { { "dir", "/" } }, nil,
      { "checkpoint | / | query.dir" } },
    { "a checkpoint", "POST", "/containers/x/checkpoints", nil, '{"CheckpointID":"c"}',
      { "checkpoint |  | the route" } },
    { "the removal of a checkpoint", "DELETE", "/containers/x/checkpoints/c", { { "dir", "/srv" } }, nil,
      { "checkpoint | /srv | query.dir" } },
    { "an archive", "PUT", "/containers/x/archive", { { "path", "/etc" } }, nil, { "archive | /etc | query.path" } },
    { "a network that is joined", "POST", "/networks/app/connect", nil, '{"Container":"x"}',
      { "network | app | the path" } },
    { "a plugin", "POST", "/plugins/pull", { { "remote", "vieux/sshfs" } }, nil,
      { "plugin | vieux/sshfs | query.remote" } },
    { "a plugin that is set, without its body", "POST", "/plugins/vieux/sshfs/set", nil, '["x=y"]',
      { "plugin | vieux/sshfs | the path" } },
    { "the swarm's tokens", "GET", "/swarm", nil, nil, { "swarm-secret |  | the route" } },
    { "a swarm that is joined", "POST", "/swarm/join", nil, "{}", { "swarm |  | the route" } },
    { "a session", "POST", "/session", nil, nil, { "build-session |  | the route" } },
    { "gRPC", "POST", "/grpc", nil, nil, { "build-grpc |  | the route" } },
    { "an image from a URL", "POST", "/images/create", { { "fromSrc", "http://10.0.0.1/" } }, nil,
      { "remote | http://10.0.0.1/ | query.fromSrc" } },
    { "Kubernetes YAML", "POST", "/libpod/play/kube", nil, nil, { "kubernetes |  | the route" } },
    { "a unit", "POST", "/libpod/quadlets", nil, nil, { "unit |  | the route" } },
    { "podman's local build", "POST", "/libpod/local/build", { { "localcontextdir", "/root" } }, nil,
      { "host-path | /root | query.localcontextdir" } },
    { "a podman secret's driver", "POST", "/libpod/secrets/create", { { "name", "s" }, { "driver", "shell" } }, "x",
      { "secret-driver | shell | query.driver" } },
    { "what a podman secret holds", "GET", "/libpod/secrets/s/json", { { "showsecret", "true" } }, nil,
      { "secret | true | query.showsecret" } },
    { "a route that nobody knows", "POST", "/new/thing", nil, nil, { "unknown-route | POST /new/thing | the route" } },

    { "the host's network in a build", "POST", "/build", { { "networkmode", "host" } }, nil,
      { "host-namespace | net | query.networkmode" } },
    { "another container's network in a build", "POST", "/build", { { "networkmode", "container:x" } }, nil,
      { "joined-namespace | net:x | query.networkmode" } },
    { "the second of two in a build", "POST", "/build", { { "networkmode", "default" }, { "networkmode", "host" } },
      nil, { "host-namespace | net | query.networkmode" } },
    { "a build from elsewhere", "POST", "/build", { { "remote", "http://10.0.0.1/" } }, nil,
      { "remote | http://10.0.0.1/ | query.remote" } },
    { "a build's cgroup", "POST", "/build", { { "cgroupparent", "/x" } }, nil, { "cgroup-parent | /x | query.cgroupparent" } },
    { "a build's security options", "POST", "/build", { { "securityopt", '["seccomp=unconfined"]' } }, nil,
      { 'security-option | ["seccomp=unconfined"] | query.securityopt' } },
    { "a build's session", "POST", "/build", { { "version", "2" }, { "session", "s" } }, nil,
      { "build-session |  | query.version", "build-session | s | query.session" } },
    { "a build by BuildKit without a session", "POST", "/build", { { "version", "2" } }, nil,
      { "build-session |  | query.version" } },
    { "a build by the classic builder", "POST", "/build", { { "version", "1" } }, nil, {} },
    { "a build's frontend", "POST", "/build", { { "buildargs", '{"\\u0042UILDKIT_SYNTAX":"evil"}' } }, nil,
      { "frontend | evil | query.buildargs.BUILDKIT_SYNTAX" } },
    { "a build's outputs", "POST", "/build", { { "outputs", '[{"Type":"local"}]' } }, nil,
      { 'build-output | [{"Type":"local"}] | query.outputs' } },
    { "a podman build's volumes", "POST", "/libpod/build", { { "volume", "/etc:/h" } }, nil,
      { "bind | /etc | volume[1]" } },
    { "a build's parameter that nobody knows", "POST", "/build", { { "superpower", "" } }, nil,
      { "unknown-field | superpower | query.superpower" } },
    { "a build's parameter in another case", "POST", "/build", { { "Target", "" } }, nil,
      { "unknown-field | Target | query.Target" } },
    { "build arguments that are no object", "POST", "/build", { { "buildargs", "[]" } }, nil,
      { "not-understood | expected an object | query.buildargs" } },

    { "not what is null", "POST", "/containers/create", nil, '{"HostConfig":{"Privileged":null,"Binds":null}}', {} },
    { "nothing in an empty body", "POST", "/containers/create", nil, "", {} },
    { "nothing in null", "POST", "/containers/create", nil, "null", {} },
    { "a body that is no object", "POST", "/containers/create", nil, "[]",
      { "not-understood | expected an object, got a list | the body",
        "not-understood | expected an object, got a list | the body",
        "not-understood | expected an object, got a list | the body" } },
    { "nothing in an ordinary build", "POST", "/build", { { "t", "a" }, { "t", "b" }, { "networkmode", "default" },
      { "buildargs", '{"HTTP_PROXY":"x","http_proxy":"x"}' }, { "ulimits", "null" }, { "extrahosts", "" },
      { "cachefrom", "[]" }, { "remote", "" } }, nil, {} },
    { "nothing in a pull", "POST", "/images/create", { { "fromImage", "busybox" } }, nil, {} },
    { "nothing in a pull as go-dockerclient writes it", "POST", "/images/create",
      { { "fromImage", "r:5000/a" }, { "tag", "1" }, { "registry", "r:5000" }, { "all", "1" } }, nil, {} },
    { "nothing in an import from the body", "POST", "/images/create", { { "fromSrc", "-" } }, nil, {} },
    { "nothing in a plain start", "POST", "/containers/x/start", nil, "{}", {} },
    { "nothing in a list", "GET", "/containers/json", nil, nil, {} },
    { "nothing in an unknown route that is read", "GET", "/new/thing", nil, nil, {} },
    { "nothing in the bridge that is joined", "POST", "/networks/bridge/connect", nil, '{"Container":"x"}', {} },
  }
  for _, case in ipairs(cases) do
    local name, method, path, query, body, expected = table.unpack(case, 1, 6)
    it(name, function()
      assert.same(expected, list(method, path, body, query))
    end)
  end

  it("nothing in what docker run sends", function()
    assert.same({}, list("POST", "/containers/create", [[{"Hostname":"","Domainname":"","User":"","AttachStdin":false,
      "AttachStdout":true,"AttachStderr":true,"Tty":false,"OpenStdin":false,"StdinOnce":false,"Env":null,"Cmd":["id"],
      "Image":"busybox","Volumes":{},"WorkingDir":"","Entrypoint":null,"OnBuild":null,"Labels":{},"HostConfig":{
      "Binds":null,"ContainerIDFile":"","LogConfig":{"Type":"","Config":{}},"NetworkMode":"default","PortBindings":{},
      "RestartPolicy":{"Name":"no","MaximumRetryCount":0},"AutoRemove":false,"VolumeDriver":"","VolumesFrom":null,
      "ConsoleSize":[0,0],"CapAdd":null,"CapDrop":null,"CgroupnsMode":"","Dns":[],"DnsOptions":[],"DnsSearch":[],
      "ExtraHosts":null,"GroupAdd":null,"IpcMode":"","Cgroup":"","Links":null,"OomScoreAdj":0,"PidMode":"",
      "Privileged":false,"PublishAllPorts":false,"ReadonlyRootfs":false,"SecurityOpt":null,"UTSMode":"",
      "UsernsMode":"","ShmSize":0,"Isolation":"","CpuShares":0,"Memory":0,"NanoCpus":0,"CgroupParent":"",
      "BlkioWeight":0,"BlkioWeightDevice":[],"BlkioDeviceReadBps":[],"BlkioDeviceWriteBps":[],
      "BlkioDeviceReadIOps":[],"BlkioDeviceWriteIOps":[],"CpuPeriod":0,"CpuQuota":0,"CpuRealtimePeriod":0,
      "CpuRealtimeRuntime":0,"CpusetCpus":"","CpusetMems":"","Devices":[],"DeviceCgroupRules":null,
      "DeviceRequests":null,"KernelMemory":0,"KernelMemoryTCP":0,"MemoryReservation":0,"MemorySwap":0,
      "MemorySwappiness":-1,"OomKillDisable":false,"PidsLimit":0,"Ulimits":null,"CpuCount":0,"CpuPercent":0,
      "IOMaximumIOps":0,"IOMaximumBandwidth":0,"MaskedPaths":null,"ReadonlyPaths":null},
      "NetworkingConfig":{"EndpointsConfig":{"default":{"IPAMConfig":null,"Links":null,"Aliases":null,
      "MacAddress":"","DriverOpts":null,"NetworkID":"","EndpointID":"","Gateway":"","IPAddress":"","IPPrefixLen":0,
      "IPv6Gateway":"","GlobalIPv6Address":"","GlobalIPv6PrefixLen":0,"DNSNames":null,"GwPriority":0}}}}]]))
  end)

  it("nothing in what docker update sends without anything", function()
    assert.same({}, list("POST", "/containers/x/update", [[{"CpuShares":0,"Memory":0,"NanoCpus":0,"CgroupParent":"",
      "BlkioWeight":0,"BlkioWeightDevice":null,"CpuPeriod":0,"CpuQuota":0,"CpusetCpus":"","Devices":null,
      "MemorySwap":0,"MemorySwappiness":null,"OomKillDisable":null,"PidsLimit":null,"Ulimits":null,
      "RestartPolicy":{"Name":"","MaximumRetryCount":0}}]]))
  end)

  it("a bind under its name in moonward.mounts too", function()
    local found = create.powers(request("POST", "/containers/create", '{"HostConfig":{"Binds":["/etc:/h"]}}'))
    assert.equal("/etc", found[1].source)
  end)
end)

-- A body in which a field at a path of keys has a value.
local function nested(keys, value)
  for i = #keys, 1, -1 do
    value = '{"' .. keys[i] .. '":' .. value .. "}"
  end
  return value
end

describe("create.powers does not take null in a list for nothing", function()
  local types = {
    ["/containers/create"] = "container.create", ["/containers/x/update"] = "container.update",
    ["/containers/x/exec"] = "container.exec", ["/services/create"] = "service", ["/volumes/create"] = "objects.volume",
    ["/networks/create"] = "objects.network", ["/networks/x/connect"] = "objects.connect",
    ["/secrets/create"] = "objects.secret", ["/libpod/containers/create"] = "libpod.container",
    ["/libpod/pods/create"] = "libpod.pod", ["/libpod/networks/create"] = "objects.libpod_network",
  }
  local function type_of(name)
    local module, field = name:match("^(%w+)%.?(.*)$")
    local loaded = require("moonward.powers." .. module)
    return field ~= "" and loaded[field] or loaded
  end

  -- Every field that is looked at, in every object that stands in a field (those in lists have cases of their own).
  local function check(path, kind, keys)
    for _, row in ipairs(kind.rows) do
      local here = { table.unpack(keys) }
      here[#here + 1] = row[1]
      local body = nested(here, "[null]")
      it(("in %s of %s"):format(table.concat(here, "."), path), function()
        assert.is_truthy(list("POST", path, body)[1], body)
      end)
      if row.type and row[2] == require("moonward.powers.readers").object then
        check(path, row.type, here)
      end
    end
  end
  for path, name in pairs(types) do
    check(path, type_of(name), {})
  end
end)

describe("create.powers knows the query of every operation that it looks at:", function()
  for _, entry in ipairs(operations.list) do
    if create.operations[entry.name] then
      it(entry.name .. " at " .. entry.path, function()
        local path = entry.path:gsub("{[^}]*}", "x")
        local found = table.concat(list(entry.method, path, "", { { "newpower", "1" } }), "\n")
        assert.is_truthy(found:find("unknown-field | newpower | query.newpower", 1, true), found)
      end)
    end
  end
end)

describe("create.powers finds what old versions choose by themselves:", function()
  local ipc = "shareable-ipc |  | HostConfig.IpcMode, by default below API 1.40"
  local cgroup = "host-namespace | cgroup | HostConfig.CgroupnsMode, by default below API 1.41"
  local cases = {
    { "1.39", '{"Image":"x"}', { ipc, cgroup } },
    { "1.40", '{"Image":"x"}', { cgroup } },
    { "1.41", '{"Image":"x"}', {} },
    { nil, '{"Image":"x"}', {} },
    { "1.9", '{"HostConfig":{"IpcMode":""}}', { ipc, cgroup } },
    { "1.39", '{"HostConfig":{"ipcmode":"private","CgroupnsMode":"private"}}', {} },
    { "1.39", '{"IpcMode":"private","CgroupnsMode":"private","HostConfig":{}}', { ipc, cgroup } },
    { "1.39", '{"IpcMode":"private","cgroupnsmode":"private","HostConfig":{"IpcMode":null}}', { ipc, cgroup } },
    -- engines from 27 on read nothing at the top
    { "1.39", '{"HostConfig":null,"IpcMode":"none","CgroupnsMode":"private"}', { ipc, cgroup } },
  }
  for _, case in ipairs(cases) do
    it(("%s with version %s"):format(case[2], case[1]), function()
      assert.same(case[3], list("POST", "/containers/create", case[2], nil, case[1]))
    end)
  end
end)

describe("create.list", function()
  it("names each power once, with a place or a reason to have none", function()
    local seen, without = {}, {}
    for _, entry in ipairs(create.list) do
      assert.is_nil(seen[entry.power])
      seen[entry.power] = true
      without[#without + 1] = #entry.places == 0 and entry.power or nil
    end
    -- Found by the walk itself, not in a row of a table.
    assert.same({ "unknown-field", "unknown-route" }, without)
  end)

  it("covers the rows of these specs", function()
    local seen = {}
    for _, row in ipairs(powers.rows) do
      seen[row.power] = true
    end
    local missing = {}
    for _, entry in ipairs(create.list) do
      missing[#missing + 1] = not seen[entry.power] and entry.power or nil
    end
    -- These lie in routes and queries; the cases above have them.
    assert.same({ "checkpoint", "archive", "remote", "frontend", "build-session", "build-grpc", "build-output",
      "start-body", "swarm", "swarm-secret", "kubernetes", "unit", "ssh", "unknown-route" }, missing)
  end)
end)

-- A new route that can do much must be looked at, or be listed here with a reason.
describe("create.operations", function()
  local apart = {
    ["container.attach"] = "what the container has", ["container.attach_ws"] = "what the container has",
    ["exec.start"] = "what the exec was created with", ["libpod.container.attach"] = "what the container has",
    ["libpod.exec.start"] = "what the exec was created with",
    ["libpod.container.healthcheck"] = "what the container was created with",
  }
  for _, operation in ipairs(operations.list) do
    if operation.power >= 3 then
      it("has " .. operation.name .. ", or there is a reason", function()
        assert.is_true(create.operations[operation.name] ~= nil or apart[operation.name] ~= nil)
      end)
    end
  end
end)

describe("create.powers takes time in proportion to the request:", function()
  it("spaces in a parameter of a build", function()
    local before = os.clock()
    create.powers(request("POST", "/build", nil, { { "ulimits", string.rep(" ", 60000) .. "x" } }))
    assert.is_true(os.clock() - before < 1)
  end)
end)
