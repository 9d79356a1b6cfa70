local client_row = require "spec.support.client_row"
local client_sees = require "spec.support.client_sees"
local requests = require "spec.support.manager_requests"

describe("dokploy", function()
  for _, case in ipairs(client_row("dokploy", {
    always = requests.all(requests.compose, requests.exec, requests.swarm, {
      "POST /images/nginx/tag?repo=x", "POST /images/x/push", { "POST /auth", body = '{"username":"a"}' }, "GET /system/df",
    }),
    options = {
      dokploydir = { set = "/etc/dokploy",
        { "POST /services/create", body = '{"Name":"s","TaskTemplate":{"ContainerSpec":{"Image":"x","Mounts":[{"Type":"bind",'
          .. '"Source":"/etc/dokploy/x","Target":"/x"}]}}}' } },
      dokployfiles = requests.files, dokploybuild = requests.build, dokployprune = requests.prune,
    },
    containers = { { name = "web" } },
    creates = { request = "POST /containers/create?name=x", may = requests.may },
    denied = {
      { "POST /services/create", body = '{"Name":"s","TaskTemplate":{"ContainerSpec":{"Image":"x","Mounts":[{"Type":"bind",'
        .. '"Source":"/","Target":"/x"}]}}}' },
      { "POST /nodes/n1/update?version=1", body = '{"Role":"manager","Availability":"active"}' },
      { "POST /swarm/init", body = "{}" }, "GET /swarm/unlockkey", "GET /containers/web/export",
    },
  })) do
    it(case.name, case.run)
  end

  for _, case in ipairs(client_sees("dokploy", {}, {
    { "GET /services", '[{"ID":"1","Spec":{"TaskTemplate":{"ContainerSpec":{"Env":["A=shown"]}}}}]',
      '[{"ID":"1","Spec":{"TaskTemplate":{"ContainerSpec":{"Env":["A=shown"]}}}}]' },
    { "GET /configs", '[{"ID":"1","Spec":{"Data":"eA=="}}]', '[{"ID":"1","Spec":{"Data":""}}]' },
    { "GET /swarm", '{"JoinTokens":{"Worker":"SWMTKN-1-a"}}', '{"JoinTokens":{"Worker":""}}' },
  })) do
    it(case.name, case.run)
  end
end)
