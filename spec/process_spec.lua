-- The specs' own way to run programs.

local process = require "spec.support.process"
local sys = require "spec.support.sys"

describe("a program that a spec runs", function()
  it("has its three streams, whatever numbers are free for them", function()
    local held = {}
    for _ = 1, 16 do
      local read, write = sys.pipe()
      held[#held + 1], held[#held + 2] = read, write
      local result = process.run({ "sh", "-c", "cat; echo error >&2" }, { stdin = "input" })
      assert.same({ 0, "input", "error\n" }, { result.code, result.stdout, result.stderr })
    end
    for _, fd in ipairs(held) do
      sys.close(fd)
    end
  end)
end)
