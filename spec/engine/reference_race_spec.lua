-- Each place of the table of references by which an owner can name what is its own: the request is judged and
-- on its way, and before the engine has it, or before it counts, the name has become another's. What is
-- another's by then stays as it was, and nothing of it is in the answer. And names that two owners give at once.

local engine = require "spec.support.engine"
local folder = require "spec.support.folder"
local json = require "cjson"
local loop = require "spec.support.loop"
local operations = require "moonward.operations"
local owners = require "spec.support.owners"
local places = require "moonward.references.places"
local process = require "spec.support.process"
local relay = require "spec.support.relay"
local requests = require "spec.support.reference_requests"

local it = engine.it(it, pending)

local world, between

local SECRET = "whatisbs" -- in all that is b's

local function ask(who, line, body)
  return world:ask(who, line, body)
end

-- Objects by the name "swap" -------------------------------------------------------------------------------

local make, paths = {}, {}

function make.container(who, name)
  local body = json.encode {
    Image = "busybox", Cmd = { "sleep", "1000" }, Labels = { it = who == "b" and SECRET or "as" },
    Hostname = who == "b" and SECRET or "as", HostConfig = { NetworkMode = "none" },
  }
  local answers = world:batch(who, {
    { method = "POST", path = "/v" .. engine.api() .. "/containers/create?name=" .. name, body = body },
    { method = "POST", path = "/v" .. engine.api() .. "/containers/" .. name .. "/start" },
  })
  return answers[2]:find "^HTTP/1.1 204" ~= nil
end

function make.network(who, name)
  return (ask(who, "POST /networks/create", { Name = name, Labels = { it = who == "b" and SECRET or "as" } })) == 201
end

function make.volume(who, name)
  return (ask(who, "POST /volumes/create", { Name = name, Labels = { it = who == "b" and SECRET or "as" } })) == 201
end

-- Of the containers that set_up() has made.
function make.image(who, name)
  return (ask(who, "POST /commit?pause=0&container=" .. (who == "b" and "bybody" or "anybody") .. "&repo=" .. name,
    { Labels = { it = who == "b" and SECRET or "as" } })) == 201
end

function make.exec(who, name)
  return make.container(who, name)
end

for kind, path in pairs {
  container = "/containers/%s?force=1&v=1", network = "/networks/%s", volume = "/volumes/%s", image = "/images/%s?force=1",
  exec = "/containers/%s?force=1&v=1",
} do
  paths[kind] = path
end

local function remove(kind, name)
  ask("operator", "DELETE " .. paths[kind]:format(name))
end

-- What the engine says of it; what is the moment's is left out.
local function state_of(kind, name)
  local path = kind == "exec" and "container" or kind
  local _, said = ask("operator", "GET /" .. path .. "s/" .. name .. (path == "network" and "" or path == "volume" and ""
    or "/json"))
  local _, changes = ask("operator", "GET /containers/" .. name .. "/changes")
  return json.encode(said):gsub('"Health":.-}', "") .. (path == "container" and json.encode(changes) or "")
end

-- How a name becomes another's.
local ways = {
  { "removed and made anew", function(kind)
    remove(kind, "swap")
    return make[kind]("b", "swap")
  end },
  { "renamed", function()
    return (ask("operator", "POST /containers/swap/rename?name=gone")) == 204 and make.container("b", "swap")
  end, only = "container" },
}

-- Names that nobody else gets while the request is on its way, since no id can stand for them; and what a
-- container that was made has in use.
local reserved, used_by_container = { image = true, volume = true }, { volume = true }

-- Requests -----------------------------------------------------------------------------------------------

local is_stream = {}
for _, entry in ipairs(operations.list) do
  is_stream[entry.name] = entry.stream and entry.family ~= "image"
end

-- A file with a tar with a Dockerfile.
local function tar(dockerfile)
  local path = folder.new()
  folder.write(path .. "/Dockerfile", dockerfile)
  return process.shell(("tar -c -C %s -f %s/tar Dockerfile && chmod -R a+rX %s && printf %s/tar"):format(path, path, path, path))
end

