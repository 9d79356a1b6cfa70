--- The words of JSON: strings, numbers and white space, read strictly, with errors that name the byte.
--- json_oracle.lua puts them together.

local lpeg = require "lpeg"

local words = {}

-- What words.fail throws; the oracle tells it from other errors.
words.failure = {}

---@param pos integer
---@param message string
function words.fail(pos, message)
  error(setmetatable({ message = "byte " .. pos .. ": " .. message }, words.failure), 0)
end

--- The character at 'pos', fit for a message.
---@param text string
---@param pos integer
---@return string
function words.describe(text, pos)
  local byte = string.byte(text, pos)
  if not byte then
    return "the end"
  elseif byte < 0x21 or byte > 0x7e then
    return string.format("byte 0x%02x", byte)
  end
  return "'" .. string.char(byte) .. "'"
end

local P, R, S = lpeg.P, lpeg.R, lpeg.S

--- A pattern: matches always, gives the position after white space.
words.space = S " \t\r\n" ^ 0

-- Strings ------------------------------------------------------------------------------------

local tail = R "\x80\xbf"
local multibyte = R "\xc2\xdf" * tail
  + P "\xe0" * R "\xa0\xbf" * tail
  + (R "\xe1\xec" + R "\xee\xef") * tail * tail
  + P "\xed" * R "\x80\x9f" * tail
  + P "\xf0" * R "\x90\xbf" * tail * tail
  + R "\xf1\xf3" * tail * tail * tail
  + P "\xf4" * R "\x80\x8f" * tail * tail

local hex = R("09", "af", "AF")
local unit = P "u" * hex * hex * hex * hex
local half = P "u" * S "dD" * S "89abcdefABCDEF"
local pair = P "u" * S "dD" * S "89abAB" * hex * hex * P "\\u" * S "dD" * R("cf", "CF") * hex * hex
local escape = P "\\" * (S 'bfnrt"\\/' + (unit - half) + pair)

local unescaped = (R " \x7f" - S '"\\') ^ 1 + multibyte
local plain = unescaped ^ 0
local whole = (unescaped + escape) ^ 0

local letters = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t" }
letters['"'], letters["\\"], letters["/"] = '"', "\\", "/"

-- A letter that is not "u" may have hexadecimal digits behind it by chance.
local function from_escape(letter, digits)
  if letter == "u" then
    return utf8.char(tonumber(digits, 16))
  end
  return letters[letter] .. digits
end

local function from_pair(high, low)
  local top, bottom = utf8.codepoint(high, 1, 1, true), utf8.codepoint(low, 1, 1, true)
  return utf8.char(0x10000 + (top - 0xd800) * 0x400 + bottom - 0xdc00)
end

-- 'raw' matched 'whole': surrogates come in pairs, and only from escapes.
local function unescape(raw)
  if not string.find(raw, "\\u", 1, true) then
    return (string.gsub(raw, "\\(.)", letters))
  end
  local text = string.gsub(raw, "\\(.)(%x?%x?%x?%x?)", from_escape)
  return (string.gsub(text, "(\xed[\xa0-\xaf].)(\xed[\xb0-\xbf].)", from_pair))
end

local function fail_in_string(text, pos)
  local byte = string.byte(text, pos)
  if not byte then
    words.fail(pos, "the text ends inside a string")
  elseif byte == 0x5c then
    local shown = string.match(string.sub(text, pos, pos + 5), "^\\u%x%x%x%x")
    if shown then
      words.fail(pos, shown .. " is half of a surrogate pair")
    end
    words.fail(pos, "a backslash and " .. words.describe(text, pos + 1) .. " mean nothing")
  elseif byte < 0x20 then
    words.fail(pos, string.format("byte 0x%02x inside a string must be escaped", byte))
  end
  words.fail(pos, "invalid UTF-8 inside a string")
end

--- Reads the string whose first quote is at 'pos'.
---@param text string
---@param pos integer
---@return string value
---@return integer next position after the last quote
function words.read_string(text, pos)
  local stop = lpeg.match(plain, text, pos + 1)
  if string.byte(text, stop) == 0x22 then
    return string.sub(text, pos + 1, stop - 1), stop + 1
  end
  stop = lpeg.match(whole, text, stop)
  if string.byte(text, stop) ~= 0x22 then
    fail_in_string(text, stop)
  end
  return unescape(string.sub(text, pos + 1, stop - 1)), stop + 1
end

-- Numbers ------------------------------------------------------------------------------------

local digits = R "09" ^ 1
local number = P "-" ^ -1
  * (P "0" + R "19" * R "09" ^ 0)
  * (P "." * digits) ^ -1
  * (S "eE" * S "+-" ^ -1 * digits) ^ -1

--- Reads the number at 'pos': an integer where it is written as one and fits, else a float.
---@param text string
---@param pos integer
---@return number value
---@return integer next
function words.read_number(text, pos)
  local stop = lpeg.match(number, text, pos)
  if not stop then
    words.fail(pos, "expected a digit after '-', found " .. words.describe(text, pos + 1))
  elseif string.find(text, "^[%w.+-]", stop) then
    words.fail(stop, words.describe(text, stop) .. " does not belong to a number")
  end
  local value = tonumber(string.sub(text, pos, stop - 1))
  if value == math.huge or value == -math.huge then
    words.fail(pos, "the number is too large")
  end
  return value, stop
end

return words
