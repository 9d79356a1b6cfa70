--- Edits of a request's body on its way to the engine. What comes out is what the policies that follow
--- judge.
local json_patch = require "moonward.json_patch"
local native = require "moonward.host.native"
local results = require "moonward.host.results"

local body = {}

--- Lets 'edit' change the body. A request without one, or with one that is not JSON, is an error.
---@param request moonward.Request
---@param edit fun(value: any)
function body.edit(request, edit)
  local cache = native.view.cache(request)
  local text = request.body
  local value, write = json_patch.read(text)
  if text == "" or value == nil then
    error("edit: " .. (text == "" and request.method .. " " .. request.path .. " has no body"
      or "the body is not JSON: " .. write), 0)
  end
  results.none(edit, edit(value))
  local edited = write()
  if edited ~= text then
    cache.body, cache.json, cache.edited = edited, nil, true
  end
end

--- The text of the edited body, nil if it is as it was.
---@param request moonward.Request
---@return string?
function body.edited(request)
  local cache = native.view.cache(request)
  return cache.edited and cache.body or nil
end

return body
