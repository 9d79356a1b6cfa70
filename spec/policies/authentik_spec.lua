local answers = require "spec.support.answers"
local client_row = require "spec.support.client_row"

local create = "POST /containers/create?name=ak-outpost-ldap"
local label = '"Labels":{"io.goauthentik.outpost-uuid":"0a1b"}'
local image = '"Image":"ghcr.io/goauthentik/ldap:2025.1"'

local function body(...)
  return "{" .. table.concat({ ... }, ",") .. "}"
end

describe("authentik", function()
  for _, case in ipairs(client_row("authentik", {
    containers = {
      { name = "ak-outpost-ldap", labels = { ["io.goauthentik.outpost-uuid"] = "0a1b" } },
      { name = "web" }, { name = "empty", labels = { ["io.goauthentik.outpost-uuid"] = "" } },
    },
    engine = answers { images = { ["ghcr.io/goauthentik/ldap:2025.1"] = {} } },
    shown = { "ak-outpost-ldap" },
    always = {
      "GET /_ping", "GET /version", "GET /info", "GET /containers/json", "GET /containers/ak-outpost-ldap/json",
      "GET /containers/ak-outpost-new/json", "POST /images/create?fromImage=ghcr.io/goauthentik/ldap&tag=2025.1",
      "GET /images/ghcr.io/goauthentik/ldap:2025.1/json",
      { create, body = body(label, image, '"Env":["AUTHENTIK_TOKEN=x"],"HostConfig":{"NetworkMode":"bridge",'
        .. '"RestartPolicy":{"Name":"unless-stopped"},"PortBindings":{"3389/tcp":[{"HostIp":"","HostPort":"389"}]}},'
        .. '"NetworkingConfig":{"bridge":null}') },
      "POST /containers/ak-outpost-ldap/start", "POST /containers/ak-outpost-ldap/restart?t=10",
      "POST /containers/ak-outpost-ldap/kill", "DELETE /containers/ak-outpost-ldap?force=True",
    },
    options = {
      outpostimage = { set = "reg/ak-*",
        "POST /images/create?fromImage=reg/ak-ldap", { create, body = body(label, '"Image":"reg/ak-ldap"') } },
      allowpower = { set = "dns,network=proxy", { create, body = body(label, image, '"HostConfig":{"NetworkMode":"proxy"}') },
        { create, body = body(label, image, '"HostConfig":{"Dns":["10.0.0.1"]}') } },
    },
    creates = { request = create, with = label .. "," .. image, may = { "port", "restart-policy" } },
    denied = {
      { create, body = body(image) }, { create, body = body(label) }, { create, body = body(label, '"Image":"busybox"') },
      { create, body = body('"Labels":{"io.goauthentik.outpost-uuid":""}', '"Image":"reg/ak-x"') }, { create, body = "{}" },
      { create, body = body(label, image, '"HostConfig":{"NetworkMode":"prod"}') }, "POST /images/create?fromSrc=-&repo=reg/ak-x",
      { create, body = body(label, '"Image":"sha256:00"') }, "POST /images/create?fromImage=busybox",
      "POST /images/create?fromSrc=http://10.0.0.1/x.tar&repo=reg/ak-x", "GET /containers/web/json",
      "POST /containers/web/start", "POST /containers/empty/restart", "POST /containers/web/kill", "DELETE /containers/web",
      { "POST /containers/ak-outpost-ldap/exec", body = "{}" }, "POST /containers/ak-outpost-ldap/start?checkpoint=x",
    },
  })) do
    it(case.name, case.run)
  end
end)
