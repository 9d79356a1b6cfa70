--- The words of TOML: white space, comments, keys and strings. toml.lua puts them together.
---
--- Each reader takes the text and a position, and gives a value and the position behind it; what is
--- wrong goes to toml_text.fail. The text is valid UTF-8, which toml.lua has seen to.

local lpeg = require "lpeg"

local toml_text = {}

local P, R, S, C, Cs = lpeg.P, lpeg.R, lpeg.S, lpeg.C, lpeg.Cs
local match, byte_at, sub = lpeg.match, string.byte, string.sub

-- What toml_text.fail throws; toml.try tells it from a limit that was hit.
toml_text.failure = {}

---@param pos integer
---@param message string
---@param ... any for string.format
function toml_text.fail(pos, message, ...)
  error(setmetatable({ pos = pos, message = string.format(message, ...) }, toml_text.failure), 0)
end

local fail = toml_text.fail

--- What stands at 'pos', fit for a message.
---@param text string
---@param pos integer
---@return string
function toml_text.describe(text, pos)
  local byte = byte_at(text, pos)
  if not byte then
    return "the end of the file"
  elseif byte == 0x0a or byte == 0x0d and byte_at(text, pos + 1) == 0x0a then
    return "the end of the line"
  elseif byte < 0x20 or byte == 0x7f then
    return string.format("the control character 0x%02x", byte)
  end
  return "'" .. sub(text, pos, utf8.offset(text, 2, pos) - 1) .. "'"
end

local describe = toml_text.describe

-- White space and comments -------------------------------------------------------------------

local control = R "\0\8" + R "\10\31" + P "\127" -- a tab is none
local newline = P "\n" + P "\r\n"

--- Patterns: match always, give the position behind.
toml_text.space = S " \t" ^ 0

