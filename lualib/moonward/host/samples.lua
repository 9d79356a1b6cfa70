--- Requests to try a set-up with, for `moonward compare`: every route of the operations table, with and
--- without a version, and some whose body or query is what matters. One per line, as in a file of
--- requests: METHOD, [VERSION]PATH, and the body if there is one.
local operations = require "moonward.operations"

local samples = {}

local VERSION, LIBPOD_VERSION = "[/v1.47]", "[/v5.2.0]"

--- Operations whose last word is one of these are sent an empty object.
local wants_body = {}
for _, word in ipairs { "connect", "create", "disconnect", "init", "join", "set", "unlock", "update" } do
  wants_body[word] = true
end

-- What many rules turn on.
local telling = {
  'POST [/v1.47]/containers/create?name=sample {"Image":"sample"}',
  'POST [/v1.47]/containers/create {"Image":"sample","HostConfig":{"Binds":["/:/host"]}}',
  'POST [/v1.47]/containers/create {"Image":"sample","HostConfig":{"Binds":["/srv/sample:/data"]}}',
  'POST [/v1.47]/containers/create {"Image":"sample","HostConfig":{"Binds":["sample:/data"]}}',
  'POST [/v1.47]/containers/create {"Image":"sample","HostConfig":{"Privileged":true}}',
  'POST [/v1.47]/containers/create {"Image":"sample","HostConfig":{"NetworkMode":"host"}}',
  'POST [/v1.47]/containers/create {"Image":"sample","HostConfig":{"PidMode":"host"}}',
  'POST [/v1.47]/containers/create {"Image":"sample","HostConfig":{"CapAdd":["ALL"]}}',
  'POST [/v1.47]/containers/sample/exec {"Cmd":["sh"],"Privileged":true}',
  'POST [/v1.47]/exec/sample/start {"Detach":false,"Tty":false}',
  'POST [/v1.47]/volumes/create {"Name":"sample","DriverOpts":{"type":"none","o":"bind","device":"/"}}',
  "POST [/v1.47]/containers/sample/attach?stream=1&stdout=1",
  "POST [/v1.47]/containers/sample/attach?stream=1&stdin=1",
  "GET [/v1.47]/containers/sample/top?ps_args=axe",
  "GET [/v1.47]/containers/json?all=1",
  "POST [/v1.47]/images/create?fromImage=sample&tag=latest",
}

-- Names that may hold slashes are tried with one, too.
local function paths_of(operation)
  local path = string.gsub(operation.path, "{%a+}", "sample")
  local plain = string.gsub(path, "{%a+%.%.%.}", "sample")
  local slashed = string.gsub(path, "{%a+%.%.%.}", "library/sample")
  return plain == slashed and { plain } or { plain, slashed }
end

local function add(lines, operation)
  local is_libpod = string.sub(operation.name, 1, 7) == "libpod."
  local word = string.match(operation.name, "[^.]+$")
  local has_body = operation.method == "POST" and wants_body[word]
  for _, path in ipairs(paths_of(operation)) do
    lines[#lines + 1] = operation.method .. " " .. (is_libpod and LIBPOD_VERSION or VERSION) .. path
      .. (has_body and " {}" or "")
  end
end

--- All of them.
---@return string
function samples.text()
  local lines = {}
  for _, operation in ipairs(operations.list) do
    add(lines, operation)
  end
  return table.concat(lines, "\n") .. "\n" .. table.concat(telling, "\n") .. "\n"
end

return samples
