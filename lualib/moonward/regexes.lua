--- Regular expressions that match a text as a whole, for lists of allowed paths.

local core = require "moonward.core"
local lpeg = require "lpeg"

local regexes = {}

---@class moonward.Rule
---@field text string as it was given
---@field regex moonward.Regex
---@field has_alternatives boolean "a|b": anchors in front and behind would bind to one side each

local P, V = lpeg.P, lpeg.V

-- "|" outside of groups, classes and quotes.
local alternatives = P {
  V "piece" ^ 0 * "|",
  piece = P "\\Q" * (1 - P "\\E") ^ 0 * P "\\E" ^ -1
    + P "\\" * 1
    + P "[" * P "^" ^ -1 * P "]" ^ -1 * V "member" ^ 0 * "]"
    + P "(" * (V "piece" + "|") ^ 0 * ")"
    + (1 - lpeg.S "|()"),
  member = P "\\" * 1 + P "[:" * lpeg.R "az" ^ 1 * ":]" + (1 - P "]"),
}

local word = lpeg.R("az", "AZ") + "_"

-- Pieces that stand for themselves, so that no "$" or "?" in them is meant.
local skipped = P "\\Q" * (1 - P "\\E") ^ 0 * P "\\E" ^ -1
  + P "[" * P "^" ^ -1 * P "]" ^ -1 * (1 - P "]") ^ 0 * "]"

local function somewhere(pattern)
  return P { pattern + (skipped + P "\\" * 1 + 1) * V(1) }
end

-- "$HOME", "${HOME}": the end of the text, and letters behind it.
local left_unexpanded = somewhere(lpeg.C("$" * (P "{" * word + word) * (word + lpeg.R "09" + "}") ^ 0))

-- "kill?signal=", "kill\\?signal=".
local with_query = somewhere(P "\\" ^ -1 * "?" * (word + lpeg.R "09") ^ 1 * "=")

--- Why a regular expression cannot match any path, which begins with "/" and has no query; nil: it may.
---@param rule moonward.Rule
---@return string?
function regexes.doubt(rule)
  local text = rule.text
  local quote, bare = string.match(text, "^%s*([\"'])(.*)%1%s*$")
  local name = lpeg.match(left_unexpanded, text)
  if quote then
    return "the quotes around it are part of it, as in a list of compose; write it without: " .. bare
  elseif string.find(text, "^%s") or string.find(text, "%s$") then
    return "the blanks around it are part of it; write it without: " .. string.match(text, "^%s*(.-)%s*$")
  elseif name then
    return name .. " is left as it is, where $ means the end; a shell or compose expands it, moonward does"
      .. " not"
  elseif lpeg.match(with_query, text) then
    return "a path has no query; write it without what begins with ?"
  elseif not rule.regex:may_begin "/" then
    return "no path begins so; write it with a slash in front: /" .. text
  end
end

--- The same as regexes.compile, for whoever words the message.
---@param text string
---@return moonward.Rule? rule nil: it is none
---@return string? why
function regexes.try(text)
  if type(text) ~= "string" then
    return nil, "expected a pattern, got a " .. type(text)
  end
  local regex, why = core.regex(text)
  if not regex then
    return nil, why
  end
  return { text = text, regex = regex, has_alternatives = lpeg.match(alternatives, text) ~= nil }
end

--- Reads a regular expression in Go's syntax. What is none is an error, in the line that calls.
---@param text string
---@return moonward.Rule
function regexes.compile(text)
  local rule, why = regexes.try(text)
  return rule or error(string.format("invalid regex \"%s\": %s", tostring(text), why), 2)
end

--- The first rule of a list that matches the whole text.
---@param list moonward.Rule[]
---@param text string
---@return moonward.Rule?
function regexes.first(list, text)
  for _, rule in ipairs(list) do
    if rule.regex:match(text) then
      return rule
    end
  end
end

--- The regular expression that matches this text and nothing else.
---@param text string
---@return string
function regexes.quote(text)
  return (string.gsub(text, "[\\.+*?()|%[%]{}^$]", "\\%0"))
end

return regexes
