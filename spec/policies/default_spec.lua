-- The sections are those of docs on wollomatic/socket-proxy's behaviour; "unlike socket-proxy" marks
-- what is different on purpose.
local test = require "moonward.test"

local loopback = { address = "127.0.0.1" }

local function policy(options, environment)
  return test.policy("default", options, { environment = environment })
end

-- "allowed", or the status and the reason.
local function answer(loaded, method, path, fields)
  local request = { method = method, path = path, client = loopback }
  for key, value in pairs(fields or {}) do
    request[key] = value
  end
  local verdict = loaded:decide(request)
  return verdict.allowed and "allowed" or verdict.status .. " " .. verdict.reason, verdict
end

local function refuses_to_start(options, environment)
  local ok, message = pcall(policy, options, environment)
  assert.is_false(ok)
  return message
end

local no_path, no_method, no_client = "403 path not allowed", "405 method not allowed", "403 forbidden IP"

describe("default: the allowlist", function()
  -- what, the options, method, path, answer
  local cases = {
    { "a path that a regex matches", { allowGET = "/v1\\..{1,2}/info" }, "GET", "/v1.41/info", "allowed" },
    { "a path that none matches", { allowGET = "/v1\\..{1,2}/info" }, "GET", "/v1.41/version", no_path },
    { "a path with the version, when it has one", { allowGET = "/info" }, "GET", "/v1.41/info", no_path },
    { "a path without a version, when it has none", { allowGET = "/info" }, "GET", "/info", "allowed" },
    { "a method without a regex", { allowGET = ".*" }, "POST", "/info", no_method },
    { "HEAD apart from GET", { allowGET = ".*" }, "HEAD", "/_ping", no_method },
    { "HEAD by its own list", { allowHEAD = ".*" }, "HEAD", "/_ping", "allowed" },
    { "PUT", { allowPUT = "/containers/.*" }, "PUT", "/containers/a/archive", "allowed" },
    { "PATCH", { allowPATCH = "/x" }, "PATCH", "/x", "allowed" },
    { "DELETE", { allowDELETE = "/containers/a" }, "DELETE", "/containers/a", "allowed" },
    { "OPTIONS", { allowOPTIONS = "/info" }, "OPTIONS", "/info", "allowed" },
    { "CONNECT when a list asks for it", { allowCONNECT = "/x" }, "CONNECT", "/x", "allowed" },
    { "TRACE when a list asks for it", { allowTRACE = "/x" }, "TRACE", "/x", "allowed" },
    { "any of several regexes", { allowGET = { "/info", "/version" } }, "GET", "/version", "allowed" },
    { "nothing by default", {}, "GET", "/_ping", no_method },
    { "a regex that is empty as none", { allowGET = "" }, "GET", "/_ping", no_method },
    { "the path without the query", { allowGET = "/containers/json" }, "GET", "/containers/json?all=1", "allowed" },
    { "the path decoded once", { allowGET = "/containers/a/json" }, "GET", "/%63ontainers/a/json", "allowed" },
    { "inline flags", { allowGET = "(?i)/INFO" }, "GET", "/info", "allowed" },
    { "case", { allowGET = "/INFO" }, "GET", "/info", no_path },
    { "an anchor of one's own", { allowGET = "^/info$" }, "GET", "/info", "allowed" },
    { "nothing in front", { allowGET = "/info" }, "GET", "/v1.41/info", no_path },
    { "nothing behind", { allowGET = "/info" }, "GET", "/information", no_path },
    { "routes that the API does not have", { allowGET = "/new/.*" }, "GET", "/new/thing", "allowed" },
    { "attach/ws where a regex matches it", { allowGET = "/containers/.*" }, "GET", "/containers/a/attach/ws", "allowed" },
    { "a session only where a regex matches it", { allowPOST = "/build" }, "POST", "/session", no_path },
    { "gRPC only where a regex matches it", { allowPOST = "/grpc" }, "POST", "/grpc", "allowed" },

    { "unlike socket-proxy: alternatives as a whole, in front", { allowGET = "/version|/_ping" }, "GET", "/versionXYZ", no_path },
    { "unlike socket-proxy: alternatives as a whole, behind", { allowPOST = "/auth|/_ping" }, "POST",
      "/exec/x/start/_ping", no_path },
    { "unlike socket-proxy: alternatives as a whole, both right", { allowGET = "/version|/_ping" }, "GET", "/_ping", "allowed" },
  }
  for _, case in ipairs(cases) do
    local name, options, method, path, expected = table.unpack(case)
    it("judges " .. name, function()
      assert.equal(expected, (answer(policy(options), method, path)))
    end)
  end

  it("unlike socket-proxy: takes no path that is not canonical", function()
    local loaded = policy { allowGET = ".*" }
    for _, path in ipairs { "//info", "/x/../info", "/v1.41./info", "/v01.41/info", "/containers%2fa/json" } do
      local verdict = loaded:decide { path = path, client = loopback }
      assert.is_false(verdict.allowed)
      assert.equal(400, verdict.status, path)
    end
  end)
end)

