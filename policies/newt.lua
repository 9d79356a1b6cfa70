-- newt: what Pangolin's Newt calls to show the containers that sites may be made of.
--
-- Read from Newt at 1522490 of 2026-07-18, after 1.9.0: list, inspect and events of containers.
local calls = require "moonward.calls"
local client = require "moonward.client"

return client.policy {
  summary = "Newt lists, inspects and follows containers, without their environment.",
  always = { calls.containers, calls.events },
}
