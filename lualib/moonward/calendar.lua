--- Moments and hours as people write them, for moonward.window and for the clock of specs: dates, times of
--- day, weekdays, and zones as offsets from UTC. Knows no clock.
---
--- Names of zones (Europe/Berlin) are refused. What they mean stands in files of the machine, which the image
--- has not, a worker may not open, and an update changes: the same policy would mean other hours elsewhere.
--- An offset is what it says, also in summer.
local nearest = require "moonward.nearest"

local calendar = {}

local DAY = 86400
local weekdays = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" }
local number_of = {}
for i, name in ipairs(weekdays) do
  number_of[name] = i - 1
end

-- Days from 1970-01-01 to a date of the Gregorian calendar. Years begin in March, so that the day that
-- comes every four years is their last one.
local function days_to(year, month, day)
  local shifted = month > 2 and year or year - 1
  local in_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
  local leaps = shifted // 4 - shifted // 100 + shifted // 400
  return shifted * 365 + leaps + in_year - 719468
end

local function is_date(year, month, day)
  if month < 1 or month > 12 or day < 1 then
    return false
  end
  local next_year, next_month = month == 12 and year + 1 or year, month % 12 + 1
  return day <= days_to(next_year, next_month, 1) - days_to(year, month, 1)
end

--- Seconds from UTC: "UTC", "Z", "+02:00", "-05:30".
---@param text string
---@return integer? seconds nil: it is none
---@return string? message
function calendar.zone(text)
  if text == "UTC" or text == "Z" then
    return 0
  end
  local sign, hours, minutes = string.match(tostring(text), "^([+-])(%d%d):(%d%d)$")
  if sign and tonumber(hours) <= 14 and tonumber(minutes) <= 59 then
    return (sign == "-" and -1 or 1) * (tonumber(hours) * 3600 + tonumber(minutes) * 60)
  end
  return nil, string.format("the zone '%s' is not known; write UTC, or an offset such as +02:00, which does"
    .. " not follow summer time: names of zones mean what a machine's files say", tostring(text))
end

--- Seconds since midnight: "08:30"; "24:00" is the end of a day.
---@param text string
---@return integer? seconds nil: it is none
---@return string? message
function calendar.time(text)
  local hours, minutes = string.match(tostring(text), "^(%d%d):(%d%d)$")
  local seconds = hours and tonumber(hours) * 3600 + tonumber(minutes) * 60
  if not seconds or tonumber(minutes) > 59 or seconds > DAY then
    return nil, "the time '" .. tostring(text) .. "' cannot be read; write 08:30, up to 24:00"
  end
  return seconds
end

--- Seconds since 1970 of a moment in a zone: "2026-12-24" is its beginning, "2026-12-24T18:00",
--- "2026-12-24T18:00:30".
---@param text string
---@param offset integer of the zone
---@return integer? seconds nil: it is none
---@return string? message
function calendar.moment(text, offset)
  local date, clock = string.match(tostring(text), "^(%d%d%d%d%-%d%d%-%d%d)T?(.*)$")
  local year, month, day = string.match(date or "", "^(%d+)-(%d+)-(%d+)$")
  local time, seconds = string.match(clock or "", "^(%d%d:%d%d):?(%d*)$")
  local of_day = clock == "" and 0 or time and calendar.time(time)
  local rest = seconds and seconds ~= "" and #seconds == 2 and tonumber(seconds) or 0
  local has_mark = string.find(tostring(text), "T", 1, true) ~= nil
  local is_whole = clock == "" and not has_mark or clock ~= "" and has_mark
    and (#clock == 5 or #clock == 8)
  year, month, day = tonumber(year), tonumber(month), tonumber(day)
  if not year or not of_day or rest > 59 or not is_whole or not is_date(year, month, day) then
    return nil, "the moment '" .. tostring(text) .. "' cannot be read; write 2026-12-24 or 2026-12-24T18:00"
  end
  return days_to(year, month, day) * DAY + of_day + rest - offset
end

local function add_days(set, text)
  local first, last = string.match(text, "^%s*(%a+)%s*%-%s*(%a+)%s*$")
  first = first or string.match(text, "^%s*(%a+)%s*$")
  for _, name in ipairs { first or text, last } do
    if not number_of[name] then
      return "the day '" .. name .. "' is not known" .. nearest.hint(name, weekdays)
        .. "; days are mon, tue, wed, thu, fri, sat and sun"
    end
  end
  local day, stop = number_of[first], number_of[last or first]
  set[day] = true
  while day ~= stop do
    day = (day + 1) % 7
    set[day] = true
  end
end

--- Weekdays as a set, from 0 for Monday: "mon-fri", "sat,sun", or a list of such.
---@param given string|string[]
---@return table<integer, boolean>? set nil: they cannot be read
---@return string? message
function calendar.days(given)
  local set = {}
  if type(given) ~= "string" and type(given) ~= "table" then
    return nil, "days is a " .. type(given) .. ", expected \"mon-fri\" or { \"sat\", \"sun\" }"
  end
  for _, text in ipairs(type(given) == "table" and given or { given }) do
    if type(text) ~= "string" then
      return nil, "days holds a " .. type(text) .. ", expected texts"
    end
    for part in string.gmatch(text .. ",", "([^,]*),") do
      local message = add_days(set, part)
      if message then
        return nil, message
      end
    end
  end
  if not next(set) then
    return nil, "days is empty, so there is no such moment"
  end
  return set
end

--- The weekday and the second of the day of a moment in a zone.
---@param now integer seconds since 1970
---@param offset integer of the zone
---@return integer weekday from 0 for Monday
---@return integer second
function calendar.day_of(now, offset)
  local there = now + offset
  return (there // DAY + 3) % 7, there % DAY -- 1970 began on a Thursday
end

return calendar
