--- `moonward policies`: which policies there are, in one sentence each; or the text of one.
local nearest = require "moonward.nearest"
local policy_alias = require "moonward.policy_alias"
local setups = require "moonward.command.setups"
local usage = require "moonward.command.usage"

-- The core options that say where policies are and what they may use.
local borrowed = { "policydir", "policymemory", "policyinstructions", "policytime", "policyhang" }

-- Names -----------------------------------------------------------------------------------------

-- "default.lua" is "default"; the spec of a policy is none.
local function to_names(files)
  local names = {}
  for _, file in ipairs(files) do
    local name = string.match(file, "^([^/]+)%.lua$")
    if name and not string.find(name, "_spec$") then
      names[#names + 1] = name
    end
  end
  table.sort(names)
  return names
end

local function bundled(tools)
  local files = {}
  for _, name in ipairs(tools.bundle()) do
    files[#files + 1] = string.match(name, "^policies/(.+)$")
  end
  return to_names(files)
end

local function list_folder(tools, folder)
  local files, message, status = tools.folder(folder)
  return files or setups.stop(status, "-policydir " .. message)
end

-- The list --------------------------------------------------------------------------------------

-- Up to the first full stop with a blank behind it.
local function sentence(summary)
  local stop = string.find(summary, ". ", 1, true)
  return stop and string.sub(summary, 1, stop) or summary
end

local function options_line(options)
  local names = {}
  for i, option in ipairs(options) do
    names[i] = (option.name ~= "" and "-" or "") .. setups.key(option)
  end
  return names[1] and usage.wrap(table.concat(names, " ")) or ""
end

local function say_policy(tools, name, folder)
  local policy, message = tools.policy(1, name, folder)
  tools.say("  " .. name .. "\n")
  if not policy then
    tools.say(usage.wrap "cannot be loaded:" .. usage.wrap(message))
    return
  end
  tools.say((policy.summary and usage.wrap(sentence(policy.summary)) or "") .. options_line(policy.options))
end

local function say_list(tools, folder)
  if folder ~= "" then
    local own = to_names(list_folder(tools, folder))
    tools.say("In " .. folder .. ", found before those that ship:\n")
    for _, name in ipairs(own) do
      say_policy(tools, name, folder)
    end
    tools.say((own[1] and "" or "  none\n") .. "\nThose that ship:\n")
  end
  for _, name in ipairs(bundled(tools)) do
    say_policy(tools, name)
  end
  tools.say "\nmoonward policies NAME prints a policy, moonward help -policy NAME explains its options.\n"
end

-- One -------------------------------------------------------------------------------------------

local function is_in(list, wanted)
  for _, one in ipairs(list) do
    if one == wanted then
      return true
    end
  end
  return false
end

local function complain_unknown(tools, name, folder)
  local names = folder ~= "" and to_names(list_folder(tools, folder)) or {}
  for _, one in ipairs(bundled(tools)) do
    names[#names + 1] = one
  end
  local found = policy_alias.find(name) or nearest.find(name, names)
  setups.stop(1, string.format('no policy is called "%.99s"; ', name)
    .. (found and "did you mean " .. found .. "?" or "moonward policies lists them"))
end

-- A name has no slash, so that it names nothing elsewhere.
local function say_text(tools, name, folder)
  if string.find(name, "/", 1, true) then
    setups.stop(1, string.format('expected the name of a policy, got "%.99s"', name))
  end
  local text
  local files = folder ~= "" and tools.folder(folder)
  if files and is_in(files, name .. ".lua") then
    local own, message = tools.read("-policydir", folder .. "/" .. name .. ".lua")
    text = own or setups.stop(1, message)
  end
  tools.say(text or tools.bundled("policies/" .. name .. ".lua") or complain_unknown(tools, name, folder))
end

return setups.command(function(tools, words, environment)
  -- Variables of other options are none of this command's business, whatever is wrong with them.
  local names = setups.open_bare(tools, 1, borrowed, words, environment)
  local folder = setups.by_key(tools.describe(1).options).policydir.value
  if names[1] then
    say_text(tools, names[1], folder)
  else
    say_list(tools, folder)
  end
  return 0
end)