local comment = P "#" * (1 - control) ^ 0
local line_end = S " \t" ^ 0 * comment ^ -1 * lpeg.Cp() * (newline + -P(1)) * lpeg.Cp()
local broken_end = S " \t" ^ 0 * comment ^ -1
local gap = (S " \t" + newline + comment * #(newline + -P(1))) ^ 0

--- Passes over a comment and the end of the line, which have to come now.
---@param text string
---@param pos integer
---@return integer next
function toml_text.read_line_end(text, pos)
  local _, stop = match(line_end, text, pos)
  if not stop then
    pos = match(broken_end, text, pos)
    fail(pos, "expected the end of the line, found %s", describe(text, pos))
  end
  return stop
end

--- Passes over white space, comments and ends of lines.
---@param text string
---@param pos integer
---@return integer next
function toml_text.skip(text, pos)
  pos = match(gap, text, pos)
  if byte_at(text, pos) == 0x23 then -- a comment that does not reach the end of its line
    pos = match(comment, text, pos)
    fail(pos, "%s in a comment", describe(text, pos))
  end
  return pos
end

-- Strings ------------------------------------------------------------------------------------

local letters = { b = "\b", e = "\27", f = "\f", n = "\n", r = "\r", t = "\t", ['"'] = '"', ["\\"] = "\\" }

local hex = R("09", "af", "AF")
local two = hex * hex
local four = two * two

-- Nil, and so no match, for a surrogate or what is no character at all.
local function from_code(_, pos, digits)
  local code = tonumber(digits, 16)
  local is_character = code < 0xd800 or code > 0xdfff and code < 0x110000
  return is_character and pos, is_character and utf8.char(code)
end

local escape = P "\\" * C(S 'befnrt"\\') / letters
  + P "\\"
    * (P "x" * lpeg.Cmt(two, from_code)
      + P "u" * lpeg.Cmt(four, from_code)
      + P "U" * lpeg.Cmt(four * four, from_code))
    / "%1"

local plain = 1 - control - S '"\\'
-- Behind a backslash at the end of a line everything up to the next word is dropped.
local fold = P "\\" * S " \t" ^ 0 * newline * (S " \t" + newline) ^ 0 / ""
-- One or two quotes that do not end the string.
local quotes = P '"' * P '"' ^ -1 * -P '"'
local apostrophes = P "'" * P "'" ^ -1 * -P "'"

local basic = Cs((plain ^ 1 + escape) ^ 0) * lpeg.Cp()
local literal = C((1 - control - P "'") ^ 0) * lpeg.Cp()
local long_basic = Cs((plain ^ 1 + newline + escape + fold + quotes) ^ 0) * lpeg.Cp()
local long_literal = C((1 - control - P "'" + newline + apostrophes) ^ 0) * lpeg.Cp()

local function fail_in_string(text, pos, kind)
  local byte = byte_at(text, pos)
  if byte == 0x5c then
    fail(pos, "expected an escape such as \\n, \\\\, \\\" or \\u00e9, found %s behind the \\",
      describe(text, pos + 1))
  elseif not byte or byte == 0x0a or byte == 0x0d and byte_at(text, pos + 1) == 0x0a then
    fail(pos, "expected %s at the end of the string, found %s", kind, describe(text, pos))
  end
  fail(pos, "%s in a string", describe(text, pos))
end

local kinds = {
  ['"'] = { basic, '"' },
  ["'"] = { literal, "'" },
  ['"""'] = { long_basic, '"""' },
  ["'''"] = { long_literal, "'''" },
}

-- The text ends with three quotes, and up to two more before them belong to it.
local function read_long(text, pos, kind)
  local pattern, quote = kinds[kind][1], sub(kind, 1, 1)
  local start = match(newline, text, pos + 3) or pos + 3
  local value, stop = match(pattern, text, start)
  if sub(text, stop, stop + 2) ~= kind then
    fail_in_string(text, stop, kind)
  end
  local extra = 0
  while extra < 2 and byte_at(text, stop + 3 + extra) == byte_at(quote) do
    extra = extra + 1
  end
  return value .. string.rep(quote, extra), stop + 3 + extra
end

--- Reads the string at 'pos', where a quote stands.
---@param text string
---@param pos integer
---@param is_key? boolean keys have no long strings
---@return string value
---@return integer next
function toml_text.read_string(text, pos, is_key)
  local quote, three = sub(text, pos, pos), sub(text, pos, pos + 2)
  if kinds[three] then
    if is_key then
      fail(pos, "a key cannot be a string of several lines")
    end
    return read_long(text, pos, three)
  end
  local value, stop = match(kinds[quote][1], text, pos + 1)
  if sub(text, stop, stop) ~= quote then
    fail_in_string(text, stop, quote)
  end
  return value, stop + 1
end

-- Keys ---------------------------------------------------------------------------------------

--- The most parts that a key may have.
toml_text.most_parts = 64

local bare = C((R("az", "AZ", "09") + S "_-") ^ 1) * lpeg.Cp()

local function read_part(text, pos)
  local byte = byte_at(text, pos)
  if byte == 0x22 or byte == 0x27 then
    return toml_text.read_string(text, pos, true)
  end
  local part, stop = match(bare, text, pos)
  if not part then
    fail(pos, "expected a key, found %s", describe(text, pos))
  end
  return part, stop
end

--- Reads a key, "a" or "a.b.c", and the white space behind it.
---@param text string
---@param pos integer
---@return string[] parts
---@return integer next
---@return integer[] places where each part stands
function toml_text.read_key(text, pos)
  local parts, places = {}, {}
  while true do
    if #parts == toml_text.most_parts then
      fail(pos, "a key of more than %d parts", toml_text.most_parts)
    end
    places[#parts + 1] = pos
    parts[#parts + 1], pos = read_part(text, pos)
    pos = match(toml_text.space, text, pos)
    if byte_at(text, pos) ~= 0x2e then
      return parts, pos, places
    end
    pos = match(toml_text.space, text, pos + 1)
  end
end

return toml_text
