--- Cases that say what is left of the engine's answers for a client:
---
---   for _, case in ipairs(client_sees("traefik", {}, {
---     { "GET /containers/web/json", '{"Config":{"Env":["A=b"]}}', '{"Config":{"Env":[]}}' },
---     { "GET /containers/db/json", '{"Id":"1"}', 404 },
---   })) do it(case.name, case.run) end
---
--- A number stands for the status of an answer that is not the engine's.
local assert = require "luassert"
local test = require "moonward.test"

---@param name string of the policy
---@param options table
---@param rows { [1]: string, [2]: string, [3]: string|integer }[]
---@param containers? table[] the engine's
---@return { name: string, run: function }[]
return function(name, options, rows, containers)
  local policy, cases = test.policy(name, options), {}
  for i, row in ipairs(rows) do
    local method, path = row[1]:match("^(%u+) (/%S*)$")
    cases[i] = {
      name = ("shows %s of %s %s"):format(tostring(row[3]), row[1], row[2]),
      run = function()
        local verdict = policy:decide { method = method, path = path, answer = row[2], containers = containers }
        assert.is_false(verdict.failed or false, verdict.reason)
        if verdict.allowed and verdict.answer_status == 200 then
          assert.equal(row[3], verdict.answer)
        else
          assert.equal(row[3], verdict.answer_status or verdict.status)
        end
      end,
    }
  end
  return cases
end
