local addresses = require "moonward.addresses"

describe("addresses.parse", function()
  local list = assert(addresses.parse("127.0.0.1,10.0.0.0/8,fd00::/8"))

  for address, expected in pairs {
    ["127.0.0.1"] = true, ["10.1.2.3"] = true, ["fd00::1"] = true, ["::ffff:10.1.2.3"] = true,
    ["127.0.0.2"] = false, ["fe80::1"] = false, ["fd00::1%eth0"] = false, [""] = false,
  } do
    it("reads a list that " .. (expected and "has '" or "does not have '") .. address .. "'", function()
      assert.equal(expected, list:has(address))
    end)
  end

  it("reads an empty list, which has nobody", function()
    assert.is_false(assert(addresses.parse("")):has("127.0.0.1"))
    assert.is_false(assert(addresses.parse(",,")):has("127.0.0.1"))
  end)

  it("takes names of hosts without asking for them", function()
    assert.truthy(addresses.parse("web,my-host.example.org,a_b"))
  end)

  local refused = {
    [" 10.0.0.1"] = "' 10.0.0.1' has a space; entries are separated by commas alone",
    ["10.0.0.0/33"] = "the length in '10.0.0.0/33' must be between 0 and 32",
    ["web/8"] = "'web/8' is neither an address nor a network such as 10.0.0.0/8 or fd00::/8",
    ["web..test"] = "'web..test' is neither an address nor a network such as 10.0.0.0/8 or fd00::/8, nor the name of a host",
    [".web"] = "'.web' is neither an address nor a network such as 10.0.0.0/8 or fd00::/8, nor the name of a host",
    ["-web"] = "'-web' is neither an address nor a network such as 10.0.0.0/8 or fd00::/8, nor the name of a host",
    ["1.2.3"] = "'1.2.3' is neither an address nor a network such as 10.0.0.0/8 or fd00::/8, nor the name of a host",
  }
  for text, expected in pairs(refused) do
    it("refuses '" .. text .. "'", function()
      local found, message = addresses.try("10.0.0.1," .. text)
      assert.is_nil(found)
      assert.equal(expected, message)
    end)
  end
end)

describe("a list of addresses", function()
  it("gives itself with one more", function()
    assert.equal("10.0.0.1,10.0.0.2", assert(addresses.parse("10.0.0.1")):with("10.0.0.2"))
    assert.equal("10.0.0.2", assert(addresses.parse("")):with("10.0.0.2"))
    assert.is_nil(assert(addresses.parse("10.0.0.1")):with("fe80::1%eth0"))
  end)
end)
