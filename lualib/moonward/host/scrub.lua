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

-- Each id, a whole word, through 'known'; everything behind the words above is left out.
local function pattern(known)
  local word = lpeg.R("az", "AZ", "09") ^ 1
  local replaced = lpeg.C(long_hex) / function(text) return known[text] and text or ANOTHER end
  return lpeg.Cs((lpeg.C(ends) * (lpeg.P(1) ^ 0 / "") + image_id + replaced + word + 1) ^ 0)
end

--- An edit for the object that an error is.
---@param request moonward.Request
---@param id? string of what the request is about
---@return fun(value: table)
function scrub.edit(request, id)
  local known = { [request.id or ""] = true }
  if id then
    known[id], known[string.sub(id, 1, 12)] = true, true
  end
  return function(value)
    if type(value) ~= "table" or type(value.message) ~= "string" then
      error("the engine's error has no message", 0)
    end
    value.message = lpeg.match(pattern(known), value.message)
  end
end

return scrub
