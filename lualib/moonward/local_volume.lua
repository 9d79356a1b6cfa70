--- What a volume with driver options mounts. The engine hands them to mount(2) as root, podman to
--- mount(8): type=, device=, o=. Only types whose source is known pass; the rest is an error.

local mount_fields = require "moonward.mount_fields"

local local_volume = {}

-- Nothing is mounted but what 'device' names: a directory, or a file system on a device or in a file.
local from_device = {
  [""] = true, none = true, bind = true,
  btrfs = true, erofs = true, exfat = true, ext2 = true, ext3 = true, ext4 = true, f2fs = true,
  iso9660 = true, ntfs = true, ntfs3 = true, squashfs = true, udf = true, vfat = true, xfs = true,
}
-- 'device' is on another machine.
local from_network = { nfs = true, nfs4 = true, cifs = true, smb3 = true }

-- Docker's four keys, then podman's. Podman lets other cases of them through and then looks for these.
local known_keys = {
  type = true, device = true, o = true, size = true,
  uid = true, gid = true, inodes = true, noquota = true, copy = true, nocopy = true,
}

-- With one of these the type means nothing, and 'device' is a path.
local binding = { bind = true, rbind = true, move = true }

local function check_keys(options, where)
  for key, value in pairs(options) do
    if not known_keys[key] then
      mount_fields.fail("unknown option of the local volume driver: '" .. key .. "'", where)
    end
    mount_fields.text(value, where .. "." .. key)
  end
end

-- No pattern for the whole of it: one that looks for spaces up to the end looks again from each
-- space on, and clients write this text.
local function trim(text)
  local first = string.find(text, "%S")
  return first and string.match(text, ".*%S", first) or ""
end

-- Spaces count in the names of directories: options stay as they are.
local function split_options(text)
  local options, binds = mount_fields.split(text, ","), false
  for _, option in ipairs(options) do
    binds = binds or binding[string.match(trim(option), "^[^=]*")] ~= nil
  end
  return options, binds
end

local function add_device(found, device, where)
  if string.sub(device, 1, 1) ~= "/" then
    mount_fields.fail("local volume driver bind device must be an absolute path: " .. device, where)
  end
  return mount_fields.add(found, "bind", device, where)
end

local function add_local(found, options, where)
  local kind, device = options.type or "", options.device or ""
  local flags, binds = split_options(options.o or "")
  if kind == "" and device == "" and not binds then
    return -- a plain volume, perhaps with a quota
  elseif string.sub(device, 1, 1) == "-" then
    mount_fields.fail("a device cannot begin with '-': " .. device, where .. ".device")
  elseif binds or from_device[kind] then
    add_device(found, device, where .. ".device").is_device = not binds and kind ~= "bind" and kind ~= "none"
  elseif from_network[kind] then
    mount_fields.add(found, "network", device, where .. ".device")
    return -- what 'o' names is on the other machine
  elseif kind == "tmpfs" then
    mount_fields.add(found, "tmpfs", "", where)
  elseif kind ~= "overlay" then
    mount_fields.add_unknown(found, "view", kind, where .. ".type",
      "unknown type of local volume: '" .. kind .. "'")
  end
  mount_fields.add_option_paths(found, flags, where .. ".o")
end

--- Adds what a volume of this driver mounts.
---@param found moonward.Mount[]
---@param driver string "" is "local"
---@param options table? the driver's options; keys are exact
---@param where string
function local_volume.add(found, driver, options, where)
  if driver ~= "" and driver ~= "local" then
    mount_fields.add_unknown(found, "plugin", driver, where,
      "what the volume driver '" .. driver .. "' mounts is not known")
  elseif options then
    check_keys(options, where)
    add_local(found, options, where)
  end
end

return local_volume
