-- docs/cookbook.md: each policy on it says to each request what the page says.
local folder = require "spec.support.folder"
local test = require "moonward.test"
local tutorial = require "spec.support.tutorial"

local page = tutorial.read "docs/cookbook.md"
local place = folder.new()

-- The policies of a block of cases: the last one on the page, or those that it names.
local function policy_of(cases, last)
  local names = cases.policy or last
  local list = type(names) == "table" and names or { names }
  local paths = {}
  for i, name in ipairs(list) do
    paths[i] = name:gsub("^%./", place .. "/")
  end
  return test.policy(#paths > 1 and paths or paths[1], cases.options)
end

local function decide(policy, cases, row)
  local method, path = row[1]:match "^(%u+) (/.*)$"
  return policy:decide {
    method = method, path = path, body = row.body, containers = cases.containers, engine = cases.engine,
    client = row.client or cases.client, answer = row.answer or cases.answer,
  }
end

local function check(verdict, row)
  local hidden = verdict.status == 404 or verdict.answer_status == 404
  assert.is_false(verdict.failed or false, verdict.reason)
  assert.equal(row[2], hidden and 404 or verdict.allowed, verdict.reason)
  if row.reason then
    assert.equal(row.reason, (verdict.reason:sub(1, #row.reason)))
  end
  if row.shows then
    assert.equal(row.shows, verdict.answer)
  end
  if row.sends then
    assert.equal(row.sends, verdict.body)
  end
  if row.asks then
    assert.same(row.asks, verdict.query)
  end
end

describe("docs/cookbook.md", function()
  local last, rules
  rules = 0
  for _, step in ipairs(page.steps) do
    local file = step.file
    if file == "cases" then
      rules = rules + 1
      local cases = assert(load("return {" .. step.text .. "}", "=docs/cookbook.md:" .. step.line, "t", {}))()
      local policy = policy_of(cases, last)
      assert(#cases > 0, "line " .. step.line .. ": no cases")
      for _, row in ipairs(cases) do
        it(("line %d: %s%s"):format(step.line, row[1], row.body and " with " .. row.body or ""), function()
          check(decide(policy, cases, row), row)
        end)
      end
    elseif file and not file:find "_spec%.lua$" then
      folder.write(place .. "/" .. file, step.text)
      last = "./" .. file
    end
  end

  it("has thirty rules, and more", function()
    assert.is_true(rules >= 30, tostring(rules))
  end)
end)
