--- On which line of a configuration each of its keys stands: for messages, since a Lua table does not know
--- where it came from. Reads words, texts and braces, no more; what is not written as a table in place has
--- the line of what it is in.
local lpeg = require "lpeg"

local P, R, S = lpeg.P, lpeg.R, lpeg.S

local config_lines = {}

local letter = R("az", "AZ") + "_"
local word = lpeg.C(letter * (letter + R "09") ^ 0)

local long_open = "[" * lpeg.Cg(P "=" ^ 0, "level") * "["
local long_close = lpeg.Cmt("]" * lpeg.C(P "=" ^ 0) * "]" * lpeg.Cb "level", function(_, _, closing, level)
  return closing == level
end)
local long = lpeg.Cg(long_open * lpeg.C((1 - long_close) ^ 0) * long_close, "text") / 0

local function quoted(mark)
  return mark * lpeg.C((P "\\" * 1 + 1 - P(mark)) ^ 0) * mark
end

local blank = (S " \t\r\n" + "--" * long + "--" * (1 - P "\n") ^ 0) ^ 0
local equals = blank * "=" * -P "="

local function token(kind, pattern)
  return lpeg.Ct(lpeg.Cg(lpeg.Cp(), "at") * lpeg.Cg(lpeg.Cc(kind), "kind") * pattern)
end

local tokens = lpeg.Ct((blank * (
  token("key", lpeg.Cg(word, "name") * equals)
  + token("key", "[" * blank * lpeg.Cg(quoted '"' + quoted "'", "name") * blank * "]" * equals)
  + token("open", P "{")
  + token("close", P "}")
  + token("comma", S ",;")
  + token("return", P "return" * -(letter + R "09"))
  + token("value", long + quoted '"' / 0 + quoted "'" / 0 + word / 0 + 1)
)) ^ 0)

-- The names of what stands where, as messages write it: "listeners.ci.policy[2]".
local function path_of(parent, name)
  if math.type(name) == "integer" then
    return string.format("%s[%d]", parent, name)
  end
  return parent == "" and name or parent .. "." .. name
end

local function line_counter(text)
  local line, last = 1, 1
  return function(at)
    local _, more = string.gsub(string.sub(text, last, at - 1), "\n", "\n")
    line, last = line + more, at
    return line
  end
end

local function begin_entry(level, name)
  level.begun = true
  if not name then
    level.count = level.count + 1
  end
  level.path = path_of(level.parent, name or level.count)
end

--- Lines by path, such as "listeners.ci.policy[2]"; "" is the table that is returned.
---@param text string Lua
---@return table<string, integer>
function config_lines.of(text)
  local lines, stack, line_at = {}, {}, line_counter(text)
  for _, one in ipairs(tokens:match(text)) do
    local line, level = line_at(one.at), stack[#stack]
    if one.kind == "return" and not level then
      stack = { { parent = "", path = "", count = 0, begun = true } }
      lines[""] = line
    elseif level and one.kind == "close" then
      stack[#stack] = nil
    elseif level and one.kind == "comma" then
      level.begun = #stack == 1
    elseif level then
      if not level.begun then
        begin_entry(level, one.kind == "key" and one.name or nil)
        lines[level.path] = lines[level.path] or line
      end
      if one.kind == "open" then
        stack[#stack + 1] = { parent = level.path, count = 0, begun = false }
      end
    end
  end
  return lines
end

--- The line of a path, or of what it is in.
---@param lines table<string, integer>
---@param path string
---@return integer
function config_lines.line(lines, path)
  while not lines[path] and path ~= "" do
    path = string.match(path, "^(.*)[.[]") or ""
  end
  return lines[path] or 1
end

return config_lines
