--- What commands share: how they end, and how they open a set-up. The tools are described in
--- core/command/script.h.
local json = require "moonward.json"
local usage = require "moonward.command.usage"

local setups = {}

--- Ends the command.
---@param status integer its exit status
---@param message? string what to complain of; nil: all is said
---@param with_usage? boolean
function setups.stop(status, message, with_usage)
  error({ status = status, message = message, usage = with_usage }, 0)
end

--- What a tool returned, or the end of the command with the tool's message.
function setups.need(value, message, status)
  return value or setups.stop(status, message)
end

local function finish(tools, n, with_usage, rest, message, status)
  if not rest and not message then
    tools.say(usage.text(tools.describe(n)))
  end
  return rest or setups.stop(status, message, with_usage and status == 2)
end

--- Opens a set-up; asked for help, it prints that and ends the command.
---@param tools table
---@param n integer
---@param words string[]
---@param environment string[]
---@return string[] words those that are no options
function setups.open(tools, n, words, environment)
  return finish(tools, n, true, tools.open(n, words, environment))
end

--- The same without policies, with the core options of these names alone.
---@param names string[]
function setups.open_bare(tools, n, names, words, environment)
  return finish(tools, n, false, tools.open_bare(n, names, words, environment))
end

--- The variables in front of the options, with what else the command was started with; and the options.
---@param words string[]
---@param inherited string[]
---@return string[] environment
---@return string[] options
function setups.take_variables(words, inherited)
  local environment, set, count = {}, {}, 0
  for _, word in ipairs(words) do
    local name = string.match(word, "^[%a_][%w_]*=")
    if not name then
      break
    end
    count = count + 1
    environment[count], set[name] = word, true
  end
  for _, line in ipairs(inherited) do
    if not set[string.match(line, "^[^=]*=?")] then
      environment[#environment + 1] = line
    end
  end
  return environment, { table.unpack(words, count + 1) }
end

--- What the file of a command returns.
---@param run fun(tools: table, words: string[], environment: string[]): integer
function setups.command(run)
  return function(tools, words, environment)
    local ok, result = pcall(run, tools, words, environment)
    if ok then
      return result
    elseif type(result) ~= "table" then
      error(result, 0)
    elseif result.message then
      tools.complain(result.message, result.usage)
    end
    return result.status
  end
end

-- JSON has no bytes that are no text.
local function clean(value)
  if type(value) == "string" then
    return utf8.len(value) and value or (string.gsub(value, "[\x80-\xff]", "?"))
  elseif type(value) ~= "table" then
    return value
  end
  local copy = {}
  for key, member in pairs(value) do
    copy[key] = clean(member)
  end
  return copy
end

--- A table as JSON.
---@param value any
---@return string
function setups.json(value)
  return json.encode(clean(value))
end

--- The key that an option is called by where it has no name: its variable.
---@param option table
---@return string
function setups.key(option)
  return option.name ~= "" and option.name or option.env
end

--- Options by their keys.
---@param options table[]
---@return table<string, table>
function setups.by_key(options)
  local found = {}
  for _, option in ipairs(options) do
    found[setups.key(option)] = option
  end
  return found
end

return setups