-- Sends them all; they wait before the engine. What an owner must not do at all never comes there.
local function send(list)
  between:hold "x-held: yes"
  for _, one in ipairs(list) do
    local words = { "-H", "X-Held: yes", "-H", "Content-Type: " .. (one.made.type or "application/json") }
    if one.made.tar or one.made.body then
      table.move({ "--data-binary", one.made.tar and "@" .. tar(one.made.tar) or one.made.body }, 1, 2, #words + 1, words)
    end
    one.asked = world:begin("a", one.made.method .. " " .. one.made.path, words)
  end
  loop.until_true(function()
    local over = between.held
    for _, one in ipairs(list) do
      over = over + (one.asked:ended() and 1 or 0)
    end
    return over >= #list
  end, 20)
end

-- Lets them go on. Streams do not end by themselves.
local function release(list)
  between:release()
  for _, one in ipairs(list) do
    one.said = one.asked:wait(is_stream[one.operation] and 0.5 or 20).stdout
  end
end

-- What a's requests have made is used, and then goes; what the engine says of it.
local function use()
  local found = {}
  for _, one in ipairs(world:must("operator", "GET /containers/json?all=1")) do
    local name = one.Names[1]
    if one.Labels["moonward.owner"] == owners.stamp.a and name ~= "/anybody" and name ~= "/gone" and name ~= "/swap" then
      ask("a", "POST /containers/" .. one.Id .. "/start")
      found[#found + 1] = json.encode(world:must("operator", "GET /containers/" .. one.Id .. "/json"))
      ask("operator", "DELETE /containers/" .. one.Id .. "?force=1")
    end
  end
  found[#found + 1] = json.encode(world:must("operator", "GET /containers/anybody/json"))
  ask("operator", "POST /networks/swap/disconnect", { Container = "anybody", Force = true })
  return table.concat(found, "\n")
end

-- Ids of what is called "swap" now, if it is b's.
local function ids_of(kind)
  local path = kind == "exec" and "container" or kind
  local _, said = ask("operator", "GET /" .. path .. "s/swap" .. ((path == "network" or path == "volume") and "" or "/json"))
  local id = type(said) == "table" and (said.Id or said.Mountpoint)
  return id and id:gsub("^sha256:", "")
end

local function clean(kind)
  local list = {}
  for _, one in ipairs { "container", kind, "image" } do
    for _, name in ipairs { "swap", "gone", "bimage", "stolen", "other" } do
      list[#list + 1] = { method = "DELETE", path = "/v" .. engine.api() .. paths[one]:format(name) }
    end
  end
  world:batch("operator", list)
end

local function race(kind, way, list, is_late)
  clean(kind)
  assert(make[kind]("a", "swap"), "a has no " .. kind)
  local reference = kind == "exec" and world:must("a", "POST /containers/swap/exec", { Cmd = { "true" } }).Id or "swap"
  for _, one in ipairs(list) do
    one.made = requests.make(one.operation, one.row, requests.forms(one.row)[1].pattern:format(reference))
    assert(one.made, "no request is known for " .. one.operation)
  end
  send(list)
  local came = between.held
  if is_late then
    release(list)
  end
  local is_anothers = way[2](kind)
  local id = is_anothers and ids_of(kind)
  local state = is_anothers and state_of(kind, "swap")
  if not is_late then
    release(list)
  end
  local used = use()
  local now = is_anothers and state_of(kind, "swap")
  clean(kind)
  assert.is_true(came > 0, "nothing came so far")
  assert.equal(not (is_late and used_by_container or reserved)[kind], is_anothers)
  assert.equal(state, now)
  if not id then
    return
  end
  for _, one in ipairs(list) do
    local name = one.operation .. " " .. one.row.place
    assert.is_nil(one.said:find(SECRET, 1, true), name .. ": " .. one.said)
    assert.is_nil(one.said:find(id, 1, true), name .. ": " .. one.said)
  end
  assert.is_nil(used:find(id, 1, true), used)
end

if not engine.unavailable() then
  setup(function()
    between = relay.start(folder.new() .. "/engine.sock", engine.get().socket)
    world = owners.start({ "-workers=2", "-localbase" }, { engine = between.path, workers = 2 })
    for who, name in pairs { a = "anybody", b = "bybody" } do
      world:must(who, "POST /containers/create?name=" .. name, { Image = "busybox", Cmd = { "sleep", "1000" } })
    end
    world:must("a", "POST /networks/create", { Name = "anybody" })
  end)
  teardown(function()
    for _, path in ipairs { "/containers/anybody?force=1", "/containers/bybody?force=1", "/networks/anybody" } do
      ask("operator", "DELETE " .. path)
    end
    world:stop()
    between:stop()
  end)
end

-- Places that lead to an owner's object. What a Dockerfile names is another spec's.
local function is_raced(one)
  return make[one.row.kind] and not one.operation:find "^libpod%." and one.row.form ~= "new"
    and one.row.source ~= "tar" and one.row.source ~= "state" and one.row.when ~= "never"
end

local function raced(kind, accepts)
  local list = {}
  for _, one in ipairs(places.all()) do
    if is_raced(one) and one.row.kind == kind and accepts(one.row) then
      list[#list + 1] = { operation = one.operation, row = one.row }
    end
  end
  return list
end

describe("a request is about what it was judged by, though its name is another's by now:", function()
  for _, kind in ipairs { "container", "exec", "image", "network", "volume" } do
    local all = raced(kind, function() return true end)
    local bodies = raced(kind, function(row) return row.source == "body" end)
    for _, way in ipairs(ways) do
      if not way.only or way.only == kind then
        it(("%d places of a %s that is %s before the engine has the request"):format(#all, kind, way[1]), function()
          race(kind, way, all)
        end)
      end
      if (not way.only or way.only == kind) and #bodies > 0 then
        it(("%d places of a %s that is %s before it counts"):format(#bodies, kind, way[1]), function()
          race(kind, way, bodies, true)
        end)
      end
    end
  end
end)

-- Names that are given ---------------------------------------------------------------------------------------

-- What the two have, to give names to.
local things = { a = { container = "anybody", image = "mine" }, b = { container = "bybody", image = "its" } }

local function gives(kind)
  local list = {}
  for _, one in ipairs(places.all()) do
    local row = one.row
    if row.kind == kind and row.form == "new" and row.held == "new" and not one.operation:find "^libpod%." then
      list[#list + 1] = one
    end
  end
  return list
end

local function is_fine(text)
  return text:find "^HTTP/1.1 20%d" ~= nil and not text:find '"error":'
end

local function labels_of(kind)
  local _, said = ask("operator", "GET /" .. kind .. "s/swap" .. ((kind == "network" or kind == "volume") and "" or "/json"))
  return said.Labels or said.Config and said.Config.Labels or {}
end

-- a gives a name, and before the engine hears of it so does b.
local function give_at_once(kind, first, second)
  clean(kind)
  local list = { { operation = first.operation, made = requests.make(first.operation, first.row, "swap", nil, things.a) } }
  send(list)
  local made = requests.make(second.operation, second.row, "swap", nil, things.b)
  made.path, made.file = "/v" .. engine.api() .. made.path, made.tar and tar(made.tar)
  local others = world:batch("b", { made })[1]
  release(list)
  local won = { a = is_fine(list[1].said), b = is_fine(others) }
  local label = labels_of(kind)["moonward.owner"]
  for who, names in pairs(things) do -- where one of them was renamed
    ask(who, "POST /containers/swap/rename?name=" .. names.container)
  end
  clean(kind)
  assert.equal(1, (won.a and 1 or 0) + (won.b and 1 or 0), list[1].said .. others)
  if first.row.place ~= "query.name" then -- the engine lets no container take another's name
    assert.is_true(won.a, list[1].said)
    assert.equal(owners.stamp.a, label)
  end
  assert.is_truthy((won.a and others or list[1].said):find "^HTTP/1.1 409")
end

describe("a name is one owner's where two give it at once:", function()
  if not engine.unavailable() then
    setup(function()
      for who, name in pairs { a = "mine", b = "its" } do
        world:must(who, "POST /commit?container=" .. things[who].container .. "&repo=" .. name, {})
      end
    end)
    teardown(function()
      ask("operator", "DELETE /images/mine")
      ask("operator", "DELETE /images/its")
    end)
  end

  for _, kind in ipairs { "container", "image", "network", "volume" } do
    for _, first in ipairs(gives(kind)) do
      for _, second in ipairs(gives(kind)) do
        it(first.operation .. " and " .. second.operation, function()
          give_at_once(kind, first, second)
        end)
      end
    end
  end
end)
