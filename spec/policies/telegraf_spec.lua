local client_row = require "spec.support.client_row"
local client_sees = require "spec.support.client_sees"

local inspect = '{"Id":"1","Config":{"Env":["A=secret","TEAM=t"],"Cmd":["x"]}}'

describe("telegraf", function()
  for _, case in ipairs(client_row("telegraf", {
    always = {
      "GET /info", "GET /containers/json?all=1", "GET /containers/web/json", "GET /containers/web/stats?stream=0",
    },
    options = {
      telegraflogs = { "GET /containers/web/logs?follow=1&stdout=1" },
      telegrafdisk = { "GET /system/df?type=container&type=volume" },
      telegrafswarm = { "GET /services", "GET /tasks", "GET /nodes" },
      telegrafenv = { set = { "TEAM" } },
    },
  })) do
    it(case.name, case.run)
  end

  for _, case in ipairs(client_sees("telegraf", { telegrafdisk = true }, {
    { "GET /containers/web/json", inspect, '{"Id":"1","Config":{"Env":[],"Cmd":[]}}' },
    { "GET /system/df", '{"Containers":[{"Id":"1","Command":"sh -c secret"}]}', '{"Containers":[{"Id":"1","Command":""}]}' },
  })) do
    it(case.name, case.run)
  end
  for _, case in ipairs(client_sees("telegraf", { telegrafenv = { "TEAM", "OTHER" } }, {
    { "GET /containers/web/json", inspect, '{"Id":"1","Config":{"Env":["TEAM=t"],"Cmd":[]}}' },
  })) do
    it(case.name, case.run)
  end
end)
