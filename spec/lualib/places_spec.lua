-- The table of references: it names what exists, no place is missing that moonward knows of, and nothing is
-- resolved later than judged without being held.
local create = require "moonward.create"
local operations = require "moonward.operations"
local places = require "moonward.references.places"

-- Each place with its operation.
local rows = {}
for _, one in ipairs(places.all()) do
  rows[#rows + 1] = setmetatable({ operation = one.operation }, { __index = one.row })
end

-- The place in the table of what moonward.create calls "container.create HostConfig.Binds".
local function is_known(operation, field)
  field = field:gsub("^query%.", "")
  for _, row in ipairs(places.of(operation)) do
    local key = row.key:gsub("[%[%]{}]", "")
    if key == field or key == "HostConfig." .. field or key:find(field .. ".", 1, true) == 1
      or field == "id" and row.place == "path" then
      return true
    end
  end
end

-- Powers whose value is an object's name.
local naming = { "network", "volume", "volumes-from", "joined-namespace", "link", "secret", "config" }
-- Bodies that moonward reads with the fields of a create, and the engine does not.
local unread = { ["container.update"] = true }
-- Places with such a power that name nothing.
local plain = {
  ["container.create HostConfig.CgroupnsMode"] = "private or host",
  ["container.create CgroupnsMode"] = "private or host",
  ["libpod.secret.inspect query.showsecret"] = "a switch",
}

describe("the table of references", function()
  it("has a row for each path that names an object", function()
    local missing = {}
    for _, entry in ipairs(operations.list) do
      if entry.path:find("{", 1, true) and not places.at(entry.name, "path") and entry.name ~= "debug.pprof.named" then
        missing[#missing + 1] = entry.name
      end
    end
    assert.same({}, missing)
  end)

  it("has a row for each place where moonward.create finds an object's name", function()
    local missing = {}
    for _, entry in ipairs(create.list) do
      for _, power in ipairs(naming) do
        for _, place in ipairs(entry.power == power and entry.places or {}) do
          local operation, field = place:match("^(%S+) ?(.*)$")
          if not unread[operation] and not plain[place] and not is_known(operation, field) then
            missing[#missing + 1] = place
          end
        end
      end
    end
    assert.same({}, missing)
  end)

  it("names by its power what moonward.create finds in a body", function()
    local found, missing = {}, {}
    for _, entry in ipairs(create.list) do
      for _, place in ipairs(entry.places) do
        found[entry.power .. " " .. place:gsub(" query%.", " ")] = true
      end
    end
    for _, row in ipairs(rows) do
      -- podman's builds have the parameters of the other, and are listed with it; plugins are one power.
      local operation = row.operation:gsub("^libpod%.image%.build.*", "image.build")
      local field = row.place == "path" and "id" or operation == "plugin.pull" and "remote"
        or row.key:gsub("[%[%]{}]", "")
      local id = row.power and row.power .. " " .. operation .. " " .. field
      local is_found = not id or found[row.power .. " " .. operation]
      while id and not is_found and id:find "%." do -- or the object around it, as of podman's namespaces
        is_found = found[id]
        id = id:gsub("%.?[^.]+$", "")
      end
      missing[#missing + 1] = not is_found and row.operation .. " " .. row.place or nil
    end
    assert.same({}, missing)
  end)

  it("holds what the engine resolves later than it was judged", function()
    for _, row in ipairs(rows) do
      if row.when == "start" or row.when == "use" then
        assert.is_truthy(row.held == "id" or row.held == "field" or row.held == "again" or row.held == "refused"
          or row.operation:find("^service%.") or row.operation:find("^libpod%.") or row.source == "tar",
          row.operation .. " " .. row.place)
      end
    end
  end)

  it("says what a request is about", function()
    for operation, expected in pairs {
      ["container.start"] = "container path", ["container.commit"] = "container query.container",
      ["exec.start"] = "exec path", ["image.push"] = "image path", ["volume.remove"] = "volume path",
      ["network.connect"] = "network path",
    } do
      local row = places.target(operation)
      assert.equal(expected, row.kind .. " " .. row.place)
    end
    for _, operation in ipairs { "container.list", "plugin.set", "libpod.container.restore", "libpod.pod.start" } do
      assert.is_nil(places.target(operation), operation)
    end
  end)
end)
