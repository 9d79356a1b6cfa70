--- What may be asked for, as lists of regular expressions per method and of directories that may be
--- mounted: from an operator's options, or from the labels of a container.
local paths = require "moonward.paths"
local regexes = require "moonward.regexes"

local allowlist = {}

---@class moonward.Allowlist
---@field rules table<string, moonward.Rule[]> by method; none for a method that is not allowed
---@field dirs string[]? that may be mounted, cleaned; nil: nothing is said of mounts

--- The methods that have lists.
allowlist.methods = { "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "TRACE", "OPTIONS" }

local is_method = {}
for _, method in ipairs(allowlist.methods) do
  is_method[method] = true
end

--- Reads one regular expression of a list; errors say where it is from.
---@param text string
---@param method string
---@param where string "-allowGET or SP_ALLOW_GET"
---@return moonward.Rule
function allowlist.rule(text, method, where)
  local rule, why = regexes.try(text)
  if not rule then
    error(string.format('invalid regex "%s" for method %s in %s: %s', text, method, where, why), 0)
  end
  return rule
end

--- Reads directories with commas between.
---@param text string
---@return string[]
function allowlist.directories(text)
  local dirs = {}
  for i, dir in ipairs(paths.list(text)) do
    if not paths.is_absolute(dir) then
      error(string.format('bind mount directory must start with /: "%s"', dir), 0)
    end
    dirs[i] = paths.clean(dir)
  end
  return dirs
end

-- The labels that begin with the prefix and are not empty, sorted: { key, what follows }...
local function labels_of(labels, prefix)
  local found = {}
  for key, value in pairs(labels) do
    if value ~= "" and string.sub(key, 1, #prefix) == prefix then
      found[#found + 1] = { key, string.upper(string.sub(key, #prefix + 1)), value }
    end
  end
  table.sort(found, function(a, b) return a[1] < b[1] end)
  return found
end

local function add_label(list, key, name, value)
  local method = string.match(name, "^[^.]*")
  if is_method[method] then
    local rule = allowlist.rule(value, method, "docker container label " .. key)
    rule.name = "label " .. key .. "=" .. value
    list.rules[method] = list.rules[method] or {}
    table.insert(list.rules[method], rule)
  elseif name == "BINDMOUNTFROM" then
    if list.dirs then
      error("docker container label " .. key .. ": another one differs from it only in case", 0)
    end
    list.dirs = allowlist.directories(value)
  end
end

--- All that decides what from_labels() returns, as one text: to keep what it returned.
---@param labels table<string, string>
---@param prefix string
---@return string
function allowlist.key(labels, prefix)
  local parts = {}
  for i, label in ipairs(labels_of(labels, prefix .. ".allow.")) do
    parts[i] = label[1] .. "=" .. label[3] .. "\0"
  end
  return table.concat(parts)
end

--- Reads PREFIX.allow.METHOD, PREFIX.allow.METHOD.anything and PREFIX.allow.bindmountfrom.
---@param labels table<string, string>
---@param prefix string
---@return moonward.Allowlist? list nil: no label says anything
---@return string? message nil: all could be read
function allowlist.from_labels(labels, prefix)
  local list = { rules = {} }
  for _, label in ipairs(labels_of(labels, prefix .. ".allow.")) do
    local ok, message = pcall(add_label, list, label[1], label[2], label[3])
    if not ok then
      return nil, message
    end
  end
  if next(list.rules) or list.dirs then
    return list
  end
end

local MOST = 500 -- lists that are kept

--- Makes a function that gives a container's list, as from_labels() does. Containers with the same labels
--- share one, and it is read once.
---@param prefix string
---@param on_read fun(container: moonward.Container, list?: moonward.Allowlist, message?: string)
---@return fun(container: moonward.Container): moonward.Allowlist?, string?
function allowlist.of_containers(prefix, on_read)
  local kept, count = {}, 0
  return function(container)
    local key = allowlist.key(container.labels, prefix)
    local own = kept[key]
    if not own then
      if count == MOST then
        kept, count = {}, 0
      end
      own, count = { allowlist.from_labels(container.labels, prefix) }, count + 1
      kept[key] = own
      on_read(container, own[1], own[2])
    end
    return own[1], own[2]
  end
end

return allowlist
