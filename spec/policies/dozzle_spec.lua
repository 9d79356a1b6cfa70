local answers = require "spec.support.answers"
local client_row = require "spec.support.client_row"
local client_sees = require "spec.support.client_sees"

describe("dozzle", function()
  for _, case in ipairs(client_row("dozzle", {
    containers = { { name = "web" } },
    engine = answers { execs = { e1 = { container = "web", command = { "top" }, tty = true, stdin = true } } },
    always = {
      "HEAD /_ping", "GET /_ping", "GET /info", "GET /version", "GET /containers/json?all=1", "GET /containers/web/json",
      "GET /containers/web/logs?follow=1&stdout=1", "GET /containers/web/stats?stream=1", "GET /events",
    },
    options = {
      dozzleactions = {
        "POST /containers/web/start", "POST /containers/web/stop", "POST /containers/web/restart", "DELETE /containers/web",
      },
      allowexec = { set = "-it top", { "POST /containers/web/exec", body = '{"AttachStdin":true,"Tty":true,"Cmd":["top"]}' },
        { "POST /exec/e1/start", body = '{"Tty":true}' }, "GET /exec/e1/json", "POST /exec/e1/resize?h=1&w=1",
      },
      dozzleshell = {
        { "POST /containers/web/exec", body = '{"AttachStdin":true,"Tty":true,"Cmd":["sh"]}' },
        { "POST /exec/e1/start", body = '{"Tty":true}' }, "POST /exec/e1/resize?h=1&w=1",
        "POST /containers/web/attach?stream=1&stdin=1",
      },
    },
  })) do
    it(case.name, case.run)
  end

  for _, case in ipairs(client_sees("dozzle", { dozzleactions = true, dozzleshell = true }, {
    { "GET /containers/web/json", '{"Id":"1","Config":{"Env":["A=secret"],"Labels":{"a":"b"}}}',
      '{"Id":"1","Config":{"Env":[],"Labels":{"a":"b"}}}' },
  })) do
    it(case.name, case.run)
  end
end)
