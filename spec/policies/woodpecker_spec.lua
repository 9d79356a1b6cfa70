local answers = require "spec.support.answers"
local client_row = require "spec.support.client_row"

local create = "POST /containers/create?name=wp_01"
local connect = "POST /networks/wp_1_default/connect"

describe("woodpecker", function()
  for _, case in ipairs(client_row("woodpecker", {
    containers = { { name = "wp_01" }, { name = "web" }, { name = "my_wp_01" } },
    engine = answers {
      networks = { wp_1_default = {}, prod = {} }, volumes = { wp_1_default = {}, data = {} }, images = { alpine = {} },
    },
    always = {
      "HEAD /_ping", "GET /version", "GET /info", "POST /images/create?fromImage=alpine", "GET /images/alpine/json",
      { "POST /volumes/create", body = '{"Name":"wp_1_default","Driver":"local"}' },
      { "POST /networks/create", body = '{"Name":"wp_1_default","Driver":"bridge","EnableIPv6":false}' },
      { create, body = '{"Image":"alpine","Labels":{"wp_uuid":"01"},"Volumes":{"/woodpecker":{}},"HostConfig":{"Binds":'
        .. '["wp_1_default:/woodpecker"],"LogConfig":{"Type":"json-file"},"NetworkMode":"","Privileged":false}}' },
      { connect, body = '{"Container":"wp_01","EndpointConfig":{"Aliases":["build"]}}' },
      "GET /containers/wp_01/json", "POST /containers/wp_01/start", "POST /containers/wp_01/wait",
      "GET /containers/wp_01/logs?follow=1&stdout=1", "POST /containers/wp_01/stop", "POST /containers/wp_01/kill",
      "DELETE /containers/wp_01?v=1", "DELETE /volumes/wp_1_default?force=1", "DELETE /networks/wp_1_default",
    },
    options = { allowpower = { set = "privileged,network=ci",
      { create, body = '{"HostConfig":{"Privileged":true}}' },
      { create, body = '{"HostConfig":{"NetworkMode":"ci"}}' },
    } },
    creates = { request = create, may = { "alias" } },
    denied = {
      { "POST /containers/create?name=web", body = "{}" }, { "POST /containers/create", body = "{}" },
      { "POST /containers/create?name=my_wp_01", body = "{}" },
      { "POST /volumes/create", body = '{"Name":"data"}' }, { "POST /volumes/create", body = "{}" },
      { "POST /networks/create", body = '{"Name":"prod"}' }, "POST /networks/create",
      { "POST /volumes/create", body = '{"Name":"wp_x","DriverOpts":{"o":"bind","device":"/etc","type":"none"}}' },
      { "POST /networks/create", body = '{"Name":"wp_x","Driver":"macvlan"}' },
      { create, body = '{"HostConfig":{"Binds":["/:/h"]}}' }, { create, body = '{"HostConfig":{"Binds":["data:/d"]}}' },
      { create, body = '{"HostConfig":{"Binds":["/var/run/docker.sock:/var/run/docker.sock"]}}' },
      { create, body = '{"HostConfig":{"PidMode":"host"}}' }, { create, body = '{"HostConfig":{"NetworkMode":"prod"}}' },
      { create, body = '{"HostConfig":{"CapAdd":["SYS_ADMIN"]}}' },
      { connect, body = '{"Container":"web"}' }, { connect, body = '{"Container":"nobody"}' }, { connect, body = "{}" },
      { "POST /networks/prod/connect", body = '{"Container":"wp_01"}' },
      "GET /containers/web/json", "POST /containers/web/start", "GET /containers/web/logs", "POST /containers/web/kill",
      "DELETE /containers/web", "DELETE /volumes/data", "DELETE /networks/prod", "DELETE /containers/my_wp_01",
    },
  })) do
    it(case.name, case.run)
  end
end)
