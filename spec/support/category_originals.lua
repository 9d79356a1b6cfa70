--- The rules of Tecnativa's and linuxserver's proxies as they are, for ordered_rules.lua: beginnings of paths, in
-- any case.

local ordered_rules = require "spec.support.ordered_rules"

local originals = {}

--- The first segments that have a variable, in both; and those below /libpod.
originals.sections = [[auth build commit configs containers distribution events exec grpc images info networks nodes
  _ping plugins secrets services session swarm system tasks version volumes]]
originals.libpod_sections = [[containers events exec generate images info manifests networks _ping play pods secrets
  system version volumes]]

--- What has variables of its own: words, as a regex, and ends of names.
originals.actions = {
  { "((stop)|(restart)|(kill))", "RESTARTS" }, { "start", "START" }, { "stop", "STOP" }, { "pause", "PAUSE" },
  { "unpause", "UNPAUSE" },
}
originals.guarded = {
  { "archive", "ARCHIVE" }, { "change", "CHANGES" }, { "export", "EXPORT" }, { "logs", "LOGS" }, { "top", "TOP" },
}
originals.guarded_by_tecnativa = {
  { "exec", "EXEC" }, { "kill", "KILL" }, { "attach", "ATTACH" }, { "archive", "ARCHIVE" }, { "export", "EXPORT" },
  { "logs", "LOGS" },
}

--- A rule for each of these words.
---@param words string[][]
---@param rule table what is the same in all; its path stands before the word, its on or off before the name's end
---@param behind? string what stands behind the word
function originals.each(words, rule, behind)
  local rules = {}
  for i, word in ipairs(words) do
    rules[i] = {
      say = rule.say, methods = rule.methods, path = rule.path .. word[1] .. (behind or ""),
      on = rule.on and rule.on .. word[2], off = rule.off and rule.off .. word[2],
    }
  end
  return rules
end

local version, id = ordered_rules.version, "/[a-zA-Z0-9_.-]+/"
local gate = { { say = "deny", others = "GET HEAD", off = "POST" } }

--- Each method that writes has a switch of its name; without one there is nothing.
originals.tecnativas_gate = {
  { say = "deny", methods = "POST", off = "POST" }, { say = "deny", methods = "DELETE", off = "DELETE" },
  { say = "deny", methods = "PUT", off = "PUT" }, { say = "deny", methods = "PATCH", off = "PATCH" },
  { say = "deny", others = "GET HEAD POST DELETE PUT PATCH" },
}

originals.tecnativa = ordered_rules.join(
  originals.tecnativas_gate,
  originals.each(originals.guarded_by_tecnativa,
    { say = "deny", path = version .. "/containers" .. id, off = "ALLOW_" }),
  originals.each(originals.actions,
    { say = "allow", path = version .. "/containers" .. id, on = "ALLOW_" }),
  ordered_rules.sections(originals.sections, version .. "/", ""))

local any = version .. "(/libpod)?/(containers|pods)" .. id
originals.linuxserver = ordered_rules.join(
  originals.each(originals.guarded, { say = "deny", path = any, off = "ALLOW_" }),
  originals.each(originals.actions, { say = "allow", path = any, on = "ALLOW_" }),
  originals.each(originals.actions,
    { say = "allow", path = version .. "/libpod/containers" .. id, on = "LIBPOD_ALLOW_" }),
  originals.each(originals.actions,
    { say = "allow", path = version .. "/libpod/pods" .. id, on = "LIBPOD_ALLOW_POD_" }),
  gate,
  ordered_rules.sections(originals.sections, version .. "/", ""),
  ordered_rules.sections(originals.libpod_sections, version .. "/libpod/", "", "LIBPOD_"))

return originals
