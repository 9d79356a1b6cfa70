-- tools/engine, where there is nothing to unpack.

local folder = require "spec.support.folder"
local process = require "spec.support.process"

describe("tools/engine", function()
  local place -- a tree of its own: what is unpacked in this one stays

  setup(function()
    place = folder.new()
    process.shell("mkdir " .. place .. "/tools && cp tools/engine " .. place .. "/tools")
  end)

  local function run(words, env)
    return process.run({ place .. "/tools/engine", table.unpack(words) }, { env = env, timeout = 30 })
  end

  for what, words in pairs {
    ["without a suite"] = {}, ["with a path"] = { "../x" }, ["with two words in one"] = { "testing main" },
    ["with a word too many"] = { "testing", "main" },
  } do
    it("is refused " .. what, function()
      local result = run(words)
      assert.equal(1, result.code)
      assert.is_truthy(result.stderr:find("^tools/engine: .*got"), result.stderr)
    end)
  end

  it("fails where no mirror answers, and takes nothing for unpacked", function()
    for _ = 1, 2 do
      local result = run({ "testing" }, { "MIRROR=http://127.0.0.1:1/debian" })
      assert.equal(1, result.code)
      assert.equal("", result.stdout)
      assert.is_truthy(result.stderr:find("tools/engine: the engine of Debian's testing cannot be had\n$"), result.stderr)
    end
  end)
end)
