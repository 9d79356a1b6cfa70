local json = require "moonward.json"
local mounts = require "moonward.mounts"

-- What mounts.lua reads of a request.
local function request(operation, text, fields)
  fields = fields or {}
  return {
    operation = operation,
    method = fields.method or "POST",
    body = text,
    json = text ~= "" and assert(json.decode(text)) or nil,
    values = function(_, name) return fields.query and fields.query[name] or {} end,
  }
end

local function list(...)
  local texts = {}
  for i, mount in ipairs(mounts.of(request(...))) do
    texts[i] = mount.kind .. " " .. mount.source .. " " .. mount.where
  end
  return texts
end

local function options(fields)
  return '{"DriverOpts":' .. json.encode(fields) .. "}"
end

describe("mounts.of finds", function()
  -- what, operation, body, mounts
  local cases = {
    { "nothing in an empty body", "container.create", "", {} },
    { "nothing in null", "container.create", "null", {} },
    { "nothing without HostConfig", "container.create", '{"Image":"x"}', {} },
    { "nothing in nulls", "container.create", '{"HostConfig":{"Binds":null,"Mounts":null,"VolumesFrom":null}}', {} },
    { "a bind", "container.create", '{"HostConfig":{"Binds":["/srv:/data"]}}', { "bind /srv HostConfig.Binds[1]" } },
    { "the second bind", "container.create", '{"HostConfig":{"Binds":["v:/a","/etc:/b:ro"]}}',
      { "volume v HostConfig.Binds[1]", "bind /etc HostConfig.Binds[2]" } },
    { "a bind whatever the case of its field", "container.create", '{"hostconfig":{"BINDS":["/srv:/data"]}}',
      { "bind /srv HostConfig.Binds[1]" } },
    { "a bind that climbs", "container.create", '{"HostConfig":{"Binds":["/srv/../etc//x/:/d"]}}',
      { "bind /etc/x HostConfig.Binds[1]" } },
    { "a bind written with escapes", "container.create", '{"HostConfig":{"Binds":["\\u002fetc:\\/d"]}}',
      { "bind /etc HostConfig.Binds[1]" } },
    { "a relative bind, which podman takes", "container.create", '{"HostConfig":{"Binds":["./x:/d"]}}',
      { "bind x HostConfig.Binds[1]" } },
    { "an overlay's directories in a bind's options", "container.create",
      '{"HostConfig":{"Binds":["/srv:/d:O,upperdir=/etc,workdir=/tmp"]}}',
      { "bind /srv HostConfig.Binds[1]", "bind /etc HostConfig.Binds[1]", "bind /tmp HostConfig.Binds[1]" } },
    { "binds at the top of the body", "container.create", '{"Binds":["/etc:/h"],"Mounts":[{"Type":"bind","Source":"/"}]}',
      { "bind /etc Binds[1]", "bind / Mounts[1].Source" } },
    { "binds at the top beside HostConfig", "container.create", '{"HostConfig":{},"Binds":["/etc:/h"]}',
      { "bind /etc Binds[1]" } },
    { "a bind mount", "container.create", '{"HostConfig":{"Mounts":[{"Type":"bind","Source":"/etc","Target":"/h"}]}}',
      { "bind /etc HostConfig.Mounts[1].Source" } },
    { "a named volume", "container.create", '{"HostConfig":{"Mounts":[{"Type":"volume","Source":"v"}]}}',
      { "volume v HostConfig.Mounts[1].Source" } },
    { "a path where the name of a volume should be", "container.create",
      '{"HostConfig":{"Mounts":[{"Type":"volume","Source":"/etc"}]}}', { "bind /etc HostConfig.Mounts[1].Source" } },
    { "a volume that binds", "container.create",
      '{"HostConfig":{"Mounts":[{"Type":"volume","VolumeOptions":{"DriverConfig":{"Options":'
        .. '{"type":"none","o":"bind","device":"/etc"}}}}]}}',
      { "volume  HostConfig.Mounts[1].Source",
        "bind /etc HostConfig.Mounts[1].VolumeOptions.DriverConfig.Options.device" } },
    { "a tmpfs and an image", "container.create",
      '{"HostConfig":{"Mounts":[{"Type":"tmpfs"},{"Type":"image","Source":"busybox"}]}}',
      { "tmpfs  HostConfig.Mounts[1]", "image busybox HostConfig.Mounts[2]" } },
    { "volumes of another container", "container.create", '{"HostConfig":{"VolumesFrom":["db:ro"]}}',
      { "from db:ro HostConfig.VolumesFrom[1]" } },
    { "the local driver", "container.create", '{"HostConfig":{"VolumeDriver":"local"}}', {} },
    { "binds in an update", "container.update", '{"Binds":["/etc:/h"]}', { "bind /etc Binds[1]" } },
    { "nothing in a start without a body", "container.start", "", {} },
    { "nothing in a start with an empty object", "container.start", "{}", {} },

    { "a service's mounts", "service.create",
      '{"TaskTemplate":{"ContainerSpec":{"Mounts":[{"Type":"bind","Source":"/etc"}]}}}',
      { "bind /etc TaskTemplate.ContainerSpec.Mounts[1].Source" } },
    { "a service's volume that binds", "service.update",
      '{"TaskTemplate":{"ContainerSpec":{"Mounts":[{"Type":"volume","Source":"v","VolumeOptions":{"DriverConfig":'
        .. '{"Name":"local","Options":{"type":"","o":"rbind","device":"/etc"}}}}]}}}',
      { "volume v TaskTemplate.ContainerSpec.Mounts[1].Source",
        "bind /etc TaskTemplate.ContainerSpec.Mounts[1].VolumeOptions.DriverConfig.Options.device" } },

    -- threats.md 4.6
    { "nothing in a plain volume", "volume.create", '{"Name":"v","DriverOpts":{}}', {} },
    { "nothing in an anonymous volume", "volume.create", "", {} },
    { "nothing in a quota", "volume.create", options { size = "1g" }, {} },
    { "a volume that binds", "volume.create", options { type = "none", o = "bind", device = "/etc" },
      { "bind /etc DriverOpts.device" } },
    { "a volume that binds among other options", "volume.create",
      options { type = "none", o = "ro, rbind ,noexec", device = "//etc/." }, { "bind /etc DriverOpts.device" } },
    { "a volume that binds whatever its type", "volume.create",
      options { type = "nfs", o = "addr=10.0.0.1,bind", device = "/etc" }, { "bind /etc DriverOpts.device" } },
    { "podman's type bind", "volume.create", options { type = "bind", device = "/etc" },
      { "bind /etc DriverOpts.device" } },
    { "a path without bind, which mount(8) takes", "volume.create", options { device = "/srv/disk.img" },
      { "bind /srv/disk.img DriverOpts.device" } },
    { "an overlay, which never says bind", "volume.create",
      options { type = "overlay", device = "x", o = "lowerdir=/etc:/var,upperdir=/a,workdir=b" },
      { "bind /etc DriverOpts.o", "bind /var DriverOpts.o", "bind /a DriverOpts.o", "bind b DriverOpts.o" } },
    { "directories whose names end in white space", "volume.create",
      options { type = "overlay", device = "x", o = "upperdir=/a ,lowerdir=/b\n" },
      { "bind /a  DriverOpts.o", "bind /b\n DriverOpts.o" } },
    { "an overlay's newer spelling", "volume.create",
      options { type = "overlay", device = "none", o = "lowerdir+=/etc,datadir+=/var" },
      { "bind /etc DriverOpts.o", "bind /var DriverOpts.o" } },
    { "a disk", "volume.create", options { type = "ext4", device = "/dev/vda" }, { "bind /dev/vda DriverOpts.device" } },
    { "a second disk", "volume.create", options { type = "btrfs", device = "/dev/vdb", o = "device=/dev/vda" },
      { "bind /dev/vdb DriverOpts.device", "bind /dev/vda DriverOpts.o" } },
    { "an NFS share", "volume.create", options { type = "nfs", device = ":/export", o = "addr=10.0.0.1,rw" },
      { "network :/export DriverOpts.device" } },
    { "a tmpfs", "volume.create", options { type = "tmpfs", device = "tmpfs", o = "size=1m" }, { "tmpfs  DriverOpts" } },

    { "libpod's mounts", "libpod.container.create",
      '{"mounts":[{"type":"bind","source":"/etc","destination":"/h"},{"type":"tmpfs"},'
        .. '{"type":"x","source":"/a","options":["rbind"]}]}',
      { "bind /etc mounts[1].source", "tmpfs  mounts[2]", "bind /a mounts[3].source" } },
    { "libpod's volumes", "libpod.container.create",
      '{"volumes":[{"Name":"v","Dest":"/d"},{"name":"/etc"}],"volumes_from":["db"],"image_volumes":[{"Source":"i"}]}',
      { "volume v volumes[1].Name", "bind /etc volumes[2].Name", "image i image_volumes[1]", "from db volumes_from[1]" } },
    { "libpod's overlays", "libpod.container.create",
      '{"overlay_volumes":[{"source":"/etc","options":["upperdir=/u"]}]}',
      { "bind /etc overlay_volumes[1].source", "bind /u overlay_volumes[1].options" } },
    { "libpod's single paths", "libpod.container.create",
      '{"rootfs":"/","init_path":"/x","base_hosts_file":"/etc/shadow"}',
      { "bind / rootfs", "bind /x init_path", "bind /etc/shadow base_hosts_file" } },
    { "no path in libpod's words for hosts files", "libpod.container.create", '{"base_hosts_file":"none"}', {} },
    { "a pod's mounts", "libpod.pod.create", '{"mounts":[{"type":"bind","source":"/etc"}]}', { "bind /etc mounts[1].source" } },
    { "a libpod volume that binds", "libpod.volume.create", '{"Options":{"type":"none","o":"bind","device":"/etc"}}',
      { "bind /etc Options.device" } },

    { "nothing in a request of another kind", "container.kill", '{"Binds":["/etc:/h"]}', {} },
    { "nothing in a list", "container.list", "", {} },
  }

  for _, case in ipairs(cases) do
    local name, operation, body, expected = table.unpack(case)
    it(name, function()
      assert.same(expected, list(operation, body))
    end)
  end

  it("the volumes of a podman build", function()
    assert.same({ "bind /etc volume[1]", "volume v volume[2]" },
      list("image.build", "", { query = { volume = { "/etc:/h:ro", "v:/d" } } }))
  end)

  it("nothing in a build's body, and does not read it", function()
    local build = request("image.build", "")
    build.body, build.json = nil, nil
    setmetatable(build, { __index = function(_, name) error("read " .. name) end })
    assert.same({}, mounts.of(build))
  end)

  it("nothing on an unknown route that is only read", function()
    assert.same({}, list(nil, "", { method = "GET" }))
  end)
end)

