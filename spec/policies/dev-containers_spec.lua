local answers = require "spec.support.answers"
local client_row = require "spec.support.client_row"
local requests = require "spec.support.manager_requests"

local ours = {
  ["devcontainer.local_folder"] = "/home/me/src/a", ["devcontainer.config_file"] = "/home/me/src/a/.devcontainer.json",
}
local label = '"Labels":{"devcontainer.local_folder":"/home/me/src/a"}'

local function body(host)
  return '{"Image":"node",' .. label .. ',"HostConfig":{' .. host .. "}}"
end

describe("dev-containers", function()
  for _, case in ipairs(client_row("dev-containers", {
    containers = { { name = "dev", labels = ours }, { name = "web" } },
    engine = answers { images = { node = {} }, execs = { e1 = "dev", e2 = "web" } },
    shown = { "dev" },
    always = {
      "GET /info", "GET /events?filters=%7B%7D", "GET /images/json", "GET /images/node/json",
      "POST /images/create?fromImage=node&tag=20", "GET /containers/json?all=1", "GET /containers/dev/json",
      { "POST /containers/create", body = body '"PortBindings":{"3000/tcp":[{"HostIp":"127.0.0.1","HostPort":"3000"}]}' },
      { "POST /containers/create", body = body '"Mounts":[{"Type":"volume","Source":"vscode","Target":"/vscode"}]' },
      "POST /containers/dev/start", "POST /containers/dev/attach?stream=1", "POST /containers/dev/wait",
      "POST /containers/dev/resize?h=1&w=1", "POST /containers/dev/kill", "POST /containers/dev/stop",
      "DELETE /containers/dev?force=1",
      "GET /containers/dev/logs?stdout=1", { "POST /containers/dev/exec", body = '{"Cmd":["sh"],"Tty":true}' },
      { "POST /exec/e1/start", body = "{}" }, "POST /exec/e1/resize?h=1&w=1", "GET /exec/e1/json",
    },
    options = {
      devcontainerdir = { set = "/home/me/src",
        { "POST /containers/create",
          body = body '"Mounts":[{"Type":"bind","Source":"/home/me/src/a","Target":"/workspaces/a"}]' } },
      devcontainerbuild = requests.build,
    },
    creates = { request = "POST /containers/create", with = label,
      may = { '"PortBindings":{"80/tcp":[{"HostIp":"127.0.0.1"}]}' } },
    denied = {
      { "POST /containers/create", body = '{"Image":"node"}' },
      { "POST /containers/create", body = body '"Privileged":true' },
      { "POST /containers/create", body = body '"Binds":["/var/run/docker.sock:/var/run/docker.sock"]' },
      { "POST /containers/create", body = body '"Binds":["/home/me/.ssh:/s"]' },
      { "POST /containers/create", body = body '"Binds":["data:/d"]' },
      { "POST /containers/create", body = body '"CapAdd":["SYS_PTRACE"]' },
      { "POST /containers/create", body = body '"PortBindings":{"80/tcp":[{"HostPort":"80"}]}' },
      "GET /containers/web/json", "DELETE /containers/web", { "POST /containers/web/exec", body = "{}" },
      { "POST /exec/e2/start", body = "{}" }, "POST /images/node/tag?repo=x",
    },
  })) do
    it(case.name, case.run)
  end
end)
