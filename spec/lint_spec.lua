-- tools/layers.lua and tools/size, on small trees.
local folder = require "spec.support.folder"
local process = require "spec.support.process"

local root = io.popen("pwd"):read("l")

local function tree(files)
  local path = folder.new()
  for name, text in pairs(files) do
    os.execute(("mkdir -p '%s/%s'"):format(path, name:match("^(.*)/")))
    folder.write(path .. "/" .. name, text)
  end
  return path
end

local function run(path, tool)
  return process.run { "sh", "-c", ("cd '%s' && lua5.4 %s/%s 2>&1"):format(path, root, tool) }.stdout
end

local head = '#include "base/one.h"\n\n'
local one_calls_two = head .. "int one(void)\n{\n    return two();\n}\n"
local two_calls_one = head .. "int two(void)\n{\n    return one();\n}\n"

describe("the circle check", function()
  local circle = "in a circle: core/base/one, core/base/two"
  local cases = {
    { "two files that call each other", { ["core/base/one.c"] = one_calls_two, ["core/base/two.c"] = two_calls_one }, true },
    { "over a function whose address is taken", { ["core/base/one.c"] = one_calls_two,
      ["core/base/two.c"] = head .. "int two(void)\n{\n    return run(one);\n}\n" }, true },
    { "over a function in a header", { ["core/base/one.c"] = one_calls_two,
      ["core/base/two.h"] = "static inline int two(void)\n{\n    return one();\n}\n" }, true },
    { "calls in one direction", { ["core/base/one.c"] = one_calls_two,
      ["core/base/two.c"] = head .. "int two(void)\n{\n    return 1;\n}\n" }, false },
    { "a name in a comment and in a text", { ["core/base/one.c"] = one_calls_two,
      ["core/base/two.c"] = head .. '// one()\nint two(void)\n{\n    return say("one()"); // one()\n}\n' }, false },
    { "functions of one name that only their files see", { ["core/base/one.c"] = one_calls_two,
      ["core/base/two.c"] = head .. "static int one(void)\n{\n    return 1;\n}\n\nint two(void)\n{\n    return 2;\n}\n",
      ["core/base/three.c"] = head .. "static int one(void)\n{\n    return two();\n}\n" }, false },
    { "a declaration in a header", { ["core/base/one.c"] = one_calls_two, ["core/base/two.h"] = "int one(void);\n",
      ["core/base/two.c"] = head .. "int two(void)\n{\n    return 1;\n}\n" }, false },
  }
  for _, case in ipairs(cases) do
    it((case[3] and "finds " or "passes ") .. case[1], function()
      local said = run(tree(case[2]), "tools/layers.lua")
      assert.are.equal(case[3], said:find(circle, 1, true) ~= nil, said)
    end)
  end
end)

describe("tools/size", function()
  it("counts files, lines, and lines that are more than a comment", function()
    local path = tree {
      ["core/base/a.c"] = '/* two\n   lines */\n\n// one\nint a = 1; // said\nchar *b = "//";\n',
      ["lualib/a.lua"] = '-- one\n--[[ two\nlines ]]\nlocal a = "--" -- said\n\nreturn a\n',
    }
    local said = run(path, "tools/size"):gsub(" +", " ")
    assert.is_truthy(said:find("\ncore/base/ 1 6 2\n", 1, true), said)
    assert.is_truthy(said:find("\nlualib 1 6 2\n", 1, true), said)
    assert.is_truthy(said:find("\nall 2 12 4\n", 1, true), said)
  end)

  it("says what has changed since a commit", function()
    local path = tree { ["core/base/a.c"] = "int a;\nint b;\n", ["policies/a.lua"] = "return 1\n" }
    local git = "git -c user.name=a -c user.email=a@b "
    os.execute(("cd '%s' && git init -q . && git add . && %s commit -qm 'first'"):format(path, git))
    os.execute(("cd '%s' && rm policies/a.lua && echo 'int c;' >>core/base/a.c && %s commit -qam 'second'"):format(path, git))
    local said = run(path, "tools/size"):gsub(" +", " ")
    assert.is_truthy(said:find("^since %x+ first\n"), said)
    assert.is_truthy(said:find("\ncore/base/ 1 3 +1 3 +1\n", 1, true), said)
    assert.is_truthy(said:find("\npolicies 0 -1 0 -1 0 -1\n", 1, true), said)
    assert.is_truthy(run(path, "tools/size nonsense"):find("git has no nonsense", 1, true))
  end)
end)
