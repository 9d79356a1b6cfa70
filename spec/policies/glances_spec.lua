local client_row = require "spec.support.client_row"
local client_sees = require "spec.support.client_sees"

describe("glances", function()
  for _, case in ipairs(client_row("glances", {
    always = {
      "GET /containers/json?all=0", "GET /containers/web/json", "GET /containers/web/stats?stream=1",
      "GET /images/sha256:0/json",
    },
  })) do
    it(case.name, case.run)
  end

  for _, case in ipairs(client_sees("glances", {}, {
    { "GET /containers/web/json", '{"Config":{"Env":["A=secret"],"Cmd":["sleep","1"]}}',
      '{"Config":{"Env":[],"Cmd":["sleep","1"]}}' },
    { "GET /images/i/json", '{"Id":"1","RepoTags":["i"],"Config":{"Env":["A=secret"],"Cmd":["x"]}}',
      '{"Id":"1","RepoTags":["i"],"Config":{"Env":[],"Cmd":[]}}' },
  })) do
    it(case.name, case.run)
  end
end)
