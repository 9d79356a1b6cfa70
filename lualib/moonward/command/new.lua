--- `moonward new NAME`: writes a policy to begin with, its spec, and the settings of busted and of editors,
--- into the folder at hand. It writes over nothing.
local setups = require "moonward.command.setups"
local templates = require "moonward.command.templates"

local LONGEST = 40
local kinds = { "client", "filter", "create", "owner" }

local usage = "new: expected the name of a policy, as in\n    moonward new panel -filter"

-- What the policy is to be: one of the switches, or none.
local function kind_of(own)
  local found
  for _, kind in ipairs(kinds) do
    if own[kind].value == "true" then
      if found then
        setups.stop(2, string.format("new: -%s and -%s are two policies; choose one", found, kind))
      end
      found = kind
    end
  end
  return found or "plain"
end

local function check_name(name)
  if #name > LONGEST or not string.find(name, "^%l[%l%d_-]*$") then
    setups.stop(2, string.format("new: expected a name that begins with a letter and has small letters, "
      .. 'digits, - and _, at most %d, got "%.99s"', LONGEST, name))
  elseif string.find(name, "_spec$") then
    setups.stop(2, "new: what ends in _spec.lua is a spec; the name of the policy is without it")
  end
end

local function fill(text, name)
  local words = {
    NAME = name, OPTION = string.gsub(name, "[^%w]", ""),
    VARIABLE = string.upper(string.gsub(name, "-", "_")),
  }
  return (string.gsub(text, "%u%u%u%u+", words))
end

local function write(tools, path, text)
  setups.need(tools.write(path, text))
  tools.say("wrote " .. path .. "\n")
end

local function names_in_folder(tools)
  local names = {}
  for _, name in ipairs(setups.need(tools.folder ".")) do
    names[name] = true
  end
  return names
end

local function write_all(tools, name, kind)
  local template, there = templates.kinds[kind], names_in_folder(tools)
  local files = {
    { name .. ".lua", fill(template.policy, name) }, { name .. "_spec.lua", fill(template.spec, name) },
  }
  for _, file in ipairs(files) do
    if there[file[1]] then
      setups.stop(1, "new: " .. file[1] .. " is there already, and nothing was written")
    end
  end
  for _, file in ipairs(files) do
    write(tools, file[1], file[2])
  end
  -- These belong to the folder, and may be somebody's.
  for _, file in ipairs { { ".busted", templates.busted }, { ".luarc.json", templates.luarc } } do
    if there[file[1]] then
      tools.say("kept " .. file[1] .. ", which is there already\n")
    else
      write(tools, file[1], file[2])
    end
  end
end

return setups.command(function(tools, words)
  local names = setups.open_bare(tools, 1, {}, words, {})
  local name = names[1] or setups.stop(2, usage)
  check_name(name)
  write_all(tools, name, kind_of(setups.by_key(tools.describe(1).own)))
  tools.say(string.format("\nmoonward check -policy ./%s.lua    what it says to every operation: -matrix\n"
    .. "moonward test                          runs its spec, as busted does\n", name))
  return 0
end)
