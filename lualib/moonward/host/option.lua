--- The options that a policy declares: checked, and brought into the form of struct option.
local nearest = require "moonward.host.nearest"

local option = {}

local keys = nearest.set {
  "default", "env", "env_family", "help", "kind", "max", "min", "name", "sets", "unit",
}

local kinds = nearest.set { "list", "number", "octal", "size", "switch", "text" }

local function fail(...)
  error(string.format(...), 0)
end

local function check_text(entry, key, what, pattern)
  local value = entry[key]
  if value == nil then
    return
  end
  if type(value) ~= "string" or not string.find(value, pattern) then
    fail("%s: %s is %s", what, key,
      type(value) == "string" and string.format("'%s', which is no such name", value)
        or "a " .. type(value) .. ", expected a text")
  end
end

local function check_number(entry, key, what)
  local value = entry[key]
  if value ~= nil and (math.type(value) ~= "integer" or value < 0) then
    fail("%s: %s is %s, expected a whole number from 0", what, key, tostring(value))
  end
end

local function check_keys(entry, what)
  for key in pairs(entry) do
    if not keys[key] then
      fail("%s: unknown key '%s'%s", what, tostring(key), nearest.hint(key, keys))
    end
  end
end

local function check_kind(entry, what)
  local kind = entry.kind or "text"
  if not kinds[kind] then
    fail("%s: unknown kind '%s'%s", what, tostring(kind), nearest.hint(kind, kinds))
  end
  if entry.env_family and (kind ~= "list" or not entry.env) then
    fail("%s: env_family is for lists that have a variable", what)
  end
  if entry.env_family ~= nil and type(entry.env_family) ~= "boolean" then
    fail("%s: env_family is true or false", what)
  end
  return kind
end

--- Defaults are kept as text, as they would be written on a command line.
local function initial_of(entry, kind, what)
  local value = entry.default
  local expected = kind == "switch" and "boolean" or kind == "number" and "number" or "string"
  if value == nil then
    return nil
  end
  if type(value) ~= expected and not (type(value) == "string" and kind ~= "switch") then
    fail("%s: default is a %s, expected a %s for an option of kind %s", what, type(value),
      expected, kind)
  end
  return tostring(value)
end

--- Returns the entry in the form that core/lua/policy_option.c reads.
---@param entry table
---@param index integer
---@return table
function option.check(entry, index)
  if type(entry) ~= "table" then
    fail("option %d is a %s, expected a table", index, type(entry))
  end
  local what = string.format("option '%s'", tostring(entry.name or entry.env or index))
  check_keys(entry, what)
  check_text(entry, "name", what, "^%a[%w_-]*$")
  check_text(entry, "env", what, "^[%a_][%w_]*$")
  check_text(entry, "sets", what, "^%a[%w-]*$")
  check_text(entry, "unit", what, "^%g+$")
  check_text(entry, "help", what, "^%C+$")
  check_number(entry, "min", what)
  check_number(entry, "max", what)
  if not entry.name and not entry.env then
    fail("%s has neither a name nor a variable (env)", what)
  elseif not entry.help then
    fail("%s has no help; it is what -help and the reference show", what)
  end
  local kind = check_kind(entry, what)
  return {
    name = entry.name or "",
    env = entry.env,
    env_family = entry.env_family or false,
    kind = kind,
    min = entry.min or 0,
    max = entry.max or math.maxinteger,
    unit = entry.unit,
    initial = initial_of(entry, kind, what),
    help = entry.help,
    sets = entry.sets,
  }
end

return option
