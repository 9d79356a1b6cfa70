-- `moonward policies`: the list of all policies, and the text of one.

local daemon = require "spec.support.daemon"
local folder = require "spec.support.folder"
local process = require "spec.support.process"

local place = folder.new()
local source = [[
-- mine: pings.
local moonward = require "moonward"
return {
  summary = "Lets people ping. And nothing else.",
  options = {
    { name = "mineflag", help = "A flag." },
    { env = "MINE_ONLY", help = "A variable." },
  },
  decide = function() return moonward.allow() end,
}
]]
folder.write(place .. "/mine.lua", source)
folder.write(place .. "/mine_spec.lua", "-- a spec")
folder.write(place .. "/broken.lua", "return {")
folder.write(place .. "/read-only.lua", (source:gsub("ping", "sing")))

local function policies(words, env)
  return daemon.run(daemon.flatten("policies", words), { env = env or {}, timeout = 20 })
end

local function says(text, part)
  assert.is_truthy(text:find(part, 1, true), text)
end

describe("moonward policies", function()
  it("lists all that ship, with summary and options", function()
    local result = policies {}
    assert.equal("", result.stderr)
    assert.equal(0, result.code)
    for path in process.shell("ls policies"):gmatch("[^\n]+") do
      says(result.stdout, "  " .. path:match("^(.+)%.lua$") .. "\n      ")
    end
    says(result.stdout, "  default\n      Regexes per method, client addresses and bind directories,")
    says(result.stdout, "      -allowfrom -allowbindmountfrom ")
    says(result.stdout, "moonward policies NAME prints a policy, moonward help -policy NAME explains its options.\n")
    assert.is_nil(result.stdout:find("cannot be loaded", 1, true), result.stdout)
    for line in result.stdout:gmatch("[^\n]+") do
      assert.is_true(#line <= 100, line)
    end
  end)

  it("lists those of a folder first, with the first sentence of their summary", function()
    for _, result in ipairs { policies { "-policydir=" .. place }, policies({}, { "MOONWARD_POLICYDIR=" .. place }) } do
      assert.equal(0, result.code)
      says(result.stdout, "In " .. place .. ", found before those that ship:\n  broken\n      cannot be loaded:\n")
      says(result.stdout, "  mine\n      Lets people ping.\n      -mineflag MINE_ONLY\n  read-only\n      Lets people sing.\n")
      says(result.stdout, "\nThose that ship:\n  ")
      says(result.stdout, "  read-only\n      Allows what changes nothing;")
      assert.is_nil(result.stdout:find("mine_spec", 1, true))
    end
  end)

  it("says so when the folder is empty", function()
    says(policies({ "-policydir", folder.new() }).stdout, "  none\n\nThose that ship:\n")
  end)

  it("prints one, byte for byte", function()
    assert.equal(folder.read("policies/read-only.lua"), policies({ "read-only" }).stdout)
    assert.equal(source, policies({ "mine", "-policydir=" .. place }).stdout)
    assert.equal((source:gsub("ping", "sing")), policies({ "-policydir=" .. place, "read-only" }).stdout)
  end)

  it("is kept from nothing by an environment that keeps the daemon from starting", function()
    local env = { "SP_LOGLEVEL=loud", "SP_NONSENSE=1", "MOONWARD_POLICYMEMORY=lots", "MOONWARD_POLICY=nonesuch" }
    local result = policies({}, env)
    assert.equal("", result.stderr)
    assert.equal(0, result.code)
  end)

  it("explains itself", function()
    local result = policies { "-help" }
    assert.equal(0, result.code)
    says(result.stdout, "  -policydir TEXT   MOONWARD_POLICYDIR\n")
    says(result.stdout, "moonward policies [-policydir DIR] [NAME]")
  end)

  it("means policies that ship by other names", function()
    for alias, name in pairs(require("moonward.policy_alias").names) do
      assert.equal(0, process.run({ "test", "-f", "policies/" .. name .. ".lua" }).code, alias .. ": " .. name)
      assert.equal(1, process.run({ "test", "-f", "policies/" .. alias .. ".lua" }).code, alias .. " is a policy")
    end
  end)

  -- arguments, exit code, message
  local refused = {
    { "a name nearly right", { "reed-only" }, 1, 'no policy is called "reed-only"; did you mean read-only?\n' },
    { "a name nearly that of one in the folder", { "-policydir=" .. place, "mien" }, 1,
      'no policy is called "mien"; did you mean mine?\n' },
    { "a program's other name", { "wollomatic" }, 1, 'no policy is called "wollomatic"; did you mean default?\n' },
    { "a name like no other", { "frobnicate" }, 1, 'no policy is called "frobnicate"; moonward policies lists them\n' },
    { "an empty name", { "" }, 1, 'no policy is called ""; moonward policies lists them\n' },
    { "a path", { "../policies/default" }, 1, 'expected the name of a policy, got "../policies/default"\n' },
    { "two names", { "default", "read-only" }, 2, 'unexpected argument "read-only": options begin with a dash\n' },
    { "an option of the daemon", { "-listen=:1" }, 2, "unknown option -listen; neither the core" },
    { "a folder that is not there", { "-policydir=/nowhere" }, 1, "-policydir /nowhere: No such file or directory\n" },
    { "a folder that is a file", { "-policydir=" .. place .. "/mine.lua" }, 1, "/mine.lua: Not a directory\n" },
  }
  for _, case in ipairs(refused) do
    it("refuses " .. case[1], function()
      local result = policies(case[2])
      says(result.stderr, case[4])
      assert.equal("moonward: ", result.stderr:sub(1, 10))
      assert.equal("", result.stdout)
      assert.equal(case[3], result.code)
    end)
  end
end)
