--- Answers of an engine about what is no container, for `engine` of a decision in moonward.test:
---
---   answers { networks = { net = { label = "x" } }, volumes = {...}, images = {...}, execs = { e1 = "id of web" } }
---
--- The values are labels; of an exec, the name of its container, or { container = "web", command = { "top" } } with
--- tty, stdin and privileged as it has them.
local test_engine = require "moonward.test_engine"

local json, id = test_engine.json, test_engine.id

local objects = {
  networks = function(name, labels)
    return "/networks/" .. name, { Id = id(name), Name = name, Driver = "bridge", Labels = labels }
  end,
  volumes = function(name, labels)
    return "/volumes/" .. name, { Name = name, Driver = "local", Labels = labels }
  end,
  images = function(name, labels)
    return "/images/" .. name .. "/json", { Id = "sha256:" .. id(name), RepoTags = { name }, Config = { Labels = labels } }
  end,
  execs = function(name, given)
    given = type(given) == "table" and given or { container = given }
    local command = given.command or { "top" }
    return "/exec/" .. name .. "/json", {
      ID = name, ContainerID = id(given.container), OpenStdin = given.stdin == true,
      ProcessConfig = {
        entrypoint = command[1], arguments = { is_list = true, table.unpack(command, 2) }, tty = given.tty == true,
        privileged = given.privileged == true,
      },
    }
  end,
}

-- Of all others there is none.
local none = {
  __index = function(_, path)
    if objects[path:match "^/(%a+)/" or ""] or path:find "^/exec/" then
      return { status = 404, body = '{"message":"no such thing"}' }
    end
  end,
}

---@param given { networks?: table, volumes?: table, images?: table, execs?: table }
---@return table<string, { status: integer, body: string }>
return function(given)
  local found = setmetatable({}, none)
  for kind, all in pairs(given) do
    for name, value in pairs(all) do
      local path, object = objects[kind](name, value)
      found[path] = { status = 200, body = json(object) }
    end
  end
  return found
end
