--- What an allowance asks to be changed on the way: the request's body before it goes to the engine,
--- and the answer before the client sees it.
---
--- Several policies' changes add up: a body goes from one to the next, an item of the answer is shown
--- if all of them say so, and is edited and redacted by each.
local items = require "moonward.host.items"
local json_patch = require "moonward.json_patch"
local native = require "moonward.host.native"
local operations = require "moonward.operations"

local changes = {}

--- By name: what the answer of an operation looks like.
local forms = {}
for _, entry in ipairs(operations.list) do
  forms[entry.name] = entry.answer
end

local function is_safe(method)
  return method == "GET" or method == "HEAD"
end

--- Edits the body at once, so that the policies behind this one judge what will be sent.
local function edit_body(request, edit)
  local cache = native.view.cache(request)
  local text = request.body
  local value, write = json_patch.read(text)
  if text == "" or value == nil then
    error("edit: " .. (text == "" and request.method .. " " .. request.path .. " has no body"
      or "the body is not JSON: " .. write), 0)
  end
  edit(value)
  local edited = write()
  if edited ~= text then
    cache.body, cache.json, cache.edited = edited, nil, true
  end
end

--- Takes what one policy asks for: edits the body, and keeps the rest for changes.filter. An operation
--- whose answer cannot be filtered is an error, and so a denial.
---@param request moonward.Request
---@param asked table
---@param index integer the policy
---@param parts table[] of this and the policies before
function changes.take(request, asked, index, parts)
  local edits_body = asked.edit and not is_safe(request.method)
  if edits_body then
    edit_body(request, asked.edit)
  end
  local edit = not edits_body and asked.edit or nil
  if not (asked.only or asked.redact or edit) then
    return
  elseif not forms[request.operation] or request.method == "HEAD" then
    error(string.format("the answer of %s cannot be filtered: it is not JSON that is known",
      request.operation or request.path), 0)
  end
  parts[#parts + 1] = { policy = index, only = asked.only, redact = asked.redact, edit = edit }
end

--- The text of the edited body, nil if it is as it was.
---@param request moonward.Request
---@return string?
function changes.body(request)
  local cache = native.view.cache(request)
  return cache.edited and cache.body or nil
end

local function shown(parts, text, kind)
  local item
  for _, part in ipairs(parts) do
    if part.only then
      native.enter(part.policy)
      item = item or items.read(text, kind)
      if not part.only(item, kind) then
        return false
      end
    end
  end
  return true
end

local function edited(part, text, kind)
  local value, write = json_patch.read(text)
  if value == nil then
    error("the engine's answer cannot be edited: " .. write, 0)
  end
  part.edit(value, kind)
  return write()
end

--- The filter that C shows each item to: true keeps it, false drops it, a text takes its place.
---@param request moonward.Request
---@param parts table[] as changes.take left them
---@return (fun(text: string, list: integer): boolean|string)? filter nil: the answer passes as it is
function changes.filter(request, parts)
  if #parts == 0 then
    return nil
  end
  local form = forms[request.operation]
  return function(text, list)
    local kind = form[list] and form[list][2] or form.kind
    if not shown(parts, text, kind) then
      return false
    end
    local result = text
    for _, part in ipairs(parts) do
      native.enter(part.policy)
      result = part.edit and edited(part, result, kind) or result
    end
    -- Last, so that no edit brings back what another policy hides.
    for _, part in ipairs(parts) do
      result = part.redact and part.redact:apply(result) or result
    end
    return result == text or result
  end
end

return changes
