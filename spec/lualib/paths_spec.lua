local paths = require "moonward.paths"

describe("paths.clean", function()
  -- Go's filepath.Clean
  local cases = {
    [""] = ".", ["."] = ".", ["./"] = ".", ["/"] = "/", ["//"] = "/", ["/."] = "/", ["/.."] = "/",
    ["a/.."] = ".", [".."] = "..", ["../.."] = "../..", ["../../a"] = "../../a", ["a/../../b"] = "../b",
    ["/../a"] = "/a", ["/a/b/../../../c"] = "/c", ["a//b///c/"] = "a/b/c", ["./a/./b"] = "a/b",
    ["/a/..b/.c/..."] = "/a/..b/.c/...", ["//etc"] = "/etc", ["/srv/data/"] = "/srv/data",
  }
  for path, clean in pairs(cases) do
    it("makes '" .. clean .. "' of '" .. path .. "'", function()
      assert.equal(clean, paths.clean(path))
    end)
  end
end)

describe("paths.is_below", function()
  local cases = {
    { "/srv", "/srv", true },
    { "/srv/a", "/srv", true },
    { "/srv/a", "/srv/", true },
    { "/srv-secret", "/srv", false },
    { "/sr", "/srv", false },
    { "/srv/../etc", "/srv", false },
    { "/srv/a/../../etc", "/srv", false },
    { "//srv//a/.", "/srv", true },
    { "/etc", "/", true },
    { "/", "/", true },
    { "/", "/srv", false },
    { "srv/a", "/srv", false },
    { "srv", "/srv", false },
    { "", "/", false },
  }
  for _, case in ipairs(cases) do
    it("is " .. tostring(case[3]) .. " for '" .. case[1] .. "' and '" .. case[2] .. "'", function()
      assert.equal(case[3], paths.is_below(case[1], case[2]))
    end)
  end
end)

describe("paths.is_below_any", function()
  it("asks each directory", function()
    assert.is_true(paths.is_below_any("/b/c", { "/a", "/b" }))
    assert.is_false(paths.is_below_any("/c", { "/a", "/b" }))
    assert.is_false(paths.is_below_any("/c", {}))
  end)
end)

describe("paths.list", function()
  for text, expected in pairs { [""] = {}, ["/a"] = { "/a" }, ["/a,/b"] = { "/a", "/b" }, ["a,, b,"] = { "a", "", " b", "" } } do
    it("reads '" .. text .. "'", function()
      assert.same(expected, paths.list(text))
    end)
  end
end)
