--- A Dockerfile as instructions, in the way of the classic builder of Docker 20.10 to 29: directives,
--- comments, lines that go on. What these builders read in different ways, or what is not certain, is not
--- read: the message says the line and what to write instead.
local lines = {}

-- The builder reads no longer line.
local LONGEST = 65535

local BOM = "^\xef\xbb\xbf"

-- What Unicode takes for a space besides the blanks of ASCII.
local spaces = {
  "^\xc2[\x85\xa0]", "^\xe1\x9a\x80", "^\xe2\x80[\x80-\x8a\xa8\xa9\xaf]", "^\xe2\x81\x9f", "^\xe3\x80\x80",
}

-- Instructions that are read here, besides RUN.
local reads = { add = true, arg = true, copy = true, from = true, label = true, onbuild = true }

local instructions = {}
for name in string.gmatch([[add arg cmd copy entrypoint env expose from healthcheck label maintainer onbuild
    run shell stopsignal user volume workdir]], "%a+") do
  instructions[name] = true
end

local function fail(number, message, ...)
  error({ text = string.format("line %d of the Dockerfile " .. message, number, ...) }, 0)
end

local function begins_with_space(text)
  for _, pattern in ipairs(spaces) do
    if string.find(text, pattern) then
      return true
    end
  end
  return false
end

-- What one part of a builder takes for a blank, or leaves out (U+FEFF), and another does not; a single byte
-- of what is no UTF-8 among them.
local function has_odd_space(text)
  if not string.find(text, "[\x80-\xff]") then
    return false
  elseif not utf8.len(text) or string.find(text, "\xef\xbb\xbf", 1, true) then
    return true
  end
  for _, pattern in ipairs(spaces) do
    if string.find(text, string.sub(pattern, 2)) then
      return true
    end
  end
  return false
end

local function plain(text)
  return (string.gsub(text, BOM, ""))
end

--- The lines of a text as the builder counts them, each with what ends it.
---@param text string
---@return string[]
function lines.split(text)
  local list = {}
  for line in string.gmatch(plain(text), "[^\n]*\n?") do
    list[#list + 1] = line ~= "" and line or nil
  end
  return list
end

local function split(text)
  local list = {}
  for line in string.gmatch(text .. "\n", "([^\n]*)\n") do
    line = string.gsub(line, "\r$", "")
    list[#list + 1] = line
    if #line > LONGEST then
      fail(#list, "is longer than the builder reads")
    elseif string.find(line, "\0", 1, true) then
      fail(#list, "has a NUL in it")
    elseif string.find(line, "\r$") then
      fail(#list, "ends in more than one CR, which builders read in different ways")
    elseif begins_with_space(string.gsub(line, "^%s+", "")) then
      fail(#list, "begins with a space that is none of ASCII")
    end
  end
  if list[#list] == "" then
    list[#list] = nil
  end
  return list
end

local function is_comment(line)
  return string.find(line, "^%s*#") ~= nil
end

-- Directives stand before everything else. Newer builders know one more, `check`, and look on behind it.
-- A vertical tab is a blank to some of what they do, and not to the rest.
local function read_directive(state, line, number)
  if state.over == "yes" then
    return
  elseif is_comment(line) and string.find(line, "\v", 1, true) then
    fail(number, "has a vertical tab where directives stand")
  end
  local key, value = string.match(line, "^#%s*(%a%w*)%s*=%s*(.*)$")
  value = value and string.match(value, "^(.*%S)")
  key = value and string.lower(key)
  if key == "escape" then
    if value ~= "\\" and value ~= "`" then
      fail(number, "sets an escape that is neither \\ nor `")
    elseif state.over or state.has_escape then
      fail(number, "sets the escape, which only the first line can")
    end
    state.escape, state.has_escape = value, true
  elseif key == "check" then
    state.over = "perhaps"
  elseif key ~= "syntax" then
    state.over = "yes"
  end
end

-- Without the character that says that the line goes on; and whether there was one.
local function take_escape(state, line, number)
  local before = string.match(line, "^(.*[^ \t])[ \t]*$") or ""
  if string.sub(before, -1) ~= state.escape then
    return line, false
  elseif string.sub(before, -2, -2) == state.escape then
    fail(number, "ends in two escapes, which builders read in different ways")
  end
  return string.sub(before, 1, -2), true
end

-- The lines that one goes on with.
local function read_rest(state, list, at, text, goes_on)
  local words = { text }
  while goes_on and at < #list do
    at = at + 1
    local line = list[at]
    if not is_comment(line) and string.find(line, "%S") then
      words[#words + 1], goes_on = take_escape(state, line, at)
    end
  end
  return table.concat(words), at
end

local function instruction_of(text, number, last)
  local name, rest = string.match(text, "^%s*(%S+)%s*(.*)$")
  name = name and string.lower(name) or ""
  if not instructions[name] then
    fail(number, "has no instruction that is known: %q", string.sub(name, 1, 40))
  end
  rest = string.match(rest, "^(.*%S)") or ""
  if (reads[name] or name == "run" and string.find(rest, "<<", 1, true)) and has_odd_space(rest) then
    fail(number, "has spaces in it that are none of ASCII, or no UTF-8")
  end
  return { name = name, rest = rest, line = number, last = last }
end

local function read(text)
  local list, found, state, at = split(plain(text)), {}, { escape = "\\" }, 0
  while at < #list do
    at = at + 1
    local number, line = at, string.gsub(list[at], "^%s+", "")
    read_directive(state, line, number)
    if not is_comment(line) then
      local first, goes_on = take_escape(state, line, number)
      local whole
      whole, at = read_rest(state, list, at, first, goes_on)
      if string.find(whole, "%S") then
        found[#found + 1] = instruction_of(whole, number, at)
      end
    end
  end
  return found
end

---@class moonward.dockerfile.Instruction
---@field name string "from", in small letters
---@field rest string what follows, the lines joined
---@field line integer
---@field last integer the line that it ends in

--- Calls what may fail() on a text; nil and why it cannot be read.
---@generic T
---@param f fun(text: string, ...): T
---@param text string
---@return T? result
---@return string? message
function lines.try(f, text, ...)
  local ok, result = pcall(f, text, ...)
  if ok then
    return result
  elseif type(result) == "table" and result.text then
    return nil, result.text
  end
  error(result, 0)
end

--- The instructions of a Dockerfile, or fails.
---@type fun(text: string): moonward.dockerfile.Instruction[]
lines.read = read

lines.fail = fail

return lines
