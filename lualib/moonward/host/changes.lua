--- What an allowance asks to be changed on the way: the request's body before it goes to the engine,
--- and the answer before the client sees it.
---
--- Several policies' changes add up: a body goes from one to the next, an item of the answer is shown
--- if all of them say so, and is edited and redacted by each.
local body = require "moonward.host.body"
local builds = require "moonward.host.builds"
local items = require "moonward.host.items"
local json_patch = require "moonward.json_patch"
local native = require "moonward.host.native"
local operations = require "moonward.operations"
local results = require "moonward.host.results"
local view = require "moonward.host.view"

local changes = {}

--- By name: what the answer of an operation looks like.
local forms = {}
for _, entry in ipairs(operations.list) do
  forms[entry.name] = entry.answer
end

local function is_safe(method)
  return method == "GET" or method == "HEAD"
end

-- Keys and values of the query, as one text; two policies must not want different ones.
local LONGEST_QUERY, MOST_PAIRS = 2048, 8

--- The pairs that the query goes on with, with a NUL behind each key and value; nil if there are none.
--- 'key' and 'value' name what was judged by its id.
---@param parts table[]
---@param key? string
---@param value? string
---@return string?
function changes.query(parts, key, value)
  local set, words = {}, {}
  if key then
    set[key], words = value, { key, value }
  end
  for _, part in ipairs(parts) do
    for name, text in pairs(part.query or {}) do
      if set[name] and set[name] ~= text then
        error(string.format("query: '%s' is set to two values", name), 0)
      elseif not set[name] then
        set[name] = text
        words[#words + 1], words[#words + 2] = name, text
      end
    end
  end
  if #words == 0 then
    return nil
  end
  local text = table.concat(words, "\0") .. "\0"
  if #text > LONGEST_QUERY or #words > 2 * MOST_PAIRS then
    error("query: what is set is too long", 0)
  end
  return text
end

local function check_form(request)
  if not forms[request.operation] or request.method == "HEAD" then
    error(string.format("the answer of %s cannot be filtered: it is not JSON that is known",
      request.operation or request.path), 0)
  end
end

-- What several views show together: what all of them show.
local function both(one, other)
  local shown = {}
  for kind, predicate in pairs(other) do
    shown[kind] = predicate
  end
  for kind, predicate in pairs(one or {}) do
    local second = shown[kind]
    shown[kind] = not second and predicate or function(object, name, is_inspected)
      return predicate(object, name, is_inspected) and second(object, name, is_inspected)
    end
  end
  return shown
end

--- Takes what one policy asks for: edits the body, and keeps the rest for changes.filters. An operation
--- whose answer cannot be filtered is an error, and so a denial.
---@param request moonward.Request
---@param asked table
---@param index integer the policy
---@param parts table[] of this and the policies before
---@return moonward.Verdict? refusal of a view that does not hold what the request is about
function changes.take(request, asked, index, parts)
  if asked.view then
    parts.shown = both(parts.shown, asked.view)
    local refusal, part = view.judge(request, parts.shown)
    if refusal then
      return refusal
    elseif part then
      part.policy = index
      parts[#parts + 1] = part
    end
  end
  local refused = asked.dockerfile and builds.refusal(request)
  if refused then
    return refused
  end
  local edits_body = asked.edit and not is_safe(request.method)
  if edits_body then
    body.edit(request, asked.edit)
  end
  local edit = not edits_body and asked.edit or nil
  if asked.only or asked.redact or edit then
    check_form(request)
  end
  parts[#parts + 1] = {
    policy = index, only = asked.only, redact = asked.redact, edit = edit, query = asked.query,
    dockerfile = asked.dockerfile,
  }
end

--- The same of an allowance that was made of several, by moonward.both: in their order.
---@param request moonward.Request
---@param asked table of changes.take, or { first =, second = } of such
---@param index integer
---@param parts table[]
---@return moonward.Verdict? refusal
function changes.take_all(request, asked, index, parts)
  if not asked.first then
    return changes.take(request, asked, index, parts)
  end
  return changes.take_all(request, asked.first, index, parts)
    or changes.take_all(request, asked.second, index, parts)
end

local function edited(edit, text, kind)
  local value, write = json_patch.read(text, "answer")
  if value == nil then
    error("the engine's answer cannot be edited: " .. write, 0)
  end
  results.none(edit, edit(value, kind))
  return write()
end

local function wants(parts, ...)
  for _, part in ipairs(parts) do
    for _, name in ipairs { ... } do
      if part[name] then
        return true
      end
    end
  end
  return false
end

-- The parts that have something of that name, in their order.
local function having(parts, name)
  local found = {}
  for _, part in ipairs(parts) do
    if part[name] then
      found[#found + 1] = part
    end
  end
  return found
end

-- What a view has judged already it need not look at again.
local function is_shown(parts, text, kind)
  local item
  for i = 1, #parts do
    if parts[i].judged ~= text then
      item = item or items.reader(kind)(text)
      native.enter(parts[i].policy)
      if not results.shown(parts[i].only, parts[i].only(item, kind)) then
        return false
      end
    end
  end
  return true
end

-- How many items of a list are shown at most: the first of those that all policies show.
local function limit_of(parts)
  local limit = math.huge
  for _, part in ipairs(having(parts, "limit")) do
    limit = math.min(limit, part.limit)
  end
  return limit
end

-- The most frequent one: an `only`, and perhaps a `redact`, of one policy.
local function short_filter(only, policy, kind, stays)
  local read, entered = items.reader(kind), false
  return function(text)
    if not entered then
      native.enter(policy)
      entered = true
    end
    return results.shown(only, only(read(text), kind)) and stays
  end
end

-- It is called for each item, so it does not look again at what it has to do.
local function answer_filter(request, parts)
  local form = forms[request.operation]
  local onlys, edits, redacts = having(parts, "only"), having(parts, "edit"), having(parts, "redact")
  local last = table.remove(redacts)
  local left = limit_of(parts)
  local is_short = #onlys == 1 and #edits + #redacts == 0 and left == math.huge
  if last and #onlys + #edits + #redacts == 0 then
    return last.redact
  elseif is_short and #form <= 1 then
    local kind = form[1] and form[1][2] or form.kind
    return short_filter(onlys[1].only, onlys[1].policy, kind, last and last.redact or true)
  end
  return function(text, list)
    local kind = form[list] and form[list][2] or form.kind
    if #onlys > 0 and (left <= 0 or not is_shown(onlys, text, kind)) then
      return false
    end
    left = left - 1
    local result = text
    for i = 1, #edits do
      native.enter(edits[i].policy)
      if not edits[i].needs_edit or edits[i].needs_edit(text) then
        result = edited(edits[i].edit, result, kind)
      end
    end
    -- Last, so that no edit brings back what another policy hides.
    for i = 1, #redacts do
      result = redacts[i].redact:apply(result) or result
    end
    if last and result == text then
      return last.redact
    end
    return last and last.redact:apply(result) or result == text or result
  end
end

-- The engine runs ps on the host with the client's arguments, and its errors quote what ps wrote: words of
-- any process's command line.
local plain_errors = { "^No such container: ", "is not running$", "is restarting, wait until" }

local function hide_quotes(value)
  local message = type(value) == "table" and value.message
  for _, pattern in ipairs(plain_errors) do
    if type(message) == "string" and string.find(message, pattern) then
      return
    end
  end
  if type(value) == "table" then
    value.message = "moonward: ps has failed on these arguments, or the engine cannot read what it wrote"
  end
end

--- What a request needs whatever the policies ask for, where the engine's errors quote what it read on the
--- host with the client's text: they are not passed on.
---@param request moonward.Request
---@param parts? table[]
---@param by integer the policy that allows it
---@return table[]? parts
function changes.quoting(request, parts, by)
  if request.query.ps_args then
    parts = parts or {}
    parts[#parts + 1] = { policy = by, errors = hide_quotes }
  end
  return parts
end

local function error_filter(parts)
  return function(text)
    local result = text
    for _, part in ipairs(parts) do
      native.enter(part.policy)
      result = part.errors and edited(part.errors, result, "error") or result
    end
    return result == text or result
  end
end

-- Counts, say, that stand beside lists: they are edited when all elements of the lists were filtered.
local function rest_filter(request, parts)
  local form, rests = forms[request.operation], having(parts, "rest")
  return function(text, list)
    local path = form[list] and string.match(form[list][1], "^(.*)%.") or ""
    for i = 1, #rests do
      native.enter(rests[i].policy)
      text = edited(function(value) return rests[i].rest(value, path) end, text, nil)
    end
    return text
  end
end

--- The filters that C shows each item to: true keeps it, false drops it, a text takes its place, and a
--- redactor is applied to it. A redactor alone is such a filter, too.
---@param request moonward.Request
---@param parts table[] as changes.take left them
---@return (fun(text: string, list: integer): boolean|string|userdata)|userdata? answer nil: it passes
---@return (fun(text: string): boolean|string)? errors the same for an error of the engine's
---@return (fun(text: string, list: integer): string)? rest the same for what an object has beside its lists
function changes.filters(request, parts)
  local answer = wants(parts, "only", "edit", "redact") and answer_filter(request, parts) or nil
  return answer, wants(parts, "errors") and error_filter(parts) or nil,
    wants(parts, "rest") and rest_filter(request, parts) or nil
end

return changes
