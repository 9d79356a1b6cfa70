--- Words of a Dockerfile's instructions: flags, variables, lists. What is more than can be told with
--- certainty is refused, with the line.
local json = require "moonward.json"
local lines = require "moonward.dockerfile.lines"

local words = {}

-- Of what an image is named with, also when variables have become what they stand for.
local LONGEST = 1024

--- The words of a text, between blanks.
---@param text string
---@return string[]
function words.split(text)
  local list = {}
  for word in string.gmatch(text, "%S+") do
    list[#list + 1] = word
  end
  return list
end

-- Where a word ends that begins here, or the next piece of it: quotes hold blanks together.
local function end_of_piece(text, from, escape)
  local first = string.sub(text, from, from)
  if first == escape then
    return from + 1
  elseif first ~= "'" and first ~= '"' then
    return from
  end
  local at = from + 1
  while at <= #text and string.sub(text, at, at) ~= first do
    at = at + (first == '"' and string.sub(text, at, at) == escape and 2 or 1)
    at = string.find(text, "[\"'\\`]", at) or #text + 1
  end
  return at
end

--- The words of ENV, LABEL and ARG, with their quotes and escapes.
---@param text string
---@param escape "\\"|"`"
---@return string[]
function words.quoted(text, escape)
  local list, from = {}, string.find(text, "%S")
  while from do
    local at = string.find(text, "[%s\"'\\`]", from)
    while at and not string.find(text, "^%s", at) do
      at = string.find(text, "[%s\"'\\`]", end_of_piece(text, at, escape) + 1)
    end
    list[#list + 1] = string.sub(text, from, (at or #text + 1) - 1)
    from = at and string.find(text, "%S", at)
  end
  return list
end

--- The flags in front, by name; and what follows them.
---@param instruction moonward.dockerfile.Instruction
---@param known table<string, boolean>
---@return table<string, string> flags
---@return string rest
function words.flags(instruction, known)
  local flags, rest = {}, instruction.rest
  while string.find(rest, "^%-%-") do
    local flag, after = string.match(rest, "^(%S+)%s*(.*)$")
    local name, value = string.match(flag, "^%-%-([a-z]+)=([%w%p]*)$")
    if not name or string.find(value, "[\"'\\`]") then
      lines.fail(instruction.line, "has a flag that cannot be read: %s", string.sub(flag, 1, 80))
    elseif not known[name] or flags[name] then
      lines.fail(instruction.line, "has the flag --%s, which the classic builder does not take %s", name,
        flags[name] and "twice" or "here")
    end
    flags[name], rest = value, after
  end
  return flags, rest
end

-- One "$name" or "${name:-word}" at the beginning; its value and what follows.
local function variable(text, value_of, line)
  local name, after = string.match(text, "^%$([%a_][%w_]*)(.*)$")
  if name then
    return value_of(name, line) or "", after
  end
  local sign, word
  name, sign, word, after = string.match(text, "^%${([%a_][%w_]*)(:?[-+]?)([^${}]*)}(.*)$")
  if not name or sign == "" and word ~= "" or sign ~= "" and sign ~= ":-" and sign ~= ":+" then
    lines.fail(line, "has a variable that cannot be read: %s", string.sub(text, 1, 80))
  end
  local value = value_of(name, line) or ""
  if sign == ":-" and value == "" or sign == ":+" and value ~= "" then
    value = word
  end
  return value, after
end

--- A word with its variables replaced.
---@param text string
---@param value_of fun(name: string, line: integer): string?
---@param line integer
---@return string
function words.expand(text, value_of, line)
  local parts, length = {}, 0
  if #text > LONGEST then
    lines.fail(line, "has a word that is too long")
  elseif string.find(text, "[\"'\\`]") then
    lines.fail(line, "has quotes or escapes where an image is named; write it without: %s",
      string.sub(text, 1, 80))
  end
  while text ~= "" do
    local plain, after = string.match(text, "^([^$]*)(.*)$")
    parts[#parts + 1], text = plain, after
    if text ~= "" then
      parts[#parts + 1], text = variable(text, value_of, line)
      length = length + #parts[#parts]
    end
    if length > LONGEST then
      lines.fail(line, "has variables that become too long")
    end
  end
  return table.concat(parts)
end

--- The sources and the destination of ADD and COPY: a list as JSON writes it, or words.
---@param text string
---@param line integer
---@return string[]
function words.list(text, line)
  if not string.find(text, "^%[") then
    return words.split(text)
  end
  local list = json.decode(text)
  if not list or json.is_object(list) or type(list) ~= "table" then
    -- Some builders read the list and leave out what follows it.
    if string.find(text, "%]$") or string.find(text, '^%[%s*"') then
      lines.fail(line, "has a list that is not JSON, or something behind it")
    end
    return words.split(text)
  end
  local plain = {}
  for index, word in ipairs(list) do
    if type(word) ~= "string" then
      lines.fail(line, "has a list of something else than texts")
    end
    plain[index] = word
  end
  return plain
end

--- Whether a source of ADD is a URL, or can become one: variables may be anything, and the builder leaves
--- out a BOM, which JSON can write without writing one.
---@param source string
---@return boolean
function words.may_be_url(source)
  local plain = string.lower(string.gsub(string.gsub(source, "[\"'\\`]", ""), "\xef\xbb\xbf", ""))
  local literal, more = string.match(plain, "^([^$]*)(.*)$")
  for _, scheme in ipairs { "http://", "https://" } do
    local short = math.min(#scheme, #literal)
    if string.sub(literal, 1, short) == string.sub(scheme, 1, short) and (short == #scheme or more ~= "") then
      return true
    end
  end
  return false
end

return words
