-- glances: what the containers plugin of Glances calls.
--
-- Glances shows command lines, and its list of containers fails where a running one has none: they are not
-- taken out, so passwords in them are on its page. Environments are.
--
-- Read from Glances 4.5.6: version, list, inspect and stats of containers, inspect of their images.
local calls = require "moonward.calls"
local client = require "moonward.client"

return client.policy {
  summary = "Glances lists and inspects containers, with their command lines and without their environment,"
    .. " sees their usage, and looks at images.",
  always = {
    calls.stats, "image.inspect",
    { calls.containers, shows = { command = "it fails on a container that runs and has no command line" } },
  },
}
