--- `assert` as specs have it: busted's vocabulary as far as specs of policies use it, and assert.allows and
--- assert.denies.
---
---   assert.equal(expected, actual)   assert.is_not_nil(value)   assert.has_no.errors(fn)
---
--- Start reading at assertions.new().
local nearest = require "moonward.nearest"
local show = require "moonward.spec.show"
local verdicts = require "moonward.spec.verdicts"

local assertions = {}

-- Of errors that are failed assertions; others are errors of the spec.
local Failure = { __tostring = function(self) return self.message end, __metatable = false }

---@param value any
---@return string? message of a failed assertion
function assertions.message_of(value)
  return type(value) == "table" and rawget(value, "is_failure") == Failure and value.message or nil
end

-- Each is called with the arguments and gives whether it holds, the number of the argument that may be a
-- message of the spec's own, and a function that says what was expected and what came: of what should hold,
-- or, if its argument is true, of what should not.
local checks = {}

local function unlike(expected, actual)
  return "expected " .. show.value(expected) .. ", got " .. show.value(actual)
    .. show.difference(expected, actual)
end

function checks.equal(expected, actual)
  return expected == actual, 3, function(negated)
    return negated and "expected another value than " .. show.value(expected) or unlike(expected, actual)
  end
end

function checks.same(expected, actual)
  local same, where, first, second = show.same(expected, actual)
  return same, 3, function(negated)
    if negated then
      return "expected something else than " .. show.value(expected)
    elseif where == "" then
      return unlike(expected, actual)
    end
    return string.format("at %s: expected %s, got %s%s\n", where, show.value(first), show.value(second),
      show.difference(first, second)) .. unlike(expected, actual)
  end
end

-- What is asked of one value alone.
local function add_simple(name, holds, expected, opposite)
  checks[name] = function(actual)
    return holds(actual), 2, function(negated)
      return "expected " .. (negated and opposite or expected) .. ", got " .. show.value(actual)
    end
  end
end

add_simple("true", function(value) return value == true end, "true", "another value than true")
add_simple("false", function(value) return value == false end, "false", "another value than false")
add_simple("truthy", function(value) return value ~= nil and value ~= false end, "something", "nil or false")
add_simple("falsy", function(value) return not value end, "nil or false", "something")
for _, name in ipairs { "boolean", "function", "nil", "number", "string", "table", "userdata" } do
  add_simple(name, function(value) return type(value) == name end, "a " .. name, "no " .. name)
end

local function checked(value, kind, what)
  if type(value) ~= kind then
    error(what .. ": expected a " .. kind .. ", got a " .. type(value), 0)
  end
  return value
end

-- As string.find has them, 'from' and 'is_plain' may stand before a message of the spec's own.
local function search(what, text, pattern, from, is_plain)
  local own = type(from) == "string" and 3 or type(is_plain) == "string" and 4 or 5
  checked(pattern, "string", what .. ", the pattern")
  return string.find(text, pattern, own > 3 and from or 1, own > 4 and is_plain) ~= nil, own
end

function checks.matches(pattern, actual, from, is_plain)
  local text = type(actual) == "number" and tostring(actual)
    or checked(actual, "string", "assert.matches, the text")
  local found, own = search("assert.matches", text, pattern, from, is_plain)
  return found, own, function(negated)
    return show.value(text) .. (negated and " matches " or " does not match ") .. show.value(pattern)
  end
end

function checks.near(expected, actual, tolerance)
  for i = 1, 3 do
    checked(select(i, expected, actual, tolerance), "number", "assert.near")
  end
  return actual >= expected - tolerance and actual <= expected + tolerance, 4, function(negated)
    return string.format(negated and "expected a number further from %s than %s, got %s"
      or "expected %s, give or take %s, got %s", expected, tolerance, actual)
  end
end

-- What a function raises, without the line that Lua puts in front.
local function raised(fn)
  local ok, value = pcall(fn)
  if not ok and type(value) == "string" then
    value = string.gsub(value, "^.-:%d+: ", "", 1)
  end
  return not ok, value
