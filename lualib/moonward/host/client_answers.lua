--- What a policy of moonward.client leaves out of answers by itself: secrets that its client does not need,
--- events that it does not follow; and the requests whose answer would tell of what is left out.
local json = require "moonward.json"
local secrets = require "moonward.secrets"

local client_answers = {}

--- Whether an answer consists of objects, and can be filtered; of all else the target decides.
---@param operation string
---@return boolean
function client_answers.is_filtered(operation)
  return operation == "system.events" or string.find(operation, "%.list$") ~= nil
    or string.find(operation, "%.inspect$") ~= nil and operation ~= "exec.inspect"
end

--- The paths to empty in an answer.
---@param entry moonward.client.Entry
---@param operation string
---@param options table their values
---@param shown moonward.secrets.Shown? of the whole policy
---@return table? nil: nothing is emptied
function client_answers.redact(entry, operation, options, shown)
  local redact, hidden = entry.redact, secrets.paths(operation, entry.shows or shown)
  redact = type(redact) == "function" and redact(options) or redact
  if not hidden or not redact then
    return hidden or redact
  end
  local all = { table.unpack(hidden) }
  table.move(redact, 1, #redact, #all + 1, all)
  return all
end

--- Leaves the events of the types that the client follows, without command lines that are not shown.
---@param allow table what moonward.allow is to be told; changed
---@param entry moonward.client.Entry
---@param operation string
---@param shown moonward.secrets.Shown? of the whole policy
function client_answers.narrow_events(allow, entry, operation, shown)
  if operation ~= "system.events" then
    return
  end
  local types = entry.events
  local wanted, only, edit = {}, allow.only, allow.edit
  for _, kind in ipairs(types == true and {} or types or { "container" }) do
    wanted[kind] = true
  end
  if types ~= true then
    allow.only = function(event, kind)
      return wanted[event.Type] and (only == nil or only(event, kind))
    end
  end
  shown = entry.shows or shown
  if type(shown) == "string" then
    return
  end
  local strip = secrets.stripper(shown)
  allow.edit = function(event)
    strip(event)
    if edit then
      edit(event)
    end
  end
end

-- The parameters of a list that tell of what is left out of it: how many there are, and what is older.
local function tells_of_hidden(request)
  if (tonumber(request.query.limit) or 0) > 0 then
    return "limit counts what is hidden as well"
  end
  local filters = request.query.filters or ""
  local read, message = nil, nil
  if filters ~= "" then
    read, message = json.decode(filters)
  end
  if message or read ~= nil and type(read) ~= "table" then
    return "filters cannot be read"
  end
  for _, key in ipairs { "before", "since" } do
    if read and read[key] ~= nil then
      return "the filter " .. key .. " tells whether something hidden exists"
    end
  end
end

--- Why a request is refused for its answer; nil: it is not.
---@param request moonward.Request
---@param shown moonward.secrets.Shown?
---@param is_partial boolean the policy leaves objects out of lists
---@return string?
function client_answers.refusal(request, shown, is_partial)
  local sort = secrets.hidden_whole(request.operation, shown)
  local why = sort and "what it answers may hold secrets (" .. sort .. ")"
    or is_partial and request:is("container.list", "image.list") and tells_of_hidden(request) or nil
  return why and request.operation .. ": " .. why
end

return client_answers
