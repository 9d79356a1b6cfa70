--- Switches that people set beside a program of moonward.categories and that it does not have: those of the
--- other programs, of their forks, and of later versions. They did nothing there, and who wrote DELETE=0
--- believes that DELETE is closed. So each of them stops the start, with what does it instead.

local strangers = {}

-- A switch of their own in one program, in others behind POST.
local methods = { "DELETE", "PATCH", "PUT" }

-- What is done to one container: the method, and the words of the path.
local deeds = {
  ALLOW_ARCHIVE = { "GET", "archive" }, ALLOW_ATTACH = { "POST", "attach" },
  ALLOW_CHANGES = { "GET", "changes" }, ALLOW_EXEC = { "POST", "exec" }, ALLOW_EXPORT = { "GET", "export" },
  ALLOW_KILL = { "POST", "kill" }, ALLOW_LOGS = { "GET", "logs" }, ALLOW_PAUSE = { "POST", "pause" },
  ALLOW_TOP = { "GET", "top" }, ALLOW_UNPAUSE = { "POST", "unpause" },
}

-- A fork has a switch for each word below a section.
local of_forks = {
  CONTAINERS = {
    "ATTACH", "CREATE", "DELETE", "EXEC", "PAUSE", "PRUNE", "RENAME", "RESIZE", "START", "UNPAUSE", "UPDATE",
    "WAIT",
  },
  IMAGES = { "CREATE", "DELETE" },
  NETWORKS = { "CONNECT", "CREATE", "DELETE", "DISCONNECT", "PRUNE" },
  VOLUMES = { "CREATE", "DELETE", "PRUNE" },
}

local libpod = {
  "LIBPOD_ALLOW_PAUSE", "LIBPOD_ALLOW_POD_PAUSE", "LIBPOD_ALLOW_POD_RESTARTS", "LIBPOD_ALLOW_POD_START",
  "LIBPOD_ALLOW_POD_STOP", "LIBPOD_ALLOW_POD_UNPAUSE", "LIBPOD_ALLOW_RESTARTS", "LIBPOD_ALLOW_START",
  "LIBPOD_ALLOW_STOP", "LIBPOD_ALLOW_UNPAUSE", "LIBPOD_CONTAINERS", "LIBPOD_EVENTS", "LIBPOD_EXEC",
  "LIBPOD_GENERATE", "LIBPOD_IMAGES", "LIBPOD_INFO", "LIBPOD_MANIFESTS", "LIBPOD_NETWORKS", "LIBPOD_PING",
  "LIBPOD_PLAY", "LIBPOD_PODS", "LIBPOD_SECRETS", "LIBPOD_SYSTEM", "LIBPOD_VERSION", "LIBPOD_VOLUMES",
}

local function of_method(program, method)
  if program.writes[method] then
    return method .. " does it here"
  elseif program.others then
    return string.format("%s=1 opens %s too, and %s=0 closes it; the policy tecnativa has a switch for it",
      program.others, method, program.others)
  end
  return method .. " is always closed here"
end

local function of_deed(program, deed)
  local method, word = table.unpack(deed)
  local needed = program.actions[word]
  if needed then
    return string.format("%s of containers needs %s=1 here", word, table.concat(needed, "=1 and "))
  end
  local methods_too = method == "POST" and " with POST=1" or ""
  return string.format("CONTAINERS=1%s opens %s of containers", methods_too, word)
end

--- Every name that somebody may take for a switch of the family, with what does it in this program.
---@param program moonward.categories.Program
---@return table<string, string>
local function texts_of(program)
  local texts = {}
  for _, method in ipairs(methods) do
    texts[method] = of_method(program, method)
    texts["ALLOW_" .. method] = texts[method]
  end
  for variable, deed in pairs(deeds) do
    texts[variable] = of_deed(program, deed)
  end
  for section, words in pairs(of_forks) do
    for _, word in ipairs(words) do
      texts[section .. "_" .. word] = string.format(
        "%s=1 opens all of /%s to GET, and to the methods that are open", section, string.lower(section))
    end
  end
  for _, variable in ipairs(libpod) do
    texts[variable] = "paths below /libpod are closed here; the policy linuxserver has a switch for them"
  end
  return texts
end

--- Options that stop the start when they are set.
---@param program moonward.categories.Program
---@param has table<string, any> the variables that the program has
---@return moonward.Option[]
function strangers.options(program, has)
  local names, list = {}, {}
  local texts = texts_of(program)
  for name in pairs(texts) do
    names[#names + 1] = not has[name] and name or nil
  end
  table.sort(names)
  for i, name in ipairs(names) do
    list[i] = { env = name, refused = string.format("%s has no such switch: %s", program.name, texts[name]) }
  end
  return list
end

return strangers
