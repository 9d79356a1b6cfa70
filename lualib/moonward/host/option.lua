--- The options that a policy declares: checked, and brought into the form of struct option.
local nearest = require "moonward.host.nearest"

local option = {}

local keys = nearest.set {
  "default", "env", "env_empty", "env_family", "env_near", "env_strict", "help", "kind", "max", "min", "name",
  "refused", "required", "secret", "sets", "spelling", "unit", "whole", "words",
}

local kinds = nearest.set { "file", "list", "number", "octal", "size", "switch", "text" }

local function fail(...)
  error(string.format(...), 0)
end

local function check_value(value, key, what, pattern)
  if type(value) ~= "string" or not string.find(value, pattern) then
    fail("%s: %s is %s", what, key,
      type(value) == "string" and string.format("'%s', which is no such name", value)
        or "a " .. type(value) .. ", expected a text")
  end
end

local function check_text(entry, key, what, pattern)
  if entry[key] ~= nil then
    check_value(entry[key], key, what, pattern)
  end
end

local function check_flag(entry, key, what)
  if entry[key] ~= nil and type(entry[key]) ~= "boolean" then
    fail("%s: %s is true or false", what, key)
  end
end

--- The names of the variable, the strongest first.
local function variables_of(entry, what)
  local names, seen = entry.env, {}
  if type(names) ~= "table" then
    names = { names }
  elseif #names == 0 then
    fail("%s: env is an empty list", what)
  end
  for i, name in ipairs(names) do
    check_value(name, "env", what, "^[%a_][%w_]*$")
    if seen[name] then
      fail("%s: env has %s twice", what, name)
    end
    seen[name] = i
  end
  return names
end

--- The words that it takes and what they mean, as pairs in the order of the alphabet.
local function words_of(entry, kind, what)
  local pairs_of = {}
  if entry.words == nil then
    return pairs_of
  elseif type(entry.words) ~= "table" or not next(entry.words) then
    fail("%s: words is a table such as { on = \"DEBUG\", off = \"INFO\" }", what)
  elseif kind ~= "text" then
    fail("%s: words is for texts", what)
  end
  for word, means in pairs(entry.words) do
    check_value(word, "one of words", what, "^%g+$")
    check_value(means, "what '" .. word .. "' means", what, "^%C*$")
    pairs_of[#pairs_of + 1] = { word, means }
  end
  table.sort(pairs_of, function(a, b) return a[1] < b[1] end)
  return pairs_of
end

-- How another program writes what it sets (core/config/haproxy_bind.h).
local spellings = nearest.set { "haproxy-bind" }

local function check_spelling(entry, what)
  if entry.spelling ~= nil and not spellings[entry.spelling] then
    fail("%s: unknown spelling '%s'%s", what, tostring(entry.spelling),
      nearest.hint(entry.spelling, spellings))
  elseif entry.spelling and (entry.sets ~= "listen" or entry.name) then
    fail("%s: spelling is for a variable that sets listen", what)
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
  if entry.refused and (entry.name or not entry.env) then
    fail("%s: refused is for variables", what)
  elseif entry.env_family and (kind ~= "list" or not entry.env) then
    fail("%s: env_family is for lists that have a variable", what)
  elseif entry.env_empty and kind ~= "text" then
    fail("%s: env_empty is for texts", what)
  end
  if kind == "file" and entry.sets then
    fail("%s: sets is not for files", what)
  end
  check_flag(entry, "env_empty", what)
  check_flag(entry, "env_family", what)
  check_flag(entry, "env_near", what)
  check_flag(entry, "env_strict", what)
  check_flag(entry, "required", what)
  check_flag(entry, "secret", what)
  check_flag(entry, "whole", what)
  if entry.whole and kind ~= "list" then
    fail("%s: whole is for lists", what)
  elseif entry.secret and kind ~= "text" and kind ~= "list" then
    fail("%s: secret is for texts and lists", what)
  end
  return kind
end

-- Several entries of a list as one text, which is split at its commas as any other value.
local function joined(list, entry, what)
  for i = 1, #list do
    check_value(list[i], "default", what, entry.whole and "^%C+$" or "^[^%c,]+$")
  end
  for key in pairs(list) do
    if math.type(key) ~= "integer" or key < 1 or key > #list then
      fail("%s: default is a list; it has the key '%s'", what, tostring(key))
    end
  end
  if entry.whole and #list > 1 then
    fail("%s: default has %d entries; an option with whole entries has one, or none", what, #list)
  end
  return table.concat(list, ",")
end

--- Defaults are kept as text, as they would be written on a command line.
local function initial_of(entry, kind, what)
  local value = entry.default
  local expected = kind == "switch" and "boolean" or kind == "number" and "number" or "string"
  if value == nil then
    return nil
  elseif entry.secret then
    fail("%s: a secret has no default, since -help and the documentation would show it", what)
  elseif kind == "list" and type(value) == "table" then
    return joined(value, entry, what)
  elseif type(value) ~= expected and not (type(value) == "string" and kind ~= "switch") then
    fail("%s: default is a %s, expected a %s for an option of kind %s", what, type(value),
      expected .. (kind == "list" and " or a list of them" or ""), kind)
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
  local first = type(entry.env) == "table" and entry.env[1] or entry.env
  local what = string.format("option '%s'", tostring(entry.name or first or index))
  check_keys(entry, what)
  check_text(entry, "name", what, "^%a[%w_-]*$")
  local variables = variables_of(entry, what)
  check_text(entry, "sets", what, "^%a[%w-]*$")
  check_text(entry, "unit", what, "^%g+$")
  check_text(entry, "help", what, "^%C+$")
  check_text(entry, "refused", what, "^%C+$")
  check_spelling(entry, what)
  check_number(entry, "min", what)
  check_number(entry, "max", what)
  if not entry.name and not entry.env then
    fail("%s has neither a name nor a variable (env)", what)
  elseif not entry.help and not entry.refused then
    fail("%s has no help; it is what -help and the reference show", what)
  end
  local kind = check_kind(entry, what)
  return {
    name = entry.name or "",
    commas = kind == "list" and not entry.whole and not entry.sets,
    env = variables[1],
    env_also = { table.unpack(variables, 2) },
    env_empty = entry.env_empty or false,
    env_family = entry.env_family or false,
    env_near = entry.env_near or false,
    env_strict = entry.env_strict or false,
    required = entry.required or false,
    secret = entry.secret or false,
    kind = kind,
    min = entry.min or 0,
    max = entry.max or math.maxinteger,
    unit = entry.unit,
    initial = initial_of(entry, kind, what),
    help = entry.help,
    refused = entry.refused,
    spelling = entry.spelling,
    words = words_of(entry, kind, what),
    sets = entry.sets,
  }
end

return option
