local answers = require "spec.support.answers"
local client_row = require "spec.support.client_row"
local requests = require "spec.support.manager_requests"
local test = require "moonward.test"

local ours, theirs = { ["3fa9c1"] = "" }, { ["0b1b2b"] = "" }
local create = "POST /containers/create?name=1_node_ab"
local label = '"Labels":{"3fa9c1":""}'

local function body(host)
  return '{"Image":"node",' .. label .. ',"HostConfig":{' .. host .. "}}"
end

describe("github-actions-runner", function()
  for _, case in ipairs(client_row("github-actions-runner", {
    containers = {
      { name = "job", labels = ours }, { name = "web", labels = { a = "" } }, { name = "odd", labels = { ["3fa9c1"] = "x" } },
    },
    engine = answers {
      networks = { github_network_1 = ours, prod = {} }, images = { node = {} }, execs = { e1 = "job", e2 = "web" },
    },
    shown = { "job" },
    always = {
      "GET /info", "POST /images/create?fromImage=node&tag=20", "GET /images/node/json",
      { "POST /auth", body = '{"username":"a"}' },
      { create, body = body '"NetworkMode":"github_network_1","PortBindings":{"5432/tcp":[{"HostPort":""}]}' },
      { "POST /networks/create", body = '{"Name":"github_network_1","Driver":"bridge",' .. label .. "}" }, "GET /networks",
      "GET /networks/github_network_1", "DELETE /networks/github_network_1", "GET /containers/json?all=1",
      "GET /containers/job/json", "POST /containers/job/start", "POST /containers/job/attach?stream=1&stdout=1",
      "POST /containers/job/wait?condition=removed", "POST /containers/job/resize?h=1&w=1", "POST /containers/job/kill",
      "GET /containers/job/logs?stdout=1", "DELETE /containers/job?force=1", "GET /exec/e1/json",
      { "POST /containers/job/exec", body = '{"Cmd":["sh"]}' }, { "POST /exec/e1/start", body = "{}" },
      "POST /exec/e1/resize?h=1&w=1", 'POST /networks/prune?filters={"label":{"3fa9c1":true}}',
      'POST /networks/prune?filters={"label":["3fa9c1"]}',
    },
    options = {
      actionsdir = { set = "/home/runner", { create, body = body '"Binds":["/home/runner/_work:/__w"]' } },
      actionssocket = { { create, body = body '"Binds":["/var/run/docker.sock:/var/run/docker.sock"]' } },
      actionsbuild = requests.build,
    },
    creates = { request = create, with = label, may = {
      "alias", '"PortBindings":{"80/tcp":[{"HostIp":"127.0.0.1"}]}', '"PublishAllPorts":true',
    } },
    denied = {
      { create, body = '{"Image":"node"}' }, { create, body = '{"Labels":{"3fa9c1":"x"}}' },
      { create, body = '{"Labels":{"3FA9C1":""}}' },
      { create, body = body '"Binds":["/etc:/e"]' }, { create, body = body '"Privileged":true' },
      { create, body = body '"NetworkMode":"prod"' }, { create, body = body '"NetworkMode":"host"' },
      { create, body = body '"PortBindings":{"80/tcp":[{"HostPort":"80"}]}' }, { "POST /networks/create", body = '{"Name":"n"}' },
      "GET /containers/web/json", "DELETE /containers/web", "GET /containers/odd/json",
      { "POST /containers/web/exec", body = "{}" },
      { "POST /exec/e2/start", body = "{}" }, "DELETE /networks/prod", "POST /networks/prune",
      'POST /networks/prune?filters={"label":{"3fa9c1":false}}', 'POST /networks/prune?filters={"label!":{"3fa9c1":true}}',
      'POST /networks/prune?filters={"label":["3fa9c1=x"]}',
    },
  })) do
    it(case.name, case.run)
  end

  it("reaches other runners' jobs only while no label is named", function()
    local case = { path = "/containers/job/json", containers = { { name = "job", labels = theirs } },
      answer = '{"Id":"1","Config":{"Labels":{"0b1b2b":""}}}' }
    assert.equal(200, test.policy("github-actions-runner"):decide(case).answer_status)
    assert.equal(404, test.policy("github-actions-runner", { actionslabel = "3fa9c1" }):decide(case).answer_status)
  end)

  it("needs a label as the runner makes it", function()
    local ok, message = pcall(test.policy, "github-actions-runner", { actionslabel = "runner" })
    assert.is_false(ok)
    assert.is_truthy(tostring(message):find("expected six hexadecimal digits in small letters, got 'runner'", 1, true))
  end)
end)
