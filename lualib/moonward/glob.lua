--- Globs over plain strings: "*" any text, also with slashes; "?" one character; "[a-z_]" one of them,
--- "[!a-z]" one of the others; "\" takes the next character for itself. The whole text must match.
---
--- Matching never goes back over a "*": between two stars stands a run of single characters, and the
--- first place where it fits is as good as any later one. So the time is bounded by text times glob.

local lpeg = require "lpeg"

local glob = {}

-- Building a pattern costs the square of its length.
glob.longest = 1000

local P, R = lpeg.P, lpeg.R

local tail = R "\x80\xbf"
-- One character; a byte that is no part of UTF-8 counts as one.
local character = R "\xc2\xdf" * tail + R "\xe0\xef" * tail * tail + R "\xf0\xf4" * tail * tail * tail + 1

-- Reading a glob: a list of patterns for one character each, and of stars.
local star = {}

local function one_of(negated, ...)
  local set = P(false)
  for _, item in ipairs { ... } do
    set = set + item
  end
  return negated == "" and set or character - set
end

local function range(first, last)
  return first <= last and R(first .. last) or error("the range " .. first .. "-" .. last .. " is empty", 0)
end

local escaped = P "\\" * lpeg.C(character)
local member = escaped + lpeg.C(character - P "]" - P "\\")
local ascii = P "\\" * lpeg.C(R "\0\x7f") + lpeg.C(R "\0\x7f" - P "]" - P "\\")
local class = P "["
  * lpeg.C(lpeg.S "!^" ^ -1)
  * (ascii * "-" * ascii / range + member / P) ^ 1
  * "]"
  / one_of
local item = P "*" ^ 1 * lpeg.Cc(star)
  + P "?" * lpeg.Cc(character)
  + class
  + escaped / P
  + (character - lpeg.S "[\\") / P
local items = lpeg.Ct(item ^ 0) * lpeg.Cp()

-- The runs between stars, each as one pattern: "a*b?*" gives {a, b?, ""}.
local function runs_of(list)
  local runs, run = {}, P(true)
  for _, one in ipairs(list) do
    if one == star then
      runs[#runs + 1] = run
      run = P(true)
    else
      run = run * one
    end
  end
  runs[#runs + 1] = run
  return runs
end

local function build(list)
  local runs = runs_of(list)
  local pattern = runs[1]
  for i = 2, #runs do
    local run = i == #runs and runs[i] * -1 or runs[i]
    pattern = pattern * (character - run) ^ 0 * run
  end
  return #runs == 1 and pattern * -1 or pattern
end

--- The same as glob.compile, for whoever words the message.
---@param text string
---@return (fun(text: string): boolean)? matches nil: not a glob
---@return string? message
function glob.try(text)
  if type(text) ~= "string" then
    return nil, "expected a glob, got a " .. type(text)
  elseif #text > glob.longest then
    return nil, "a glob of " .. #text .. " characters, the longest may have " .. glob.longest
  end
  local ok, list, stop = pcall(lpeg.match, items, text)
  local wrong
  if not ok then
    wrong = list
  elseif stop <= #text then
    local char = string.sub(text, stop, stop)
    wrong = (char == "[" and "no ']' for the '['" or "nothing follows the '\\'") .. " at character " .. stop
  end
  if wrong then
    return nil, "'" .. text .. "' is not a glob: " .. wrong
  end
  local pattern = build(list)
  return function(subject)
    if type(subject) ~= "string" then
      error("a glob matches a text, got " .. type(subject), 2)
    end
    return lpeg.match(pattern, subject) ~= nil
  end
end

--- Prepares a glob. What is none is an error, in the line that calls.
---@param text string
---@return fun(text: string): boolean
function glob.compile(text)
  local matches, message = glob.try(text)
  return matches or error(message, 2)
end

return glob
