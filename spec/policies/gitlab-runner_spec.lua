local answers = require "spec.support.answers"
local client_row = require "spec.support.client_row"

local job = "runner-abc-project-1-concurrent-0-0a1b-build"
local create = "POST /containers/create?name=" .. job
local disconnect = "POST /networks/runner-abc-1-0-7/disconnect"

describe("gitlab-runner", function()
  for _, case in ipairs(client_row("gitlab-runner", {
    containers = { { name = job }, { name = "web" }, { name = "gitlab-runner" } },
    engine = answers {
      networks = { ["runner-abc-1-0-7"] = {}, prod = {} }, images = { alpine = {} },
      volumes = { ["runner-x-cache-1"] = {}, data = {} }, execs = { e1 = job, e2 = "web" },
    },
    always = {
      "HEAD /_ping", "GET /info", "GET /version", "GET /images/alpine/json", "POST /images/create?fromImage=alpine",
      "GET /networks", "GET /networks/runner-abc-1-0-7",
      { "POST /networks/create", body = '{"Name":"runner-abc-1-0-7","Labels":{"com.gitlab.gitlab-runner.managed":"true"},'
        .. '"Options":{"com.docker.network.driver.mtu":"1400"}}' },
      { "POST /volumes/create", body = '{"Name":"runner-x-cache-1","Labels":{"com.gitlab.gitlab-runner.type":"cache"}}' },
      { create, body = '{"Image":"sha256:00","Hostname":"runner-abc","OpenStdin":true,"Env":["CI=true"],"HostConfig":{"Binds":'
        .. '["runner-x-cache-1:/cache"],"RestartPolicy":{"Name":"no"},"NetworkMode":"runner-abc-1-0-7",'
        .. '"ExtraHosts":["redis:172.17.0.3"],"LogConfig":{"Type":"json-file"}},"NetworkingConfig":{"EndpointsConfig":'
        .. '{"runner-abc-1-0-7":{"Aliases":["build"]}}}}' },
      ("GET /containers/%s/json"):format(job), ("POST /containers/%s/attach?stream=1&stdin=1"):format(job),
      ("POST /containers/%s/start"):format(job), ("POST /containers/%s/wait?condition=not-running"):format(job),
      ("POST /containers/%s/stop"):format(job), ("POST /containers/%s/kill"):format(job),
      ("GET /containers/%s/logs?stdout=1"):format(job), ("DELETE /containers/%s?force=1&v=1"):format(job),
      { ("POST /containers/%s/exec"):format(job), body = '{"Cmd":["sh"],"AttachStdin":true}' },
      { "POST /exec/e1/start", body = "{}" }, "GET /volumes/runner-x-cache-1", "DELETE /volumes/runner-x-cache-1?force=1",
      { disconnect, body = '{"Container":"' .. job .. '","Force":true}' }, "DELETE /networks/runner-abc-1-0-7",
    },
    options = {
      runnerload = { "POST /images/load?quiet=1", "POST /images/alpine/tag?repo=gitlab/helper&tag=1" },
      allowpower = { set = "bind=/srv/cache", { create, body = '{"HostConfig":{"Binds":["/srv/cache/x:/cache"]}}' } },
    },
    creates = { request = create, may = { "alias", "extra-host" } },
    denied = {
      { "POST /containers/create?name=web", body = "{}" }, { "POST /containers/create", body = "{}" },
      { "POST /containers/create?name=gitlab-runner", body = "{}" },
      { create, body = '{"HostConfig":{"Binds":["/:/h"]}}' }, { create, body = '{"HostConfig":{"Binds":["/srv:/h"]}}' },
      { create, body = '{"HostConfig":{"Binds":["/var/run/docker.sock:/var/run/docker.sock"]}}' },
      { create, body = '{"HostConfig":{"Binds":["data:/d"]}}' }, { create, body = '{"HostConfig":{"NetworkMode":"prod"}}' },
      { create, body = '{"HostConfig":{"VolumesFrom":["web"]}}' },
      { create, body = '{"HostConfig":{"NetworkMode":"container:web"}}' },
      { "POST /volumes/create", body = '{"Name":"data"}' }, { "POST /networks/create", body = '{"Name":"prod"}' },
      "GET /containers/web/json", "POST /containers/web/attach", "POST /containers/gitlab-runner/stop",
      "DELETE /containers/web", { "POST /containers/web/exec", body = "{}" }, "POST /exec/e2/start",
      { ("POST /containers/%s/exec"):format(job), body = '{"Privileged":true}' },
      "GET /volumes/data", "DELETE /volumes/data", "GET /networks/prod", "DELETE /networks/prod",
      { disconnect, body = '{"Container":"web"}' },
      { "POST /networks/runner-abc-1-0-7/connect", body = '{"Container":"' .. job .. '"}' },
    },
  })) do
    it(case.name, case.run)
  end
end)
