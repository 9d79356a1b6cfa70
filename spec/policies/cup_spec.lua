local client_row = require "spec.support.client_row"
local client_sees = require "spec.support.client_sees"

describe("cup", function()
  for _, case in ipairs(client_row("cup", {
    always = { "GET /images/json", "GET /images/ghcr.io/a/b:1/json", "GET /containers/json?all=true" },
    options = { cupswarm = { "GET /services" } },
  })) do
    it(case.name, case.run)
  end

  for _, case in ipairs(client_sees("cup", { cupswarm = true }, {
    { "GET /images/i/json", '{"Id":"1","RepoDigests":["i@sha256:0"],"Config":{"Env":["A=secret"]}}',
      '{"Id":"1","RepoDigests":["i@sha256:0"],"Config":{"Env":[]}}' },
    { "GET /services", '[{"Spec":{"TaskTemplate":{"ContainerSpec":{"Image":"i","Env":["A=secret"]}}}}]',
      '[{"Spec":{"TaskTemplate":{"ContainerSpec":{"Image":"i","Env":[]}}}}]' },
  })) do
    it(case.name, case.run)
  end
end)
