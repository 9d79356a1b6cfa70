-- The places of the engine's own description, as tools/api-diff last found them: each is still in the table of
-- references, with the same kind, or among those that name nothing.
package.path = "tools/?.lua;" .. package.path

local folder = require "spec.support.folder"
local known = require "api-known"
local places = require "moonward.references.places"

-- Each place with its operation.
local rows = {}
for _, one in ipairs(places.all()) do
  rows[#rows + 1] = setmetatable({ operation = one.operation }, { __index = one.row })
end

describe("the engine's description of its API", function()
  local lines = {}
  for line in folder.read("tools/api-places.txt"):gmatch "[^\n]+" do
    lines[#lines + 1] = line
  end

  it("has no text that may name an object and that nobody knows", function()
    local wrong = {}
    for i = 2, #lines do
      local operation, place, kind = lines[i]:match "^(%S+) (.+): (%S+)$"
      local row = places.at(operation, place)
      if (row and row.kind or known.reason(operation, place) and "-") ~= kind then
        wrong[#wrong + 1] = lines[i]
      end
    end
    assert.same({}, wrong)
  end)

  it("is that of a version with all that the table was made for", function()
    assert.is_truthy(lines[1]:find "Engine API 1%.%d+,")
    assert.is_true(#lines > 500)
  end)

  it("is named by each place of the table, or by a place that no description has", function()
    local described = {}
    for i = 2, #lines do
      described[lines[i]:match "^(.+): %S+$"] = true
    end
    -- What the engine's code reads and its description leaves out, or calls otherwise.
    local undescribed = {
      ["build.cancel query.id"] = true, ["build.session header.X-Docker-Expose-Session-Uuid"] = true,
      ["build.grpc body"] = true, ["container.start query.checkpoint"] = true, ["image.build query.session"] = true,
      ["image.build query.buildid"] = true, ["image.build query.volume"] = true,
    }
    local unknown = {}
    for _, row in ipairs(rows) do
      local id = row.operation .. " " .. row.place
      local is_there = described[id] or undescribed[id] or row.source == "tar" or row.source == "state"
        or row.source == "path" or row.operation:find "^libpod%."
      unknown[#unknown + 1] = not is_there and id or nil
    end
    assert.same({}, unknown)
  end)
end)
