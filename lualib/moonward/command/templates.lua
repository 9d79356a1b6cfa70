--- What `moonward new` writes: policies to begin with and their specs. In the texts NAME stands for the name
--- of the policy, OPTION for what its options begin with, VARIABLE for the same of variables.
local templates = {}

---@class moonward.command.Template
---@field policy string
---@field spec string

---@type table<string, moonward.command.Template>
templates.kinds = {}

templates.kinds.plain = {
  policy = [[
-- NAME: who asks, what they may do, and what they may not. This comment is the policy's page: `moonward
-- policies` prints it. Names of operations: docs/operations.md; what no line allows is denied.
local moonward = require "moonward"

local policy = { summary = "Lists containers and reads their logs." }

function policy.decide(_, request)
  if request:is("system.ping", "system.version", "container.list", "container.logs") then
    return moonward.allow()
  end
  return moonward.deny("NAME lists containers and reads their logs")
end

return policy
]],
  spec = [[
-- luacheck: std +busted
local test = require "moonward.test"

describe("NAME", function()
  local policy = test.policy "./NAME.lua"

  -- method, path, whether it is allowed
  local cases = {
    { "HEAD", "/_ping", true },
    { "GET", "/v1.47/containers/json?all=1", true },
    { "GET", "/v1.47/containers/web/logs?stdout=1", true },
    { "GET", "/v1.47/containers/web/json", false },
    { "POST", "/v1.47/containers/create", false },
    { "DELETE", "/v1.47/containers/web", false },
  }
  for _, case in ipairs(cases) do
    it((case[3] and "allows " or "denies ") .. case[1] .. " " .. case[2], function()
      assert.equal(case[3], policy:decide({ method = case[1], path = case[2] }).allowed)
    end)
  end

  it("says why", function()
    local verdict = policy:decide { method = "POST", path = "/containers/prune" }
    assert.equal("NAME lists containers and reads their logs", verdict.reason)
  end)
end)
]],
}

templates.kinds.client = {
  policy = [[
-- NAME: what one program calls of the engine. Start it beside the program with nothing allowed but this,
-- and add what `moonward explain` names for what is denied. Secrets are left out of answers.
local calls = require "moonward.calls"
local client = require "moonward.client"

return client.policy {
  summary = "Lists and follows containers; with an option, restarts those with a label.",
  always = {
    calls.containers, calls.events,
  },
  options = {
    {
      name = "OPTIONlabel", env = "VARIABLE_LABEL", label = true, default = "NAME.restart=yes",
      help = "Label of the containers that it restarts.",
      allows = {
        { "container.restart", only = client.labelled "OPTIONlabel" },
      },
    },
  },
}
]],
  spec = [[
-- luacheck: std +busted
local test = require "moonward.test"

local containers = {
  { name = "web", labels = { ["NAME.restart"] = "yes" } },
  { name = "vault" },
}

describe("NAME", function()
  local policy = test.policy "./NAME.lua"

  local function decide(method, path, answer)
    return policy:decide { method = method, path = path, containers = containers, answer = answer }
  end

  it("lists containers", function()
    assert.is_true(decide("GET", "/v1.47/containers/json?all=1").allowed)
  end)

  it("sees no environment", function()
    local verdict = decide("GET", "/v1.47/containers/web/json", '{"Config":{"Env":["PASSWORD=pw"]}}')
    assert.is_true(verdict.allowed)
    assert.is_nil(string.find(verdict.answer, "PASSWORD=pw", 1, true))
  end)

  it("restarts what has the label", function()
    assert.is_true(decide("POST", "/v1.47/containers/web/restart").allowed)
  end)

  it("restarts nothing else", function()
    assert.is_false(decide("POST", "/v1.47/containers/vault/restart").allowed)
  end)

  it("creates nothing", function()
    assert.is_false(decide("POST", "/v1.47/containers/create").allowed)
  end)
end)
]],
}

templates.kinds.filter = {
  policy = [[
-- NAME: shows the containers of one compose project, without environments and paths of the host. Whoever can
-- create containers can write the labels that say which project they are of.
local moonward = require "moonward"

local policy = {
  summary = "Shows the containers of one compose project, without environments and paths of the host.",
  options = {
    { name = "OPTIONproject", env = "VARIABLE_PROJECT", default = "shop", help = "The compose project." },
  },
}

local hidden = { "Config.Env", "HostConfig.Binds", "Mounts.*.Source" }

function policy.decide(_, request, options)
  local function ours(container)
    return container.project == options.OPTIONproject
  end

  if request:is("system.ping", "system.version") then
    return moonward.allow()
  elseif request:is("container.list", "container.inspect") then
    return moonward.allow { only = ours, redact = hidden }
  end
  return moonward.deny("NAME lists and inspects the containers of one project")
end

return policy
]],
  spec = [[
-- luacheck: std +busted
local test = require "moonward.test"

-- A container of a project as the engine lists it.
local function listed(id, project)
  return '{"Id":"' .. id .. '","Labels":{"com.docker.compose.project":"' .. project .. '"}}'
end

describe("NAME", function()
  local policy = test.policy("./NAME.lua", { OPTIONproject = "shop" })

  it("shows the project's containers and no others", function()
    local verdict = policy:decide {
      path = "/v1.47/containers/json",
      answer = "[" .. listed("1", "shop") .. "," .. listed("2", "bank") .. "]",
    }
    assert.equal("[" .. listed("1", "shop") .. "]", verdict.answer)
  end)

  it("shows no environment", function()
    local labels = '"Labels":{"com.docker.compose.project":"shop"}'
    local verdict = policy:decide {
      path = "/v1.47/containers/web/json",
      answer = '{"Id":"1","Config":{"Env":["PASSWORD=pw"],' .. labels .. "}}",
    }
    assert.is_true(verdict.allowed)
    assert.is_nil(string.find(verdict.answer, "PASSWORD=pw", 1, true))
  end)

  it("changes nothing", function()
    assert.is_false(policy:decide({ method = "POST", path = "/containers/web/restart" }).allowed)
  end)
end)
]],
}

templates.kinds.create = {
  policy = [[
-- NAME: runs containers from one registry. A body can ask for all of the host, so what it asks for is listed
-- (docs/powers.md) and only a mount from below one directory is let through. Nobody runs as root.
local create = require "moonward.create"
local glob = require "moonward.glob"
local moonward = require "moonward"
local paths = require "moonward.paths"

local policy = {
  summary = "Runs containers from one registry, which may mount from below one directory of the host.",
  options = {
    {
      name = "OPTIONimages", env = "VARIABLE_IMAGES", default = "registry.internal/*",
      help = "Glob of the images that may run.",
    },
    {
      name = "OPTIONdirectory", env = "VARIABLE_DIRECTORY", default = "/srv/NAME",
      help = "Directory below which containers may mount.",
    },
  },
}

-- Set by start: whether an image may run.
local is_ours

function policy.start(options)
  is_ours = glob.compile(options.OPTIONimages)
end

local function drop_root(body)
  body.User = "1000:1000"
end

local function judge_create(request, options)
  local image = request.json and request.json.Image
  if type(image) ~= "string" or not is_ours(image) then
    return moonward.deny("images have to fit " .. options.OPTIONimages, { hint = "-OPTIONimages" })
  end
  for _, power in ipairs(create.powers(request)) do
    if power.power ~= "bind" or not paths.is_below(power.value, options.OPTIONdirectory) then
      return moonward.deny(power.power .. " is not for NAME, at " .. power.where)
    end
  end
  return moonward.allow { edit = drop_root }
end

function policy.decide(_, request, options)
  if request:is("container.create") then
    return judge_create(request, options)
  elseif request:is("system.ping", "system.version", "container.start", "container.wait") then
    return moonward.allow()
  end
  return moonward.deny("NAME creates and starts containers")
end

return policy
]],
  spec = [[
-- luacheck: std +busted
local test = require "moonward.test"

describe("NAME", function()
  local policy = test.policy("./NAME.lua", {
    OPTIONimages = "registry.internal/*", OPTIONdirectory = "/srv/NAME",
  })

  local function create(body)
    return policy:decide { method = "POST", path = "/v1.47/containers/create", body = body }
  end

  it("runs nobody as root", function()
    assert.equal('{"Image":"registry.internal/a","User":"1000:1000"}',
      create('{"Image":"registry.internal/a","User":"root"}').body)
  end)

  it("mounts from below the directory", function()
    local body = '{"Image":"registry.internal/a","HostConfig":{"Binds":["/srv/NAME/x:/x"]}}'
    assert.is_true(create(body).allowed)
  end)

  -- bodies that are refused
  local cases = {
    '{"Image":"busybox"}',
    '{"Image":7}',
    '{"Image":"registry.internal/a","HostConfig":{"Binds":["/srv/NAME/../../etc:/x"]}}',
    '{"Image":"registry.internal/a","HostConfig":{"Privileged":true}}',
    '{"Image":"registry.internal/a","hostconfig":{"PRIVILEGED":true}}',
    "",
  }
  for _, body in ipairs(cases) do
    it("refuses " .. body, function()
      assert.is_false(create(body).allowed)
    end)
  end

  it("runs nothing in containers that are there", function()
    assert.is_false(policy:decide({ method = "POST", path = "/containers/web/exec", body = "{}" }).allowed)
  end)
end)
]],
}

templates.kinds.owner = {
  policy = [[
-- NAME: each client sees and touches only what it has created, in a world without the rest. What it creates
-- is stamped with a label; requests have no power over the host. More of it: `moonward policies owner`.
local calls = require "moonward.calls"
local moonward = require "moonward"
local own = require "moonward.own"

local policy = {
  summary = "Each client sees and touches only what it has created, and gets no power over the host."
    .. " Whoever can set the label by other ways than this proxy can claim what is stamped.",
  options = {
    { name = "OPTIONlabel", env = "VARIABLE_LABEL", default = "NAME.owner", help = "Label of the stamp." },
  },
}

-- Set by start.
local settings

function policy.start(options)
  settings = own.settings(options.OPTIONlabel, own.powers, {})
  moonward.watch_containers()
end

function policy.decide(client, request, options)
  if request:is(table.unpack(calls.greeting)) then
    return moonward.allow()
  end
  local owner = own.owner_of(client, options.OPTIONlabel)
  if not owner then
    return moonward.deny("it is not known who asks, and so what they own")
  end
  return own.decide(request, owner, settings)
end

return policy
]],
  spec = [[
-- luacheck: std +busted
local test = require "moonward.test"

local containers = {
  { name = "ci", address = "172.17.0.2" },
  { name = "job", labels = { ["NAME.owner"] = "container:ci" } },
  { name = "vault" },
}

describe("NAME", function()
  local policy = test.policy "./NAME.lua"

  local function decide(method, path, address)
    return policy:decide {
      method = method, path = path, containers = containers, client = { address = address },
    }
  end

  it("lets a client work on its own containers", function()
    assert.is_true(decide("POST", "/v1.47/containers/job/restart", "172.17.0.2").allowed)
  end)

  it("hides what is not the client's", function()
    assert.equal(404, decide("POST", "/v1.47/containers/vault/restart", "172.17.0.2").status)
  end)

  it("knows nobody by an address that no container has", function()
    assert.is_false(decide("GET", "/v1.47/containers/json", "172.17.0.99").allowed)
  end)

  it("gives nobody the host", function()
    local verdict = policy:decide {
      method = "POST", path = "/v1.47/containers/create", containers = containers,
      client = { address = "172.17.0.2" }, body = '{"Image":"a","HostConfig":{"Privileged":true}}',
    }
    assert.is_false(verdict.allowed)
  end)
end)
]],
}

--- For busted: where specs are.
templates.busted = [[
return { default = { ROOT = { "." }, pattern = "_spec" } }
]]

--- For editors with Lua's language server: where the library is that the rock has installed.
templates.luarc = [[
{
  "runtime.version": "Lua 5.4",
  "runtime.path": ["?.lua"],
  "workspace.library": ["~/.luarocks/share/lua/5.4", "${3rd}/busted/library", "${3rd}/luassert/library"],
  "workspace.checkThirdParty": false
}
]]

return templates
