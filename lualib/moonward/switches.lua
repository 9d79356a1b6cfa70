--- Switches as HAProxy reads them from variables: the number that a text begins with, where anything but
--- 0 is on. So "true" and "yes" are off there, since they begin with no number; whoever wrote them thinks of
--- the opposite. Such a value is a mistake here, and what is plainly off is off.

local switches = {}

-- What people write for off. The empty text is what compose makes of an unset variable.
local words = { "", "deny", "disable", "disabled", "f", "false", "n", "never", "no", "none", "off" }
local is_no = {}
for _, word in ipairs(words) do
  is_no[word] = true
end

-- Without quotes and spaces around it, which env files leave in.
local function bare(value)
  return string.match(string.lower(value), "^[%s\"']*(.-)[%s\"']*$")
end

local function is_zero(text)
  return string.find(text, "^[+-]?0+$") ~= nil or string.find(text, "^[+-]?0+[^%w.]") ~= nil
end

--- Whether it is on.
---@param value string
---@return boolean? on nil: it looks on and is off
function switches.number(value)
  local digits = string.match(value, "^[+-]?(%d+)") or ""
  if string.find(digits, "[1-9]") then
    return true
  end
  local text = bare(value)
  if is_no[text] or is_zero(text) then
    return false
  end
end

return switches
