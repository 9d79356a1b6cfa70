--- What specs say of a verdict: assert.allows(verdict) and assert.denies(verdict, "reason"), with busted's
--- assertions and with those of `moonward test`.
local verdicts = {}

local function line(lines, name, value)
  if value ~= nil and value ~= "" then
    lines[#lines + 1] = string.format("  %-10s %s", name, tostring(value))
  end
end

--- All that there is to say of a verdict, in lines.
---@param verdict moonward.test.Verdict
---@return string
function verdicts.describe(verdict)
  local lines = {}
  line(lines, "status", not verdict.allowed and verdict.status or nil)
  line(lines, "operation", verdict.operation)
  line(lines, "policy", verdict.policy)
  line(lines, "rule", verdict.rule)
  line(lines, "where", verdict.where)
  line(lines, "reason", verdict.reason)
  line(lines, "to allow", verdict.hint)
  for _, text in ipairs(verdict.log or {}) do
    line(lines, "log", text)
  end
  return #lines > 0 and "\n" .. table.concat(lines, "\n") or ""
end

-- Whatever is asked of what is no verdict, no negation makes it right.
local function check(verdict)
  if type(verdict) ~= "table" or type(rawget(verdict, "allowed")) ~= "boolean" then
    error("expected a verdict, as policy:decide gives one, got a " .. type(verdict), 0)
  end
end

local function outcome(verdict)
  return verdict.allowed and "it was allowed" or verdict.refused and "it was refused before any policy"
    or verdict.failed and "the policy failed" or verdict.hidden and "it was hidden" or "it was denied"
end

--- Whether it is a verdict that allows; else what is wrong.
---@param verdict moonward.test.Verdict
---@return boolean
---@return string
function verdicts.allows(verdict)
  check(verdict)
  return verdict.allowed, not verdict.allowed and "expected that it is allowed; " .. outcome(verdict)
    .. verdicts.describe(verdict) or ""
end

--- Whether a policy denied it, in its own words: a policy that errs denies as well, and that is not meant.
--- What is refused before any policy counts if a reason is expected.
---@param verdict moonward.test.Verdict
---@param reason? string a part of the reason
---@return boolean
---@return string
function verdicts.denies(verdict, reason)
  check(verdict)
  if reason ~= nil and type(reason) ~= "string" then
    error("expected a text as the reason, got a " .. type(reason), 0)
  end
  local denied = not verdict.allowed and not verdict.failed and (not verdict.refused or reason ~= nil)
  local expected = "expected that it is denied" .. (reason and string.format(" (%q)", reason) or "")
  if denied and reason and not string.find(verdict.reason or "", reason, 1, true) then
    return false, expected .. "; the reason is another" .. verdicts.describe(verdict)
  end
  return denied, not denied and expected .. "; " .. outcome(verdict) .. verdicts.describe(verdict) or ""
end

--- Adds both to busted's assertions.
---@param luassert table
function verdicts.register(luassert)
  for _, name in ipairs { "allows", "denies" } do
    luassert:register("assertion", name, function(state, arguments)
      local ok, message = verdicts[name](arguments[1], arguments[2])
      state.failure_message = message
      return ok
    end)
  end
end

return verdicts
