-- What is another's and what does not exist are the same to an owner, byte for byte: each place of the table of
-- references, with another's object in each form that the place takes and with what nobody has.

local engine = require "spec.support.engine"
local operations = require "moonward.operations"
local owners = require "spec.support.owners"
local places = require "moonward.references.places"
local process = require "spec.support.process"

-- Each place with its operation.
local rows = {}
for _, one in ipairs(places.all()) do
  rows[#rows + 1] = setmetatable({ operation = one.operation }, { __index = one.row })
end

local it = engine.it(it, pending)

local world
local theirs = {} -- by kind: another's object, in several forms

-- What stands for each in a request for what nobody has: as long, and of the same letters.
local missing = {
  name = "absent", id = ("0123456789abcdef"):rep(4), prefix = "0123456789ab", slashed = "/absent",
  hash = "sha256:" .. ("0123456789abcdef"):rep(4),
}

local function must(line, body)
  return world:must("b", line, body)
end

local function forms_of(name, id)
  return { { "name", name }, { "id", id }, { "prefix", id:sub(1, 12) }, { "slashed", "/" .. name } }
end

local function set_up()
  local id = must("POST /containers/create?name=bybody", { Image = "busybox", Cmd = { "sleep", "1000" } }).Id
  must "POST /containers/bybody/start"
  theirs.container = forms_of("bybody", id)
  theirs.exec = { { "id", must("POST /containers/bybody/exec", { Cmd = { "true" } }).Id } }
  local network = must("POST /networks/create", { Name = "bybody" }).Id
  theirs.network = { { "name", "bybody" }, { "id", network }, { "prefix", network:sub(1, 12) } }
  must("POST /volumes/create", { Name = "bybody" })
  theirs.volume = { { "name", "bybody" } }
  local image = must("POST /commit?container=bybody&repo=bybody").Id
  theirs.image = { { "name", "bybody" }, { "hash", image }, { "prefix", image:sub(8, 19) } }
  world:must("a", "POST /containers/create?name=anybody", { Image = "busybox", Cmd = { "sleep", "1000" } })
  world:must("a", "POST /networks/create", { Name = "anybody" })
end

local function tear_down()
  for _, path in ipairs {
    "/containers/bybody?force=1", "/containers/anybody?force=1", "/networks/bybody", "/networks/anybody",
    "/volumes/bybody", "/images/bybody",
  } do
    world:ask("operator", "DELETE " .. path)
  end
end

-- Requests -------------------------------------------------------------------------------------------------

local route_of = {}
for _, entry in ipairs(operations.list) do
  route_of[entry.name] = route_of[entry.name] or entry
end

local function encode(text)
  return (text:gsub("[^%w_.~/:-]", function(letter) return ("%%%02X"):format(letter:byte()) end))
end

-- What a create and its like need besides.
local bodies = {
  ["container.create"] = function() return { Image = "busybox", Cmd = { "true" } } end,
  ["network.connect"] = function() return { Container = "anybody" } end,
  ["network.disconnect"] = function() return { Container = "anybody" } end,
  ["network.create"] = function() return { Name = "other" } end,
}
-- And what their paths name, where the reference stands elsewhere.
local targets = { network = "anybody", container = "anybody", image = "busybox", volume = "anybody" }

local written = {
  mode = function(reference) return "container:" .. reference end,
  entry = function(reference) return reference .. ":ro" end,
  list = function(reference) return '["' .. reference .. '"]' end,
}

-- Puts a reference into a body, where the row says.
local function put(body, row, reference)
  local holder, key = body, nil
  for name, marks in row.key:gmatch "([^.%[{]+)([%[%]{}]*)" do
    if key then
      holder[key] = holder[key] or {}
      holder = holder[key]
    end
    key = name
    for mark in marks:gmatch ".." do
      holder[key] = holder[key] or {}
      holder = holder[key]
      key = mark == "[]" and 1 or row.key:sub(-2) == "{}" and reference or "anybody"
    end
  end
  if row.key:sub(-2) == "{}" then
    holder[key] = { Aliases = { "x" } }
  elseif row.key:find "Binds" then
    holder[key] = reference .. ":/x"
  else
    holder[key] = (written[row.form] or function(text) return text end)(reference)
    holder.Type, holder.Target = row.key:find "Mounts" and "volume" or nil, row.key:find "Mounts" and "/x" or nil
  end
  return body
end

-- A tar with an empty file: enough for whoever only looks at the query.
local tar

local function request(row, reference)
  local entry = route_of[row.operation]
  local path = entry.path:gsub("{checkpoint}", "cp")
  local target = row.place == "path" and encode(reference) or targets[row.operation:match "^%a+"] or "x"
  path = path:gsub("{%a+%.*}", (target:gsub("%%", "%%%%")))
  local body = bodies[row.operation] and bodies[row.operation]() or entry.method == "POST" and {} or nil
  if row.source == "query" then
    path = path .. "?" .. row.key .. "=" .. encode((written[row.form] or function(text) return text end)(reference))
  elseif row.source == "filters" then
    path = path .. "?filters=" .. encode(('{"%s":["%s"]}'):format(row.key, reference))
  elseif row.source == "body" then
    body = put(body, row, reference)
  end
  if row.operation == "image.build" then
    body = tar
  elseif row.operation == "container.commit" or row.operation == "container.start" then
    body = row.operation == "container.commit" and {} or nil
  end
  return entry.method .. " " .. path, body
end

-- An answer as a text, without what is of the moment.
local function answer(who, version, line, body, reference)
  local method, path = line:match "^(%u+) (.+)$"
  local more = method == "HEAD" and { "--head" } or {}
  local status, said, head = world:ask(who, method .. " " .. version .. path, body, more)
  if status == 201 or status == 200 and type(said) == "table" and said.Id then
    for _, one in ipairs { "/containers/", "/volumes/", "/networks/" } do
      world:ask("operator", "DELETE " .. one .. (said.Id or said.Name or "x"))
    end
    return "made"
  end
  head = head:gsub("\r\n[Dd]ate: [^\r]*", ""):gsub("\r\n[Cc]ontent%-[Ll]ength: [^\r]*", "")
  local text = head .. "\n" .. (type(said) == "table" and (said.message or "an object") or said)
  local plain = reference:gsub("^/", "")
  for _, one in ipairs { encode(reference), reference, plain, reference:lower() } do
    text = text:gsub(one:gsub("%p", "%%%0"), "REF")
  end
  return text
end

if not engine.unavailable() then
  setup(function()
    tar = process.run({ "tar", "-c", "--files-from", "/dev/null" }).stdout
    world = owners.start { "-localbase" }
    set_up()
  end)
  teardown(function()
    tear_down()
    world:stop()
  end)
end

-- Ways to read or follow that end by themselves only when the object is there.
local function is_endless(row)
  return row.operation == "system.events"
end

describe("another's object is to an owner what nobody has:", function()
  for _, version in ipairs { "/v1.41", "/v1.24" } do
    for _, row in ipairs(rows) do
      local kind = row.kind
      local is_asked = not row.operation:find "^libpod" and row.form ~= "new" and row.source ~= "tar" and row.source ~= "state"
        and row.source ~= "header" and not is_endless(row) and route_of[row.operation] and row.place ~= "body"
      local is_known = kind == "container" or kind == "exec" or kind == "image" or kind == "network" or kind == "volume"
      if is_asked and is_known and (version == "/v1.41" or row.source == "path") then
        it(version .. " " .. row.operation .. " " .. row.place, function()
          for _, form in ipairs(theirs[kind]) do
            local line, body = request(row, form[2])
            local other, without = request(row, missing[form[1]])
            local hidden = answer("a", version, line, body, form[2])
            local absent = answer("a", version, other, without, missing[form[1]])
            assert.equal(absent, hidden, form[1])
          end
        end)
      end
    end
  end
end)
