local cidr = require "moonward.cidr"

describe("a network", function()
  local cases = {
    { "10.0.0.0/8", "10.255.0.1", true },
    { "10.0.0.0/8", "11.0.0.1", false },
    { "10.9.8.7/8", "10.1.2.3", true },
    { "10.0.0.0/08", "10.1.2.3", true },
    { "192.168.4.0/22", "192.168.7.255", true },
    { "192.168.4.0/22", "192.168.8.0", false },
    { "192.168.4.0/22", "192.168.3.255", false },
    { "10.0.0.7/32", "10.0.0.7", true },
    { "10.0.0.7/32", "10.0.0.6", false },
    { "10.0.0.7", "10.0.0.7", true },
    { "10.0.0.7", "10.0.0.70", false },
    { "0.0.0.0/0", "255.1.2.3", true },
    { "0.0.0.0/0", "::1", false },
    { "::/0", "fe80::1", true },
    { "::/0", "10.0.0.1", false },
    { "fd00::/8", "fdff::1", true },
    { "fd00::/8", "fe00::1", false },
    { "2001:db8::/33", "2001:db8:7fff::", true },
    { "2001:db8::/33", "2001:db8:8000::", false },
    { "::1", "0:0:0:0:0:0:0:1", true },
    { "10.0.0.0/8", "::ffff:10.1.2.3", true },
    { "::ffff:10.0.0.0/104", "10.1.2.3", true },
    { "::ffff:10.0.0.0/104", "11.1.2.3", false },
    { "::ffff:10.0.0.7", "10.0.0.7", true },
    { "fe80::/10", "fe80::1%eth0", false },
    { "10.0.0.0/8", "", false },
    { "10.0.0.0/8", "web", false },
  }
  for _, case in ipairs(cases) do
    local text, address, expected = table.unpack(case)
    it((expected and "%s has %s" or "%s does not have %s"):format(text, address), function()
      assert.equal(expected, assert(cidr.parse(text)):contains(address))
    end)
  end

  -- network, another, whether it covers it
  for _, case in ipairs {
    { "10.0.0.0/8", "10.1.0.0/16", true },
    { "10.0.0.0/8", "10.0.0.0/8", true },
    { "10.0.0.0/8", "10.0.0.0/7", false },
    { "10.0.0.0/8", "0.0.0.0/0", false },
    { "10.0.0.0/8", "11.0.0.0/16", false },
    { "10.0.0.0/8", "10.1.2.3", true },
    { "10.0.0.0/8", "::ffff:10.1.0.0/112", true },
    { "192.168.4.0/22", "192.168.6.0/23", true },
    { "192.168.4.0/22", "192.168.6.0/21", false },
    { "fd00::/8", "fd12:3456::/32", true },
    { "::/0", "10.0.0.0/8", false },
    { "0.0.0.0/0", "::/0", false },
    { "10.0.0.0/8", "", false },
    { "10.0.0.0/8", "10.1.0.0/", false },
    { "10.0.0.0/8", "web", false },
  } do
    it((case[3] and "%s covers %q" or "%s does not cover %q"):format(case[1], case[2]), function()
      assert.equal(case[3], cidr.parse(case[1]):covers(case[2]))
      local other = cidr.try(case[2])
      if other then
        assert.equal(case[3], cidr.parse(case[1]):covers(other))
      end
    end)
  end

  it("says in the line that calls what is no network to be covered", function()
    for _, other in ipairs { 7, {}, true } do
      local ok, message = pcall(function()
        cidr.parse("10.0.0.0/8"):covers(other)
      end)
      assert.is_false(ok)
      assert.is_truthy(message:find("cidr_spec.lua:%d+: covers: expected a network or a text, got a"), message)
    end
  end)

  local neither = "'%s' is neither an address nor a network such as 10.0.0.0/8 or fd00::/8"
  local refused = {
    { "", neither },
    { "web", neither },
    { "10.0.0/8", neither },
    { "10.0.0.0/", neither },
    { "/8", neither },
    { "10.0.0.0/8/8", neither },
    { "10.0.0.0/-1", neither },
    { "10.0.0.0/8 ", neither },
    { " 10.0.0.0/8", neither },
    { "10.0.0.0/255.0.0.0", neither },
    { "fe80::1%eth0/64", neither },
    { "010.0.0.0/8", neither },
    { "10.0.0.0/33", "the length in '%s' must be between 0 and 32" },
    { "10.0.0.0/99999999999999999999", "the length in '%s' must be between 0 and 32" },
    { "fd00::/129", "the length in '%s' must be between 0 and 128" },
    { "::ffff:10.0.0.0/64", "the length in '%s' must be between 96 and 128" },
  }
  for _, case in ipairs(refused) do
    it("cannot be '" .. case[1] .. "'", function()
      local network, message = cidr.try(case[1])
      assert.is_nil(network)
      assert.equal(string.format(case[2], case[1]), message)
    end)
  end
end)
