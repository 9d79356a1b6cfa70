-- What moby's own code reads of requests, for tools/api-diff: of each route the parameters, headers and
-- filters that its handler asks for, and the texts in the type that its body is decoded into. What cannot be
-- followed is told, not left out.

local go_source = require "go-source"
local operations = require "moonward.operations"

local moby = {}

-- Where the routers are, and what handlers call: by the layouts that moby has had.
local layouts = { "api/server", "daemon/server" }

-- Bodies whose decoding is elsewhere: what handlers call, and the type that it reads; the first that a
-- version has.
local vendored = "vendor/github.com/moby/moby/"
local create = { "runconfig.ContainerConfigWrapper", "api/types/container.CreateRequest",
  vendored .. "api/types/container.CreateRequest" }
local decoders = {
  -- A commit: the rest is thrown away.
  { "config, _, _, err :?= [%w.]+DecodeConfig", { "api/types/container.Config" } },
  { "DecodeConfig%(r%.Body%)", create }, { "DecodeCreateRequest%(rdr", create },
  { "DecodeRequestBody%(r%.Body%)", { "api/types/registry.AuthConfig",
    vendored .. "api/types/registry.AuthConfig" } },
  { "DecodeHostConfig%(r%.Body%)", {} }, -- of versions below 1.24, which moonward refuses
}
-- Bodies that are no JSON.
local streams = { "[%s,%(]r%.Body[,%)]", "body := r%.Body", "layerReader = r%.Body", "Source:%s+r%.Body" }

