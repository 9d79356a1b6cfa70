-- The places of the engine's own description, and those that its code reads, as tools/api-diff last found them:
-- each is still in the table of references, with the same kind, or among those that name nothing.
package.path = "tools/?.lua;" .. package.path

local folder = require "spec.support.folder"
local known = require "api-known"
local places = require "moonward.references.places"

local described = {} -- what is in either

local function read(path)
  local lines = {}
  for line in folder.read(path):gmatch "[^\n]+" do
    lines[#lines + 1] = line
  end
  for i = 2, #lines do
    local operation, place = lines[i]:match "^(%S+) (.+): "
    local row = known.row(operation, place)
    described[operation .. " " .. (row and row.place or place)] = true
  end
  return lines
end

local lists = {
  { "the engine's description of its API", read "tools/api-places.txt", "Engine API 1%.%d+,", 500 },
  { "moby's code", read "tools/api-types.txt", "at v20%.10%.24, v28%.4%.0, HEAD,", 700 },
}

for _, list in ipairs(lists) do
  local title, lines, first, least = table.unpack(list)
  describe(title, function()
    it("has no text that may name an object and that nobody knows", function()
      local wrong = {}
      for i = 2, #lines do
        local operation, place, kind = lines[i]:match "^(%S+) (.-): (%S+)"
        local row = known.row(operation, place)
        if (row and row.kind or known.reason(operation, place) and "-") ~= kind then
          wrong[#wrong + 1] = lines[i]
        end
      end
      assert.same({}, wrong)
    end)

    it("is of the versions that the table was made for, and whole", function()
      assert.is_truthy(lines[1]:find(first), lines[1])
      assert.is_true(#lines > least, #lines)
    end)
  end)
end

describe("the table of references", function()
  it("has no place that neither the description nor the code has", function()
    -- What is read elsewhere: by BuildKit, and by podman under the engine's paths.
    local elsewhere = {
      ["build.session header.X-Docker-Expose-Session-Uuid"] = true, ["build.grpc body"] = true,
      ["image.build query.volume"] = true,
    }
    local unknown = {}
    for _, one in ipairs(places.all()) do
      local id, row = one.operation .. " " .. one.row.place, one.row
      local is_there = described[id] or elsewhere[id] or row.source == "tar" or row.source == "state"
        or row.source == "path" or one.operation:find "^libpod%."
      unknown[#unknown + 1] = not is_there and id or nil
    end
    assert.same({}, unknown)
  end)
end)
