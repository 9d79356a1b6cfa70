"""As authentik's controller of outposts, with the high level of the SDK."""
import os

import docker

import flow

LABEL = "io.goauthentik.outpost-uuid"
IMAGE = "ghcr.io/goauthentik/ldap"

flow.engine.tag("busybox", IMAGE, "1")
flow.engine.create_network("authentik")
flow.running("web")
try:
    client = docker.DockerClient(base_url=os.environ["DOCKER_HOST"], version="auto")
    flow.same([], client.containers.list())
    client.info()
    try:
        client.containers.get("ak-outpost-ldap")
        raise AssertionError("it is there already")
    except docker.errors.NotFound:
        pass

    def create(name, image=IMAGE + ":1", labels={LABEL: "0a1b"}, **more):
        return client.containers.create(
            image, flow.BUSY, name=name, detach=True, environment={"AUTHENTIK_TOKEN": "x"}, labels=labels,
            restart_policy={"Name": "unless-stopped"}, network="authentik", ports={"3389/tcp": "13389"}, **more)

    outpost = create("ak-outpost-ldap")
    outpost.start()
    flow.same(["ak-outpost-ldap"], [c.name for c in client.containers.list()])
    outpost = client.containers.get("ak-outpost-ldap")
    flow.same([IMAGE + ":1"], [tag for tag in outpost.image.tags if tag.startswith(IMAGE)])
    assert "AUTHENTIK_TOKEN=x" in outpost.attrs["Config"]["Env"]
    outpost.restart(timeout=1)
    outpost.kill()
    outpost.remove(force=True)

    flow.denied(create, "x", labels={})
    flow.denied(create, "x", image="busybox")
    flow.denied(create, "x", privileged=True)
    flow.denied(create, "x", volumes=["/:/h"])
    flow.denied(create, "x", pid_mode="host")
    flow.denied(create, "x", volumes=["/var/run/docker.sock:/var/run/docker.sock"])
    flow.denied(client.containers.get, "web")
    flow.denied(client.api.kill, "web")
    flow.denied(client.api.remove_container, "web", force=True)
    flow.denied(client.images.pull, "busybox", tag="1")
    flow.denied(client.networks.list)
    flow.same("running", flow.state("web"))
finally:
    flow.engine.remove_image(IMAGE + ":1", force=True)