-- Filters: an operation, the name of its list of accepted keys or of the function that has it, and the files
-- where that may be, by version.
local filters = {}
for operation, name, files in ([[
  container.list   acceptedPsFilterTags        daemon/list.go
  container.prune  containersAcceptedFilters   daemon/prune.go
  network.prune    networksAcceptedFilters     daemon/prune.go
  network.prune    pruneFilters                daemon/network/filter.go
  network.list     acceptedFilters             api/types/network/network.go daemon/network/filter.go
  image.list       acceptedImageFilterTags     daemon/images/images.go daemon/images/image_list.go
  image.list       acceptedImageFilterTags     daemon/containerd/image_list.go
  image.prune      imagesAcceptedFilters       daemon/images/image_prune.go daemon/containerd/image_prune.go
  image.search     acceptedSearchFilterTags    daemon/images/image_search.go registry/search.go
  image.search     acceptedSearchFilterTags    daemon/pkg/registry/search.go
  volume.list      acceptedListFilters         volume/service/service.go daemon/volume/service/service.go
  volume.prune     acceptedPruneFilters        volume/service/service.go daemon/volume/service/service.go
  plugin.list      acceptedPluginFilterTags    plugin/backend_linux.go daemon/pkg/plugin/backend_linux.go
  build.prune      cacheFields   builder/builder-next/builder.go daemon/internal/builder-next/builder.go
  node.list        newListNodesFilters         daemon/cluster/filters.go
  task.list        newListTasksFilters         daemon/cluster/filters.go
  secret.list      newListSecretsFilters       daemon/cluster/filters.go
  config.list      newListConfigsFilters       daemon/cluster/filters.go
  service.list     GetServices                 daemon/cluster/services.go
]]):gmatch "(%S+) +(%S+) +([^\n]+)" do
  local list = filters[operation] or {}
  filters[operation] = list
  for file in files:gmatch "%S+" do
    list[#list + 1] = { file, name }
  end
end
local events_file = "daemon/events/filter.go"

-- Reading handlers ---------------------------------------------------------------------------------------

-- Readers of numbers and switches, which name nothing.
local function is_text(reader)
  return not reader:find "Bool" and not reader:find "Int"
end

-- The functions of a package that a handler hands its request to, and itself.
local function closure(package, name, seen)
  local first = package.functions[name]
  if not first or seen[name] then
    return {}
  end
  seen[name] = true
  local list = { first }
  for called, arguments in first.text:gmatch "([%w]+)(%b())" do
    if arguments:find "[(, ]r[,.)]" and called ~= name then
      table.move(closure(package, called, seen), 1, 100, #list + 1, list)
    end
  end
  return list
end

local function read_parameters(text, found)
  for _, pattern in ipairs {
    'r%.Form%.Get%("([^"]+)"%)', 'r%.FormValue%("([^"]+)"%)', 'r%.Form%["([^"]+)"%]',
    'URL%.Query%(%)%.Get%("([^"]+)"%)', 'r%.PostForm%.Get%("([^"]+)"%)',
  } do
    for key in text:gmatch(pattern) do
      found((key == "filters" and "" or "query.") .. key)
    end
  end
  for reader, key in text:gmatch 'httputils%.(%w+)%(r, "([^"]+)"' do
    if is_text(reader) then
      found("query." .. key)
    end
  end
  for key in text:gmatch 'r%.Header%.Get%("([^"]+)"%)' do
    found("header." .. key)
  end
  if text:find "ArchiveFormValues" then
    found "query.path"
  end
end

-- The type of a variable in a function.
local function type_of(text, variable)
  return text:match("[\t ]" .. variable .. "%s+(%*?[%w.%[%]]+)\n")
    or text:match("var " .. variable .. " (%*?[%w.%[%]]+)") or text:match(variable .. "%s*:?= &?([%w.]+){")
end

-- What a body is decoded into: an expression.
local function decoded(text)
  local variable = text:match "ReadJSON%(r, &?(%w+)%)"
    or text:match "NewDecoder%(r%.Body%)%.Decode%(&?(%w+)%)"
  local decoder = text:match "(%w+) := json%.NewDecoder%(r%.Body%)"
  variable = variable or decoder and text:match(decoder .. "%.Decode%(&?(%w+)%)")
  return variable and type_of(text, variable), variable
end

local function walk_named(source, names, found)
  for _, full in ipairs(names) do
    local folder, name = full:match "^(.*)%.(%w+)$"
    if source:package(folder).types[name] then
      source:walk(name, { folder = folder, imports = {} }, "body", found)
      return true
    end
  end
  return #names == 0
end

local function read_body(source, handler, found)
  for _, decoder in ipairs(decoders) do
    if handler.text:find(decoder[1]) then
      return walk_named(source, decoder[2], found) or "no type for " .. decoder[1]
    end
  end
  local expression, variable = decoded(handler.text)
  if expression then
    source:walk(expression, handler, "body", found)
    return true
  elseif variable then
    return "no type of '" .. variable .. "'"
  end
  for _, pattern in ipairs(streams) do
    if handler.text:find(pattern) then
      found "body"
      return true
    end
  end
  return not handler.text:find "r%.Body" or "a body that is read in no known way"
end

-- Reading filters ----------------------------------------------------------------------------------------

local function read_filters(source, operation, found)
  local is_known
  for _, at in ipairs(filters[operation] or {}) do
    local text = source:read(at[1]) or ""
    local block = text:match(at[2] .. "%s*=%s*map%[string%]bool(%b{})")
    if not block then -- a function has the list
      block = text:match("func [^\n]*" .. at[2] .. "%(.-map%[string%]bool(%b{})")
    end
    for key in (block or ""):gmatch '"([^"]+)":' do
      is_known = true
      found("filters." .. key:gsub("!$", ""))
    end
    local more = block and at[2] == "cacheFields" and text or "" -- which BuildKit's are added to
    for key in more:gmatch 'validFilters%["([^"]+)"%]' do
      found("filters." .. key)
    end
  end
  return is_known
end

local function read_events(source, found)
  local text = source:read(events_file) or ""
  for key in text:gmatch 'filter%.%w+%("([^"]+)"' do
    found("filters." .. key)
  end
  for word in text:gmatch "events%.(%w+)EventType" do
    found("filters." .. word:lower())
  end
  return text ~= ""
end

-- Routes ---------------------------------------------------------------------------------------------------

-- All routes of a router's package: method, path, handler.
local function routes_of(source, folder)
  local list = {}
  for _, path in ipairs(source:list(folder)) do
    local text, pattern = source:read(path), 'router%.New(%w+)Route%("([^"]+)", *[%w.]-%.?(%w+)[,)]'
    for method, route, handler in text:gmatch(pattern) do
      list[#list + 1] = { method = method:upper(), path = route, handler = handler }
    end
  end
  return list
end

-- The same, with all that it stands for: paths that this program knows as operations.
local function operation_of(route)
  local path = route.path:gsub("{checkpoint}", "x"):gsub("{[^}]*}", "x")
  return operations.find(route.method, path)
end

-- What one route reads; gives the problems.
local function read_route(source, package, route, found)
  local entry, problems = operation_of(route), {}
  local function add(place) found(entry.name, place) end
  local has_filters = false
  for _, part in ipairs(closure(package, route.handler, {})) do
    read_parameters(part.text, function(place)
      has_filters = has_filters or place == "filters"
      if place ~= "filters" then
        add(place)
      end
    end)
    local is_read = read_body(source, part, add)
    if is_read ~= true then
      problems[#problems + 1] = entry.name .. ": " .. is_read
    end
  end
  local is_known = not has_filters or entry.name == "system.events" and read_events(source, add)
    or read_filters(source, entry.name, add)
  if not is_known then
    problems[#problems + 1] = entry.name .. " has filters, and where they are is not known"
  end
  return problems
end

-- What the engine's process tells of itself; by routes of another kind.
local function is_debug(route)
  return route.path:find "^/debug" or route.path:find "^/pprof"
end

--- All places that moby reads, of a revision.
---@param git string a git directory
---@param revision string
---@param found fun(operation: string, place: string)
---@return string[] problems what could not be followed
function moby.read(git, revision, found)
  local source, problems, count = go_source.open(git, revision), {}, 0
  local function fail(...)
    problems[#problems + 1] = (...):format(select(2, ...))
  end
  for _, layout in ipairs(layouts) do
    local folders = source:run(("ls-tree -d --name-only '%s' '%s/router/'"):format(revision, layout))
    for folder in folders:gmatch "[^\n]+" do
      local package = source:package(folder)
      for _, route in ipairs(routes_of(source, folder)) do
        count = count + 1
        if is_debug(route) then
          goto continue
        elseif not operation_of(route) then
          fail("%s %s is no operation that is known", route.method, route.path)
        elseif not package.functions[route.handler] then
          fail("%s was not found", route.handler)
        else
          table.move(read_route(source, package, route, found), 1, 100, #problems + 1, problems)
        end
        ::continue::
      end
    end
  end
  if count < 80 then
    fail("only %d routes were found", count)
  end
  return problems
end

return moby
