import io
import os
import tarfile

import flow

LABELS = {"org.testcontainers": "true", "org.testcontainers.sessionId": "s"}

flow.running("web")
flow.engine.create_network("prod")
flow.engine.create_volume("data")
api = flow.connect(version="auto")

api.info()
api.inspect_image("busybox")
net = api.create_network("tc", labels=LABELS)["Id"]
flow.same(["bridge", "tc"], sorted(n["Name"] for n in api.networks()))
flow.same({}, api.inspect_network("bridge")["Containers"])


def create(labels=LABELS, name=None, ports=(80,), **host):
    return api.create_container("busybox", flow.BUSY, labels=labels, ports=list(ports), name=name,
                                host_config=api.create_host_config(
                                    **{"port_bindings": {80: None}, "network_mode": "tc", **host}))["Id"]


def tar(name, content):
    bytes_of = io.BytesIO()
    with tarfile.open(fileobj=bytes_of, mode="w") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return bytes_of.getvalue()


one = create()
api.put_archive(one, "/", tar("hello", b"hi"))
api.start(one)
flow.same([one], [c["Id"] for c in api.containers(all=True)])
made = api.exec_create(one, ["cat", "/hello"])
flow.same(b"hi", api.exec_start(made["Id"]))
flow.same(0, api.exec_inspect(made["Id"])["ExitCode"])
assert b"hi" in b"".join(api.get_archive(one, "/hello")[0])
flow.same(b"", api.logs(one))
api.remove_container(create(ports=(), network_mode="container:" + one, port_bindings={}), force=True)
second = api.create_network("tc2", labels=LABELS)["Id"]
api.connect_container_to_network(one, second, aliases=["x"])
api.kill(one)
api.remove_container(one, v=True, force=True)

# Node commits; Java speaks 1.32, and prunes when it exits
old = flow.connect(version="1.32")
third = create(ulimits=[flow.docker.types.Ulimit(name="nofile", soft=1000, hard=1000)])
committed = api.commit(third, repository="tcommit", tag="1")["Id"]
flow.same("true", flow.engine.inspect_image(committed)["Config"]["Labels"]["org.testcontainers"])
api.remove_image("tcommit:1")
api.remove_container(third)
old.remove_container(old.create_container("busybox", flow.BUSY, labels=LABELS)["Id"])
api.create_volume("tcvol", labels=LABELS)
flow.same(["tcvol"], [v["Name"] for v in api.volumes()["Volumes"]])
flow.denied(api.prune_networks)
flow.denied(api.prune_volumes, filters={"label": ["other=true"]})
# From API 1.42 on a prune without "all" leaves volumes that have a name.
flow.same(["tcvol"], old.prune_volumes(filters={"label": ["org.testcontainers=true"]})["VolumesDeleted"])

# Ryuk, with the socket of this moonward
socket = os.environ["DOCKER_HOST"][len("unix://"):]
ryuk = create(name="testcontainers-ryuk", binds=[socket + ":/var/run/docker.sock"], network_mode="bridge")
api.remove_container(ryuk)
flow.same([], api.volumes(filters={"label": "org.testcontainers=true"})["Volumes"] or [])

count = len(flow.engine.containers(all=True))
flow.denied(create, labels={})
for host in ({"binds": ["/:/h"]}, {"binds": ["data:/d"]}, {"binds": ["new:/d"]}, {"privileged": True},
             {"network_mode": "prod"}, {"network_mode": "container:web"}, {"volumes_from": ["web"]},
             {"port_bindings": {80: 18081}}, {"binds": ["/var/run/docker.sock:/var/run/docker.sock"]}):
    flow.denied(create, **host)
flow.same(count, len(flow.engine.containers(all=True)))
flow.denied(api.connect_container_to_network, "web", second)
flow.denied(api.connect_container_to_network, "web", "prod")
for call in (api.inspect_container, api.kill, api.logs, api.stop, api.remove_container):
    flow.denied(call, "web")
flow.denied(api.put_archive, "web", "/", tar("x", b"x"))
flow.denied(api.get_archive, "web", "/etc")
flow.denied(api.exec_create, "web", ["id"])
flow.denied(api.inspect_network, "prod")
flow.denied(api.remove_network, "prod")
flow.denied(api.remove_volume, "data")
flow.denied(api.remove_image, "busybox")
flow.denied(api.create_volume, "x")
flow.denied(api.create_volume, "data", labels=LABELS)
flow.denied(api.commit, "web")
api.remove_network(net)
flow.same(["tc2"], api.prune_networks(filters={"label": ["org.testcontainers=true"]})["NetworksDeleted"])
assert flow.engine.inspect_network("prod") and flow.engine.inspect_volume("data")
