-- Two owners, and each place of the table of references: another's object in every form, and objects that
-- are taken away and made anew between the judgement and the moment when the engine resolves their name.

local daemon = require "spec.support.daemon"
local engine = require "spec.support.engine"
local folder = require "spec.support.folder"
local owners = require "spec.support.owners"
local process = require "spec.support.process"

local it = engine.it(it, pending)

local world

local function networks_of(id)
  local names = {}
  for name, endpoint in pairs(world:must("operator", "GET /containers/" .. id .. "/json").NetworkSettings.Networks) do
    names[#names + 1] = name .. "=" .. endpoint.NetworkID
  end
  table.sort(names)
  return table.concat(names, " ")
end

local function create(who, name, body)
  body = body or {}
  body.Image, body.Cmd = body.Image or "busybox", body.Cmd or { "sleep", "1000" }
  return world:must(who, "POST /containers/create?name=" .. name, body).Id
end

local function remove(who, ...)
  for _, what in ipairs { ... } do
    world:ask(who, "DELETE " .. what)
  end
end

if not engine.unavailable() then
  setup(function()
    world = owners.start({ "-localbase", "-workers=2" }, { workers = 2 })
  end)
  teardown(function()
    world:stop()
  end)
end

describe("a network that an owner names, and that is another's when the container starts,", function()
  local function endpoints(key, endpoint)
    return { EndpointsConfig = { [key] = endpoint } }
  end
  -- where the name stands, and the container that is made with it
  local ways = {
    { "as network mode", function() return create("a", "spy", { HostConfig = { NetworkMode = "proj" } }) end },
    { "as network mode, beside a HostConfig", function()
      return create("a", "spy", { HostConfig = { NetworkMode = "proj" }, NetworkMode = "proj" })
    end },
    { "as an endpoint", function()
      return create("a", "spy", { NetworkingConfig = endpoints("proj", { Aliases = { "x" } }) })
    end },
    { "as both", function()
      return create("a", "spy", { HostConfig = { NetworkMode = "proj" }, NetworkingConfig = endpoints("proj", {}) })
    end },
    { "of a container that was connected before it ran", function()
      local id = create("a", "spy")
      world:must("a", "POST /networks/proj/connect", { Container = "spy" })
      return id
    end },
    { "of one that was connected with options", function()
      local id = create("a", "spy")
      world:must("a", "POST /networks/proj/connect", { Container = "spy", EndpointConfig = { Aliases = { "web" } } })
      return id
    end },
  }
  for _, version in ipairs { "", "/v1.24", "/v1.40" } do
    for _, way in ipairs(version == "" and ways or { ways[1] }) do
      it("is not joined: " .. way[1] .. (version ~= "" and ", " .. version:sub(2) or ""), function()
        world:must("a", "POST /networks/create", { Name = "proj" })
        local spy = way[2]()
        world:must("a", "DELETE /networks/proj")
        local theirs = world:must("b", "POST /networks/create", { Name = "proj", Internal = true }).Id
        world:ask("a", "POST " .. version .. "/containers/spy/start")
        local joined = networks_of(spy)
        remove("operator", "/containers/" .. spy .. "?force=1", "/networks/" .. theirs)
        assert.is_nil(joined:find(theirs, 1, true), joined)
      end)
    end
  end

  it("is not joined by a container that somebody else made", function()
    world:must("operator", "POST /networks/create", { Name = "late", Labels = { ["moonward.owner"] = owners.stamp.a } })
    local made = world:must("operator", "POST /containers/create?name=made", {
      Image = "busybox", Cmd = { "sleep", "1000" }, Labels = { ["moonward.owner"] = owners.stamp.a },
      HostConfig = { NetworkMode = "late" },
    }).Id
    world:must("a", "DELETE /networks/late")
    local theirs = world:must("b", "POST /networks/create", { Name = "late" }).Id
    local results = {}
    for _, how in ipairs { "start", "restart" } do
      local status, said = world:ask("a", "POST /containers/made/" .. how)
      results[#results + 1] = status .. " " .. (type(said) == "table" and said.message or "")
    end
    local joined = networks_of(made)
    remove("operator", "/containers/" .. made .. "?force=1", "/networks/" .. theirs)
    assert.same({ "404 network late not found", "404 network late not found" }, results)
    assert.is_nil(joined:find(theirs, 1, true), joined)
  end)

  it("is still the owner's own where nobody takes it away", function()
    local mine = world:must("a", "POST /networks/create", { Name = "proj" }).Id
    local id = create("a", "fine", { HostConfig = { NetworkMode = "proj" } })
    world:must("a", "POST /containers/fine/start")
    local joined = networks_of(id)
    remove("operator", "/containers/" .. id .. "?force=1", "/networks/" .. mine)
    assert.equal("proj=" .. mine, joined)
  end)
end)

describe("a connect", function()
  it("is to the network that the path names, whatever its endpoint says", function()
    local mine = world:must("a", "POST /networks/create", { Name = "mine" }).Id
    local theirs = world:must("b", "POST /networks/create", { Name = "bnet", Internal = true }).Id
    local id = create("a", "arun")
    world:must("a", "POST /containers/arun/start")
    for _, reference in ipairs { "bnet", theirs, theirs:sub(1, 12) } do
      local body = { Container = "arun", EndpointConfig = { NetworkID = reference, Aliases = { "web" } } }
      local status, said = world:ask("a", "POST /networks/mine/connect", body)
      local missing = { Container = "arun", EndpointConfig = { NetworkID = "cnet" } }
      local other, words = world:ask("a", "POST /networks/mine/connect", missing)
      assert.equal(400, status)
      assert.equal(other, status)
      assert.equal(words.message, (said.message:gsub(reference, "cnet")))
    end
    local joined = networks_of(id)
    remove("operator", "/containers/" .. id .. "?force=1", "/networks/" .. mine, "/networks/" .. theirs)
    assert.is_nil(joined:find(theirs, 1, true), joined)
  end)
end)

-- Names that are given away at the end ------------------------------------------------------------------

local tars = {}

-- A tar with this Dockerfile.
local function context(dockerfile)
  if not tars[dockerfile] then
    local path = folder.new()
    folder.write(path .. "/Dockerfile", dockerfile)
    tars[dockerfile] = process.run({ "tar", "-c", "-C", path, "Dockerfile" }).stdout
  end
  return tars[dockerfile]
end

local is_tar = { "-H", "Content-Type: application/x-tar" }

local function message(said)
  return type(said) == "table" and said.message or said
end

local function label_of(image)
  local labels = world:must("operator", "GET /images/" .. image .. "/json").Config.Labels
  return type(labels) == "table" and labels["moonward.owner"] or "nobody"
end

local function build(who, query, dockerfile)
  local opened = world:open(who, "POST /build?" .. query, is_tar)
  opened:write(context(dockerfile or "FROM scratch\nLABEL x=1\n"))
  return owners.answer(opened)
end

describe("a name that was free when it was judged", function()
  -- What b does while a's build of "wanted:1" has been judged and its context has not come.
  local rivals = {
    { "builds", function() return build("b", "t=wanted:1") end },
    { "builds, by the long name", function() return build("b", "t=docker.io/library/wanted:1") end },
    { "tags", function() return world:ask("b", "POST /images/theirs:1/tag?repo=wanted&tag=1") end },
    { "commits", function() return world:ask("b", "POST /commit?container=theirs&repo=wanted&tag=1", {}) end },
  }
  if not engine.unavailable() then
    setup(function()
      assert(build("b", "t=theirs:1") == 200)
      create("b", "theirs")
    end)
    teardown(function()
      remove("operator", "/containers/theirs?force=1", "/images/theirs:1?force=1", "/images/wanted:1?force=1")
    end)
  end

  for _, rival in ipairs(rivals) do
    it("is held while it is built, so nobody else " .. rival[1] .. " it", function()
      local opened = world:open("a", "POST /build?t=wanted:1", is_tar)
      opened:write(context("FROM scratch\nLABEL x=2\n"):sub(1, 512))
      process.run({ "sleep", "0.3" })
      local status, said = rival[2]()
      opened:write(context("FROM scratch\nLABEL x=2\n"):sub(513))
      local built, text = owners.answer(opened)
      assert.equal(409, status)
      assert.equal("moonward: another request is about the name", message(said):sub(1, 43))
      assert.equal(200, built, text)
      assert.equal(owners.stamp.a, label_of "wanted:1")
      assert.equal(409, (rival[2]())) -- by now it is taken
      remove("a", "/images/wanted:1")
    end)
  end

  it("stays held when nobody waits for the build any more", function()
    local opened = world:open("a", "POST /build?t=wanted:2", is_tar)
    opened:write(context("FROM scratch\nLABEL x=3\n"):sub(1, 512))
    process.run({ "sleep", "0.3" })
    opened:kill "KILL"
    opened:wait(5)
    process.run({ "sleep", "0.2" })
    assert.equal(409, (build("b", "t=wanted:2")))
    assert.equal(200, (build("a", "t=wanted:2")))
    remove("a", "/images/wanted:2")
  end)

  it("is free again for others once the owner has removed it", function()
    assert.equal(200, (build("a", "t=wanted:3")))
    remove("a", "/images/wanted:3")
    assert.equal(200, (build("b", "t=wanted:3")))
    remove("b", "/images/wanted:3")
  end)

  for _, kind in ipairs { "network", "volume" } do
    it("is one owner's alone where two create a " .. kind .. " at once", function()
      for round = 1, 4 do
        local name = "both" .. round
        local first = world:open("a", "POST /" .. kind .. "s/create", { "-H", "Content-Type: application/json" })
        local second = world:open("b", "POST /" .. kind .. "s/create", { "-H", "Content-Type: application/json" })
        for _, one in ipairs { first, second } do
          one:write('{"Name":"' .. name .. '"}')
        end
        first:close_input()
        second:close_input()
        local won = { (owners.answer(first)), (owners.answer(second)) }
        assert.same({ 201, 409 }, { math.min(won[1], won[2]), math.max(won[1], won[2]) })
        local loser = won[1] == 409 and "a" or "b"
        assert.equal(404, (world:ask(loser, "GET /" .. kind .. "s/" .. name)))
        remove("operator", "/" .. kind .. "s/" .. name)
      end
    end)
  end

  it("is one owner's alone among the names that another one made twice", function()
    world:must("operator", "POST /networks/create", { Name = "twice", Labels = { ["moonward.owner"] = owners.stamp.a } })
    local twice = { Name = "twice", Labels = { ["moonward.owner"] = owners.stamp.b } }
    if world:ask("operator", "POST /networks/create", twice) == 409 then -- engines from 25 on have no such names
      remove("operator", "/networks/twice")
      return
    end
    local ids = {}
    for _, one in ipairs(world:must("operator", "GET /networks")) do
      ids[#ids + 1] = one.Name == "twice" and one.Id or nil
    end
    local status, said = world:ask("a", "POST /containers/create?name=inone", {
      Image = "busybox", HostConfig = { NetworkMode = "twice" },
    })
    local inspected = world:ask("b", "GET /networks/twice")
    local created = { world:ask("a", "POST /networks/create", { Name = "twice" }) }
    remove("operator", "/containers/inone?force=1", "/networks/" .. ids[1], "/networks/" .. ids[2])
    assert.equal(201, status, message(said))
    assert.equal(200, inspected)
    assert.equal(409, created[1])
  end)
end)

describe("what looks like an id", function()
  local id = ("abcdef012345"):rep(2)
  for line, body in pairs {
    ["POST /containers/create?name=" .. id] = { Image = "busybox" },
    ["POST /networks/create"] = { Name = id },
    ["POST /images/mine:1/tag?repo=" .. id] = false,
    ["POST /build?t=" .. id] = false,
  } do
    it("is no name for what is new: " .. line, function()
      assert.equal(200, (build("a", "t=mine:1")))
      local status, said = world:ask("a", line, body or nil)
      remove("a", "/images/mine:1")
      assert.equal(400, status, message(said))
      assert.is_truthy(message(said):find("looks like an id", 1, true))
    end)
  end
end)

describe("filters of a prune that nobody can read", function()
  for _, filters in ipairs { '{"until":"1h"}', '{"until":[1]}', '{"label":{"a":1}}', '["label"]', '{"until":true}' } do
    it("are refused: " .. filters, function()
      local encoded = filters:gsub("[^%w]", function(c) return ("%%%02X"):format(c:byte()) end)
      local status, said = world:ask("a", "POST /containers/prune?filters=" .. encoded)
      assert.equal(400, status)
      assert.equal("moonward: the filters cannot be read", message(said))
    end)
  end
end)

-- Builds ---------------------------------------------------------------------------------------------------

describe("a build", function()
  it("is in the network that was judged, though its name is another's by then", function()
    local mine = world:must("a", "POST /networks/create", { Name = "during" }).Id
    local opened = world:open("a", "POST /build?nocache=1&pull=0&networkmode=during", is_tar)
    opened:write(context("FROM busybox\nRUN sleep 1\n"):sub(1, 512))
    process.run({ "sleep", "0.3" })
    world:must("a", "DELETE /networks/during")
    local theirs = world:must("b", "POST /networks/create", { Name = "during" }).Id
    opened:write(context("FROM busybox\nRUN sleep 1\n"):sub(513))
    local _, said = owners.answer(opened)
    remove("operator", "/networks/" .. theirs)
    assert.is_truthy(tostring(said):find("network " .. mine .. " not found", 1, true), said)
  end)

  it("has only sources of its cache that are shown", function()
    assert.equal(200, (build("b", "t=private:1")))
    local status, said = build("a", "cachefrom=[\"private:1\"]")
    local missing, words = build("a", "cachefrom=[\"nothing:1\"]")
    assert.equal(404, status)
    assert.equal(missing, status)
    assert.equal(message(words), (message(said):gsub("private", "nothing")))
    assert.equal(403, (build("a", "cachefrom=private")))
    remove("b", "/images/private:1")
  end)

  it("has steps that are no owner's, whatever its Dockerfile says", function()
    local opened = world:open("operator", "POST /build?nocache=1&rm=1", is_tar)
    opened:write(context("FROM busybox\nLABEL moonward.owner=" .. owners.stamp.b .. "\nRUN sleep 4\n"))
    opened:close_input()
    local step
    for _ = 1, 40 do
      for _, one in ipairs(world:must("operator", "GET /containers/json")) do
        step = one.Labels["moonward.owner"] == owners.stamp.b and one.Id or step
      end
      if step then
        break
      end
      process.run({ "sleep", "0.1" })
    end
    local listed = {}
    for _, path in ipairs { "/containers/json", "/containers/json?all=1", "/system/df" } do
      listed[#listed + 1] = tostring(require("cjson").encode(world:must("b", "GET " .. path)):find(step, 1, true))
    end
    local results = {
      (world:ask("b", "GET /containers/" .. step .. "/json")),
      (world:ask("b", "POST /containers/" .. step .. "/exec", { Cmd = { "id" } })),
      (world:ask("b", "POST /containers/create", { Image = "busybox", HostConfig = { PidMode = "container:" .. step } })),
    }
    opened:wait(30)
    assert.same({ 404, 404, 400 }, results)
    assert.same({ "nil", "nil", "nil" }, listed)
  end)

  it("does not take from lists what was made by a name that has moved on", function()
    assert.equal(200, (build("a", "t=moves:1")))
    local id = create("a", "stays", { Image = "moves:1" })
    assert.equal(200, (build("a", "t=moves:1", "FROM scratch\nLABEL x=2\n")))
    local list = world:must("a", "GET /containers/json?all=1")
    local found
    for _, one in ipairs(list) do
      found = one.Id == id and one.Image or found
    end
    remove("operator", "/containers/" .. id .. "?force=1")
    remove("a", "/images/moves:1")
    assert.is_truthy(found and found:find "^sha256:", found)
  end)

  it("leaves what was made by an image's id to its owner", function()
    local image = world:must("a", "GET /images/busybox/json").Id
    local id = create("a", "byid", { Image = image })
    assert.equal(200, (world:ask("a", "GET /containers/byid/json")))
    assert.equal(404, (world:ask("b", "GET /containers/byid/json")))
    remove("operator", "/containers/" .. id .. "?force=1")
  end)
end)

-- Processes ------------------------------------------------------------------------------------------------

describe("arguments of ps", function()
  if not engine.unavailable() then
    setup(function()
      create("a", "arun")
      world:must("a", "POST /containers/arun/start")
    end)
    teardown(function()
      remove("operator", "/containers/arun?force=1")
    end)
  end

  for _, args in ipairs { "-p 1 -oargs,ppid,pid", "e -oargs:4000,pid", "-eo comm,pid", "-C dockerd -o args,pid" } do
    it("read no process of the host: " .. args, function()
      assert.equal(403, (world:ask("a", "GET /containers/arun/top?ps_args=" .. args:gsub(" ", "%%20"))))
    end)
  end

  for _, args in ipairs { "", "-ef", "aux", "-o pid,user,args" } do
    it("show those of the container: " .. args, function()
      local said = world:must("a", "GET /containers/arun/top?ps_args=" .. args:gsub(" ", "%%20"))
      assert.equal(1, #said.Processes)
    end)
  end

  it("are not quoted in errors, whoever lets them pass", function()
    local open = daemon.start(daemon.flatten("-socketpath=" .. engine.get().socket, daemon.allow_all))
    local socket = open.unix:sub(8)
    local result = process.run({ "curl", "-s", "--unix-socket", socket,
      "http://d/v1.41/containers/arun/top?ps_args=-C%20dockerd%20-oargs,pid" })
    open:stop()
    assert.is_nil(result.stdout:find("Unexpected pid", 1, true), result.stdout)
    assert.is_truthy(result.stdout:find("ps has failed on these arguments", 1, true), result.stdout)
  end)
end)

-- Swaps ------------------------------------------------------------------------------------------------------

describe("a container", function()
  it("is named by its id in whatever refers to it, so its name may go to another", function()
    local id = create("a", "base")
    world:must("a", "POST /containers/base/start")
    local made = create("a", "user", { HostConfig = {
      PidMode = "container:base", IpcMode = "container:/base", NetworkMode = "container:" .. id:sub(1, 12),
      VolumesFrom = { "base:ro" },
    } })
    local host = world:must("operator", "GET /containers/" .. made .. "/json").HostConfig
    remove("operator", "/containers/base?force=1", "/containers/user?force=1")
    assert.same({ "container:" .. id, "container:" .. id, "container:" .. id, { id .. ":ro" } },
      { host.PidMode, host.IpcMode, host.NetworkMode, host.VolumesFrom })
  end)
end)

describe("an image that an owner names", function()
  it("is the one whose labels were read, where labels choose policies", function()
    local choosing = owners.start { "-selectable=docker-cli", "-localbase" }
    local made = choosing:must("a", "POST /containers/create?name=pinned", { Image = "busybox" }).Id
    local inspected = choosing:must("operator", "GET /containers/" .. made .. "/json")
    build("operator", "t=chooses:1", "FROM busybox\nLABEL moonward.policy=docker-cli\n")
    local status, said = choosing:ask("a", "POST /containers/create", { Image = "chooses:1" })
    choosing:stop()
    remove("operator", "/containers/pinned", "/images/chooses:1")
    assert.equal(inspected.Image:gsub("^sha256:", ""), inspected.Config.Image)
    assert.equal(403, status, message(said))
  end)

  for _, version in ipairs { "/v1.40", "/v1.41" } do
    it("is another's by no spelling, " .. version:sub(2), function()
      assert.equal(200, (build("b", "t=secret:1")))
      local id = world:must("operator", "GET /images/secret:1/json").Id
      local results = {}
      for _, name in ipairs { "secret:1", "docker.io/library/secret:1", "library/secret:1", id, id:sub(8), id:sub(8, 19) } do
        results[#results + 1] = (world:ask("a", "POST " .. version .. "/containers/create",
          { Image = name, HostConfig = { CgroupnsMode = "private" } }))
        results[#results + 1] = (world:ask("a", "GET " .. version .. "/images/" .. name .. "/json"))
        results[#results + 1] = (world:ask("a", "POST " .. version .. "/images/" .. name .. "/tag?repo=stolen"))
      end
      remove("b", "/images/secret:1")
      for _, status in ipairs(results) do
        assert.equal(404, status)
      end
    end)
  end
end)
