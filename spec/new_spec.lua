-- `moonward new`: what it writes passes its own spec and luacheck as it is.

local daemon = require "spec.support.daemon"
local folder = require "spec.support.folder"
local process = require "spec.support.process"

local root = process.shell("pwd"):gsub("%s+$", "")
local binary = process.shell("realpath " .. daemon.binary):gsub("%s+$", "")

local function run_in(place, words)
  return process.run(daemon.flatten("env", "-C", place, words), { timeout = 60 })
end

local function new(place, words)
  return run_in(place, daemon.flatten(binary, "new", words))
end

-- What busted finds with the rock is found in the tree here.
local lua_path = ("LUA_PATH=%s/lualib/?.lua;%s/lualib/?/init.lua;;"):format(root, root)
local lua_cpath = ("LUA_CPATH=%s/build/release/?.so;;"):format(root)
local busted = process.shell("command -v busted"):gsub("%s+$", "")

describe("what moonward new writes", function()
  -- the switch, how many specs it has at least
  for kind, least in pairs { [""] = 7, ["-client"] = 5, ["-filter"] = 3, ["-create"] = 9, ["-owner"] = 4 } do
    describe("with the switch '" .. kind .. "'", function()
      local place, written
      setup(function()
        place = folder.new()
        written = new(place, { "shop-x", kind ~= "" and kind or nil })
      end)

      it("is four files, and what to do with them", function()
        assert.equal("", written.stderr)
        assert.equal("wrote shop-x.lua\nwrote shop-x_spec.lua\nwrote .busted\nwrote .luarc.json\n\n"
          .. "moonward check -policy ./shop-x.lua    what it says to every operation: -matrix\n"
          .. "moonward test                          runs its spec, as busted does\n", written.stdout)
        assert.equal(0, written.code)
      end)

      it("passes its own spec", function()
        local result = run_in(place, { lua_path, lua_cpath, "lua5.4", busted, "-o", "TAP" })
        assert.equal(0, result.code, result.stdout .. result.stderr)
        assert.is_true(select(2, result.stdout:gsub("\nok ", "")) + 1 >= least, result.stdout)
      end)

      it("passes its own spec without busted", function()
        local result = run_in(place, { binary, "test" })
        assert.equal(0, result.code, result.stdout .. result.stderr)
        assert.is_true(tonumber(result.stdout:match "(%d+) passed, 0 failed") >= least, result.stdout)
      end)

      it("has nothing that luacheck minds", function()
        local result = run_in(place, { "luacheck", "--no-config", "-q", "shop-x.lua", "shop-x_spec.lua" })
        assert.equal(0, result.code, result.stdout)
      end)

      it("has an answer to every operation, and no word that was to be replaced", function()
        local result = run_in(place, { binary, "check", "-policy=./shop-x.lua" })
        assert.equal(0, result.code, result.stdout .. result.stderr)
        for _, name in ipairs { "shop-x.lua", "shop-x_spec.lua" } do
          local text = folder.read(place .. "/" .. name)
          assert.is_nil(text:find("%f[%u]NAME%f[%U]") or text:find("OPTION", 1, true) or text:find("VARIABLE", 1, true), text)
        end
      end)
    end)
  end
end)

describe("moonward new", function()
  it("keeps settings that are there", function()
    local place = folder.new()
    folder.write(place .. "/.busted", "mine")
    local result = new(place, { "panel" })
    assert.is_truthy(result.stdout:find("kept .busted, which is there already\nwrote .luarc.json\n", 1, true), result.stdout)
    assert.equal("mine", folder.read(place .. "/.busted"))
  end)

  it("writes over nothing", function()
    for _, name in ipairs { "panel.lua", "panel_spec.lua" } do
      local place = folder.new()
      folder.write(place .. "/" .. name, "mine")
      local result = new(place, { "panel" })
      assert.equal("moonward: new: " .. name .. " is there already, and nothing was written\n", result.stderr)
      assert.equal(1, result.code)
      assert.equal("mine", folder.read(place .. "/" .. name))
      assert.equal(name, process.shell("ls -A " .. place):gsub("%s+$", ""))
    end
  end)

  it("does not follow a link that leads nowhere", function()
    local place = folder.new()
    process.shell("ln -s " .. place .. "/elsewhere " .. place .. "/panel.lua")
    assert.equal(1, new(place, { "panel" }).code)
    assert.is_nil(folder.read(place .. "/elsewhere"))
  end)

  it("explains itself, whatever is wrong with the environment", function()
    local result = process.run({ "env", "SP_NONSENSE=1", binary, "new", "-help" }, { timeout = 20 })
    assert.is_truthy(result.stdout:find("Options of new:\n  -client   (default 0)\n", 1, true), result.stdout)
    assert.equal(0, result.code)
  end)

  -- words, message
  local refused = {
    { {}, "moonward: new: expected the name of a policy, as in\n    moonward new panel -filter\n" },
    { { "../panel" }, "moonward: new: expected a name that begins with a letter and has small letters, digits, - and _," },
    { { ("x"):rep(41) }, "moonward: new: expected a name that begins with a letter" },
    { { "panel_spec" }, "moonward: new: what ends in _spec.lua is a spec; the name of the policy is without it\n" },
    { { "panel", "-owner", "-filter" }, "moonward: new: -filter and -owner are two policies; choose one\n" },
    { { "panel", "-filtre" }, "moonward: unknown option -filtre; did you mean -filter?\n" },
    { { "panel", "door" }, 'moonward: unexpected argument "door"' },
  }
  for _, case in ipairs(refused) do
    it("refuses " .. (table.concat(case[1], " ")), function()
      local place = folder.new()
      local result = new(place, case[1])
      assert.equal(case[2], result.stderr:sub(1, #case[2]))
      assert.equal(2, result.code)
      assert.equal("", process.shell("ls -A " .. place))
    end)
  end

  it("says so where it cannot write", function()
    local result = new("/proc/self", { "panel" })
    assert.is_truthy(result.stderr:find("^moonward: panel.lua: "), result.stderr)
    assert.equal(1, result.code)
  end)
end)
