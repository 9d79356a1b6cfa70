local answers = require "moonward.answers"
local core = require "moonward.core"
local operations = require "moonward.operations"
local secrets = require "moonward.secrets"
local test = require "moonward.test"

-- A JSON text with a marker at a path, where a place of that name may be: "Mounts.*.Name" is a list.
local function nested(path, marker)
  local text = '"' .. marker .. '"'
  local steps = {}
  for step in path:gmatch("[^.]+") do
    steps[#steps + 1] = step
  end
  for i = #steps, 1, -1 do
    text = steps[i] == "*" and "[" .. text .. "]" or ('{"%s":%s}'):format(steps[i], text)
  end
  return text
end

-- An item as the answers of an operation have it: one text for each list that it may be in.
local function answers_with(operation, item)
  local form, texts = answers[operation], {}
  for i, list in ipairs(form) do
    texts[i] = nested((list[1] == "" and "*" or list[1] .. ".*"), "ITEM"):gsub('"ITEM"', function() return item end)
  end
  return #texts > 0 and texts or { item }
end

local function sorted(map)
  local keys = {}
  for key in pairs(map) do
    keys[#keys + 1] = key
  end
  table.sort(keys)
  return keys
end

describe("the list of secrets", function()
  it("is of operations and sorts that there are, and its paths are paths", function()
    local sorts = {}
    for _, row in ipairs(secrets.sorts) do
      sorts[row[1]] = true
    end
    for operation, places in pairs(secrets.places) do
      assert.is_true(operations.names[operation] ~= nil, operation)
      assert.is_truthy(answers[operation], operation .. " has an answer that no filter can read")
      for sort, paths in pairs(places) do
        assert.is_true(sorts[sort], sort)
        assert.is_truthy(core.redactor(paths))
      end
    end
    for operation, sort in pairs(secrets.whole) do
      assert.is_true(operations.names[operation] ~= nil and sorts[sort], operation)
    end
  end)

  it("empties each place, and leaves what is shown", function()
    for _, operation in ipairs(sorted(secrets.places)) do
      local all = core.redactor(secrets.paths(operation))
      for sort, paths in pairs(secrets.places[operation]) do
        local without = secrets.paths(operation, { [sort] = "for a spec" })
        for _, path in ipairs(paths) do
          local text = nested(path, "MARKER")
          assert.is_nil(all:apply(text):find("MARKER", 1, true), operation .. " " .. path)
          assert.is_nil(without and core.redactor(without):apply(text), operation .. " " .. path)
        end
      end
      assert.is_nil(secrets.paths(operation, "all, for a spec"))
    end
  end)

  it("has nothing of other operations", function()
    assert.is_nil(secrets.paths "container.logs")
    assert.is_nil(secrets.paths(nil))
    assert.is_nil(secrets.hidden_whole "container.inspect")
  end)

  it("names answers that cannot be emptied", function()
    assert.equal("build", secrets.hidden_whole "image.attestations")
    assert.is_nil(secrets.hidden_whole("image.attestations", { build = "for a spec" }))
  end)

  for _, case in ipairs {
    { "exec_create: sh -c 'a: b'", "exec_create" }, { "exec_start: x", "exec_start" }, { "exec_die", "exec_die" },
    { "health_status: healthy", "health_status: healthy" }, { "start", "start" },
  } do
    it("leaves " .. case[2] .. " of an event that says " .. case[1], function()
      local event = { Action = case[1], status = case[1], Type = "container" }
      secrets.strip_event(event)
      assert.same({ Action = case[2], status = case[2], Type = "container" }, event)
    end)
  end

  it("leaves the message of a commit out of its event, and labels of that name in others", function()
    for action, expected in pairs { commit = false, start = "x" } do
      local event = { Action = action, Actor = { Attributes = { comment = "x", name = "web" } } }
      secrets.strip_event(event)
      assert.equal(expected or nil, event.Actor.Attributes.comment)
      assert.equal("web", event.Actor.Attributes.name)
    end
  end)

  for _, case in ipairs {
    { { nonsense = "x" }, "there is no sort of secrets 'nonsense'" }, { { command = true }, "command needs the reason" },
    { { command = "" }, "command needs the reason" }, { true, "shows is a table of sorts" }, { "", "shows is a table" },
  } do
    it("complains of what shows nothing: " .. case[2], function()
      local ok, why = pcall(secrets.check, case[1], "here")
      assert.is_false(ok)
      assert.is_truthy(why:find("here: shows", 1, true) and why:find(case[2], 1, true), why)
    end)
  end
end)

-- Every policy that hides secrets, with what it says it shows: every place of every answer that it allows.
describe("no secret", function()
  local clients = [[agent authentik autoheal autokuma beszel caddy-docker-proxy crowdsec diun docker-volume-backup dozzle
    gitlab-runner homarr homepage netdata nextcloud-aio nginx-proxy ofelia portainer read-only sablier traefik
    uptime-kuma watchtower woodpecker wud]]
  -- What they need shown, by policy: operation and sort.
  local shown = {
    agent = "command healthcheck", ["nginx-proxy"] = "environment", netdata = "", watchtower = "all",
    ["gitlab-runner"] = "all", woodpecker = "all",
  }

  local function path_of(operation)
    return (operation.path:gsub("{[^}]*}", "web"))
  end

  for name in clients:gmatch("%S+") do
    it("passes " .. name .. " but for what it names", function()
      local policy = test.policy(name, name == "agent" and { agent = "a" } or {})
      for _, operation in ipairs(operations.list) do
        for sort, paths in pairs(secrets.places[operation.name] or {}) do
          for _, path in ipairs(paths) do
            local may = shown[name] == "all" or (shown[name] or ""):find(sort, 1, true)
            for _, text in ipairs(may and {} or answers_with(operation.name, nested(path, "MARKER"))) do
              local verdict = policy:decide { method = operation.method, path = path_of(operation), answer = text,
                containers = { { name = "web" } } }
              if verdict.allowed and verdict.answer then
                assert.is_nil(verdict.answer:find("MARKER", 1, true),
                  ("%s %s: %s"):format(operation.name, path, verdict.answer))
              end
            end
          end
        end
        local sort = secrets.whole[operation.name]
        if sort and name ~= "read-only" then
          local verdict = policy:decide { method = operation.method, path = path_of(operation),
            containers = { { name = "web" } } }
          assert.is_false(verdict.allowed, operation.name)
        end
      end
    end)
  end
end)
