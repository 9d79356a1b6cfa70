local cgroup = require "moonward.cgroup"

local a, b, c = ("a1"):rep(32), ("b2"):rep(32), ("c3"):rep(32)

describe("cgroup.container", function()
  -- what, the text, the ids that the engine knows, the answer, the message
  local cases = {
    { "cgroup v2 with systemd", "0::/system.slice/docker-" .. a .. ".scope\n", { a }, a },
    { "cgroup v2 of a sibling, seen from inside a container", "0::/../docker-" .. a .. ".scope\n", { a }, a },
    { "cgroup v2 with cgroupfs", "0::/docker/" .. a .. "\n", { a }, a },
    { "cgroup v1", "12:pids:/docker/" .. a .. "\n1:name=systemd:/docker/" .. a .. "\n0::/\n", { a }, a },
    { "podman", "0::/machine.slice/libpod-" .. a .. ".scope/container\n", { a }, a },
    { "a group inside of the container's", "0::/docker/" .. a .. "/init\n", { a }, a },
    { "a container in a container: the engine inside", "0::/docker/" .. a .. "/docker/" .. b .. "\n", { b }, b },
    { "a container in a container: the engine outside", "0::/docker/" .. a .. "/docker/" .. b .. "\n", { a }, a },
    { "a group that a container named like another", "0::/docker/" .. a .. "/" .. b .. "\n", { a, b }, nil,
      "its control groups name two containers" },
    { "a process of the host", "0::/user.slice/user-0.slice\n", { a } },
    { "another engine's container", "0::/docker/" .. c .. "\n", { a, b } },
    { "hierarchies that do not agree", "2:cpu:/docker/" .. a .. "\n1:pids:/docker/" .. b .. "\n", { a, b }, nil,
      "its control groups name two containers" },
    { "digits that are too many", "0::/docker/" .. a .. "a\n", { a } },
    { "an id in the name of a hierarchy", "1:name=" .. a .. ":/\n", { a } },
    { "nothing", "", { a } },
  }
  for _, case in ipairs(cases) do
    it("reads " .. case[1], function()
      local known = {}
      for _, id in ipairs(case[3]) do
        known[id] = true
      end
      local id, message = cgroup.container(case[2], function(one) return known[one] == true end)
      assert.equal(case[4], id)
      assert.equal(case[5], message)
    end)
  end
end)

describe("cgroup.own", function()
  local mount = "1 2 0:1 /var/lib/docker/containers/%s/%s %s rw,relatime - ext4 /dev/sda rw\n"
  local cases = {
    { "the control group", "0::/docker/" .. a .. "\n", "", "moon", { a } },
    { "the files that engines mount", "0::/\n", mount:format(a, "hostname", "/etc/hostname"), "moon", { a } },
    { "podman's files", "0::/\n",
      "1 2 0:1 /containers/overlay-containers/" .. a .. "/userdata/hosts /etc/hosts rw - tmpfs tmpfs rw\n", "moon", { a } },
    { "a host name that is the beginning of an id", "0::/\n", "", "0123456789ab", { "0123456789ab" } },
    { "all of them, the likeliest first", "0::/docker/" .. a .. "\n", mount:format(b, "hosts", "/etc/hosts"), "0123456789ab",
      { a, b, "0123456789ab" } },
    { "nothing of what the host mounts for its containers", "0::/init.scope\n",
      mount:format(a, "mounts/shm", "/var/lib/docker/containers/" .. a .. "/mounts/shm"), "moon", {} },
    { "nothing without /proc", nil, nil, "moon", {} },
    { "no host name with other letters", "0::/\n", "", "0123456789xy", {} },
  }
  for _, case in ipairs(cases) do
    it("knows " .. case[1], function()
      assert.same(case[5], cgroup.own(case[2], case[3], case[4]))
    end)
  end
end)
