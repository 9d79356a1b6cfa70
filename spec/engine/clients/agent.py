import io
import os

import flow

DIR = os.environ["AGENTDIR"]
os.makedirs(DIR + "/src", exist_ok=True)
with open(DIR + "/src/code", "w") as file:
    file.write("print\n")

flow.running("web", {"moonward.owner": "agent:another"})
flow.engine.create_network("prod")
flow.engine.create_volume("data")
api = flow.connect(version="auto")
flow.same([], api.containers(all=True))
flow.same(0, api.info()["Containers"])


def create(command=flow.BUSY, image="busybox", name=None, env=None, **host):
    return api.create_container(image, command, name=name, environment=env,
                                host_config=api.create_host_config(**host))["Id"]


# build, run, look, copy, exec
dockerfile = b"FROM busybox\nENV TOKEN=secret\nRUN echo built >/f\n"
list(api.build(fileobj=io.BytesIO(dockerfile), tag="agentbuilt", rm=True, pull=False))
job = create(["sh", "-c", "cat /f /src/code; echo $TOKEN | wc -c"], "agentbuilt", binds=[DIR + "/src:/src:ro"])
api.start(job)
flow.same(0, api.wait(job)["StatusCode"])
flow.same(b"built\nprint\n7\n", api.logs(job))
flow.same("agent:ai", flow.engine.inspect_container(job)["Config"]["Labels"]["moonward.owner"])

# a Dockerfile outside of the context: the SDK sends its text as a second dockerfile=
os.makedirs(DIR + "/other", exist_ok=True)
with open(DIR + "/other/Dockerfile", "w") as file:
    file.write("FROM busybox\nCOPY code /code\n")
list(api.build(path=DIR + "/src", dockerfile=DIR + "/other/Dockerfile", tag="agentbuilt2", rm=True, pull=False))
outside = create(["cat", "/code"], "agentbuilt2")
api.start(outside)
flow.same(0, api.wait(outside)["StatusCode"])
flow.same(b"print\n", api.logs(outside))
api.remove_container(outside)

one = create(name="agent1", env=["TOKEN=secret"])
api.start(one)
flow.same({one, job}, {c["Id"] for c in api.containers(all=True)})
for shown in (api.inspect_container(one), api.inspect_image("agentbuilt"), api.history("agentbuilt")):
    assert "secret" not in str(shown), shown
assert "TOKEN=secret" in flow.engine.inspect_container(one)["Config"]["Env"]
made = api.exec_create(one, ["echo", "hi"])
flow.same(b"hi\n", api.exec_start(made["Id"]))
assert api.top(one)["Processes"]
api.put_archive(one, "/", b"\0" * 1024)
api.create_volume("agentvol")
net = api.create_network("agentnet")["Id"]
api.connect_container_to_network(one, net)
two = create(binds=["agentvol:/d"], network_mode="container:agent1")
api.start(two)
flow.same(["agentnet"], [n["Name"] for n in api.networks() if n["Name"] not in ("bridge", "host", "none")])
flow.same(["agentvol"], [v["Name"] for v in api.volumes()["Volumes"]])


def refused(call, *arguments, **named):
    """As flow.denied, or 400: what a view does not show cannot be joined."""
    try:
        call(*arguments, **named)
    except flow.docker.errors.APIError as error:
        assert error.status_code in (400, 403, 404, 409), error
        return
    raise AssertionError("allowed: %r %r" % (arguments, named))


count = len(flow.engine.containers(all=True))
for host in ({"binds": ["/:/h"]}, {"binds": [DIR + "/..:/h"]}, {"binds": ["/var/run/docker.sock:/s"]},
             {"binds": ["data:/d"]}, {"privileged": True}, {"pid_mode": "host"}, {"network_mode": "host"},
             {"network_mode": "prod"}, {"network_mode": "container:web"}, {"volumes_from": ["web"]},
             {"cap_add": ["SYS_ADMIN"]}, {"devices": ["/dev/mem:/dev/mem"]}, {"port_bindings": {80: 18083}},
             {"security_opt": ["seccomp=unconfined"]}):
    refused(create, **host)
flow.same(count, len(flow.engine.containers(all=True)))
for call in (api.inspect_container, api.logs, api.stop, api.kill, api.remove_container, api.commit, api.top):
    flow.denied(call, "web")
flow.denied(api.exec_create, "web", ["id"])
flow.denied(api.exec_create, one, ["id"], privileged=True)
flow.denied(api.top, one, ps_args="axe")
refused(api.connect_container_to_network, "web", net)
refused(api.connect_container_to_network, one, "prod")
flow.denied(api.remove_network, "prod")
flow.denied(api.remove_volume, "data")
refused(api.create_volume, "agentx", driver_opts={"type": "none", "o": "bind", "device": "/etc"})
refused(api.remove_image, "busybox")
flow.denied(lambda: list(api.get_image("agentbuilt")))
flow.denied(api.services)
flow.same("running", flow.state("web"))

for name in (one, two, job):
    api.remove_container(name, force=True)
for image in ("agentbuilt", "agentbuilt2"):
    api.remove_image(image, force=True)
