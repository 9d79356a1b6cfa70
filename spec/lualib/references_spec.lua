-- Objects that a request names outside its path; through a policy, since the engine is asked.
local engines = require "moonward.test_engine"
local folder = require "spec.support.folder"
local test = require "moonward.test"

local json = engines.json
local policy = test.policy(folder.write(folder.new() .. "/named.lua", [[
local create = require "moonward.create"
local moonward = require "moonward"
local references = require "moonward.references"
return function(_, request)
  local names, known = {}, {}
  for _, power in ipairs(create.powers(request)) do
    local object = references.object(power, known)
    names[#names + 1] = power.power .. "=" .. (object and (object.kind .. " " .. object.name) or "none")
  end
  return moonward.allow { rule = table.concat(names, ", ") }
end]]))

local function names(host, engine)
  local verdict = policy:decide { method = "POST", path = "/v1.41/containers/create", body = '{"HostConfig":' .. host .. "}",
    containers = { { name = "db" } }, engine = engine }
  return verdict.allowed and verdict.rule or verdict.reason
end

local some = {
  ["/networks/net"] = { body = json { Id = "0a", Name = "net" } },
  ["/networks/0a"] = { body = json { Id = "0a", Name = "net" } },
  ["/volumes/data"] = { body = json { Name = "data" } },
  ["/volumes/none"] = { status = 404, body = "{}" },
}

describe("a reference", function()
  for _, case in ipairs {
    { '{"NetworkMode":"net"}', "network=network net" }, { '{"NetworkMode":"0a"}', "network=network net" },
    { '{"Binds":["data:/d"]}', "volume=volume data" }, { '{"Binds":["none:/d"]}', "volume=none" },
    { '{"VolumesFrom":["db:ro"]}', "volumes-from=container db" },
    { '{"PidMode":"container:db"}', "joined-namespace=container db" },
    { '{"PidMode":"container:nobody"}', "joined-namespace=none" },
    { '{"Privileged":true}', "privileged=none" }, { '{"Binds":["/etc:/e"]}', "bind=none" },
  } do
    it("is what the engine takes it for: " .. case[1], function()
      assert.equal(case[2], names(case[1], some))
    end)
  end

  it("is one of a bounded number", function()
    local binds, engine = {}, {}
    for i = 1, 33 do
      binds[i] = ("v%d:/v%d"):format(i, i)
      engine["/volumes/v" .. i] = { body = json { Name = "v" .. i } }
    end
    local said = names('{"Binds":["' .. table.concat(binds, '","') .. '"]}', engine)
    assert.is_truthy(said:find("a request that names more than 32 objects", 1, true), said)
  end)
end)
