-- docs/policies.md, followed to the letter: its files are written, its commands run, with the library as
-- luarocks installs it and nothing of the tree in the Lua path, and what they print is what the page says.

local process = require "spec.support.process"
local tutorial = require "spec.support.tutorial"

local function has(program)
  return process.run({ "sh", "-c", "command -v " .. program }).code == 0
end

local page = tutorial.read "docs/policies.md"

describe("docs/policies.md", function()
  setup(function() page:open() end)
  teardown(function() page:close() end)

  for n, step in ipairs(page.steps) do
    if step.language == "sh" and step.text:find("^moonward ") then
      it("serves: " .. step.text, function()
        page:serve(n)
      end)
    elseif step.command then
      local program = step.command:match("^%S+")
      local test = (program ~= "docker" or has "docker") and it or pending
      test(("line %d: %s"):format(step.line, step.command), function()
        local text = page:run(n)
        assert.is_truthy(text:find(tutorial.pattern(step.output)), "it prints:\n" .. text)
      end)
    end
  end

  it("has nothing on it that is followed by nobody", function()
    local languages = {}
    for _, step in ipairs(page.steps) do
      languages[step.language or "followed"] = true
    end
    assert.same({ followed = true, sh = true }, languages)
  end)
end)
