-- uptime-kuma: what the monitor of kind "Docker Container" calls, and the button that tests a host.
--
-- The monitor reads State alone, so nothing else is shown. The test counts the containers of the list, and
-- looks for one field to see that an engine answers; nothing else is in it.
local client = require "moonward.client"

local function keep(...)
  local kept = {}
  for _, name in ipairs { ... } do
    kept[name] = true
  end
  return function(object)
    for key in pairs(object) do
      if not kept[key] then
        object[key] = nil
      end
    end
  end
end

return client.policy {
  summary = "Uptime Kuma sees the state of containers that it can name, and how many there are.",
  always = {
    { "container.inspect", edit = keep("Id", "State") },
    { "container.list", edit = keep("ImageID") },
  },
}