describe("mounts.of raises an error for", function()
  local cases = {
    { "a bind of one part", "container.create", '{"Binds":["/data"]}', "invalid bind mount format: /data (Binds[1])" },
    { "a bind of four parts", "container.create", '{"HostConfig":{"Binds":["a:b:c:d"]}}',
      "invalid bind mount format: a:b:c:d (HostConfig.Binds[1])" },
    { "a bind without a source", "container.create", '{"HostConfig":{"Binds":[":/d"]}}',
      "invalid bind mount format: :/d (HostConfig.Binds[1])" },
    { "an empty bind", "container.create", '{"HostConfig":{"Binds":[""]}}',
      "invalid bind mount format:  (HostConfig.Binds[1])" },
    { "a null among the binds", "container.create", '{"HostConfig":{"Binds":[null]}}',
      "expected a string, got null (HostConfig.Binds[1])" },
    { "binds that are no list", "container.create", '{"HostConfig":{"Binds":"/etc:/h"}}',
      "expected a list, got a string (HostConfig.Binds)" },
    { "binds that are an object", "container.create", '{"HostConfig":{"Binds":{}}}',
      "expected a list, got an object (HostConfig.Binds)" },
    { "a HostConfig that is a list", "container.create", '{"HostConfig":[]}', "expected an object, got a list (HostConfig)" },
    { "a body that is no object", "container.create", '["x"]', "expected an object, got a list (the body)" },
    { "a body that is a string", "container.create", '"x"', "expected an object, got a string (the body)" },
    { "an unknown type of mount", "container.create", '{"HostConfig":{"Mounts":[{"Type":"npipe"}]}}',
      "unknown kind of mount: 'npipe' (HostConfig.Mounts[1])" },
    { "a type of mount in capitals", "container.create", '{"HostConfig":{"Mounts":[{"Type":"Bind","Source":"/"}]}}',
      "unknown kind of mount: 'Bind' (HostConfig.Mounts[1])" },
    { "a mount without a type", "container.create", '{"HostConfig":{"Mounts":[{}]}}',
      "unknown kind of mount: '' (HostConfig.Mounts[1])" },
    { "a mount that is null", "container.create", '{"HostConfig":{"Mounts":[null]}}',
      "expected an object, got null (HostConfig.Mounts[1])" },
    { "a volume driver that is a plugin", "container.create", '{"HostConfig":{"VolumeDriver":"rexray"}}',
      "what the volume driver 'rexray' mounts is not known (HostConfig.VolumeDriver)" },
    { "a plugin as the driver of a mount", "container.create",
      '{"HostConfig":{"Mounts":[{"Type":"volume","VolumeOptions":{"DriverConfig":{"Name":"x"}}}]}}',
      "what the volume driver 'x' mounts is not known (HostConfig.Mounts[1].VolumeOptions.DriverConfig.Options)" },
    { "a start with a HostConfig", "container.start", '{"Binds":["/etc:/he:ro"]}',
      "a container is started without a body (the body)" },
    { "a service that is a plugin", "service.create", '{"TaskTemplate":{"PluginSpec":{}}}',
      "a service that is a plugin may mount anything (TaskTemplate.PluginSpec)" },
    { "a cluster volume", "volume.create", '{"ClusterVolumeSpec":{}}',
      "a cluster volume may mount anything (ClusterVolumeSpec)" },
    { "a volume of a plugin", "volume.create", '{"Driver":"vieux/sshfs"}',
      "what the volume driver 'vieux/sshfs' mounts is not known (DriverOpts)" },
    { "an unknown option of a volume", "volume.create", options { Device = "/etc" },
      "unknown option of the local volume driver: 'Device' (DriverOpts)" },
    { "an option of a volume that is no string", "volume.create", options { device = 1 },
      "expected a string, got a number (DriverOpts.device)" },
    { "a bind without a device", "volume.create", options { type = "none", o = "bind" },
      "local volume driver bind device must be an absolute path:  (DriverOpts.device)" },
    { "a relative device", "volume.create", options { type = "none", o = "bind", device = "etc" },
      "local volume driver bind device must be an absolute path: etc (DriverOpts.device)" },
    { "a device by its label", "volume.create", options { type = "ext4", device = "LABEL=root" },
      "local volume driver bind device must be an absolute path: LABEL=root (DriverOpts.device)" },
    { "a device that mount(8) would take for an option", "volume.create", options { type = "tmpfs", device = "--bind" },
      "a device cannot begin with '-': --bind (DriverOpts.device)" },
    { "a view of the kernel", "volume.create", options { type = "proc", device = "proc" },
      "unknown type of local volume: 'proc' (DriverOpts.type)" },
    { "several types", "volume.create", options { type = "nfs,ext4", device = "/dev/vda" },
      "unknown type of local volume: 'nfs,ext4' (DriverOpts.type)" },
    { "a backslash in an overlay's directories", "volume.create",
      options { type = "overlay", device = "x", o = "lowerdir=/srv/a\\,/../../etc" },
      "quotes and backslashes in mount options are not understood (DriverOpts.o)" },
    { "an unknown type in libpod's mounts", "libpod.container.create", '{"mounts":[{"type":"glob","source":"/etc/*"}]}',
      "unknown kind of mount: 'glob' (mounts[1])" },
    { "Kubernetes YAML", "libpod.kube.play", "", "what Kubernetes YAML mounts is not known" },
    { "a plugin", "plugin.set", "[]", "what a plugin mounts is not known" },
    { "a checkpoint", "libpod.container.restore", "", "what a checkpoint mounts is not known" },
    { "an unknown route", nil, "", "what this route mounts is not known" },
  }

  for _, case in ipairs(cases) do
    local name, operation, body, message = table.unpack(case, 1, 4)
    it(name, function()
      assert.has_error(function() mounts.of(request(operation, body)) end, message)
    end)
  end

  it("a podman build with mounts of the host", function()
    assert.has_error(function()
      mounts.of(request("libpod.image.build", "", { query = { transientRunMounts = { "x" } } }))
    end, "the parameter may name paths of the host (transientRunMounts)")
  end)
end)

