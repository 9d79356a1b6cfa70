local core = require "moonward.core"

describe("a redactor", function()
  it("gives the text without the values at its paths", function()
    local redactor = core.redactor { "Config.Env", 'Labels["secret.*"]' }
    assert.equal('{"Config":{"Env":[], "Tty":true},"Labels":{"secret.a":""}}',
      redactor:apply('{"Config":{"Env":["A=1"], "Tty":true},"Labels":{"secret.a":"x"}}'))
  end)

  it("gives nil when that changes nothing", function()
    assert.is_nil(core.redactor { "Config.Env" }:apply('{"Config":{"Env":[]}}'))
    assert.is_nil(core.redactor {}:apply('{"Config":{"Env":[1]}}'))
  end)

  it("keeps elements by name", function()
    local redactor = core.redactor { { "Env", keep = { "TZ", "LC_*" } }, "Id" }
    assert.equal('{"Env":["TZ=UTC","LC_ALL=C"],"Id":""}',
      redactor:apply('{"Env":["A=1","TZ=UTC","LC_ALL=C"],"Id":"x"}'))
  end)

  it("can be used again, for longer texts and shorter ones", function()
    local redactor = core.redactor { "a" }
    for _, length in ipairs { 1, 200000, 10, 100, 70000 } do
      local rest = ("x"):rep(length)
      assert.equal('{"a":0,"b":"' .. rest .. '"}', redactor:apply('{"a":1,"b":"' .. rest .. '"}'))
    end
  end)

  local entry = "an entry of 'redact' is a path or a table such as { \"Config.Env\", keep = { \"TZ\" } }"
  local refused = {
    { "a text", "Config.Env", "'redact' is a list of paths" },
    { "a number as a path", { 1 }, "'redact' is a list of paths" },
    { "a list with a hole", { "a", nil, "b" }, "'redact' is a list of paths" },
    { "fields", { "a", keep = { "TZ" } }, "'redact' is a list of paths" },
    { "an entry without keep", { { "a" } }, entry },
    { "an entry with two paths", { { "a", "b", keep = {} } }, entry },
    { "an entry without a path", { { keep = { "TZ" } } }, entry },
    { "a field that there is not", { { "a", keep = { "TZ" }, kept = {} } }, entry },
    { "keep with a text", { { "a", keep = "TZ" } }, entry },
    { "keep with numbers", { { "a", keep = { 1 } } }, "'keep' is a list of names" },
    { "keep with fields", { { "a", keep = { TZ = true } } }, "'keep' is a list of names" },
    { "a value to keep", { { "a", keep = { "TZ=UTC" } } },
      "'TZ=UTC' is not a name to keep: it is a name only, without =" },
    { "an empty path", { "" }, "the path is empty; to drop a whole item use 'only'" },
    { "a broken path", { "a", "a..b" }, "'a..b' is not a path: a name is missing, at character 3" },
  }
  for _, case in ipairs(refused) do
    it("refuses " .. case[1], function()
      local good, message = pcall(core.redactor, case[2])
      assert.is_false(good)
      assert.equal(case[3], message)
    end)
  end

  it("raises an error for what is not JSON", function()
    local redactor = core.redactor { "a" }
    for _, text in ipairs { "", '{"a":1', '{"a":1}}', '{"a":1} 2', '{"b":tru}' } do
      assert.is_false(pcall(redactor.apply, redactor, text))
    end
    assert.is_false(pcall(redactor.apply, redactor, nil))
    assert.is_false(pcall(redactor.apply, redactor, 1))
  end)

  it("is not leaked", function()
    local function resident()
      local file = assert(io.open("/proc/self/statm"))
      local pages = tonumber(file:read("a"):match("^%d+ (%d+)"))
      file:close()
      return pages * 4
    end
    local text = '{"a":"' .. ("x"):rep(60000) .. '"}'
    local before
    for round = 1, 4000 do
      core.redactor { "b", { "c", keep = { "d" } } }:apply('{"b":1,"c":' .. text .. "}")
      if round % 100 == 0 then
        collectgarbage()
      end
      before = before or round == 1000 and resident()
    end
    assert.is_true(resident() - before < 8192)
  end)
end)
