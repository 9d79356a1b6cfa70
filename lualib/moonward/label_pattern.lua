--- Labels as an operator names them in an option: "homepage.*", a glob over the key with any value, or
--- "crowdsec.enable=true", with this value.
local glob = require "moonward.glob"

local label_pattern = {}

--- A function that tells whether some label matches; nil and a message if the text cannot be read.
---@param text string
---@return (fun(labels: table<string, string>): boolean)? matches
---@return string? message
function label_pattern.compile(text)
  local key, value = string.match(text, "^([^=]*)=(.*)$")
  local matches, message = glob.compile(key or text)
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

return label_pattern