describe("mounts.of says where a mount goes, and whether it is read-only:", function()
  local function host(fields)
    return '{"HostConfig":' .. fields .. "}"
  end

  -- operation, body, target, whether it is read-only; nil: it does not say
  for _, case in ipairs {
    { "container.create", host '{"Binds":["/srv:/data"]}', "/data", false },
    { "container.create", host '{"Binds":["/srv:/data//x/../y/:ro"]}', "/data/y", true },
    { "container.create", host '{"Binds":["v:/data:z,ro"]}', "/data", true },
    { "container.create", host '{"Binds":["v:/data:rw,ro"]}', "/data", false },
    { "container.create", host '{"Binds":["v:/data:rox"]}', "/data", false },
    { "container.create", host '{"Mounts":[{"Type":"bind","Source":"/srv","Target":"/data","ReadOnly":true}]}',
      "/data", true },
    { "container.create", host '{"Mounts":[{"Type":"bind","Source":"/srv","target":"/data","readonly":true}]}',
      "/data", true },
    { "container.create", host '{"Mounts":[{"Type":"volume","Source":"v","Target":"/data","ReadOnly":null}]}',
      "/data", false },
    { "container.create", host '{"Mounts":[{"Type":"tmpfs","Target":"/run"}]}', "/run", false },
    { "container.create", host '{"VolumesFrom":["db:ro"]}' },
    { "service.create", '{"TaskTemplate":{"ContainerSpec":{"Mounts":[{"Type":"bind","Source":"/a","Target":"/b",'
      .. '"ReadOnly":true}]}}}', "/b", true },
    { "volume.create", options { type = "none", o = "bind,ro", device = "/etc" } },
    { "libpod.container.create", '{"mounts":[{"type":"bind","source":"/a","destination":"/b","options":["ro"]}]}',
      "/b", true },
    { "libpod.container.create", '{"volumes":[{"Name":"v","Dest":"/b","options":["ro"]}]}', "/b", true },
    { "libpod.container.create", '{"overlay_volumes":[{"source":"/a","destination":"/b"}]}', "/b", false },
  } do
    it(case[2], function()
      local mount = mounts.of(request(case[1], case[2]))[1]
      assert.equal(case[3], mount.target)
      assert.equal(case[4], mount.readonly)
    end)
  end

  it("refuses what is neither true nor false", function()
    assert.has_error(function()
      mounts.of(request("container.create", host '{"Mounts":[{"Type":"bind","Source":"/a","ReadOnly":"yes"}]}'))
    end, "expected true or false, got a string (HostConfig.Mounts[1].ReadOnly)")
  end)
end)

describe("mounts.of takes time in proportion to the body:", function()
  local much = string.rep(" ", 200000)

  for name, o in pairs {
    ["spaces inside of an option"] = "a" .. much .. "a",
    ["spaces in front of an option"] = much .. "a",
    ["spaces behind an option"] = "a" .. much,
    ["nothing but spaces"] = much,
  } do
    it(name, function()
      local before = os.clock()
      list("volume.create", options { type = "none", device = "/srv", o = "bind," .. o })
      assert.is_true(os.clock() - before < 1)
    end)
  end
end)
