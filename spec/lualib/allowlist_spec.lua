local allowlist = require "moonward.allowlist"

local function read(labels)
  return allowlist.from_labels(labels, "p")
end

describe("labels of a container", function()
  it("give rules by method, in the order of their keys", function()
    local list = read { ["p.allow.get.2"] = "/b", ["p.allow.GET"] = "/a", ["p.allow.post"] = "/c", other = "x" }
    assert.same({ "label p.allow.GET=/a", "label p.allow.get.2=/b" }, { list.rules.GET[1].name, list.rules.GET[2].name })
    assert.equal(1, #list.rules.POST)
    assert.is_nil(list.dirs)
  end)

  it("give directories, cleaned", function()
    assert.same({ "/srv", "/home/x" }, read({ ["p.allow.bindmountfrom"] = "/srv/,/home//x" }).dirs)
  end)

  for name, labels in pairs {
    ["without the prefix"] = { ["q.allow.get"] = "/a" }, ["that are empty"] = { ["p.allow.get"] = "" },
    ["of no method"] = { ["p.allow.fetch"] = "/a" },
  } do
    it("give nothing when there are only some " .. name, function()
      assert.is_nil(read(labels))
    end)
  end

  for name, case in pairs {
    ["a regex that is none"] = { { ["p.allow.get"] = "(" }, "docker container label p.allow.get" },
    ["a directory that is relative"] = { { ["p.allow.bindmountfrom"] = "srv" }, "must start with /" },
    ["two keys that differ in case"] = {
      { ["p.allow.bindmountfrom"] = "/a", ["p.allow.BindMountFrom"] = "/b" }, "differs from it only in case",
    },
  } do
    it("are an error with " .. name, function()
      local list, message = read(case[1])
      assert.is_nil(list)
      assert.is_truthy(message:find(case[2], 1, true), message)
    end)
  end

  it("are read once for containers that have the same", function()
    local reads = 0
    local of = allowlist.of_containers("p", function() reads = reads + 1 end)
    local one = of { labels = { ["p.allow.get"] = "/a", x = "1" } }
    assert.equal(one, of { labels = { ["p.allow.get"] = "/a", x = "2" } })
    assert.not_equal(one, of { labels = { ["p.allow.get"] = "/b" } })
    assert.equal(2, reads)
  end)
end)
