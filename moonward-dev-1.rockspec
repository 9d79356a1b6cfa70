-- lualib and the test harness, so that `busted` runs a policy in the daemon's own sandbox:
--   luarocks --lua-version 5.4 make --local    (works offline; the libraries come from the system)
rockspec_format = "3.0"
package = "moonward"
version = "dev-1"
source = { url = "." }
description = {
  summary = "Write and test policies for moonward, the policy proxy for the Docker socket",
  license = "MIT",
}
dependencies = { "lua >= 5.4, < 5.5" }
build = {
  type = "make",
  build_target = "build/release/moonward.so",
  install_target = "install-rock",
  install_variables = { LUADIR = "$(LUADIR)", LIBDIR = "$(LIBDIR)" },
}
