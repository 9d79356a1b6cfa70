--- For the test harness: whether a policy that says `pure = true` keeps to it. What it reads that a
--- remembered verdict would not follow, the core notes; what it keeps between requests shows when cases are
--- decided again, in another order.

local purity = {}
purity.__index = purity

local KEPT = 4 -- cases that are decided again with each new one

-- What a remembered verdict has of a fresh one.
local said = { "allowed", "hidden", "hint", "policy", "reason", "rule", "status" }

function purity.new()
  return setmetatable({ cases = {} }, purity)
end

local function copy_of(map)
  local copy = {}
  for key, value in pairs(map) do
    copy[key] = value
  end
  return copy
end

local function word_of(value)
  return type(value) == "string" and string.format("%q", value) or tostring(value)
end

local function difference(case, again)
  for _, key in ipairs(said) do
    if again[key] ~= case.verdict[key] then
      return string.format("policy %s says pure = true, and %s %s has the %s %s first and %s later: it keeps"
        .. " something between requests; leave pure out", case.verdict.policy, case.request.method or "GET",
        case.request.path, key, word_of(case.verdict[key]), word_of(again[key]))
    end
  end
end

--- What is wrong; nil: nothing. 'what' and 'where': what the core noted.
---@param request moonward.test.Request
---@param verdict moonward.test.Verdict
---@param what string?
---@param where string?
---@param decide fun(request: moonward.test.Request): moonward.test.Verdict decides it once more
---@return string?
function purity:check(request, verdict, what, where, decide)
  if what then
    return string.format("%s: the policy says pure = true, and reads %s, which a remembered verdict does not"
      .. " follow; leave pure out", where, what)
  elseif verdict.failed then
    return nil
  end
  local copy = copy_of(request) -- the spec may change its own
  copy.client = request.client and copy_of(request.client)
  self.cases[#self.cases + 1] = { request = copy, verdict = verdict }
  for at = #self.cases, 1, -1 do
    local case = self.cases[at]
    local why = difference(case, decide(case.request))
    if why then
      return why
    end
  end
  if #self.cases > KEPT then
    table.remove(self.cases, 1)
  end
end

return purity
