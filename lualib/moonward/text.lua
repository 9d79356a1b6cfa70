--- Texts taken apart and compared letter by letter: what policies do most, without patterns.
---
---   text.starts(image, "registry.internal/")      text.split("a:b:c", ":")  --> { "a", "b", "c" }
---
--- A value that is no text is an error, in the line that calls: bodies hold what clients write, so ask
--- `type(value) == "string"` before, or deny.

local text = {}

local function check(value, what, name)
  if type(value) ~= "string" then
    error(string.format("text.%s: expected a text as %s, got a %s", name, what, type(value)), 3)
  end
end

--- Whether a text begins with another. Every text begins with "".
---@param value string
---@param start string
---@return boolean
function text.starts(value, start)
  check(value, "the first argument", "starts")
  check(start, "the beginning", "starts")
  return string.sub(value, 1, #start) == start
end

--- Whether a text ends with another.
---@param value string
---@param stop string
---@return boolean
function text.ends(value, stop)
  check(value, "the first argument", "ends")
  check(stop, "the end", "ends")
  return #value >= #stop and string.sub(value, #value - #stop + 1) == stop
end

--- Whether a text holds another, anywhere.
---@param value string
---@param part string
---@return boolean
function text.contains(value, part)
  check(value, "the first argument", "contains")
  check(part, "the part", "contains")
  return string.find(value, part, 1, true) ~= nil
end

--- The parts between the separators, empty ones too: one more than there are separators. With `most`, the
--- last of that many parts has the rest, separators and all: text.split("a=b=c", "=", 2) is { "a", "b=c" }.
---@param value string
---@param separator string one letter or more, as it stands
---@param most? integer
---@return string[]
function text.split(value, separator, most)
  check(value, "the first argument", "split")
  check(separator, "the separator", "split")
  if separator == "" then
    error("text.split: the separator is empty", 2)
  elseif most ~= nil and (math.type(most) ~= "integer" or most < 1) then
    error("text.split: the most parts are " .. tostring(most) .. ", expected a number from 1 on", 2)
  end
  local parts, at = {}, 1
  while most == nil or #parts < most - 1 do
    local first, last = string.find(value, separator, at, true)
    if not first then
      break
    end
    parts[#parts + 1] = string.sub(value, at, first - 1)
    at = last + 1
  end
  parts[#parts + 1] = string.sub(value, at)
  return parts
end

return text
