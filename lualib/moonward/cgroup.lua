--- Which containers a process is in, by what /proc says of it. Ids are what engines put into the names
--- of control groups: 64 digits.
local cgroup = {}

local ID = string.rep("%x", 64)

--- The ids in one path, the outermost first.
local function ids_of(path)
  local ids = {}
  for word in string.gmatch(path, "%x+") do
    if #word == 64 then
      ids[#ids + 1] = word
    end
  end
  return ids
end

--- Whether it has the form of a process inside of any engine's container.
---@param text string of /proc/PID/cgroup
---@return boolean
function cgroup.names_any(text)
  return #ids_of(text) > 0
end

--- The container a process is in, of those that an engine knows. A process that may write to its own
--- control groups can make groups inside of its own with names of its choice, and who chooses a container's
--- CgroupParent puts it inside of another's; so what names two that are known names none.
---@param text string of /proc/PID/cgroup, v1 or v2
---@param is_known fun(id: string): boolean
---@return string? id nil: in none
---@return string? message its hierarchies do not agree
function cgroup.container(text, is_known)
  local found
  for path in string.gmatch(text, "[^:\n]*:[^:\n]*:([^\n]*)") do
    for _, id in ipairs(ids_of(path)) do
      if is_known(id) then
        if found and found ~= id then
          return nil, "its control groups name two containers"
        end
        found = id
      end
    end
  end
  return found
end

--- The ids that the container of this process may have, the likeliest first.
---@param groups string? of /proc/self/cgroup
---@param mounts string? of /proc/self/mountinfo
---@param host string the name of the host
---@return string[]
function cgroup.own(groups, mounts, host)
  local list, seen = {}, {}
  local function add(id)
    if not seen[id] then
      seen[id] = true
      list[#list + 1] = id
    end
  end
  for path in string.gmatch(groups or "", "[^:\n]*:[^:\n]*:([^\n]*)") do
    for _, id in ipairs(ids_of(path)) do
      add(id)
    end
  end
  -- An engine mounts these three files from the container's own folder. Other mounts name other
  -- containers: on the engine's host all of them.
  for line in string.gmatch(mounts or "", "[^\n]+") do
    local root, at = string.match(line, "^%S+ %S+ %S+ (%S+) (%S+)")
    local id = root and string.match(root, "/(" .. ID .. ")/")
    if id and (at == "/etc/hostname" or at == "/etc/hosts" or at == "/etc/resolv.conf") then
      add(id)
    end
  end
  if #host == 12 and string.find(host, "^%x+$") then
    add(host)
  end
  return list
end

return cgroup