describe("default: flags and variables", function()
  -- what, the flags, the variables, path, answer
  local cases = {
    { "a variable", {}, { SP_ALLOW_GET = "/info" }, "/info", "allowed" },
    { "a variable with a number", {}, { SP_ALLOW_GET_0 = "/a", SP_ALLOW_GET_1 = "/info" }, "/info", "allowed" },
    { "a variable with a word", {}, { SP_ALLOW_GET_foo_bar = "/info" }, "/info", "allowed" },
    { "an empty variable as none", {}, { SP_ALLOW_GET = "" }, "/info", no_method },
    { "a flag in place of the variables", { allowGET = "/a" }, { SP_ALLOW_GET = "/info" }, "/info", no_path },
    { "an empty flag in place of the variables", { allowGET = "" }, { SP_ALLOW_GET = "/info" }, "/info", no_method },
    { "the variables of other methods than the flag's", { allowHEAD = "/a" }, { SP_ALLOW_GET = "/info" }, "/info", "allowed" },
    { "allowfrom as a variable", { allowGET = "/info" }, { SP_ALLOWFROM = "10.0.0.0/8" }, "/info", no_client },
    { "allowfrom as a flag before the variable", { allowGET = "/info", allowfrom = "127.0.0.1" },
      { SP_ALLOWFROM = "10.0.0.0/8" }, "/info", "allowed" },
  }
  for _, case in ipairs(cases) do
    local name, flags, variables, path, expected = table.unpack(case)
    it("takes " .. name, function()
      assert.equal(expected, (answer(policy(flags, variables), "GET", path)))
    end)
  end

  local refused = {
    { "a regex that is none", { allowGET = "(" },
      'invalid regex "(" for method GET in -allowGET or SP_ALLOW_GET: missing ): (' },
    { "a regex of another dialect", { allowPOST = "a(?=b)" },
      'invalid regex "a(?=b)" for method POST in -allowPOST or SP_ALLOW_POST: invalid perl operator: (?=' },
    { "a directory that is none", { allowbindmountfrom = "/srv,data" }, 'bind mount directory must start with /: "data"' },
    { "a directory behind a space", { allowbindmountfrom = "/srv, /data" }, 'bind mount directory must start with /: " /data"' },
    { "an empty directory", { allowbindmountfrom = "/srv,,/data" }, 'bind mount directory must start with /: ""' },
    { "unlike socket-proxy: a client behind a space", { allowfrom = "127.0.0.1, 10.0.0.1" },
      "allowfrom: ' 10.0.0.1' has a space; entries are separated by commas alone" },
    { "unlike socket-proxy: a network that is none", { allowfrom = "10.0.0.0/33" },
      "allowfrom: the length in '10.0.0.0/33' must be between 0 and 32" },
    { "unlike socket-proxy: an address that is none", { allowfrom = "10.0.0.256" },
      "allowfrom: '10.0.0.256' is neither an address nor a network such as 10.0.0.0/8 or fd00::/8, nor the name of a host" },
    { "unlike socket-proxy: an address with a zone", { allowfrom = "fe80::1%eth0" },
      "allowfrom: 'fe80::1%eth0' is neither an address nor a network such as 10.0.0.0/8 or fd00::/8, nor the name of a host" },
    { "a label prefix with a capital letter", { dockerlabelprefix = "Proxy" },
      'invalid dockerlabelprefix "Proxy": use lowercase letters, digits, dots, and hyphens only; dots and hyphens must'
        .. " separate alphanumeric parts" },
    { "a label prefix that ends in a dot", { dockerlabelprefix = "proxy." }, 'invalid dockerlabelprefix "proxy."' },
    { "an empty label prefix", { dockerlabelprefix = "" }, 'invalid dockerlabelprefix ""' },
  }
  for _, case in ipairs(refused) do
    it("refuses to start with " .. case[1], function()
      assert.truthy(string.find(refuses_to_start(case[2]), case[3], 1, true), refuses_to_start(case[2]))
    end)
  end

  it("refuses to start with a label prefix that is none, as a variable", function()
    assert.truthy(string.find(refuses_to_start({}, { SP_DOCKERLABELPREFIX = "x-" }), 'dockerlabelprefix "x-"', 1, true))
  end)
end)

