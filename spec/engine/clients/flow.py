"""What a client does, through moonward, with the Docker SDK for Python.

`api` goes through moonward (DOCKER_HOST), `engine` straight to the engine (STRAIGHT), to prepare what the
client finds there and to see what became of it. What a flow leaves behind is removed at its end.
"""

import atexit
import os

import docker

BUSY = ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.1; done"]

engine = docker.APIClient(base_url=os.environ["STRAIGHT"], version="1.41")


def connect(**options):
    return docker.APIClient(base_url=os.environ["DOCKER_HOST"], **{"version": "1.41", **options})


def _all():
    return (
        {c["Id"] for c in engine.containers(all=True)},
        {n["Id"] for n in engine.networks()},
        {v["Name"] for v in engine.volumes()["Volumes"] or []},
    )


_before = _all()


def _clean():
    containers, networks, volumes = (now - before for now, before in zip(_all(), _before))
    for name in containers:
        engine.remove_container(name, force=True, v=True)
    for name in networks:
        engine.remove_network(name)
    for name in volumes:
        engine.remove_volume(name, force=True)


atexit.register(_clean)


def running(name, labels=None, **host):
    """A container on the engine that does nothing; its id."""
    made = engine.create_container(
        "busybox", BUSY, name=name, labels=labels, host_config=engine.create_host_config(**host))
    engine.start(made["Id"])
    return made["Id"]


def state(name):
    return engine.inspect_container(name)["State"]["Status"]


def denied(call, *arguments, **named):
    """The call is refused by moonward, with 403, or with 404 for what the client is not to know of."""
    try:
        call(*arguments, **named)
    except docker.errors.APIError as error:
        if error.status_code not in (403, 404):
            raise
        return
    raise AssertionError("allowed: %s%r %r" % (call.__name__, arguments, named))


def names(containers):
    return sorted(c["Names"][0].lstrip("/") for c in containers)


def same(expected, found):
    if expected != found:
        raise AssertionError("expected %r, found %r" % (expected, found))
