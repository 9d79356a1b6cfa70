--- Reads what the engine answers moonward itself: as JSON is read everywhere (moonward.json), with exact
--- keys, and read-only. Whoever keeps a part of it for long copies it, since it holds the whole text.
local core = require "moonward.core"
local json = require "moonward.json"

local reply = {}

--- What an empty value is read as: json.null.
reply.null = json.null

---@param text string
---@return any value nil: it is no JSON
---@return string? message
function reply.decode(text)
  local value, message = core.json.read(text, "exact", "what the engine answers")
  return value, message
end

--- The value if it is a text, else nil; so for tables, where nil is an empty one.
function reply.text(value)
  return type(value) == "string" and value or nil
end

function reply.table(value)
  return type(value) == "table" and value ~= reply.null and value or {}
end

--- The texts of a list.
---@param value any
---@return string[]
function reply.texts(value)
  local texts = {}
  for _, text in ipairs(reply.table(value)) do
    texts[#texts + 1] = reply.text(text)
  end
  return texts
end

-- Days since 1970 of a day in the Gregorian calendar.
local function days(year, month, day)
  if month <= 2 then
    year, month = year - 1, month + 12
  end
  return 365 * year + year // 4 - year // 100 + year // 400 + (153 * (month - 3) + 2) // 5 + day - 719469
end

--- A moment as the engine writes it, "2024-05-01T10:00:00.123456789Z".
---@param text any
---@return integer? microseconds since 1970
function reply.moment(text)
  if type(text) ~= "string" then
    return nil
  end
  local year, month, day, hour, minute, second, rest =
    string.match(text, "^(%d%d%d%d)-(%d%d)-(%d%d)T(%d%d):(%d%d):(%d%d)(.*)$")
  if not year then
    return nil
  end
  local fraction, zone = string.match(rest, "^%.?(%d*)(.*)$")
  local sign, hours, minutes = string.match(zone, "^([+-])(%d%d):(%d%d)$")
  if not sign and zone ~= "Z" then
    return nil
  end
  local offset = sign and (tonumber(hours) * 60 + tonumber(minutes)) * (sign == "-" and -60 or 60) or 0
  local seconds = days(math.tointeger(year), math.tointeger(month), math.tointeger(day)) * 86400
    + tonumber(hour) * 3600 + tonumber(minute) * 60 + tonumber(second) - offset
  return math.tointeger(seconds * 1000000 + tonumber(string.sub(fraction .. "000000", 1, 6)))
end

return reply
