import java.time.Duration;
import java.util.*;
import org.testcontainers.containers.*;
import org.testcontainers.containers.startupcheck.*;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.images.builder.*;
import org.testcontainers.utility.*;
import org.testcontainers.DockerClientFactory;

public class Clients {
    static int failed = 0;
    interface Body { void run() throws Exception; }
    static void step(String name, Body body) {
        try { body.run(); System.out.println("ok " + name); }
        catch (Throwable t) {
            failed++;
            Throwable c = t; while (c.getCause() != null) c = c.getCause();
            System.out.println("not ok " + name + ": " + t.getMessage() + " / " + c.getMessage());
        }
    }
    static void check(boolean holds, String what) { if (!holds) throw new AssertionError(what); }
    public static void main(String[] args) throws Exception {
        step("a container with a port, logs and an exec", () -> {
            try (GenericContainer<?> c = new GenericContainer<>("busybox:latest")
                    .withCommand("sh", "-c", "echo ready; mkdir -p /w; echo hello >/w/index.html; httpd -f -p 80 -h /w")
                    .withExposedPorts(80).waitingFor(Wait.forHttp("/").withStartupTimeout(Duration.ofSeconds(30)))
                    .withEnv("A", "b").withLabel("x", "y")) {
                c.start();
                check(c.getLogs().contains("ready"), "logs");
                Container.ExecResult r = c.execInContainer("echo", "hi");
                check(r.getStdout().equals("hi\n") && r.getExitCode() == 0, "exec");
                c.copyFileToContainer(Transferable.of("content"), "/f");
                check(c.copyFileFromContainer("/f", s -> new String(s.readAllBytes())).equals("content"), "copy");
            }
        });
        step("two on a network", () -> {
            try (Network net = Network.newNetwork();
                 GenericContainer<?> a = new GenericContainer<>("busybox:latest").withNetwork(net).withNetworkAliases("server")
                    .withCommand("sh", "-c", "mkdir /w; echo hello >/w/index.html; httpd -f -p 80 -h /w").withStartupCheckStrategy(new IsRunningStartupCheckStrategy());
                 GenericContainer<?> b = new GenericContainer<>("busybox:latest").withNetwork(net).withCommand("sleep", "60")) {
                a.start(); b.start(); Thread.sleep(500);
                check(b.execInContainer("wget", "-qO-", "http://server/").getStdout().equals("hello\n"), "wget");
            }
        });
        step("an image of its own", () -> {
            try (GenericContainer<?> c = new GenericContainer<>(new ImageFromDockerfile()
                    .withFileFromString("x", "inside").withDockerfileFromBuilder(b -> b.from("busybox:latest").copy("x", "/x").cmd("sleep", "60").build()))) {
                c.start();
                check(c.execInContainer("cat", "/x").getStdout().equals("inside"), "cat");
            }
        });
        step("tmpfs, a host's port and a stop", () -> {
            try (GenericContainer<?> c = new GenericContainer<>("busybox:latest").withCommand("sleep", "60")
                    .withTmpFs(Map.of("/t", "rw")).withSharedMemorySize(1048576L * 4).withExtraHost("elsewhere", "10.0.0.1")) {
                c.start();
                c.getDockerClient().stopContainerCmd(c.getContainerId()).withTimeout(1).exec();
            }
        });
        System.out.println(failed + " failed");
        System.exit(failed == 0 ? 0 : 1);
    }
}
