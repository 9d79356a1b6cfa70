--- Requests made of the table of references: for each place one that names a given object there, in each form
--- that the place takes, with as little besides as the operation needs. A place of which nobody said how its
--- operation is asked has no request, and spec/engine/reference_table_spec.lua fails.

local json = require "cjson"
local operations = require "moonward.operations"

local requests = {}

local route_of = {}
for _, entry in ipairs(operations.list) do
  route_of[entry.name] = route_of[entry.name] or entry
end

-- What operations need ---------------------------------------------------------------------------------

local function words(text)
  local set = {}
  for word in text:gmatch "%S+" do
    set[word] = true
  end
  return set
end

-- Nothing but their paths.
local plain = words [[
  container.inspect container.top container.changes container.export container.resize container.kill
  container.pause container.unpause container.attach container.attach_ws container.wait container.remove
  container.start container.list checkpoint.list checkpoint.remove exec.resize exec.inspect
  image.inspect image.attestations image.history image.export image.push image.remove image.pull image.list
  image.export_many volume.inspect volume.remove volume.list network.inspect network.remove network.list
  distribution.inspect build.cancel build.prune build.session plugin.inspect plugin.remove plugin.enable
  plugin.disable plugin.push plugin.privileges node.inspect node.remove node.list service.inspect service.remove
  service.logs service.list task.inspect task.logs task.list secret.inspect secret.remove secret.list config.inspect
  config.remove config.list container.rename image.tag
]]

local function service() return { Name = "s", TaskTemplate = { ContainerSpec = { Image = "busybox" } } } end

-- By operation: parameters, and the body: a table that becomes JSON, or a text.
local needs = {
  ["container.create"] = { body = function() return { Image = "busybox", Cmd = { "sleep", "1000" } } end },
  ["container.stop"] = { query = "t=0" },
  ["container.restart"] = { query = "t=0" },
  ["container.logs"] = { query = "stdout=1" },
  ["container.stats"] = { query = "stream=0" },
  ["container.update"] = { body = function() return { CpuShares = 512 } end },
  ["container.archive.head"] = { query = "path=/etc" },
  ["container.archive.get"] = { query = "path=/etc" },
  ["container.archive.put"] = { query = "path=/", body = "tar" },
  ["container.copy"] = { body = function() return { Resource = "/etc" } end },
  ["container.commit"] = { body = function() return {} end },
  ["exec.create"] = { body = function() return { Cmd = { "true" } } end },
  ["exec.start"] = { body = function() return { Detach = true } end },
  ["checkpoint.create"] = { body = function() return { CheckpointID = "cp" } end },
  ["image.build"] = { body = "tar", type = "application/x-tar" },
  ["image.load"] = { body = "tar", type = "application/x-tar" },
  ["volume.create"] = { body = function() return {} end },
  ["volume.update"] = { query = "version=1", body = function() return { Spec = {} } end },
  ["network.create"] = { body = function() return { Name = "other" } end },
  ["network.connect"] = { body = function() return { Container = "anybody" } end },
  ["network.disconnect"] = { body = function() return { Container = "anybody" } end },
  ["system.events"] = { query = "since=1&until=" .. os.time() },
  ["build.grpc"] = { body = "" },
  ["plugin.pull"] = { body = "[]" },
  ["plugin.upgrade"] = { body = "[]" },
  ["plugin.set"] = { body = "[]" },
  ["plugin.create"] = { body = "tar", type = "application/x-tar" },
  ["node.update"] = { query = "version=1", body = function() return { Role = "worker" } end },
  ["service.create"] = { body = service },
  ["service.update"] = { query = "version=1", body = service },
  ["secret.create"] = { body = function() return { Name = "s", Data = "eA==" } end },
  ["secret.update"] = { query = "version=1", body = function() return { Name = "s" } end },
  ["config.create"] = { body = function() return { Name = "c", Data = "eA==" } end },
  ["config.update"] = { query = "version=1", body = function() return { Name = "c" } end },
}

-- Podman's are judged like those; where no podman is, nobody carries them out.
local function podmans(operation)
  local route = route_of[operation]
  local has_body = route.method == "POST" or route.method == "PUT"
  return has_body and { body = function() return { image = "busybox", name = "other" } end } or {}
end

-- What else the path names, where the reference stands elsewhere: objects of whoever asks.
local targets = { network = "anybody", container = "anybody", image = "busybox", volume = "anybody" }

-- Forms ------------------------------------------------------------------------------------------------------

--- An object in all forms, by the names that forms.of() uses.
---@param name string
---@param id? string without "sha256:"
---@return table<string, string>
function requests.object(name, id)
  return {
    name = name, id = id, prefix = id and id:sub(1, 12), slashed = "/" .. name, hash = id and "sha256:" .. id,
    tagged = name .. ":latest", long = "docker.io/library/" .. name .. ":latest", digest = id and name .. "@sha256:" .. id,
  }
end

-- By form of the table: which names of an object fit there. Where a word before it or after it belongs to the
-- form, %s is the name.
local any = { "name", "id", "prefix", "slashed" }
local forms = {
  any = { any }, name = { { "name" } }, id = { { "id", "prefix" } },
  image = { { "name", "tagged", "long", "digest", "id", "hash", "prefix" } },
  mode = { any, "container:%s" }, network = { any }, entry = { any, "%s", "%s:more" }, source = { { "name" } },
  list = { { "name", "tagged", "id", "hash" }, '["%s"]', '["nothing","%s"]' }, new = { { "name" } },
}
local of_kind = {
  exec = { { "id" } }, volume = { { "name" } }, session = { { "name" } }, build = { { "name", "id" } },
  network = { { "name", "id", "prefix" } },
}

