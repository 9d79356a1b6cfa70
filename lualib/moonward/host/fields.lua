--- Fields that a denial's answer has besides, for moonward.deny: those that say something about the denial,
--- and none that a proxy or a client reads the message by. C writes none that is not well formed
--- (core/http/refusal.c).
local fields = {}

local MOST, LONGEST = 8, 1024 -- of write_refusal_with(), and of struct verdict
local known = {
  ["cache-control"] = true, link = true, location = true, ["retry-after"] = true, warning = true,
  ["www-authenticate"] = true,
}

local function check(name, value, level)
  if type(name) ~= "string" or not string.find(name, "^[%w-]+$") then
    error("moonward.deny: headers: '" .. tostring(name) .. "' is no name of a field", level + 1)
  elseif not known[string.lower(name)] and not string.find(string.lower(name), "^x%-") then
    error("moonward.deny: headers: " .. name .. " is not for a policy; known are Cache-Control, Link,"
      .. " Location, Retry-After, Warning, WWW-Authenticate and those that begin with X-", level + 1)
  elseif type(value) ~= "string" then
    error(string.format("moonward.deny: headers: %s is a %s, expected a text", name, type(value)), level + 1)
  elseif not string.find(value, "^[\32-\126]*$") then
    error("moonward.deny: headers: the value of " .. name .. " has characters that a field cannot have",
      level + 1)
  end
end

--- Name and value of each field with a NUL behind, as C takes them; nil if there are none. What cannot be
--- sent is an error.
---@param given? table<string, string>
---@param level integer as of error(), from where this is called
---@return string?
function fields.read(given, level)
  if given == nil then
    return nil
  elseif type(given) ~= "table" then
    error("moonward.deny: headers is a " .. type(given) .. ", expected a table", level + 1)
  end
  local names, seen, words = {}, {}, {}
  for name, value in pairs(given) do
    check(name, value, level + 1)
    if seen[string.lower(name)] then
      error("moonward.deny: headers: " .. name .. " comes twice", level + 1)
    end
    seen[string.lower(name)] = true
    names[#names + 1] = name
  end
  table.sort(names)
  for _, name in ipairs(names) do
    words[#words + 1] = string.lower(name) .. "\0" .. given[name] .. "\0"
  end
  local text = table.concat(words)
  if #names > MOST or #text > LONGEST then
    error(string.format("moonward.deny: headers: more than %d fields or %d bytes", MOST, LONGEST), level + 1)
  end
  return text ~= "" and text or nil
end

return fields
