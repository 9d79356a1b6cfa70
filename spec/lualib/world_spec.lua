-- What a view knows of the engine's lists: of objects that are too long to be read as well.

local engines = require "moonward.test_engine"
local folder = require "spec.support.folder"
local test = require "moonward.test"

local made = folder.new()

-- The world as a file of its own, with an engine that hands out these elements by path.
local answers
local function load_world()
  local stubs = {
    ["moonward.host.engine"] = {
      each = function(path, list, take, skip)
        for _, text in ipairs(answers[path .. " " .. list] or {}) do
          if #text > 1 << 20 then
            skip(text:sub(1, 4096))
          else
            take(text)
          end
        end
        return answers[path .. " " .. list] and 200 or 500
      end,
    },
    ["moonward.host.target"] = {},
  }
  local before = {}
  for name, stub in pairs(stubs) do
    before[name], package.loaded[name] = package.loaded[name] or false, stub
  end
  local world = dofile "lualib/moonward/host/world.lua"
  for name, module in pairs(before) do
    package.loaded[name] = module or nil
  end
  return world
end

local function shown(object)
  return object.labels.show == "1"
end

-- What an expression of the world `w` is, as text; or why it cannot be told.
local function ask(expression, given)
  answers = given
  local w = load_world().new { container = shown, network = shown, image = shown, volume = shown }
  local ok, value = pcall(load("local w = ... return " .. expression), w)
  return tostring(value), ok
end

local long = ("x"):rep(1 << 20)

local function container(id, show, label)
  return ('{"Id":"%s","Names":["/%s"],"ImageID":"i","Labels":{"show":"%s","x":"%s"},"State":"running",'
    .. '"Mounts":[{"Name":"v"},{"Name":"v"}]}'):format(id, id, show, label or "")
end

local function network(name, id, show, label)
  return ('{"Name":"%s","Id":"%s","Labels":{"show":"%s","x":"%s"}}'):format(name, id, show, label or "")
end

local function containers(...)
  return { ["/containers/json?all=1 "] = { ... } }
end

local function networks(...)
  return { ["/networks "] = { ... } }
end

describe("a world knows", function()
  local one, other = container("aa11", "1"), container("aa22", "0")
  local cases = {
    { "what exists", "#w:list 'container'", containers(one, other), "1" },
    { "how many run", "w:count 'running'", containers(one, other), "1" },
    { "how many use an image", "w:users 'i'", containers(one, other), "1" },
    { "how many use a volume", "w:users(nil, 'v')", containers(one, other), "1" },
    { "the one id that begins so", "w:by_prefix 'aa'", containers(one, other), "aa11" },
    { "none where there are two", "w:by_prefix 'aa'", containers(one, container("aa33", "1")), "nil" },
    { "that an id of what is hidden begins so", "w:hides('container', 'aa')", containers(one, other), "true" },
    { "that none does", "w:hides('container', 'aa1')", containers(one, other), "false" },
    { "volumes by their names", "w:set('volume').a and #w:list 'volume'",
      { ["/volumes Volumes"] = { '{"Name":"a","Labels":{"show":"1"}}', '{"Name":"b","Labels":null}' } }, "1" },
    { "that there are no volumes", "#w:list 'volume'", { ["/volumes Volumes"] = {} }, "0" },
    { "images by their ids", "w:set('image')['sha256:1']",
      { ["/images/json "] = { '{"Id":"sha256:1","Labels":{"show":"1"}}' } }, "true" },
    -- what is too long to be read
    { "no container that is too long", "#w:list 'container'", containers(one, container("aa33", "1", long)), "1" },
    { "no id of one", "w:set('container').aa33", containers(container("aa33", "1", long)), "nil" },
    { "none that begins so", "w:by_prefix 'aa3'", containers(container("aa33", "1", long)), "nil" },
    { "that the id of one begins so", "w:hides('container', 'aa3')", containers(container("aa33", "1", long)), "true" },
    { "that it does not", "w:hides('container', 'ab')", containers(container("aa33", "1", long)), "false" },
    { "that one may have any id", "w:hides('container', 'ab')",
      containers('{"Labels":{"x":"' .. long .. '"},"Id":"aa33"}'), "true" },
    { "that a network's id begins so", "w:hides('network', 'bb')", networks(network("n", "bb11", "1", long)), "true" },
    { "that a network's does not", "w:hides('network', 'bc')", networks(network("n", "bb11", "1", long)), "false" },
    { "a network's id behind a strange name", "w:hides('network', 'bc')",
      networks(network('\\",\\"Id\\":\\"00', "bb11", "1", long)), "true" },
    { "no labels of one", "w:labels().aa33", containers(container("aa33", "1", long)), "false" },
    { "labels", "w:labels().aa11.show", containers(one, other), "1" },
    { "labels of others", "w:labels().aa22.show", containers(one, other), "0" },
    { "what exists, behind any number of others", "w:labels().aa11.show .. tostring(w:labels()['cc9'])",
      containers(table.unpack((function()
        local many = {}
        for i = 1, 9 do
          many[i] = container("cc" .. i, "0", ("x"):rep(200000))
        end
        many[10] = one
        return many
      end)())), "1false" },
  }
  for _, case in ipairs(cases) do
    it(case[1] .. ": " .. case[2], function()
      assert.equal(case[4], ask(case[2], case[3]))
    end)
  end

  it("nothing where the engine answers with an error, or an element is no object", function()
    for text, given in pairs {
      ["the engine answers 500 to /containers/json"] = {}, ["lists what is no object"] = containers(one, "7"),
    } do
      local message, ok = ask("#w:list 'container'", given)
      assert.is_false(ok)
      assert.is_truthy(message:find(text, 1, true), message)
    end
  end)
end)

describe("a stream of events", function()
  local function decide(list, event)
    local path = folder.write(made .. "/view.lua", [[
local moonward = require "moonward"
return function()
  return moonward.view { container = function(c) return c.labels.show end, image = true, network = true, volume = true }
end
]])
    return test.policy(path):decide { path = "/events", engine = { ["/containers/json?all=1"] = { status = 200, body = list } },
      answer = event }.answer
  end
  local event = engines.json { Type = "container", Action = "die",
    Actor = { ID = "aa33", Attributes = { name = "c", image = "i", show = "1" } } }

  it("does not show what could not be looked at when it began", function()
    assert.equal("", decide("[" .. container("aa33", "1", long) .. "]", event))
    assert.equal(event, decide("[]", event))
    assert.equal(event, decide("[" .. container("aa33", "1") .. "]", event))
  end)
end)
