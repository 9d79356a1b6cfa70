--- Redactors (core/json/redact.h) by the paths that policies write, each made once: a policy that
--- writes its paths where it decides would else compile them for each request.
local core = require "moonward.core"

local redactors = {}

-- More lists of paths than this are made from data; then all are forgotten.
local MOST = 100

local made, count = {}, 0

local function describe(entry, level)
  if type(entry) == "string" then
    return entry
  elseif type(entry) ~= "table" or type(entry[1]) ~= "string" or type(entry.keep) ~= "table" then
    error("moonward.allow: redact: expected a path or { path, keep = { names } }", level + 1)
  end
  for i, name in ipairs(entry.keep) do
    if type(name) ~= "string" or string.find(name, "[%c=]") then
      error("moonward.allow: redact: keep[" .. i .. "] is not the name of a variable", level + 1)
    end
  end
  return entry[1] .. "\0" .. table.concat(entry.keep, "\0")
end

--- The redactor of a list of paths; errors are raised at 'level' above the caller.
---@param paths (string|table)[]
---@param level integer
function redactors.of(paths, level)
  if type(paths) ~= "table" or #paths == 0 then
    error("moonward.allow: redact: expected a list of paths such as { \"Config.Env\" }", level)
  end
  local words = {}
  for i, entry in ipairs(paths) do
    words[i] = describe(entry, level)
  end
  local key = table.concat(words, "\n")
  if not made[key] then
    local ok, redactor = pcall(core.redactor, paths)
    if not ok then
      error("moonward.allow: redact: " .. tostring(redactor), level)
    end
    made, count = count < MOST and made or {}, count < MOST and count + 1 or 1
    made[key] = redactor
  end
  return made[key]
end

return redactors
