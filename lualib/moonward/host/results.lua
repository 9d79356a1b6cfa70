--- What the functions that a policy gives to moonward.allow and moonward.view may return. A value that looks
--- like an answer and would be ignored, or a "no" that counts as a "yes", is an error with the function's
--- place.
local core = require "moonward.core"

local results = {}

local function fail(of, ...)
  local place = core.place(of)
  error((place and place .. ": " or "") .. string.format(...), 0)
end

--- What an edit returned, which has to be nothing: it changes what it is given.
---@param edit function
---@param result any
function results.none(edit, result)
  if result ~= nil then
    fail(edit, "edit returned a %s; it changes the value that it is given, and returns nothing", type(result))
  end
end

--- What a predicate returned, as true or false: a text, such as a label, counts as true.
---@param predicate function
---@param result any
---@return boolean
function results.shown(predicate, result)
  if result == nil or type(result) == "boolean" then
    return result or false
  elseif type(result) == "string" then
    return true
  end
  fail(predicate, "only returned a %s, which is true whatever it holds; return true or false",
    result == core.json.null and "json.null" or type(result))
end

return results
