// What Testcontainers for Go does, from start to end; each step is a line "ok NAME" or "not ok NAME: why".
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/exec"
	"github.com/testcontainers/testcontainers-go/network"
	"github.com/testcontainers/testcontainers-go/wait"
)

var (
	ctx    = context.Background()
	serve  = []string{"sh", "-c", "mkdir -p /w; echo hello >/w/index.html; httpd -f -p 80 -h /w"}
	sleep  = []string{"sleep", "60"}
	failed = 0
)

func step(name string, body func() error) {
	if err := body(); err != nil {
		failed++
		fmt.Printf("not ok %s: %.300s\n", name, strings.ReplaceAll(err.Error(), "\n", " "))
		return
	}
	fmt.Println("ok", name)
}

func same(expected, found string) error {
	if expected != found {
		return fmt.Errorf("expected %q, found %q", expected, found)
	}
	return nil
}

func start(request testcontainers.ContainerRequest) (testcontainers.Container, error) {
	return testcontainers.GenericContainer(ctx,
		testcontainers.GenericContainerRequest{ContainerRequest: request, Started: true})
}

func output(container testcontainers.Container, command ...string) (string, error) {
	_, reader, err := container.Exec(ctx, command, exec.Multiplexed())
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(reader)
	return string(text), err
}

func withPort() error {
	container, err := start(testcontainers.ContainerRequest{
		Image: "busybox:latest", Cmd: serve, ExposedPorts: []string{"80/tcp"}, WaitingFor: wait.ForHTTP("/"),
		Env:   map[string]string{"A": "b"},
		Files: []testcontainers.ContainerFile{{Reader: strings.NewReader("content"), ContainerFilePath: "/f", FileMode: 0o644}},
	})
	if err != nil {
		return err
	}
	endpoint, err := container.Endpoint(ctx, "http")
	if err != nil {
		return err
	}
	answer, err := http.Get(endpoint)
	if err != nil {
		return err
	}
	text, _ := io.ReadAll(answer.Body)
	inside, err := output(container, "cat", "/f")
	return errors.Join(err, same("hello\n", string(text)), same("content", inside), container.Terminate(ctx))
}

func onNetwork() error {
	net, err := network.New(ctx)
	if err != nil {
		return err
	}
	server, err := start(testcontainers.ContainerRequest{Image: "busybox:latest", Cmd: serve,
		Networks: []string{net.Name}, NetworkAliases: map[string][]string{net.Name: {"server"}}})
	if err != nil {
		return err
	}
	client, err := start(testcontainers.ContainerRequest{Image: "busybox:latest", Cmd: sleep, Networks: []string{net.Name}})
	if err != nil {
		return err
	}
	text, err := output(client, "sh", "-c", "for i in 1 2 3 4 5; do wget -qO- http://server/ && break; sleep 1; done")
	return errors.Join(err, same("hello\n", text), client.Terminate(ctx), server.Terminate(ctx), net.Remove(ctx))
}

func build() error {
	folder, err := os.MkdirTemp("", "clients-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	err = errors.Join(os.WriteFile(folder+"/Dockerfile", []byte("FROM busybox:latest\nCOPY x /x\n"), 0o644),
		os.WriteFile(folder+"/x", []byte("inside, go"), 0o644))
	if err != nil {
		return err
	}
	container, err := start(testcontainers.ContainerRequest{Cmd: sleep,
		FromDockerfile: testcontainers.FromDockerfile{Context: folder, Repo: "clients-go", Tag: "1"}})
	if err != nil {
		return err
	}
	text, err := output(container, "cat", "/x")
	return errors.Join(err, same("inside, go", text), container.Terminate(ctx))
}

func stopped() error {
	container, err := start(testcontainers.ContainerRequest{Image: "busybox:latest", Cmd: sleep, Tmpfs: map[string]string{"/t": "rw"}})
	if err != nil {
		return err
	}
	err = errors.Join(container.Stop(ctx, nil), container.Start(ctx))
	logs, second := container.Logs(ctx)
	if second == nil {
		_, second = io.ReadAll(io.LimitReader(logs, 1))
		logs.Close()
	}
	if second == io.EOF {
		second = nil
	}
	return errors.Join(err, container.Terminate(ctx))
}

func main() {
	step("a container with a port, files and an exec", withPort)
	step("two on a network", onNetwork)
	step("an image of its own", build)
	step("a stop and a start", stopped)
	fmt.Println(failed, "failed")
	if failed != 0 {
		os.Exit(1)
	}
}
