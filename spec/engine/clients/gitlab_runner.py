import flow

JOB = "runner-abc-project-1-concurrent-0-0a1b-build"

flow.running("web")
flow.engine.create_network("prod")
flow.engine.create_volume("data")
api = flow.connect(version="auto")

api.info()
net = api.create_network("runner-abc-1-0-7", labels={"com.gitlab.gitlab-runner.managed": "true"})["Id"]
flow.same(["runner-abc-1-0-7"], [n["Name"] for n in api.networks()])
api.inspect_network(net)
api.create_volume("runner-x-cache-1", labels={"com.gitlab.gitlab-runner.type": "cache"})


def create(name, **host):
    return api.create_container(
        "busybox", ["sh"], name=name, stdin_open=True, hostname="runner", volumes=["/cache"],
        host_config=api.create_host_config(**{
            "binds": ["runner-x-cache-1:/cache"], "network_mode": "runner-abc-1-0-7",
            "restart_policy": {"Name": "no"}, "extra_hosts": {"redis": "172.17.0.3"}, **host}),
        networking_config=api.create_networking_config({
            "runner-abc-1-0-7": api.create_endpoint_config(aliases=["build"])}))["Id"]


job = create(JOB)
stream = api.attach_socket(job, params={"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1})
api.start(job)
stream._sock.sendall(b"echo hello >/cache/out; cat /cache/out; exit 4\n")
flow.same(4, api.wait(job)["StatusCode"])
flow.same(b"hello\n", api.logs(job))
flow.same(4, api.inspect_container(JOB)["State"]["ExitCode"])
api.start(job)
made = api.exec_create(job, ["echo", "hi"])
flow.same(b"hi\n", api.exec_start(made["Id"]))
api.disconnect_container_from_network(job, net, force=True)
api.kill(job)
api.remove_container(job, force=True, v=True)
api.remove_volume("runner-x-cache-1", force=True)

flow.denied(create, "web2")
flow.denied(create, None)
for host in ({"binds": ["/:/h"]}, {"binds": ["data:/d"]}, {"privileged": True}, {"network_mode": "prod"},
             {"volumes_from": ["web"]}, {"binds": ["/var/run/docker.sock:/var/run/docker.sock"]},
             {"network_mode": "host"}, {"cap_add": ["SYS_ADMIN"]}):
    flow.denied(create, "runner-evil", **host)
flow.denied(api.disconnect_container_from_network, "web", net)
flow.denied(api.connect_container_to_network, "web", net)
for call in (api.inspect_container, api.kill, api.logs, api.stop, api.remove_container):
    flow.denied(call, "web")
flow.denied(api.attach, "web", stream=True)
flow.denied(api.exec_create, "web", ["id"])
flow.denied(api.inspect_volume, "data")
flow.denied(api.remove_volume, "data")
flow.denied(api.create_volume, "other")
flow.denied(api.create_volume, "runner-x", driver_opts={"type": "none", "o": "bind", "device": "/etc"})
flow.denied(api.create_network, "other")
flow.denied(api.inspect_network, "prod")
flow.denied(api.containers)
api.remove_network(net)