--- The forms that a place takes: names of an object's fields, and patterns around them. A network's place is
--- one for containers, too.
---@param row moonward.Reference
---@return { kind: string, field: string, pattern: string }[]
function requests.forms(row)
  local list = {}
  local function add(kind, form)
    for _, pattern in ipairs { form[2] or "%s", form[3] } do
      for _, field in ipairs(form[1]) do
        list[#list + 1] = { kind = kind, field = field, pattern = pattern }
      end
    end
  end
  if row.form == "new" then
    add(row.kind, row.kind == "image" and { { "name", "tagged", "long" } } or row.kind == "container"
      and { { "name", "slashed" } } or forms.new)
  else
    add(row.kind, of_kind[row.kind] and { of_kind[row.kind][1], forms[row.form][2], forms[row.form][3] } or forms[row.form])
    if row.form == "network" then
      add("container", forms.mode)
    end
  end
  return list
end

-- Making them ------------------------------------------------------------------------------------------------

local function encode(text)
  return (text:gsub("[^%w_.~/:@-]", function(letter) return ("%%%02X"):format(letter:byte()) end))
end
requests.encode = encode

-- Puts a reference into a body, where the row says; `how` is as in requests.make().
local function put(body, row, text, how)
  local holder, key, cased = body, nil, how == "cased"
  local function step(name)
    if key ~= nil then
      holder[key] = holder[key] or {}
      holder = holder[key]
    end
    key = name
  end
  local place = how == "top" and row.key:gsub("^HostConfig%.", "") or row.key
  for name, marks in place:gmatch "([^.%[{]+)([%[%]{}]*)" do
    local written = cased and name:lower() or name
    if cased and written ~= name and (key == nil and holder or holder[key] or {})[name] then
      (key == nil and holder or holder[key])[name] = nil -- not both
    end
    step(written)
    for mark in marks:gmatch ".." do
      step(mark == "[]" and 1 or row.key:sub(-2) == "{}" and text or "anybody")
    end
  end
  if row.key:sub(-2) == "{}" then
    holder[key] = row.kind == "network" and { Aliases = { "x" } } or "x"
  elseif row.key:find "Binds" then
    holder[key] = text .. ":/x"
  else
    holder[key] = text
    if row.key:find "Mounts" and type(holder) == "table" then
      holder.Type, holder.Target = holder.Type or "volume", holder.Target or "/x"
    end
  end
  return body
end

local dockerfiles = {
  ["tar.FROM"] = "FROM %s\nLABEL x=1\n", ["tar.COPY --from"] = "FROM scratch\nCOPY --from=%s /bin/busybox /stolen\n",
  ["tar.ADD"] = "FROM scratch\nADD http://%s/ /x\n",
}

---@class reference.Request
---@field method string
---@field path string without version
---@field body? string
---@field type? string of the body
---@field headers? string[]
---@field tar? string the Dockerfile of the body, which is a tar; or ""

--- A request that names something at a place; nil if nobody said how the operation is asked.
---@param operation string
---@param row moonward.Reference
---@param text string the reference, in its form
---@param how? "set"|"cased"|"top" filters as a set, fields in other letters, or without HostConfig around them
---@param mine? table<string, string> what the path names otherwise: names by kind
---@return reference.Request?
function requests.make(operation, row, text, how, mine)
  local route = route_of[operation]
  local need = needs[operation] or plain[operation] and {} or operation:find "^libpod%." and podmans(operation)
  local is_unwritten = operation == "image.build" and row.source == "tar" and not dockerfiles[row.place]
  if not route or not need or is_unwritten then
    return nil
  end
  local kind = operation:gsub("^libpod%.", ""):match "^%a+"
  local own = mine and mine[kind] or targets[kind] or "x"
  local subject = row.place == "path" and encode(text) or own
  local path = route.path:gsub("{checkpoint}", "cp"):gsub("{%a+%.*}", (subject:gsub("%%", "%%%%")))
  local request = { method = route.method, type = need.type, query = { need.query }, headers = {} }
  local body = need.body
  if type(body) == "function" then
    body = row.source == "body" and row.key ~= "" and put(body(), row, text, how) or body()
  elseif body == "tar" then
    request.tar = row.source == "tar" and dockerfiles[row.place] and dockerfiles[row.place]:format(text)
      or operation == "image.build" and "FROM scratch\nLABEL x=1\n" or ""
  end
  if row.source == "query" then
    request.query[#request.query + 1] = row.key .. "=" .. encode(text)
  elseif row.source == "filters" then
    local filters = json.encode { [row.key] = how == "set" and { [text] = true } or { text } }
    request.query[#request.query + 1] = "filters=" .. encode(filters)
  elseif row.source == "header" then
    request.headers = { row.key .. ": " .. text }
  elseif row.place == "body" then
    body = text
  end
  if operation == "container.commit" and row.place ~= "query.container" then
    request.query[#request.query + 1] = "container=" .. own
  elseif operation == "image.tag" and row.place ~= "query.repo" then
    request.query[#request.query + 1] = "repo=stolen"
  elseif operation == "container.rename" and row.place ~= "query.name" then
    request.query[#request.query + 1] = "name=stolen"
  elseif operation == "image.pull" and row.place == "query.repo" then
    request.query[#request.query + 1] = "fromSrc=-"
  end
  if type(body) == "table" then
    request.body = next(body) == nil and "{}" or json.encode(body)
  elseif body and body ~= "tar" then
    request.body = body
  end
  request.path = path .. (request.query[1] and "?" .. table.concat(request.query, "&") or "")
  return request
end

return requests
