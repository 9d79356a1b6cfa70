"""Glances' own plugin for Docker: what it says of the container that tools/test-clients starts."""
import time

from glances.plugins.containers.engines.docker import DockerExtension

failed = 0


def check(name, good):
    global failed
    failed += not good
    print(("ok " if good else "not ok ") + name)


docker = DockerExtension()
for _ in range(3):  # the first has no usage yet
    _, containers = docker.update(True)
    time.sleep(1.2)
seen = next((one for one in containers if one["name"] == "seen"), {})
check("lists containers", bool(seen))
check("tells their state", seen.get("status") == "running")
check("names their image", seen.get("image") == ("busybox:latest",))
check("shows command lines", seen.get("command") == "sleep 3600")
check("shows their usage", (seen.get("memory_usage") or 0) > 0)
docker.stop()
print(f"{failed} failed")
