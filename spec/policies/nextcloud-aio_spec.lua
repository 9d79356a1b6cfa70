local answers = require "spec.support.answers"
local client_row = require "spec.support.client_row"

local create = "POST /containers/create?name=nc_app_talk"

describe("nextcloud-aio", function()
  for _, case in ipairs(client_row("nextcloud-aio", {
    containers = { { name = "nc_app_talk" }, { name = "web" }, { name = "nextcloud-aio-mastercontainer" } },
    engine = answers {
      volumes = { nc_app_talk_data = {}, nextcloud_aio_data = {}, nc_app_talk = {} }, images = { ["ghcr.io/nc/talk"] = {} },
      execs = { e1 = "nc_app_talk", e2 = "nextcloud-aio-mastercontainer" },
    },
    always = {
      "GET /_ping", "HEAD /_ping", "GET /version", "GET /images/ghcr.io/nc/talk/json",
      "POST /images/create?fromImage=ghcr.io/nc/talk", "GET /containers/nc_app_talk/json",
      "GET /containers/nc_app_talk/logs?stdout=1", "POST /containers/nc_app_talk/start", "POST /containers/nc_app_talk/stop",
      { "POST /containers/nc_app_talk/update", body = '{"RestartPolicy":{"Name":"unless-stopped"}}' },
      { "POST /containers/nc_app_talk/exec", body = '{"Cmd":["cat","/etc/os-release"],"AttachStdout":true}' },
      { "POST /exec/e1/start", body = '{"Detach":false,"Tty":false}' }, "DELETE /containers/nc_app_talk?force=true",
      "PUT /containers/nc_app_talk/archive?path=/",
      { create, body = '{"Image":"ghcr.io/nc/talk","Hostname":"talk","HostConfig":{"NetworkMode":"nextcloud-aio","Mounts":'
        .. '[{"Type":"volume","Source":"nc_app_talk_data","Target":"/nc_app_talk_data","ReadOnly":false}],'
        .. '"RestartPolicy":{"Name":"unless-stopped"},"PortBindings":{"2000/tcp":[{"HostPort":"2000","HostIp":"127.0.0.1"},'
        .. '{"HostPort":"2000","HostIp":"::1"}]}},"Env":["APP_ID=talk"],"NetworkingConfig":{"EndpointsConfig":'
        .. '{"nextcloud-aio":{"Aliases":["talk"]}}}}' },
      { "POST /volumes/create", body = '{"name":"nc_app_talk_data"}' },
      { "DELETE /volumes/nc_app_talk_data", body = '{"name":"nc_app_talk_data"}' },
    },
    options = { allowpower = { set = "device-request", { create, body = '{"HostConfig":{"DeviceRequests":'
      .. '[{"Driver":"nvidia","Count":-1,"Capabilities":[["gpu"]]}]}}' } } },
    creates = { request = create, may = { "alias", "restart-policy", "port" } },
    denied = {
      { "POST /containers/create?name=web", body = "{}" }, { "POST /containers/create", body = "{}" },
      { "POST /containers/create?name=my_nc_app_x", body = "{}" },
      { create, body = '{"HostConfig":{"NetworkMode":"prod"}}' }, "POST /images/create?fromSrc=-&repo=nginx",
      { create, body = '{"HostConfig":{"\\u0042inds":["/:/h"]}}' }, { create, body = '{"HostConfig":{"binds":["/:/h"]}}' },
      { create, body = '{"HostConfig":{"Mounts":[{"Type":"volume","Source":"nextcloud_aio_data","Target":"/d"}]}}' },
      { create, body = '{"HostConfig":{"Mounts":[{"Type":"volume","Source":"nc_app_a_data","Target":"/a"},'
        .. '{"Type":"bind","Source":"/var/run/docker.sock","Target":"/s"}]}}' },
      { create, body = '{"HostConfig":{"Mounts":[{"Type":"volume","Source":"nc_app_a_data","Target":"/a","VolumeOptions":'
        .. '{"DriverConfig":{"Options":{"type":"none","o":"bind","device":"/etc"}}}}]}}' },
      { create, body = '{"HostConfig":{"PortBindings":{"1/tcp":[{"HostPort":"80"}]}}}' },
      { "POST /volumes/create", body = '{"Name":"nextcloud_aio_data"}' }, { "POST /volumes/create", body = "{}" },
      { "POST /volumes/create", body = '{"Name":"nc_app_a_data","DriverOpts":{"type":"none","o":"bind","device":"/"}}' },
      "DELETE /volumes/nextcloud_aio_data", "DELETE /volumes/nc_app_talk", "GET /containers/web/json",
      "GET /containers/web/logs", "POST /containers/nextcloud-aio-mastercontainer/stop",
      { "POST /containers/nextcloud-aio-mastercontainer/exec", body = "{}" }, "POST /exec/e2/start",
      "DELETE /containers/web", "PUT /containers/web/archive?path=/", "GET /containers/nc_app_talk/archive?path=/",
      { "POST /containers/nc_app_talk/update", body = '{"Memory":0,"PidsLimit":-1}' },
      { "POST /containers/nc_app_talk/exec", body = '{"Cmd":["id"],"Privileged":true}' },
    },
  })) do
    it(case.name, case.run)
  end
end)
