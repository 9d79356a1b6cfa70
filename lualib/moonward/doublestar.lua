--- Globs over paths, as doublestar.Match of Go's doublestar v4 reads them:
---
---   *  ?        any text, one character, within a segment
---   [a-z] [!a]  one character of a set, or not of it; within a segment
---   **          as a whole segment: any number of segments, none too: "/a/**" takes "/a"
---   {a,b/c}     one of these; may be nested and hold slashes
---   \           takes the next character for itself
---
--- "**" that is glued to text is "*". Case counts, dots in front mean nothing. A glob becomes one
--- regular expression when it is read, so that matching takes linear time whatever the path.
---
--- What that matcher finds is what its search comes upon, not always what the glob says; rest_of()
--- follows that search. Where ours is narrower, and never wider:
---   * a set does not take a slash; there, "[!a]" and "[.-0]" take one, unlike its page says
---   * "{**,b}" behind text ("x{**,b}") is refused; there, it is any text, with slashes
---   * a glob is checked as a whole. There, a broken end may hide behind "{,"; and what "{[a,b]}" is
---     depends on the path
---   * "**/a/**/" and "*a**/" need a slash at the end of the path; there, some paths pass without

local core = require "moonward.core"
local lpeg = require "lpeg"
local regexes = require "moonward.regexes"

local doublestar = {}

-- Bytes of a glob, and steps over all its alternatives: "{a,b}{c,d}" has four.
doublestar.longest = 4096
doublestar.most_steps = 16384

local P, S = lpeg.P, lpeg.S
local sub = string.sub

local function fail(...)
  error(string.format(...), 0)
end

-- Is it a glob at all? ------------------------------------------------------------------------

local escaped = P "\\" * 1
local plain = escaped + (1 - S "\\[{}")

local function set_without(chars)
  return P "[" * S "^!" ^ -1 * (escaped + (1 - S(chars))) ^ 1 * "]"
end

-- The braces' ends are looked for as if there were no sets.
local alternatives = P { "{" * (plain + set_without "]\\,{}" + lpeg.V(1)) ^ 0 * "}" }
local whole = (plain + set_without "]\\" + alternatives) ^ 0

local broken = {
  ["["] = "a '[' without a ']', or with nothing in between",
  ["{"] = "a '{' without a '}', or a ',', '{' or '}' in a set in braces,",
  ["}"] = "a '}' without a '{'",
  ["\\"] = "nothing follows the '\\'",
}

