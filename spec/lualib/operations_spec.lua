local operations = require "moonward.operations"

-- A path for a route: names with slashes where the route takes them.
local function example(path)
  return (string.gsub(string.gsub(path, "{%a+%.%.%.}", "quay.io/a/b:1"), "{%a+}", "web"))
end

describe("operations.find", function()
  -- method, path, name, what the path names
  local cases = {
    { "GET", "/containers/json", "container.list" },
    { "POST", "/containers/create", "container.create" },
    { "POST", "/containers/prune", "container.prune" },
    { "GET", "/containers/web/json", "container.inspect", "web" },
    { "GET", "/containers/web/attach/ws", "container.attach_ws", "web" },
    { "POST", "/containers/web/attach", "container.attach", "web" },
    { "DELETE", "/containers/web", "container.remove", "web" },
    { "HEAD", "/containers/web/archive", "container.archive.head", "web" },
    { "GET", "/containers/web/archive", "container.archive.get", "web" },
    { "PUT", "/containers/web/archive", "container.archive.put", "web" },
    { "DELETE", "/containers/web/checkpoints/c1", "checkpoint.remove", "web" },
    { "POST", "/containers/web/exec", "exec.create", "web" },
    { "POST", "/exec/0123/start", "exec.start", "0123" },
    { "POST", "/commit", "container.commit" },
    { "POST", "/images/create", "image.pull" },
    { "GET", "/images/json", "image.list" },
    { "GET", "/images/get", "image.export_many" },
    { "GET", "/images/busybox/get", "image.export", "busybox" },
    { "GET", "/images/quay.io:443/a/b:1/json", "image.inspect", "quay.io:443/a/b:1" },
    { "DELETE", "/images/a/b@sha256:00", "image.remove", "a/b@sha256:00" },
    { "GET", "/distribution/a/b/json", "distribution.inspect", "a/b" },
    { "POST", "/plugins/vieux/sshfs/enable", "plugin.enable", "vieux/sshfs" },
    { "GET", "/plugins/privileges", "plugin.privileges" },
    { "POST", "/build", "image.build" },
    { "POST", "/build/cancel", "build.cancel" },
    { "POST", "/session", "build.session" },
    { "POST", "/grpc", "build.grpc" },
    { "GET", "/networks", "network.list" },
    { "GET", "/networks/", "network.list" },
    { "GET", "/networks/n1", "network.inspect", "n1" },
    { "PUT", "/volumes/v1", "volume.update", "v1" },
    { "GET", "/swarm/unlockkey", "swarm.unlock_key" },
    { "GET", "/_ping", "system.ping" },
    { "HEAD", "/_ping", "system.ping" },
    { "GET", "/debug/pprof/", "debug.pprof.index" },
    { "GET", "/debug/pprof/trace", "debug.pprof.trace" },
    { "GET", "/debug/pprof/heap", "debug.pprof.named", "heap" },
    { "OPTIONS", "/", "system.options" },
    { "OPTIONS", "/containers/json", "system.options" },

    -- Names that are words of other routes.
    { "GET", "/containers/json/json", "container.inspect", "json" },
    { "POST", "/containers/create/exec", "exec.create", "create" },
    { "POST", "/containers/prune/stop", "container.stop", "prune" },
    { "DELETE", "/containers/json", "container.remove", "json" },
    { "GET", "/images/json/json", "image.inspect", "json" },
    { "GET", "/images/get/get", "image.export", "get" },
    { "GET", "/images/a/get/json", "image.inspect", "a/get" },
    { "POST", "/images/create/tag", "image.tag", "create" },
    { "DELETE", "/images/prune", "image.remove", "prune" },
    { "GET", "/volumes/create", "volume.inspect", "create" },
    { "GET", "/networks/create", "network.inspect", "create" },
    { "POST", "/networks/create/connect", "network.connect", "create" },
    { "GET", "/plugins/privileges/json", "plugin.inspect", "privileges" },
    { "GET", "/services/create", "service.inspect", "create" },

    -- libpod, and where its routes overlap.
    { "GET", "/libpod/containers/json", "libpod.container.list" },
    { "GET", "/libpod/containers/stats", "libpod.container.stats_many" },
    { "GET", "/libpod/containers/stats/stats", "libpod.container.stats", "stats" },
    { "POST", "/libpod/containers/web/attach", "libpod.container.attach", "web" },
    { "POST", "/libpod/exec/0123/start", "libpod.exec.start", "0123" },
    { "GET", "/libpod/images/a/b/json", "libpod.image.inspect", "a/b" },
    { "GET", "/libpod/images/a/changes", "libpod.image.changes", "a" },
    { "DELETE", "/libpod/images/remove", "libpod.image.remove_many" },
    { "POST", "/libpod/images/scp/a/b", "libpod.image.scp", "a/b" },
    { "POST", "/libpod/images/scp/a/push", "libpod.image.push", "scp/a" },
    { "POST", "/libpod/manifests/a/b", "libpod.manifest.create", "a/b" },
    { "POST", "/libpod/manifests/a/b/add", "libpod.manifest.add_or_create", "a/b" },
    { "POST", "/libpod/manifests/a/registry/r/b", "libpod.manifest.push", "a" },
    { "POST", "/libpod/manifests/a/registry/b/registry/c", "libpod.manifest.push", "a/registry/b" },
    { "GET", "/libpod/generate/kube", "libpod.kube.generate" },
    { "GET", "/libpod/generate/kube/systemd", "libpod.generate.systemd", "kube" },

    -- Near misses.
    { "GET", "/containers/json/" },
    { "GET", "/containers/" },
    { "GET", "/containers" },
    { "GET", "/containers/web" },
    { "GET", "/containers/web/json/" },
    { "GET", "/containers/web/jsonx" },
    { "GET", "/containers/web/attach/wsx" },
    { "GET", "/containers/a/b/json" },
    { "POST", "/containers/web/start/exec" },
    { "POST", "/containers/create/" },
    { "DELETE", "/containers/" },
    { "DELETE", "/containers/web/json" },
    { "DELETE", "/containers/web/checkpoints" },
    { "DELETE", "/containers/web/checkpoints/a/b" },
    { "POST", "/containers/web" },
    { "PATCH", "/containers/web" },
    { "POST", "/exec/a/b/start" },
    { "DELETE", "/images/" },
    { "DELETE", "/images/a/" },
    { "GET", "/images//json" },
    { "GET", "/volumes/a/b" },
    { "GET", "/volumes/" },
    { "GET", "/networks/a/" },
    { "GET", "/_ping/" },
    { "GET", "/_pingx" },
    { "GET", "_ping" },
    { "GET", "/v1.41/_ping" },
    { "GET", "/" },
    { "GET", "" },
    { "HEAD", "/info" },
    { "HEAD", "/containers/json" },
    { "TRACE", "/_ping" },
    { "CONNECT", "/_ping" },
    { "get", "/_ping" },
    { "POST", "/debug/vars" },
    { "GET", "/libpod/containers/a/b/json" },
    { "GET", "/libpod/networks/" },
    { "GET", "/libpod" },
  }

  for _, case in ipairs(cases) do
    local method, path, name, id = table.unpack(case)
    it("takes " .. method .. " " .. path .. " for " .. (name or "no operation"), function()
      local entry, found = operations.find(method, path)
      assert.equal(name, entry and entry.name)
      assert.equal(id, found)
    end)
  end

  it("finds every route of the table", function()
    for _, entry in ipairs(operations.list) do
      local found = operations.find(entry.method, example(entry.path))
      assert.equal(entry, found, entry.method .. " " .. entry.path)
    end
  end)

  it("needs no more than linear time for a path of many segments", function()
    local path = "/images/" .. string.rep("a/", 20000) .. "x"
    local before = os.clock()
    for _ = 1, 10 do
      assert.is_nil(operations.find("GET", path))
    end
    assert.is_true(os.clock() - before < 2)
  end)
end)

