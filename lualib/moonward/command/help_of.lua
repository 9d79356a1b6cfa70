--- What -help prints of a set-up that was made for it: for serve.
local usage = require "moonward.command.usage"

return function(tools)
  tools.say(usage.text(tools.describe(1)))
  return 0
end
