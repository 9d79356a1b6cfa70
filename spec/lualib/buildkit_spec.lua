-- Where BuildKit is denied, the denial says so, in words that `docker build` shows.
local test = require "moonward.test"

local WORDS = "BuildKit is not let through; build without it, DOCKER_BUILDKIT=0 docker build ... ("

-- What buildx asks for, one after the other, when it has no BuildKit of the engine's.
local builder = '{"Image":"moby/buildkit:buildx-stable-1","HostConfig":{"Privileged":true,"CgroupParent":"/docker/buildx",'
  .. '"Mounts":[{"Type":"volume","Source":"buildx_buildkit_default0_state","Target":"/var/lib/buildkit"}]}}'

local requests = {
  { "POST", "/grpc" },
  { "POST", "/session" },
  { "POST", "/v1.47/containers/create?name=buildx_buildkit_default0", builder },
}

-- the policy and its options
local policies = {
  { "owner", { owner = "me" } },
  { "agent", { agent = "me" } },
  { "no-host-power", {} },
  { { "docker-cli", "no-host-power" }, {} },
  { "testcontainers", {} },
  { "testcontainers", { testbuild = true } },
  { "portainer-operator", { portainerbuild = true } },
  { "traefik", {} },
}

describe("BuildKit's way under", function()
  for _, case in ipairs(policies) do
    local name = type(case[1]) == "table" and table.concat(case[1], ", ") or case[1]
    local policy = test.policy(case[1], case[2])

    local function denied(request)
      local verdict = policy:decide { method = request[1], path = request[2], body = request[3] }
      assert.is_false(verdict.allowed, request[2])
      assert.is_false(verdict.failed, verdict.reason)
      assert.equal(WORDS, verdict.reason:sub(1, #WORDS))
    end

    for _, request in ipairs(requests) do
      it(name .. " is named at " .. request[2], function() denied(request) end)
    end
    for _, more in ipairs { "&buildid=x&session=y", "", "&session=", "&remote=client-session" } do
      it(name .. " is named at a build of the second version" .. more, function()
        denied { "POST", "/v1.47/build?version=2" .. more }
      end)
    end
  end

  it("a policy that lets no image be pulled is named at the image", function()
    local verdict = test.policy("traefik"):decide {
      method = "POST", path = "/v1.47/images/create?fromImage=moby/buildkit&tag=buildx-stable-1",
    }
    assert.equal(WORDS .. "image.pull is not among the calls of this client)", verdict.reason)
  end)
end)

describe("what is not on BuildKit's way", function()
  it("is denied in its own words", function()
    local policy = test.policy "traefik"
    for _, path in ipairs { "/images/create?fromImage=moby/buildkit2&tag=a", "/containers/create?name=my_buildx_buildkit_",
      "/build?version=1", "/build" } do
      local verdict = policy:decide { method = "POST", path = path, body = "{}" }
      assert.is_truthy(verdict.reason:find(" is not among the calls of this client$"), verdict.reason)
    end
  end)
end)