describe("default: warnings at the start", function()
  local cases = {
    { "alternatives", { allowGET = "/version|/_ping" },
      "-allowGET=/version|/_ping: is anchored as a whole, ^(?:/version|/_ping)$" },
    { "alternatives behind a class and a group", { allowPOST = "/[]|(](a|b)\\||/c" }, "is anchored as a whole" },
    { "a GET that reaches attach/ws", { allowGET = "/v1[.]../containers/.*" },
      "-allowGET=/v1[.]../containers/.*: takes /containers/{id}/attach/ws too" },
    { "a GET for everything", { allowGET = ".*" }, "takes /containers/{id}/attach/ws too" },
    { "no alternatives in a group", { allowGET = "/(version|_ping)" } },
    { "no alternatives in a class", { allowGET = "/[[:alpha:]|]" } },
    { "no alternatives that are quoted", { allowGET = "/a\\|b\\Q|\\E" } },
    { "no GET of one container", { allowGET = "/v1\\..{2}/containers/[^/]+/json" } },
    { "no POST to attach/ws, which is no route", { allowPOST = ".*" } },
  }
  for _, case in ipairs(cases) do
    local name, options, expected = table.unpack(case)
    it("speak of " .. name, function()
      local lines = policy(options):log()
      if expected then
        assert.equal(1, #lines)
        assert.truthy(string.find(lines[1], expected, 1, true), lines[1])
      else
        assert.same({}, lines)
      end
    end)
  end
end)

describe("default: the order of decisions", function()
  local loaded = policy { allowfrom = "10.0.0.0/8", allowGET = "/info", allowbindmountfrom = "/srv" }
  local inside, outside = { address = "10.0.0.1" }, { address = "11.0.0.1" }

  it("asks for the client before the method", function()
    assert.equal(no_client, (answer(loaded, "POST", "/x", { client = outside })))
  end)
  it("asks for the method before the path", function()
    assert.equal(no_method, (answer(loaded, "POST", "/x", { client = inside })))
  end)
  it("asks for the path last", function()
    assert.equal(no_path, (answer(loaded, "GET", "/x", { client = inside })))
  end)
  it("asks for mounts after the path", function()
    local post = policy { allowPOST = "/containers/create", allowbindmountfrom = "/srv" }
    local body = '{"HostConfig":{"Binds":["/etc:/h"]}}'
    assert.equal(no_path, (answer(post, "POST", "/services/create", { body = body })))
    assert.equal("403 bind mount restriction: bind mount source directory not allowed: /etc (HostConfig.Binds[1])",
      (answer(post, "POST", "/containers/create", { body = body })))
  end)
end)

describe("default: clients", function()
  local names = { web = { "10.1.0.2", "10.1.0.3" }, six = { "fd00::2" }, mapped = { "::ffff:10.1.0.4" } }
  -- what, allowfrom, the client's address, answer
  local cases = {
    { "loopback by default", nil, "127.0.0.1", "allowed" },
    { "nobody else by default", nil, "127.0.0.2", no_client },
    { "a network", "10.0.0.0/8", "10.9.9.9", "allowed" },
    { "a network with host bits", "10.1.2.3/8", "10.9.9.9", "allowed" },
    { "an address", "10.0.0.7", "10.0.0.7", "allowed" },
    { "the last of a list", "10.0.0.7,fd00::/8", "fd00::1", "allowed" },
    { "nobody outside of a list", "10.0.0.7,fd00::/8", "fe80::1", no_client },
    { "everybody over IPv4", "0.0.0.0/0", "1.2.3.4", "allowed" },
    { "nobody over IPv6 then", "0.0.0.0/0", "::1", no_client },
    { "IPv4 in IPv6 as IPv4", "10.0.0.0/8", "::ffff:10.0.0.1", "allowed" },
    { "no address with a zone", "fe80::/10", "fe80::1%eth0", no_client },
    { "a host by its name", "web", "10.1.0.3", "allowed" },
    { "nobody else by that name", "web", "10.1.0.4", no_client },
    { "a host by its name over IPv6", "six", "fd00:0::2", "allowed" },
    { "a host whose name has an IPv4 address in IPv6", "mapped", "10.1.0.4", "allowed" },
    { "the next entry when a name is unknown", "nobody,10.1.0.9", "10.1.0.9", "allowed" },
    { "nobody for a name that is unknown", "nobody", "10.1.0.9", no_client },
    { "nobody for an empty entry", ",10.0.0.1,", "10.0.0.2", no_client },
  }
  for _, case in ipairs(cases) do
    local name, allowfrom, address, expected = table.unpack(case, 1, 4)
    it("let in " .. name, function()
      local loaded = policy { allowGET = "/info", allowfrom = allowfrom }
      assert.equal(expected, (answer(loaded, "GET", "/info", { client = { address = address }, resolve = names })))
    end)
  end

  it("of a Unix socket are not asked for an address", function()
    local loaded = policy { allowGET = "/info", allowfrom = "10.0.0.0/8" }
    assert.equal("allowed", (answer(loaded, "GET", "/info", { client = { uid = 0, gid = 0, pid = 1 } })))
  end)

  it("without an address that are on no Unix socket are refused", function()
    local loaded = policy { allowGET = "/info", allowfrom = "0.0.0.0/0" }
    assert.equal(no_client, (answer(loaded, "GET", "/info", { client = {} })))
  end)

  it("are warned about when a name cannot be looked up", function()
    local loaded = policy { allowGET = "/info", allowfrom = "nobody" }
    answer(loaded, "GET", "/info")
    assert.truthy(string.find(loaded:log()[1], "error looking up allowed client hostname nobody", 1, true))
  end)
end)

describe("default: the bind rule", function()
  local loaded = policy {
    allowPOST = ".*", allowPUT = ".*", allowDELETE = ".*", allowbindmountfrom = "/srv,/data/../opt/",
  }
  local function outside(path, where)
    return "403 bind mount restriction: bind mount source directory not allowed: " .. path .. " (" .. where .. ")"
  end
  local create = "/v1.41/containers/create"
  local function volume(options)
    return '{"Name":"v","DriverOpts":' .. options .. "}"
  end
  -- what, path, body, answer
  local cases = {
    { "no mounts", create, '{"Image":"x"}', "allowed" },
    { "an allowed directory", create, '{"HostConfig":{"Binds":["/srv:/d"]}}', "allowed" },
    { "something below it", create, '{"HostConfig":{"Binds":["/srv/a/:/d:ro"]}}', "allowed" },
    { "a directory that was cleaned in the option", create, '{"HostConfig":{"Binds":["/opt/x:/d"]}}', "allowed" },
    { "a named volume", create, '{"HostConfig":{"Binds":["cache:/d"]}}', "allowed" },
    { "a neighbour", create, '{"HostConfig":{"Binds":["/srv-secret:/d"]}}', outside("/srv-secret", "HostConfig.Binds[1]") },
    { "the root", create, '{"HostConfig":{"Binds":["/:/d"]}}', outside("/", "HostConfig.Binds[1]") },
    { "a path that climbs", create, '{"HostConfig":{"Binds":["/srv/../etc:/d"]}}', outside("/etc", "HostConfig.Binds[1]") },
    { "the second of two", create, '{"HostConfig":{"Binds":["/srv:/d","/etc:/e"]}}', outside("/etc", "HostConfig.Binds[2]") },
    { "a mount", create, '{"HostConfig":{"Mounts":[{"Type":"bind","Source":"/etc","Target":"/h"}]}}',
      outside("/etc", "HostConfig.Mounts[1].Source") },
    { "VolumesFrom", create, '{"HostConfig":{"VolumesFrom":["x"]}}',
      "403 bind mount restriction: volumes-from is not allowed when bind mount restrictions are configured" },
    { "a bind of one part", create, '{"HostConfig":{"Binds":["/d"]}}',
      "403 bind mount restriction: invalid bind mount format: /d (HostConfig.Binds[1])" },
    { "a volume that binds", create, '{"HostConfig":{"Mounts":[{"Type":"volume","VolumeOptions":{"DriverConfig":'
      .. '{"Options":{"type":"none","o":"bind","device":"/etc"}}}}]}}',
      outside("/etc", "HostConfig.Mounts[1].VolumeOptions.DriverConfig.Options.device") },
    { "an update", "/v1.41/containers/a/update", '{"HostConfig":{"Binds":["/etc:/h"]}}', outside("/etc", "HostConfig.Binds[1]") },
    { "a service", "/v1.41/services/create",
      '{"TaskTemplate":{"ContainerSpec":{"Mounts":[{"Type":"bind","Source":"/etc","Target":"/h"}]}}}',
      outside("/etc", "TaskTemplate.ContainerSpec.Mounts[1].Source") },
    { "a service's update", "/v1.41/services/a/update",
      '{"TaskTemplate":{"ContainerSpec":{"Mounts":[{"Type":"bind","Source":"/srv/x","Target":"/h"}]}}}', "allowed" },
    { "a volume", "/v1.41/volumes/create", volume '{"type":"none","o":"bind","device":"/etc"}',
      outside("/etc", "DriverOpts.device") },
    { "an allowed volume", "/v1.41/volumes/create", volume '{"type":"none","o":"bind","device":"/srv/v"}', "allowed" },
    { "a volume with a relative device", "/v1.41/volumes/create", volume '{"type":"none","o":"bind","device":"etc"}',
      "403 bind mount restriction: local volume driver bind device must be an absolute path: etc (DriverOpts.device)" },
    { "a plain volume", "/v1.41/volumes/create", '{"Name":"v"}', "allowed" },
    { "no other request", "/v1.41/containers/a/kill", '{"HostConfig":{"Binds":["/etc:/h"]}}', "allowed" },
    { "a path without a version", "/containers/create", '{"HostConfig":{"Binds":["/etc:/h"]}}',
      outside("/etc", "HostConfig.Binds[1]") },

    { "unlike socket-proxy: fields in another case", create, '{"hostconfig":{"BINDS":["/etc:/d"]}}',
      outside("/etc", "HostConfig.Binds[1]") },
    { "unlike socket-proxy: fields at the top, for old engines", create, '{"Binds":["/etc:/d"]}', outside("/etc", "Binds[1]") },
    { "unlike socket-proxy: a start with a body", "/v1.24/containers/a/start", '{"Binds":["/etc:/d"]}',
      "403 bind mount restriction: a container is started without a body (the body)" },
    { "unlike socket-proxy: an overlay", "/v1.41/volumes/create",
      volume '{"type":"overlay","device":"x","o":"lowerdir=/etc:/srv"}', outside("/etc", "DriverOpts.o") },
    { "unlike socket-proxy: a disk", "/v1.41/volumes/create", volume '{"type":"ext4","device":"/dev/vda"}',
      outside("/dev/vda", "DriverOpts.device") },
    { "unlike socket-proxy: a view of the kernel", "/v1.41/volumes/create", volume '{"type":"sysfs","device":"/srv"}',
      "403 bind mount restriction: unknown type of local volume: 'sysfs' (DriverOpts.type)" },
    { "unlike socket-proxy: a driver that is a plugin", "/v1.41/volumes/create", '{"Driver":"x"}',
      "403 bind mount restriction: what the volume driver 'x' mounts is not known (DriverOpts)" },
    { "unlike socket-proxy: podman's own API", "/v4.0/libpod/containers/create",
      '{"mounts":[{"type":"bind","source":"/etc","destination":"/h"}]}', outside("/etc", "mounts[1].source") },
    { "unlike socket-proxy: Kubernetes YAML for podman", "/libpod/play/kube", "kind: Pod",
      "403 bind mount restriction: what Kubernetes YAML mounts is not known" },
    { "unlike socket-proxy: a route that is not known", "/containers/new", "{}",
      "403 bind mount restriction: what this route mounts is not known" },

    { "unlike socket-proxy: fields that come twice", create, '{"HostConfig":{},"hostConfig":{"Binds":["/etc:/h"]}}',
      '400 request body: byte 18: the key "hostConfig" comes twice, first as "HostConfig"' },
    { "unlike socket-proxy: a body that is no JSON", create, "Binds=/etc:/h",
      "400 request body: byte 1: expected a value, found 'B'" },
  }
  for _, case in ipairs(cases) do
    local name, path, body, expected = table.unpack(case)
    it("judges " .. name, function()
      assert.equal(expected, (answer(loaded, "POST", path, { body = body })))
    end)
  end

  it("allows a start without a body", function()
    assert.equal("allowed", (answer(loaded, "POST", "/v1.41/containers/a/start")))
  end)

  it("does not look at other methods", function()
    assert.equal("allowed", (answer(loaded, "DELETE", "/v1.41/containers/a")))
    assert.equal("allowed", (answer(loaded, "PUT", "/v1.41/containers/a/archive", { body = "x" })))
  end)

  it("allows every directory with /", function()
    local all = policy { allowPOST = ".*", allowbindmountfrom = "/" }
    assert.equal("allowed", (answer(all, "POST", create, { body = '{"HostConfig":{"Binds":["/etc:/h"]}}' })))
  end)

  it("is not there without directories, and then reads no body", function()
    local open = policy { allowPOST = ".*" }
    assert.equal("allowed", (answer(open, "POST", create, { body = "no JSON at all" })))
    assert.equal("allowed", (answer(open, "POST", create, { body = '{"HostConfig":{"Binds":["/etc:/h"]}}' })))
  end)
end)

describe("default: what a verdict tells", function()
  local function verdict(options, method, path, fields)
    return select(2, answer(policy(options), method, path, fields))
  end

  it("names the regex that allowed", function()
    assert.equal("-allowGET=/version", verdict({ allowGET = { "/info", "/version" } }, "GET", "/version").rule)
  end)

  -- what, options, method, path, fields, hint
  local cases = {
    { "the regex for a path", { allowGET = "/info" }, "GET", "/v1.41/containers/json", {}, "-allowGET=/v1\\.41/containers/json" },
    { "the regex for a method", {}, "POST", "/images/a%5Bb/json", {}, "-allowPOST=/images/a\\[b/json" },
    { "the list for a client", { allowGET = "/x" }, "GET", "/x", { client = { address = "10.0.0.5" } },
      "-allowfrom=127.0.0.1/32,10.0.0.5" },
    { "nothing for a client with a zone", { allowGET = "/x" }, "GET", "/x", { client = { address = "fe80::1%eth0" } }, "" },
    { "the directories for a bind", { allowPOST = ".*", allowbindmountfrom = "/srv" }, "POST", "/containers/create",
      { body = '{"HostConfig":{"Binds":["/etc/../var/lib:/h"]}}' }, "-allowbindmountfrom=/srv,/var/lib" },
    { "nothing for VolumesFrom", { allowPOST = ".*", allowbindmountfrom = "/srv" }, "POST", "/containers/create",
      { body = '{"HostConfig":{"VolumesFrom":["a"]}}' }, "" },
  }
  for _, case in ipairs(cases) do
    local name, options, method, path, fields, hint = table.unpack(case)
    it("hints at " .. name, function()
      local found = verdict(options, method, path, fields)
      assert.is_false(found.allowed)
      assert.equal(hint, found.hint)
    end)
  end

  it("gives hints that work", function()
    for _, path in ipairs { "/v1.41/containers/json", "/images/a%5Bb.c/json", "/x%7C%5E$%28", "/images/a+b*/json" } do
      local hint = verdict({}, "GET", path).hint
      assert.equal("allowed", (answer(policy { hint }, "GET", path)))
    end
  end)

  it("never fails", function()
    assert.is_false(verdict({ allowGET = "/x" }, "GET", "/y").failed)
  end)
end)
