--- The numbers, dates and times of TOML, and its words: true, inf and such.

local lpeg = require "lpeg"
local toml_text = require "moonward.toml_text"

local toml_number = {}

local P, R, S, C, Cg, Ct = lpeg.P, lpeg.R, lpeg.S, lpeg.C, lpeg.Cg, lpeg.Ct
local match, fail = lpeg.match, toml_text.fail

local function digits_of(digit)
  return digit * (P "_" ^ -1 * digit) ^ 0
end

-- Numbers ------------------------------------------------------------------------------------

local digits = digits_of(R "09")
local sign = S "+-" ^ -1
local whole = sign * (P "0" + R "19" * (P "_" ^ -1 * R "09") ^ 0)
local exponent = S "eE" * sign * digits
local float = whole * (P "." * digits * exponent ^ -1 + exponent) * -1
local integer = whole * -1
local hexadecimal = P "0x" * digits_of(R("09", "af", "AF")) * -1
local based = P "0o" * lpeg.Cc(8) * C(digits_of(R "07")) * -1
  + P "0b" * lpeg.Cc(2) * C(digits_of(S "01")) * -1

-- Bit by bit, so that what does not fit into 63 bits is seen.
local function read_based(text, pos, base)
  local value = 0
  for digit in string.gmatch(text, "%d") do
    if value > (math.maxinteger - tonumber(digit)) // base then
      fail(pos, "the number does not fit into 64 bits")
    end
    value = value * base + tonumber(digit)
  end
  return value
end

local function read_hexadecimal(text, pos)
  text = string.gsub(string.sub(text, 3), "^0+", "")
  if #text > 16 or #text == 16 and string.find(text, "^[89a-fA-F]") then
    fail(pos, "the number does not fit into 64 bits")
  end
  return text == "" and 0 or math.tointeger(tonumber(text, 16))
end

local function read_integer(text, pos)
  local value = tonumber(text) -- a float when it is too large
  if math.type(value) ~= "integer" then
    fail(pos, "the number does not fit into 64 bits")
  end
  return value
end

local function read_float(text, pos)
  local value = tonumber(text) + 0.0
  if value == math.huge or value == -math.huge then
    fail(pos, "the number is too large")
  end
  return value
end

local function read_number(word, pos)
  local plain = string.gsub(string.gsub(word, "_", ""), "^%+", "")
  if match(integer, word) then
    return read_integer(plain, pos)
  elseif match(float, word) then
    return read_float(plain, pos)
  elseif match(hexadecimal, word) then
    return read_hexadecimal(plain, pos)
  end
  local base, body = match(based, word)
  return base and read_based(body, pos, base)
end

-- Dates and times ----------------------------------------------------------------------------

---@class moonward.TomlTime
---@field text string as it was written
---@field year? integer with month and day
---@field hour? integer with minute and second
---@field second? number
---@field offset? integer minutes east of Greenwich

local function field(name, count)
  local pattern = P(true)
  for _ = 1, count do
    pattern = pattern * R "09"
  end
  return Cg(pattern / tonumber, name)
end

local date = field("year", 4) * "-" * field("month", 2) * "-" * field("day", 2)
local seconds = Cg(R "09" * R "09" * (P "." * R "09" ^ 1) ^ -1 / tonumber, "second")
local time = field("hour", 2) * ":" * field("minute", 2) * (":" * seconds + Cg(lpeg.Cc(0), "second"))
local offset = S "zZ" * Cg(lpeg.Cc "+", "sign") * Cg(lpeg.Cc(0), "east_hour") * Cg(lpeg.Cc(0), "east_minute")
  + Cg(S "+-", "sign") * field("east_hour", 2) * ":" * field("east_minute", 2)
local moment = Ct(date * (S "tT " * time * offset ^ -1) ^ -1 * -1 + time * -1)

local days = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }

local function is_date(found)
  local year, month, day = found.year, found.month, found.day
  local is_leap = year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)
  return month >= 1 and month <= 12 and day >= 1 and day <= days[month]
    and (month ~= 2 or day < 29 or is_leap)
end

local function is_time(found)
  return found.hour <= 23 and found.minute <= 59 and found.second < 61
end

local function is_offset(found)
  return found.east_hour <= 23 and found.east_minute <= 59
end

local function read_moment(word, pos)
  local found = match(moment, word)
  if not found then
    return nil
  elseif found.year and not is_date(found) or found.hour and not is_time(found)
    or found.sign and not is_offset(found) then
    fail(pos, "there is no date or time %s", word)
  end
  local east = found.sign and found.east_hour * 60 + found.east_minute
  found.offset = east and (found.sign == "-" and -east or east) or nil
  found.sign, found.east_hour, found.east_minute = nil, nil, nil
  found.text = word
  return found
end

-- All of them --------------------------------------------------------------------------------

local words = {
  ["true"] = true, ["false"] = false,
  inf = math.huge, ["+inf"] = math.huge, ["-inf"] = -math.huge,
  nan = 0 / 0, ["+nan"] = 0 / 0, ["-nan"] = -(0 / 0),
}

local letter = R("az", "AZ", "09") + S "_+-.:"
local two = R "09" * R "09"
-- A blank may stand between a date and a time.
local date_and_time = two * two * "-" * two * "-" * two * " " * #(two * ":") * letter ^ 1
local word_at = C(date_and_time + letter ^ 1) * lpeg.Cp()

local function complain(text, word, pos)
  if string.find(word, "^[+-]?0[%d_]") then
    fail(pos, "'%s' is no number: it begins with a 0", word)
  elseif string.find(word, "^[+-]?%d") then
    fail(pos, "'%s' is no number and no date", word)
  end
  fail(pos, "expected a value, found %s%s", word and "'" .. word .. "'" or toml_text.describe(text, pos),
    word and string.find(word, "^%a") and "; texts stand in quotes" or "")
end

--- Reads the value at 'pos' that is no string, array or table.
---@param text string
---@param pos integer
---@return number|boolean|moonward.TomlTime value
---@return integer next
function toml_number.read(text, pos)
  local word, stop = match(word_at, text, pos)
  if not word then
    fail(pos, "expected a value, found %s", toml_text.describe(text, pos))
  elseif words[word] ~= nil then
    return words[word], stop
  end
  local value = read_number(word, pos) or read_moment(word, pos)
  if value == nil then
    complain(text, word, pos)
  end
  return value, stop
end

return toml_number
