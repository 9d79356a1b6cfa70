--- Names that people try for policies that are called otherwise: of programs, images and projects. They are
--- for "did you mean" only; nothing is chosen by them.

local aliases = {
  ["actions-runner"] = "github-actions-runner", caddy = "caddy-docker-proxy", claude = "agent",
  dependabot = "owner", devcontainer = "dev-containers", devcontainers = "dev-containers",
  docker = "docker-cli", ["docker-autoheal"] = "autoheal", ["docker-compose"] = "docker-cli",
  ["docker-gen"] = "nginx-proxy", ["docker-proxy-filter"] = "container-filter", gethomepage = "homepage",
  ["github-runner"] = "github-actions-runner", glanceapp = "glance", grafana = "alloy",
  haproxy = "tecnativa", jwilder = "nginx-proxy", kuma = "uptime-kuma", loki = "promtail",
  lscr = "linuxserver", lsio = "linuxserver", nektos = "act", nextcloud = "nextcloud-aio",
  offen = "docker-volume-backup", pangolin = "newt", periphery = "komodo", podman = "podman-exporter",
  ryuk = "testcontainers", vscode = "dev-containers", whatsupdocker = "wud", wollomatic = "default",
  yusing = "godoxy",
}

local policy_alias = { names = aliases }

--- The policy that people mean by a name; nil: it is no other name of one. Case counts for nothing.
---@param name string
---@return string?
function policy_alias.find(name)
  return aliases[string.lower(name)]
end

return policy_alias
