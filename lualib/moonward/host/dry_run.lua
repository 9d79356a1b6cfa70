--- What a dry run (core/lua/dry_run.c) asks the policies, and what the engine seems to answer meanwhile: it
--- has one object of each kind, called "sample", in the engine's own form.
local samples = require "moonward.host.samples"

local dry_run = {}

local ID = string.rep("5a", 32)

local container_of_list = [[
{"Id":"@","Names":["/sample"],"Image":"sample:latest","ImageID":"sha256:@","Command":"sample","Created":0,
"Ports":[],"Labels":{},"State":"running","Status":"Up 1 hour","HostConfig":{"NetworkMode":"default"},
"NetworkSettings":{"Networks":{"bridge":{"NetworkID":"@","IPAddress":"172.17.0.2","Gateway":"172.17.0.1"}}},
"Mounts":[]}]]

local container = [[
{"Id":"@","Name":"/sample","Created":"2024-01-01T00:00:00Z","Path":"sample","Args":[],"Image":"sha256:@",
"State":{"Status":"running","Running":true,"StartedAt":"2024-01-01T00:00:00.5Z"},
"Config":{"Image":"sample:latest","Hostname":"sample","Labels":{},"Env":[],"Cmd":["sample"]},
"HostConfig":{"NetworkMode":"default","Binds":null},"Mounts":[],
"NetworkSettings":{"Networks":{"bridge":{"NetworkID":"@","IPAddress":"172.17.0.2","Gateway":"172.17.0.1"}}}}]]

local image = [[
{"Id":"sha256:@","RepoTags":["sample:latest"],"RepoDigests":[],"Labels":{},"Config":{"Labels":{},"Env":[]}}]]

local network = [[
{"Id":"@","Name":"sample","Driver":"bridge","Scope":"local","Internal":false,"Labels":{},"Options":{},
"IPAM":{"Driver":"default","Config":[{"Subnet":"172.18.0.0/16","Gateway":"172.18.0.1"}]},"Containers":{}}]]

local volume = [[
{"Name":"sample","Driver":"local","Mountpoint":"/var/lib/docker/volumes/sample/_data","Labels":{},
"Scope":"local","Options":null}]]

local exec = [[
{"ID":"@","ContainerID":"@","Running":false,"ProcessConfig":{"entrypoint":"sample","arguments":[]}}]]

-- What some patterns of paths are answered with; the first that fits counts.
local answers = {
  { "^/containers/json", "[" .. container_of_list .. "]" },
  { "^/containers/[^/]+/json$", container, "container" },
  { "^/exec/[^/]+/json$", exec, "exec" },
  { "^/images/json", "[" .. image .. "]" },
  { "^/images/.+/json$", image, "image" },
  { "^/networks$", "[" .. network .. "]" },
  { "^/networks/[^/]+$", network, "network" },
  { "^/volumes$", '{"Volumes":[' .. volume .. '],"Warnings":[]}' },
  { "^/volumes/[^/]+$", volume, "volume" },
}

local list

--- The request number 'index', from 1; nothing behind the last.
---@param index integer
---@return string? method
---@return string? target
---@return string? body
---@return boolean? takes_over whoever may do this has the host
function dry_run.request(index)
  list = list or samples.list()
  local one = list[index]
  if not one then
    list = nil
    return nil
  end
  return one.method, one.version .. one.path, one.body, one.takes_over
end

--- The engine's answer to a path; nothing where a dry run does not know what it would say.
---@param path string
---@param has_objects boolean whether what is named exists
---@return integer? status
---@return string? body
function dry_run.reply(path, has_objects)
  for _, answer in ipairs(answers) do
    if string.find(path, answer[1]) then
      if answer[3] and not has_objects then
        return 404, '{"message":"No such ' .. answer[3] .. ': sample"}'
      end
      return 200, (string.gsub(answer[2], "@", ID))
    end
  end
end

return dry_run
