--- Labels as an operator names them in an option: "homepage.*", a glob over the key with any value, or
--- "crowdsec.enable=true", with this value.
local glob = require "moonward.glob"

local label_pattern = {}

--- The same as label_pattern.compile, for whoever words the message.
---@param text string
---@return (fun(labels: table<string, string>): boolean)? matches nil: it cannot be read
---@return string? message
function label_pattern.try(text)
  if type(text) ~= "string" then
    return nil, "expected a label such as homepage.* or crowdsec.enable=true, got a " .. type(text)
  end
  local key, value = string.match(text, "^([^=]*)=(.*)$")
  local matches, message = glob.try(key or text)
  if not matches then
    return nil, message
  end
  return function(labels)
    for name, found in pairs(labels) do
      if matches(name) and (value == nil or found == value) then
        return true
      end
    end
    return false
  end
end

--- A function that tells whether some label matches. A text that cannot be read is an error, in the line that
--- calls.
---@param text string
---@return fun(labels: table<string, string>): boolean
function label_pattern.compile(text)
  local matches, message = label_pattern.try(text)
  return matches or error(message, 2)
end

return label_pattern
