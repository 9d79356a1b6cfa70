// What Testcontainers for Node and dockerode do, from start to end; each step is a line "ok NAME" or
// "not ok NAME: why".
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import Docker from "dockerode";
import { GenericContainer, Network, Wait } from "testcontainers";

const serve = ["sh", "-c", "mkdir -p /w; echo hello >/w/index.html; httpd -f -p 80 -h /w"];
let failed = 0;

async function step(name, body) {
  try {
    await body();
    console.log("ok", name);
  } catch (error) {
    failed++;
    console.log(`not ok ${name}: ${String(error.message ?? error).replaceAll("\n", " ").slice(0, 300)}`);
  }
}

function same(expected, found) {
  if (expected !== found) throw new Error(`expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}`);
}

await step("a container with a port, logs, files and an exec", async () => {
  const container = await new GenericContainer("busybox:latest").withCommand(serve).withExposedPorts(80)
    .withEnvironment({ A: "b" }).withWaitStrategy(Wait.forListeningPorts())
    .withCopyContentToContainer([{ content: "content", target: "/f" }]).start();
  const answer = await fetch(`http://127.0.0.1:${container.getMappedPort(80)}/`);
  same("hello\n", await answer.text());
  same("content", (await container.exec(["cat", "/f"])).output);
  await container.logs();
  await container.restart();
  await container.stop();
});

await step("two on a network", async () => {
  const network = await new Network().start();
  const server = await new GenericContainer("busybox:latest").withCommand(serve).withNetwork(network)
    .withNetworkAliases("server").start();
  const client = await new GenericContainer("busybox:latest").withCommand(["sleep", "60"]).withNetwork(network).start();
  const command = "for i in 1 2 3 4 5; do wget -qO- http://server/ && break; sleep 1; done";
  same("hello\n", (await client.exec(["sh", "-c", command])).output);
  await client.stop();
  await server.stop();
  await network.stop();
});

await step("an image of its own, and a commit", async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "clients-"));
  fs.writeFileSync(path.join(folder, "Dockerfile"), 'FROM busybox:latest\nCOPY x /x\nCMD ["sleep", "60"]\n');
  fs.writeFileSync(path.join(folder, "x"), "inside, node");
  const image = await GenericContainer.fromDockerfile(folder).build("clients-node:1", { deleteOnExit: false });
  const container = await image.start();
  same("inside, node", (await container.exec(["cat", "/x"])).output);
  await container.commit({ repo: "clients-node", tag: "2", deleteOnExit: false });
  await container.stop();
  fs.rmSync(folder, { recursive: true });
});

await step("ulimits, a tmpfs, a host's name", async () => {
  const container = await new GenericContainer("busybox:latest").withCommand(["sleep", "60"])
    .withUlimits({ nofile: { soft: 1000, hard: 1000 } }).withTmpFs({ "/t": "rw" })
    .withExtraHosts([{ host: "elsewhere", ipAddress: "10.0.0.1" }]).start();
  same("1000\n", (await container.exec(["sh", "-c", "ulimit -n"])).output);
  await container.stop();
});

await step("dockerode's lists in a query", async () => {
  const url = new URL(process.env.DOCKER_HOST);
  const docker = new Docker({ socketPath: url.pathname });
  const container = await docker.createContainer({
    Image: "busybox:latest", Cmd: ["true"], Env: ["A=b", "C=d"], Labels: { "org.testcontainers": "true" },
    HostConfig: { Ulimits: [] }, CapDrop: ["MKNOD", "CHOWN"],
  });
  await container.remove();
});

console.log(`${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
