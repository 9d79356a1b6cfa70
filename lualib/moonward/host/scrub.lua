--- Errors of the engine in a view: they name containers that are in the way ("volume is in use - [ID]",
--- "name is already in use by container ID"). Ids that the client has not named itself are taken out.
local lpeg = require "lpeg"

local scrub = {}

local hex = lpeg.R("09", "af")
local long_hex = hex ^ 12 * -hex
local image_id = lpeg.P "sha256:" * hex ^ 12
local ANOTHER = "another"

-- What stands behind these words are names that others chose.
local ends = lpeg.P " has active endpoints" + " is in use by service" + " is in use by task"
  + " is being used by" + "Cannot link to"

-- Each id, a whole word, through 'known', and how many there are is not told; everything behind the words
-- above is left out.
local function pattern(known)
  local word = lpeg.R("az", "AZ", "09") ^ 1
  local stranger = lpeg.Cmt(long_hex, function(_, after, id) return not known[id] and after end)
  local replaced = stranger * (", " * stranger) ^ 0 / ANOTHER
  return lpeg.Cs((lpeg.C(ends) * (lpeg.P(1) ^ 0 / "") + image_id + replaced + word + 1) ^ 0)
end

--- A text of the engine's without what it says of others.
---@param text string
---@param known table<string, boolean> ids that may stand in it
---@return string
function scrub.text(text, known)
  return lpeg.match(pattern(known), text)
end

--- An edit for the object that an error is.
---@param request moonward.Request
---@param ids string[] of what the request is about
---@return fun(value: table)
function scrub.edit(request, ids)
  local known = { [request.id or ""] = true }
  for _, id in ipairs(ids) do
    known[id], known[string.sub(id, 1, 12)] = true, true
  end
  return function(value)
    if type(value) ~= "table" or type(value.message) ~= "string" then
      error("the engine's error has no message", 0)
    end
    for key, text in pairs(value) do -- podman has a "cause", too
      value[key] = type(text) == "string" and scrub.text(text, known) or text
    end
  end
end

return scrub