describe("the table of routes", function()
  -- Threats 3.2 and 4.1: where the engine takes a connection over.
  local switching = {
    ["container.attach"] = { upgrade = true, hijack = true },
    ["container.attach_ws"] = { upgrade = true, hijack = false },
    ["exec.start"] = { upgrade = true, hijack = true },
    ["build.session"] = { upgrade = true, hijack = false },
    ["build.grpc"] = { upgrade = true, hijack = false },
    ["libpod.container.attach"] = { upgrade = true, hijack = true },
    ["libpod.exec.start"] = { upgrade = true, hijack = true },
  }

  for _, entry in ipairs(operations.list) do
    local expected = switching[entry.name] or { upgrade = false, hijack = false }
    if entry.upgrade ~= expected.upgrade or entry.hijack ~= expected.hijack or switching[entry.name] then
      it("says rightly whether " .. entry.name .. " may switch protocols", function()
        assert.same(expected, { upgrade = entry.upgrade, hijack = entry.hijack })
      end)
    end
  end

  it("has the Engine API's 108 operations, 14 undocumented ones and OPTIONS", function()
    local count = 0
    for _, entry in ipairs(operations.list) do
      count = count + (string.find(entry.name, "^libpod%.") and 0 or 1)
    end
    assert.equal(108 + 14 + 1, count)
  end)

  it("marks each GET that acts as one that writes", function()
    local acting = {}
    for _, entry in ipairs(operations.list) do
      if entry.writes and (entry.method == "GET" or entry.method == "HEAD") then
        acting[#acting + 1] = entry.name
      end
    end
    assert.same({ "container.attach_ws", "libpod.container.healthcheck" }, acting)
  end)

  it("marks each other method but wait and copy as one that writes", function()
    local quiet = {}
    for _, entry in ipairs(operations.list) do
      if not entry.writes and not ({ GET = true, HEAD = true, OPTIONS = true })[entry.method] then
        quiet[#quiet + 1] = entry.name
      end
    end
    assert.same({ "container.wait", "container.copy", "libpod.container.wait" }, quiet)
  end)

  it("gives libpod's routes names of their own", function()
    for _, entry in ipairs(operations.list) do
      assert.equal(string.find(entry.path, "^/libpod/") ~= nil, string.find(entry.name, "^libpod%.") ~= nil,
        entry.path)
    end
  end)

  it("is complete in every row", function()
    for _, entry in ipairs(operations.list) do
      assert.is_true(entry.power >= 0 and entry.power <= 5, entry.name)
      assert.is_true(#entry.text > 0, entry.name)
      assert.is_true(operations.names[entry.name], entry.name)
      assert.is_truthy(string.find(entry.name, "^[%l._]+$"), entry.name)
    end
  end)

  it("shares a name only among routes of one meaning", function()
    local shared, seen = {}, {}
    for _, entry in ipairs(operations.list) do
      if seen[entry.name] then
        shared[entry.name] = true
      end
      seen[entry.name] = true
    end
    assert.same({
      ["network.list"] = true,
      ["system.ping"] = true,
      ["libpod.network.inspect"] = true,
      ["libpod.kube.play"] = true,
      ["libpod.kube.down"] = true,
      ["libpod.kube.generate"] = true,
      ["libpod.system.ping"] = true,
    }, shared)
  end)
end)

describe("operations.family", function()
  for name, family in pairs {
    ["container.list"] = "container",
    ["container.archive.get"] = "container",
    ["libpod.container.list"] = "libpod.container",
    ["libpod.pod.top"] = "libpod.pod",
  } do
    it("puts " .. name .. " into " .. family, function()
      assert.equal(family, operations.family(name))
    end)
  end
end)
