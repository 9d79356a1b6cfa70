--- Requests of programs that manage an engine, as they send them, for spec.support.client_row: what compose does, and
--- what the options of moonward.manager open.
---
---   client_row("dockge", { always = requests.compose, options = { dockgeexec = requests.exec, ... } })
local requests = {}

local create = '{"Image":"nginx","Labels":{"com.docker.compose.project":"shop"},"ExposedPorts":{"80/tcp":{}},"HostConfig":{'
  .. '"NetworkMode":"shop_default","RestartPolicy":{"Name":"always"},"PortBindings":{"80/tcp":[{"HostPort":"8080"}]},'
  .. '"Mounts":[{"Type":"volume","Source":"shop_data","Target":"/d"}]},"NetworkingConfig":{"EndpointsConfig":{'
  .. '"shop_default":{"Aliases":["web"]}}}}'

requests.compose = {
  "GET /info", "GET /events?filters=%7B%7D", "GET /containers/json?all=1", "GET /containers/web/json",
  { "POST /containers/create?name=shop-web-1", body = create }, "POST /containers/web/start", "POST /containers/web/stop",
  "POST /containers/web/restart", "POST /containers/web/kill", "POST /containers/web/pause", "POST /containers/web/unpause",
  "POST /containers/web/wait", "POST /containers/web/rename?name=old", "DELETE /containers/web?v=1&force=1",
  "GET /containers/web/logs?follow=1&stdout=1", "GET /containers/web/top", "GET /containers/web/stats", "GET /images/json",
  "GET /images/nginx/json", "POST /images/create?fromImage=nginx&tag=latest", "DELETE /images/nginx", "GET /networks",
  "GET /networks/n1", { "POST /networks/create", body = '{"Name":"shop_default","Driver":"bridge","Labels":{}}' },
  { "POST /networks/n1/connect", body = '{"Container":"web"}' },
  { "POST /networks/n1/disconnect", body = '{"Container":"web","Force":true}' }, "DELETE /networks/n1", "GET /volumes",
  "GET /volumes/v1", { "POST /volumes/create", body = '{"Name":"shop_data","Driver":"local"}' }, "DELETE /volumes/v1",
}

requests.exec = {
  { "POST /containers/web/exec", body = '{"AttachStdin":true,"Tty":true,"Cmd":["sh"]}' },
  { "POST /exec/e1/start", body = '{"Tty":true}' }, "POST /exec/e1/resize?h=1&w=1", "GET /exec/e1/json",
  "POST /containers/web/attach?stream=1&stdin=1", "POST /containers/web/resize?h=1&w=1",
}

requests.build = { "POST /build?t=x&version=2&session=1", "POST /session", "POST /grpc" }

requests.prune = {
  "POST /containers/prune", "POST /images/prune?filters=%7B%7D", "POST /networks/prune", "POST /volumes/prune",
  "POST /build/prune",
}

requests.files = {
  "HEAD /containers/web/archive?path=/f", "GET /containers/web/archive?path=/f", "PUT /containers/web/archive?path=/",
}

local service = '{"Name":"s","TaskTemplate":{"ContainerSpec":{"Image":"nginx"}},"Mode":{"Replicated":{"Replicas":1}}}'

requests.swarm = {
  "GET /services", "GET /services/s1", "GET /services/s1/logs?stdout=1", "GET /tasks", "GET /tasks/t1",
  "GET /tasks/t1/logs?stdout=1", "GET /nodes", "GET /nodes/n1", "GET /swarm", "GET /secrets", "GET /secrets/s1",
  "GET /configs", "GET /configs/c1", { "POST /services/create", body = service },
  { "POST /services/s1/update?version=1", body = service }, "DELETE /services/s1",
  { "POST /configs/create", body = '{"Name":"c","Data":"eA=="}' }, "DELETE /configs/c1",
  { "POST /secrets/create", body = '{"Name":"s","Data":"eA=="}' }, "DELETE /secrets/s1",
}

--- What asks for more than ordinary compose files do.
requests.host_power = {
  { "POST /containers/create", body = '{"HostConfig":{"Binds":["/:/h"]}}' },
  { "POST /containers/create", body = '{"HostConfig":{"Binds":["/var/run/docker.sock:/var/run/docker.sock"]}}' },
  { "POST /containers/create", body = '{"HostConfig":{"Privileged":true}}' },
  { "POST /containers/create", body = '{"HostConfig":{"PidMode":"host"}}' },
  { "POST /containers/create", body = '{"HostConfig":{"NetworkMode":"host"}}' },
  { "POST /containers/create", body = '{"HostConfig":{"CapAdd":["SYS_ADMIN"]}}' },
  { "POST /volumes/create", body = '{"Name":"v","DriverOpts":{"type":"none","o":"bind","device":"/"}}' },
  "POST /images/create?fromSrc=http://example.com/x.tar", "PUT /containers/web/archive?path=/", "GET /containers/web/export",
  "POST /plugins/pull?remote=x", "POST /swarm/leave?force=1",
}

--- Powers of moonward.manager.powers that a create can ask for.
requests.may = { "address", "alias", "dns", "extra-host", "mac-address", "network", "port", "restart-policy", "ulimit", "volume" }

--- One list of several.
function requests.all(...)
  local all = {}
  for _, list in ipairs { ... } do
    table.move(list, 1, #list, #all + 1, all)
  end
  return all
end

--- The others of requests.host_power: for policies that allow some of it by an option.
function requests.without(text)
  local rest = {}
  for _, one in ipairs(requests.host_power) do
    rest[#rest + 1] = one ~= text and one or nil
  end
  return rest
end

return requests
