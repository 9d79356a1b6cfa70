"""What Testcontainers for Python does, from start to end; each step is a line "ok NAME" or "not ok NAME: why"."""

import os
import sys
import tempfile
import urllib.request

from testcontainers.core.container import DockerContainer
from testcontainers.core.image import DockerImage
from testcontainers.core.network import Network

SERVE = "sh -c 'mkdir -p /w; echo hello >/w/index.html; httpd -f -p 80 -h /w'"
failed = 0


def step(name):
    def run(body):
        global failed
        try:
            body()
            print("ok", name, flush=True)
        except Exception as error:  # a client's error of any kind is a result
            failed += 1
            print("not ok %s: %s" % (name, str(error).replace("\n", " ")[:300]), flush=True)
    return run


@step("a container with a port, logs and an exec")
def _():
    with DockerContainer("busybox:latest").with_command(SERVE).with_exposed_ports(80).with_env("A", "b") as container:
        url = "http://127.0.0.1:%s/" % container.get_exposed_port(80)
        for attempt in range(50):
            try:
                assert urllib.request.urlopen(url, timeout=5).read() == b"hello\n"
                break
            except OSError:
                if attempt == 49:
                    raise
        result = container.exec(["echo", "hi"])
        assert (result.exit_code, result.output) == (0, b"hi\n"), result
        container.get_logs()


@step("two on a network")
def _():
    with Network() as network:
        with DockerContainer("busybox:latest").with_command(SERVE).with_network(network).with_network_aliases("server"):
            with DockerContainer("busybox:latest").with_command("sleep 60").with_network(network) as client:
                command = "for i in 1 2 3 4 5; do wget -qO- http://server/ && break; sleep 1; done"
                assert client.exec(["sh", "-c", command]).output == b"hello\n"


@step("an image of its own, removed at the end")
def _():
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "Dockerfile"), "w") as file:
            file.write('FROM busybox:latest\nCOPY x /x\nCMD ["sleep", "60"]\n')
        with open(os.path.join(folder, "x"), "w") as file:
            file.write("inside")
        with DockerImage(path=folder, tag="clients-python:1") as image:
            with DockerContainer(str(image)) as container:
                assert container.exec(["cat", "/x"]).output == b"inside"


@step("a Dockerfile outside of the context")
def _():
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as other:
        with open(os.path.join(other, "Dockerfile"), "w") as file:
            file.write("FROM busybox:latest\nCOPY x /x\n")
        with open(os.path.join(folder, "x"), "w") as file:
            file.write("inside")
        with DockerImage(path=folder, tag="clients-python:2", dockerfile_path=os.path.join(other, "Dockerfile")):
            pass


@step("ulimits and a tmpfs")
def _():
    import docker.types

    limit = docker.types.Ulimit(name="nofile", soft=1000, hard=1000)
    made = DockerContainer("busybox:latest").with_command("sleep 60").with_tmpfs_mount("/t")
    with made.with_kwargs(ulimits=[limit]) as container:
        assert container.exec(["sh", "-c", "ulimit -n"]).output == b"1000\n"


print("%d failed" % failed)
sys.exit(failed != 0)
