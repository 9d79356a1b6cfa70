--- What an update of a service changes: the body, beside the service as the engine has it. Programs that
--- force a service to start anew, or scale it, write all of it back; a policy lets that through without
--- letting through what else such a body could ask for.
---
---   local service = service_change.service(request)
---   local change = service_change.first(request, service, function(path)
---     return path == "TaskTemplate.ForceUpdate"
---   end)
---   if change then return false, change end
---
--- The engine takes an update only for the version of the service that it names, and that has to be the one
--- that the body was compared with. What is not there counts as null, "", 0, false and [], since programs in
--- Go leave these out or write them, as their version has it; {} means something ("Global": {}).
local engine = require "moonward.host.engine"
local json = require "moonward.json"

local service_change = {}

local function is_nothing(value)
  if json.is_array(value) then
    return #value == 0
  end
  return value == nil or value == json.null or value == "" or value == 0 or value == false
end

-- An object, or an array with something in it: it has members to compare.
local function has_members(value)
  return json.is_object(value) or json.is_array(value) and #value > 0
end

local function below(path, key)
  return path == "" and tostring(key) or path .. "." .. tostring(key)
end

-- The path of the first difference that is not accepted; nil: there is none.
local function difference(sent, there, path, accepts)
  if is_nothing(sent) and is_nothing(there) or path ~= "" and accepts(path, sent, there) then
    return nil
  elseif not (has_members(sent) and has_members(there)) then
    return sent ~= there and path or nil
  end
  for key, value in pairs(sent) do
    local found = difference(value, there[key], below(path, key), accepts)
    if found then
      return found
    end
  end
  for key, value in pairs(there) do
    local found = sent[key] == nil and difference(nil, value, below(path, key), accepts)
    if found then
      return found
    end
  end
end

--- The service that a request names in its path, as the engine has it; nil: there is none. Waits for the
--- engine.
---@param request moonward.Request
---@return table?
function service_change.service(request)
  local status, text = engine.get("/services/" .. engine.quote(request.id or ""))
  if status ~= 200 then
    return nil
  end
  local service, message = json.decode(text)
  if message then
    error("the engine's answer about a service: " .. message, 0)
  end
  return service
end

--- Why an update is more than what is accepted; nil: it is not.
---@param request moonward.Request an update
---@param service table as the engine has it
---@param accepts fun(path: string, sent: any, there: any): any
---@return string?
function service_change.first(request, service, accepts)
  local index = service.Version.Index
  if (request.query.rollback or "") ~= "" then
    return "a rollback changes more than can be told"
  elseif request.query.version ~= tostring(index) then
    return "the service has changed since: version " .. tostring(index)
  elseif not json.is_object(request.json) then
    return "the body is no service"
  end
  local path = difference(request.json, service.Spec, "", accepts)
  return path and "it would change " .. path .. " of the service" or nil
end

--- Whether two names of an image are the same but for the digest behind them.
---@param sent any
---@param there any
---@return boolean
function service_change.same_image(sent, there)
  local function name_of(image)
    return type(image) == "string" and string.match(image, "^[^@]+") or nil
  end
  return name_of(sent) ~= nil and name_of(sent) == name_of(there)
end

return service_change
