--- Things that cost too much to start for every spec file: made once per run, ended with it.
-- busted gives each file fresh modules, so they are kept where modules are not: in the registry.

local shared = {}

local registry = debug.getregistry()
registry["moonward.spec"] = registry["moonward.spec"] or {}
local things = registry["moonward.spec"]

--- Returns what 'start' returned the first time. 'stop' gets it when the run ends, however it ends.
---@param name string
---@param start fun(): any
---@param stop? fun(thing: any)
function shared.once(name, start, stop)
  local held = things[name]
  if not held then
    held = {}
    things[name] = held
    local fine, thing = pcall(start)
    held[fine and "thing" or "problem"] = thing
    -- Last marked is first ended: what 'start' itself asked for ends after this.
    setmetatable(held, {
      __gc = function(self)
        if stop and self.thing then
          stop(self.thing)
        end
      end,
    })
  end
  if held.problem then
    error(held.problem, 0) -- once is enough; each further try may take as long
  end
  return held.thing
end

--- What once() made, or nil when nobody asked for it yet.
function shared.get(name)
  return things[name] and things[name].thing
end

return shared