local function check(glob)
  local at = #glob <= doublestar.longest and (utf8.len(glob) and lpeg.match(whole, glob) or 0)
  if not at then
    fail("it has %d bytes, the longest may have %d", #glob, doublestar.longest)
  elseif at == 0 then
    fail("it is not UTF-8")
  elseif at <= #glob then
    fail("%s at character %d", broken[sub(glob, at, at)], utf8.len(glob, 1, at))
  end
end

-- Braces --------------------------------------------------------------------------------------

-- The ends of the alternatives of the '{' that the text begins with: of the commas, and last of
-- the '}'.
local function ends_of(text)
  local ends, depth = {}, 0
  local i = 1
  while i <= #text do
    local char = sub(text, i, i)
    if char == "\\" then
      i = i + 1
    elseif char == "{" then
      depth = depth + 1
    elseif char == "," and depth == 1 then
      ends[#ends + 1] = i
    elseif char == "}" then
      depth = depth - 1
      if depth == 0 then
        ends[#ends + 1] = i
        return ends
      end
    end
    i = i + 1
  end
  fail("a '{' without a '}'")
end

-- Each alternative with all that follows the '}'.
local function expand(text)
  local list, from, ends = {}, 2, ends_of(text)
  local behind = sub(text, ends[#ends] + 1)
  for i, stop in ipairs(ends) do
    list[i] = sub(text, from, stop - 1) .. behind
    from = stop + 1
  end
  return list
end

-- Sets ----------------------------------------------------------------------------------------

local character = lpeg.R "\0\x7f" + lpeg.R "\xc2\xf4" * lpeg.R "\x80\xbf" ^ 1
local codepoint = (P "\\" * lpeg.C(character) + lpeg.C(character - S "]\\")) / utf8.codepoint

-- "c-a" is a "c".
local function range(first, last)
  return { first, math.max(first, last or first) }
end

local set = P "["
  * lpeg.C(S "^!" ^ -1)
  * lpeg.Ct((codepoint * "-" * codepoint / range + codepoint / range) ^ 1)
  * "]"
  * lpeg.Cp()

local SLASH = string.byte "/"

local function add_range(list, first, last)
  if first <= last then -- of what is left before a slash, or behind it
    list[#list + 1] = string.format("\\x{%x}-\\x{%x}", first, last)
  end
end

-- A regex for one character of the set that the text begins with, and what follows it.
local function read_set(text)
  local negated, ranges, stop = lpeg.match(set, text)
  if not negated then
    fail("a '[' without a ']', or with nothing in between")
  end
  local list = {}
  for _, one in ipairs(ranges) do
    local first, last = one[1], one[2]
    if negated ~= "" or last < SLASH or first > SLASH then
      add_range(list, first, last)
    else
      add_range(list, first, SLASH - 1)
      add_range(list, SLASH + 1, last)
    end
  end
  local body = table.concat(list)
  if negated ~= "" then
    return "[^/" .. body .. "]", sub(text, stop)
  end
  return body ~= "" and "[" .. body .. "]" or nil, sub(text, stop)
end

-- From glob to regular expression --------------------------------------------------------------

-- What may be left of a glob when the path is at its end. The search stops at the first place that a
-- piece fits; so what follows a star of this segment, or "**/", may not be left where it would have
-- to fit once more.
local nothing_more = { [""] = true, ["*"] = true, ["**"] = true, ["/**"] = true }
local before_slash = { ["**/"] = true, ["/**/"] = true }

local function may_end(rest, place)
  if nothing_more[rest] then
    return true
  elseif before_slash[rest] then
    return not place.after_segments and not (place.after_star and not place.starts and rest == "**/")
  elseif sub(rest, 1, 1) == "{" then
    for _, one in ipairs(expand(rest)) do
      if may_end(one, place) then
        return true
      end
    end
  end
  return false
end

local rest_of

-- A regex for what the rest takes, the empty text too where the path may end here; or nil: nothing.
local function rest_or_end(rest, place)
  local more = rest_of(rest, place)
  if may_end(rest, place) then
    return more and "(?:" .. more .. ")?" or ""
  end
  return more
end

local function join(list)
  return #list > 0 and "(?:" .. table.concat(list, "|") .. ")" or nil
end

-- The place behind one character.
local function behind(regex, rest, place, is_slash)
  local more = rest_or_end(rest, {
    state = place.state,
    starts = is_slash,
    after_star = place.after_star and not is_slash,
    after_segments = place.after_segments,
  })
  return regex and more and regex .. more
end

-- Any number of segments; the path goes on.
local function segments(rest, place)
  local after = { state = place.state, starts = true, after_segments = true }
  local more = rest_of(rest, after)
  if not may_end(rest, after) then
    return more and "(?:(?s:.*)/)?" .. more
  end
  return join { "(?s:.*)/" .. (more and "(?:" .. more .. ")?" or ""), more }
end

local function any_text(rest, place)
  local after = { state = place.state, after_star = true, after_segments = place.after_segments }
  local more = rest_of(rest, after)
  if not may_end(rest, after) then
    return more and "[^/]*" .. more
  end
  return join { "[^/]+", more and "[^/]*" .. more }
end

local function stars(rest, place)
  if sub(rest, 2, 2) ~= "*" then
    return any_text(sub(rest, 2), place)
  elseif place.starts and rest == "**" then
    return "(?s:.+)"
  elseif place.starts and sub(rest, 3, 3) == "/" then
    return segments(sub(rest, 4), place)
  end
  return any_text(sub(rest, 3), place)
end

local function braces(rest, place)
  local list = {}
  for _, one in ipairs(expand(rest)) do
    if not place.starts and (one == "**" or sub(one, 1, 3) == "**/") then
      fail("'**' in braces behind other text; it has to be a segment of its own")
    end
    list[#list + 1] = rest_of(one, place)
  end
  return join(list)
end

local function literal(rest, place)
  local _, stop = string.find(rest, "^[^*?%[{\\/]+")
  if stop then
    return behind(regexes.quote(sub(rest, 1, stop)), sub(rest, stop + 1), place, false)
  end
  local from = sub(rest, 1, 1) == "\\" and 2 or 1
  if from > #rest then
    fail("nothing follows the '\\'")
  end
  stop = utf8.offset(rest, 2, from) - 1
  local char = sub(rest, from, stop)
  return behind(regexes.quote(char), sub(rest, stop + 1), place, char == "/")
end

-- A regex for what the rest of a glob takes of the rest of a path, which is not empty; nil: nothing.
-- 'place' says what came before: 'starts', a segment starts here; 'after_star', a star came before
-- in this segment; 'after_segments', a "**/" did.
function rest_of(rest, place)
  place.state.steps = place.state.steps + 1
  if place.state.steps > doublestar.most_steps then
    fail("its braces make more than %d steps; take several globs", doublestar.most_steps)
  end
  local char = sub(rest, 1, 1)
  if char == "" then
    return nil
  elseif char == "*" then
    return stars(rest, place)
  elseif char == "{" then
    return braces(rest, place)
  elseif char == "?" then
    return behind("[^/]", sub(rest, 2), place, false)
  elseif char == "[" then
    local one, after = read_set(rest)
    return behind(one, after, place, false)
  end
  return literal(rest, place)
end

local nothing = "[^\\x{0}-\\x{10ffff}]"

local function compile(glob)
  check(glob)
  local regex, why = core.regex(rest_or_end(glob, { state = { steps = 0 }, starts = true }) or nothing)
  if not regex then
    fail("%s", why)
  end
  return regex
end

--- The same as doublestar.compile, for whoever words the message.
---@param glob string
---@return (fun(path: string): boolean)? matches nil: not a glob
---@return string? message
function doublestar.try(glob)
  if type(glob) ~= "string" then
    return nil, "expected a glob, got a " .. type(glob)
  end
  local ok, regex = pcall(compile, glob)
  if not ok then
    return nil, "'" .. glob .. "' is not a glob: " .. tostring(regex)
  end
  return function(path)
    return regex:match(path)
  end
end

--- Prepares a glob. What is none is an error, in the line that calls.
---@param glob string
---@return fun(path: string): boolean
function doublestar.compile(glob)
  local takes, message = doublestar.try(glob)
  return takes or error(message, 2)
end

--- The glob that takes this text and nothing else.
---@param text string
---@return string
function doublestar.quote(text)
  return (string.gsub(text, "[*?%[{}\\]", "\\%0"))
end

return doublestar
