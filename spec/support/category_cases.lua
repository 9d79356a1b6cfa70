--- What the policies tecnativa, linuxserver and godoxy are asked in their specs: configurations made from the
-- program's variables, requests made from the routes of the API, and paths that somebody might think of.

local operations = require "moonward.operations"

local cases = {}

cases.methods = { "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS" }

--- The ways in which moonward's answer is another than the original's on purpose. All but the last are yes there
-- and no here.
cases.reasons = {
  segment = "a section is a whole word: /containersfoo is nothing below /containers",
  action = "ALLOW_START and its like mean a POST of that word, with nothing behind: the engine's route",
  attach = "attach/ws writes to a container's stdin, so it needs POST",
  kept = "what is kept closed is so whatever the id, and behind the alias of a container too",
  case = "the engine has no path in capital letters",
  form = "two readers could read the path in two ways: 400",
  status = "no on both sides: 400 here, since the path is not canonical",
}

--- Paths beside the routes. 'about' is one of these; where nothing is said the two agree, whatever the
-- configuration.
---@type { target: string, about: string?, refused: boolean? }[]
cases.odd = {
  -- as the engine would have them, and a bit further
  { target = "/" },
  { target = "/foo" },
  { target = "/libpod" },
  { target = "/libpod/" },
  { target = "/libpod/foo" },
  { target = "/v1.43/foo" },
  { target = "/containers" },
  { target = "/containers/" },
  { target = "/containers/web" },
  { target = "/containers/web/newthing" },
  { target = "/containers/newthing?all=1" },
  { target = "/containers/start/json" },
  { target = "/containers/logs/json" },
  { target = "/containers/attach/json" },
  { target = "/containers/JSON" },
  { target = "/images/a/b/c/newthing" },
  { target = "/system/newthing" },
  { target = "/info?path=/containers/json" },
  { target = "/v5.2.0/libpod/containers/web/newthing" },
  { target = "/libpod/pods/web/newthing" },
  { target = "/pods/web/start", about = "action" },
  { target = "/pods/web/json" },
  { target = "/containers/we%62/start", about = "action" },
  { target = "/%63ontainers/web/logs" },
  { target = "/containers/web/topology" },
  -- the end of a word
  { target = "/versionfoo/bar", about = "segment" },
  { target = "/containersfoo", about = "segment" },
  { target = "/containersfoo/web/json", about = "segment" },
  { target = "/_pingpong", about = "segment" },
  { target = "/execution", about = "segment" },
  { target = "/v1.43/info.json", about = "segment" },
  { target = "/libpod/podsfoo", about = "segment" },
  { target = "/libpod/_ping2", about = "segment" },
  -- what ALLOW_START and its like mean
  { target = "/containers/web/start", about = "action" },
  { target = "/containers/web/kill", about = "action" },
  { target = "/containers/web/startfoo", about = "action" },
  { target = "/containers/web/start/", about = "action" },
  { target = "/containers/web/start/json", about = "action" },
  { target = "/containers/web/stop/exec", about = "action" },
  { target = "/v1.43/containers/web/restart/start", about = "action" },
  { target = "/libpod/containers/web/start/json", about = "action" },
  { target = "/libpod/pods/web/stop/json", about = "action" },
  { target = "/libpod/pods/web/unpause", about = "action" },
  -- what is kept closed
  { target = "/containers/web/attach/ws", about = "attach" },
  { target = "/containers/web/attach", about = "attach" },
  { target = "/containers/web/db/attach/ws?stdin=1&stream=1", about = "attach" },
  { target = "/containers/web/db/logs", about = "kept" },
  { target = "/containers/web/db/archive", about = "kept" },
  { target = "/containers/web/db/stop", about = "kept" },
  { target = "/containers/a@b/logs", about = "kept" },
  { target = "/containers/a%40b/start", about = "kept" },
  { target = "/libpod/containers/a@b/export", about = "kept" },
  { target = "/libpod/pods/a@b/top", about = "kept" },
  -- how it is written
  { target = "/Containers/json", about = "case" },
  { target = "/containers/web/START", about = "case" },
  { target = "/Libpod/containers/json", about = "case" },
  { target = "/V1.43/containers/json", about = "form", refused = true },
  { target = "/v1.43.0/containers/json", about = "form", refused = true },
  { target = "/v1/info", about = "form", refused = true },
  { target = "//containers/json", about = "form", refused = true },
  { target = "/containers//json", about = "form", refused = true },
  { target = "/x/../containers/json", about = "form", refused = true },
  { target = "/containers/../secrets", about = "form", refused = true },
  { target = "/containers/%2fx/archive", about = "form", refused = true },
  { target = "/containers/%2e%2e/secrets", about = "form", refused = true },
  { target = "/containers/%zz/json", about = "form", refused = true },
  { target = "/containers/web;x=1/json", about = "form", refused = true },
}

local names = { id = "web", name = "web", checkpoint = "one", destination = "quay.io/a/b:1" }

--- A request for each route of the API: { method, target, about }.
function cases.routes()
  local list = {}
  for i, operation in ipairs(operations.list) do
    local path = operation.path:gsub("{(%a+)(%.*)}", function(name, dots)
      return dots ~= "" and "quay.io/a/b:1" or names[name] or "x"
    end)
    list[i] = {
      method = operation.method, target = (i % 2 == 0 and "/v1.43" or "") .. path,
      about = operation.name:find("attach_ws") and "attach" or nil,
    }
  end
  return list
end

--- Odd paths, each with all of these methods.
---@param methods string[]
function cases.odd_requests(methods)
  local list = {}
  for _, odd in ipairs(cases.odd) do
    for _, method in ipairs(methods) do
      list[#list + 1] = { method = method, target = odd.target, about = odd.about, refused = odd.refused }
    end
  end
  return list
end

--- Splits a text into words.
function cases.words(text)
  local list = {}
  for word in text:gmatch("%S+") do
    list[#list + 1] = word
  end
  return list
end

--- The configuration in which these variables are on, and no others.
---@param text string
function cases.configuration(text)
  local config = { name = text ~= "" and text or "nothing", on = {} }
  for _, name in ipairs(cases.words(text)) do
    config.on[name] = true
  end
  return config
end

-- The same numbers in each run.
local function chance()
  local state = 7
  return function(n)
    state = (state * 1103515245 + 12345) % (1 << 31)
    return (state >> 8) % n
  end
end

--- Configurations: nothing, everything, each variable alone and with POST, and some at random.
---@param variables string[]
---@return { name: string, on: table<string, boolean> }[]
function cases.configurations(variables)
  local all = table.concat(variables, " ")
  local list = { cases.configuration "", cases.configuration(all) }
  for _, variable in ipairs(variables) do
    list[#list + 1] = cases.configuration(variable)
    list[#list + 1] = cases.configuration(variable .. " POST")
    list[#list + 1] = cases.configuration(all)
    list[#list].name, list[#list].on[variable] = "all but " .. variable, nil
  end
  local random = chance()
  for i = 1, 20 do
    local config = { name = "mixture " .. i, on = {} }
    for _, variable in ipairs(variables) do
      config.on[variable] = random(2) == 1 or nil
    end
    list[#list + 1] = config
  end
  return list
end

--- Every variable as it would be written, 1 or 0.
---@return table<string, string>
function cases.environment(variables, on)
  local environment = {}
  for _, variable in ipairs(variables) do
    environment[variable] = on[variable] and "1" or "0"
  end
  return environment
end

return cases
