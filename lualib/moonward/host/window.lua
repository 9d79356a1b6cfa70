--- Hours and days in which something holds, for moonward.window: grants for office hours, or until a date.
local calendar = require "moonward.calendar"
local nearest = require "moonward.host.nearest"

local window = {}

local keys = nearest.set { "after", "before", "days", "from", "to", "zone" }

-- Reads one part of the description, if it is there.
local function read(level, parse, text, ...)
  if text == nil then
    return nil
  end
  local value, message = parse(text, ...)
  if value == nil then
    error("moonward.window: " .. message, level + 1)
  end
  return value
end

local function check_keys(given, level)
  if type(given) ~= "table" or next(given) == nil then
    error("moonward.window: expected { days = \"mon-fri\", from = \"08:00\", to = \"18:00\","
      .. " zone = \"+01:00\" } or some of it", level + 1)
  end
  for key in pairs(given) do
    if not keys[key] then
      error(string.format("moonward.window: unknown key '%s'%s", tostring(key), nearest.hint(key, keys)),
        level + 1)
    end
  end
end

local function read_all(given, level)
  check_keys(given, level + 1)
  local offset = read(level + 1, calendar.zone, given.zone) or 0
  local found = {
    offset = offset, days = read(level + 1, calendar.days, given.days),
    from = read(level + 1, calendar.time, given.from), to = read(level + 1, calendar.time, given.to),
    after = read(level + 1, calendar.moment, given.after, offset),
    before = read(level + 1, calendar.moment, given.before, offset),
  }
  if (found.from == nil) ~= (found.to == nil) then
    error("moonward.window: from and to go together", level + 1)
  elseif found.from and found.from == found.to then
    error("moonward.window: from and to are the same; a whole day is 00:00 to 24:00", level + 1)
  elseif found.after and found.before and found.after >= found.before then
    error("moonward.window: it ends before it begins", level + 1)
  end
  return found
end

-- A window over midnight belongs to the day that it begins on.
local function is_in(found, now)
  if found.after and now < found.after or found.before and now >= found.before then
    return false
  end
  local day, second = calendar.day_of(now, found.offset)
  local function counts(which)
    return not found.days or found.days[which] == true
  end
  if not found.from then
    return counts(day)
  elseif found.from < found.to then
    return counts(day) and second >= found.from and second < found.to
  end
  return counts(day) and second >= found.from or counts((day + 6) % 7) and second < found.to
end

--- A function that tells of a moment whether it lies in the window. What cannot be read is an error.
---@param given table
---@param level integer as of error(), from where this is called
---@return fun(now: integer): boolean
function window.read(given, level)
  local found = read_all(given, level + 1)
  return function(now)
    return is_in(found, now)
  end
end

return window
