-- github-actions-runner: what GitHub's own runner calls by the docker commands of jobs with `container:`,
-- `services:` and actions in containers. What it creates carries the runner's label, six hexadecimal
-- digits, and it touches nothing else.
--
-- -actionslabel names this runner's: the beginning of the SHA-256 of its file .runner in small letters (tr
-- A-Z a-z <.runner | sha256sum | cut -c1-6). Without it any such label will do, so runners reach each
-- other's jobs.
--
-- The runner binds its own folders into jobs: -actionsdir=/home/runner lets it. Jobs write there, and a
-- symbolic link leads anywhere on the host: a job that means harm is root on the host unless that folder is
-- on a file system mounted with nosymfollow. It also binds /var/run/docker.sock into each job's container
-- and into actions, whatever DOCKER_HOST says. With -actionssocket it may, and moonward has to listen at
-- that path itself, the engine elsewhere (dockerd -H unix:///run/engine.sock): jobs then reach what the
-- runner reaches here. Where the engine listens there, any job is root on the host.
--
-- Actions with a Dockerfile need -actionsbuild. `docker` in a workflow's steps gets what the runner gets.
--
-- Read from actions/runner 2.336.0: docker version, pull, build, create, run, start, rm, logs, ps, network
-- create, rm and prune, exec, inspect, port, login.
local calls = require "moonward.calls"
local client = require "moonward.client"
local manager = require "moonward.manager"
local marks = require "moonward.marks"
local moonward = require "moonward"

local is_label = moonward.regex "[0-9a-f]{6}"
local label = "" -- set by start

local function is_runners(key, value)
  return value == "" and (label == "" and is_label:match(key) or key == label)
end

local ours = marks.labels(function(labels)
  for key, value in pairs(labels) do
    if is_runners(key, value) then
      return true
    end
  end
  return false
end, "label of the runner")

local may_prune = marks.pruning(function(asked)
  return is_runners(asked, "")
end, "label of the runner")

return client.policy {
  summary = "GitHub's runner: runs jobs in containers and networks with its own label, and binds of its"
    .. " folder; its socket only through moonward. Whoever creates containers or images sets labels.",
  powers = { "alias", "port=0" },
  own = ours.is,
  options = {
    {
      name = "actionslabel", env = "MOONWARD_ACTIONS_LABEL",
      help = "Label of this runner, six hexadecimal digits; empty: any such label.",
    },
    manager.directory("actionsdir", "MOONWARD_ACTIONS_DIR", "The runner's folder on the host."),
    {
      name = "actionssocket", env = "MOONWARD_ACTIONS_SOCKET", kind = "switch",
      help = "Binds of /var/run/docker.sock, where moonward itself listens.",
      powers = function() return { "bind=/var/run/docker.sock" } end,
    },
    manager.build "actions", client.allowpower(),
  },
  start = function(options)
    label = options.actionslabel
    if label ~= "" and not is_label:match(label) then
      error("option actionslabel: expected six hexadecimal digits in small letters, got '" .. label .. "'", 0)
    end
  end,
  always = {
    calls.info, calls.pull, "system.auth",
    { "container.create", "network.create", when = ours.made },
    {
      "container.list", "container.inspect", calls.networks, only = ours.is,
      shows = "its own: it made them with these values",
    },
    {
      "container.start", "container.attach", "container.wait", "container.resize", "container.kill",
      "container.remove", "container.logs", "exec.create", "exec.start", "exec.resize", "exec.inspect",
      "network.remove", when = ours.held,
    },
    { "network.prune", when = may_prune },
  },
}
