local answers = require "moonward.answers"
local operations = require "moonward.operations"

local by_name = {}
for _, entry in ipairs(operations.list) do
  by_name[entry.name] = entry
end

describe("the forms of answers", function()
  for name, form in pairs(answers) do
    it("are known of " .. name .. ", which reads", function()
      assert.is_truthy(by_name[name], "no such operation")
      assert.equal("GET", by_name[name].method)
      assert.equal(form, by_name[name].answer)
    end)

    it("say what is in " .. name .. ": lists, an object or values", function()
      assert.is_true(#form > 0 or type(form.kind) == "string")
      assert.is_true(#form <= 16) -- CUT_LISTS_MAX
      for _, list in ipairs(form) do
        assert.is_true(#list[1] <= 63 and type(list[2]) == "string")
      end
      assert.is_nil(#form > 0 and form.object or nil)
    end)
  end

  it("are not known of what is no JSON", function()
    for _, name in ipairs {
      "container.logs", "container.archive.get", "container.export", "container.attach_ws", "image.export",
      "image.export_many", "service.logs", "task.logs", "system.ping", "debug.vars",
    } do
      assert.is_truthy(by_name[name], name)
      assert.is_nil(answers[name], name)
    end
  end)

  it("are known of every list and inspect of the Engine API", function()
    for name in pairs(by_name) do
      local kind = name:match "^%l+%.(%l+)$"
      if kind == "list" or kind == "inspect" then
        assert.is_truthy(answers[name], name)
      end
    end
  end)
end)
