-- Which engine the specs are about: the installed one, or the unpacked one that ENGINE names.

local engine = require "spec.support.engine"
local json = require "cjson"
local process = require "spec.support.process"

local it = engine.it(it, pending)

-- The first number with dots in what a program says.
local function version_of(program, place)
  local said = process.shell((place or "") .. program .. " -v")
  return said:match "%d+%.%d+%.%d+"
end

describe("the engine of the specs", function()
  it("is the one that was asked for, with its containerd, its runc and its client", function()
    local place = engine.name and ("build/engine/" .. engine.name .. "/bin/")
    local said = process.shell("docker version --format '{{json .}}'", { env = engine.env(engine.get().straight) })
    local versions = json.decode(said)
    local found = { docker = versions.Client.Version }
    for _, part in ipairs(versions.Server.Components) do
      found[part.Name] = part.Version
    end
    for name, program in pairs { Engine = "dockerd", containerd = "containerd", runc = "runc", docker = "docker" } do
      assert.equal(version_of(program, place), found[name]:match "%d+%.%d+%.%d+", name)
    end
  end)
end)