end

function checks.error(fn, expected)
  local fails, value = raised(fn)
  local as_expected = expected == nil or show.same(expected, value)
    or type(expected) == "string" and expected == tostring(value)
  return fails and as_expected, 3, function(negated)
    return "expected " .. (negated and "no " or "the ") .. "error"
      .. (expected ~= nil and " " .. show.value(expected) or "")
      .. ", got " .. (fails and show.value(value) or "none")
  end
end

function checks.error_matches(fn, pattern, from, is_plain)
  local fails, value = raised(fn)
  local found, own = search("assert.error_matches", tostring(value), pattern, from, is_plain)
  return fails and found, own, function(negated)
    return fails and "the error " .. show.value(value) .. (negated and " matches " or " does not match ")
      .. show.value(pattern) or "expected an error like " .. show.value(pattern) .. ", got none"
  end
end

function checks.allows(verdict)
  local ok, message = verdicts.allows(verdict)
  return ok, 2, function(negated)
    return negated and "expected that it is not allowed" .. verdicts.describe(verdict) or message
  end
end

function checks.denies(verdict, reason)
  local ok, message = verdicts.denies(verdict, reason)
  return ok, 3, function(negated)
    return negated and "expected that it is not denied" .. verdicts.describe(verdict) or message
  end
end

-- How many arguments there have to be, where it is not one.
local least = { equal = 2, error = 1, error_matches = 2, matches = 2, near = 3, same = 2 }

local also = {
  equals = "equal", errors = "error", error_match = "error_matches", match = "matches",
  match_error = "error_matches", matches_error = "error_matches",
}
for name, check in pairs(also) do
  checks[name], least[name] = checks[check], least[check]
end

local is_word = { is = true, are = true, was = true, has = true, does = true }
local is_negation = { ["not"] = true, no = true }

-- "is_not_nil" is a negation and "nil".
local function read_words(key, negated)
  local rest = key
  while not checks[rest] and rest ~= "" do
    local word, behind = string.match(rest, "^(%a+)_?(.*)$")
    if is_negation[word] then
      negated = not negated
    elseif not is_word[word] then
      return nil
    end
    rest = behind
  end
  return rest, negated
end

local function fail(message, own)
  if own ~= nil then
    message = tostring(own) .. "\n" .. message
  end
  error(setmetatable({ is_failure = Failure, message = message }, Failure), 0)
end

local function assertion(name, negated)
  return function(...)
    local count = select("#", ...)
    if count < (least[name] or 1) then
      error(string.format("assert.%s: expected %d arguments or more, got %d", name, least[name] or 1,
        count), 2)
    end
    local ok, own, words = checks[name](...)
    if ok == negated then
      fail(words(negated), (select(own, ...)))
    end
    return ...
  end
end

local chain

local function unknown(key)
  local names = {}
  for name in pairs(checks) do
    names[#names + 1] = name
  end
  table.sort(names)
  local hint = type(key) == "string" and nearest.hint(key, names) or ""
  error(string.format("assert has no '%s'%s", tostring(key), hint ~= "" and hint
    or "; known are " .. table.concat(names, ", ")), 3)
end

-- What stands behind a dot: the next word, or an assertion.
local function follow(negated)
  return function(_, key)
    local name, now = nil, negated
    if type(key) == "string" then
      name, now = read_words(key, negated)
    end
    if name == nil then
      unknown(key)
    end
    return name == "" and chain(now) or assertion(name, now)
  end
end

-- As Lua's own assert, of which the message may be any value.
local function plain_assert(_, ...)
  local value, message = ...
  if not value then
    if select("#", ...) == 0 then
      error("assert: expected a value", 2)
    end
    error(message == nil and "assertion failed!" or message, 2)
  end
  return ...
end

function chain(negated)
  return setmetatable({}, { __index = follow(negated), __call = plain_assert, __metatable = false })
end

--- A new `assert`.
---@return table
function assertions.new()
  return chain(false)
end

return assertions
