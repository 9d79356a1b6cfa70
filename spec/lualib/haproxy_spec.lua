local haproxy = require "moonward.haproxy"

describe("a switch as HAProxy reads it", function()
  for _, case in ipairs {
    { true, { "1", "2", "01", "-1", "+1", "1abc", "9999999999999999999", "10" } },
    { false, { "", "0", "00", "-0", "+0", "false", "FALSE", "no", "off", "Never", "disabled", "' '", '"0"', "0 # off" } },
    { nil, { "true", "True", "yes", "on", "0x1", "0.9", "enabled", "maybe" } },
  } do
    local meaning = ({ [true] = "on", [false] = "off" })[case[1]] or "a mistake: it looks on, and is off there"
    for _, value in ipairs(case[2]) do
      it(("%q is %s"):format(value, meaning), function()
        assert.equal(case[1], (haproxy.switch(value)))
      end)
    end
  end

  it('" 1" is a mistake, too', function()
    assert.is_nil(haproxy.switch " 1")
  end)
end)

describe("the other variables of HAProxy's programs", function()
  it("listen on all addresses unless a word of theirs says IPv4 only", function()
    local words = haproxy.options({ "1", "yes" })[2].words
    assert.same({ "0.0.0.0", "0.0.0.0", nil, "::" }, { words["1"], words.yes, words["true"], words.off })
  end)
end)
