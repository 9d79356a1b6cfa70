--- Synthetic requests to try a set-up with, for `compare`, `check` and a reload: every route of the
--- operations table, and some whose body or query is what matters.
local operations = require "moonward.operations"

local samples = {}

---@class moonward.Sample
---@field method string
---@field version string "/v1.47", which may be left out
---@field path string without version; what it names is called "sample"
---@field body string "" if there is none
---@field takes_over boolean whoever may do this has the host

local VERSION, LIBPOD_VERSION = "/v1.47", "/v5.2.0"

--- Operations whose last word is one of these are sent an empty object.
local wants_body = {}
for _, word in ipairs { "connect", "create", "disconnect", "init", "join", "set", "unlock", "update" } do
  wants_body[word] = true
end

-- What many rules turn on. Whoever may do what stands behind a "!" has the host.
local telling = {
  'POST /containers/create?name=sample {"Image":"sample"}',
  '!POST /containers/create {"Image":"sample","HostConfig":{"Binds":["/:/host"]}}',
  'POST /containers/create {"Image":"sample","HostConfig":{"Binds":["/srv/sample:/data"]}}',
  'POST /containers/create {"Image":"sample","HostConfig":{"Binds":["sample:/data"]}}',
  '!POST /containers/create {"Image":"sample","HostConfig":{"Privileged":true}}',
  'POST /containers/create {"Image":"sample","HostConfig":{"NetworkMode":"host"}}',
  '!POST /containers/create {"Image":"sample","HostConfig":{"PidMode":"host"}}',
  '!POST /containers/create {"Image":"sample","HostConfig":{"CapAdd":["ALL"]}}',
  '!POST /containers/sample/exec {"Cmd":["sh"],"Privileged":true}',
  'POST /exec/sample/start {"Detach":false,"Tty":false}',
  '!POST /volumes/create {"Name":"sample","DriverOpts":{"type":"none","o":"bind","device":"/"}}',
  '!POST /services/create {"TaskTemplate":{"ContainerSpec":{"Image":"sample","Mounts":[{"Type":"bind",'
    .. '"Source":"/","Target":"/host"}]}}}',
  "POST /containers/sample/attach?stream=1&stdout=1",
  "POST /containers/sample/attach?stream=1&stdin=1",
  "GET /containers/sample/top?ps_args=axe",
  "GET /containers/json?all=1",
  "POST /images/create?fromImage=sample&tag=latest",
}

-- What takes over the host whatever its body says. The others of power 5 are judged by a body above.
local function takes_over(operation)
  local word = string.match(operation.name, "[^.]+$")
  return operation.power == 5 and not wants_body[word]
end

-- Names that may hold slashes are tried with one, too.
local function paths_of(operation)
  local path = string.gsub(operation.path, "{%a+}", "sample")
  local plain = string.gsub(path, "{%a+%.%.%.}", "sample")
  local slashed = string.gsub(path, "{%a+%.%.%.}", "library/sample")
  return plain == slashed and { plain } or { plain, slashed }
end

local function of_operation(list, operation)
  local is_libpod = string.sub(operation.name, 1, 7) == "libpod."
  local word = string.match(operation.name, "[^.]+$")
  for _, path in ipairs(paths_of(operation)) do
    list[#list + 1] = {
      method = operation.method, version = is_libpod and LIBPOD_VERSION or VERSION, path = path,
      body = operation.method == "POST" and wants_body[word] and "{}" or "",
      takes_over = takes_over(operation),
    }
  end
end

--- All of them.
---@return moonward.Sample[]
function samples.list()
  local list = {}
  for _, operation in ipairs(operations.list) do
    of_operation(list, operation)
  end
  for _, line in ipairs(telling) do
    local mark, method, path, body = string.match(line, "^(!?)(%u+) (%S+) ?(.*)$")
    list[#list + 1] = {
      method = method, version = VERSION, path = path, body = body, takes_over = mark == "!",
    }
  end
  return list
end

--- The same, one per line, as in a file of requests: METHOD, [VERSION]PATH, and the body if there is one.
---@return string
function samples.text()
  local lines = {}
  for i, one in ipairs(samples.list()) do
    lines[i] = string.format("%s [%s]%s%s%s", one.method, one.version, one.path,
      one.body ~= "" and " " or "", one.body)
  end
  return table.concat(lines, "\n") .. "\n"
end

return samples
