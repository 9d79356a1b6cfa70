// A false engine that is faster than what is measured, and a client that only counts.
//
//   flood serve SOCKET            answers GET /containers/json?n=COUNT with one array in one chunk,
//   and
//                                 GET /events?n=COUNT with that many events, each in a chunk and a
//                                 write of its own, both as dockerd does; with &blocks=1 many in a
//                                 write. One of ten has the label show=no
//   flood drain ADDRESS PATH      "BYTES SECONDS FIRST": of the answer as it came, and after how
//   many
//                                 seconds its first KiB was there. ADDRESS is a port or a socket
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define RING        1000 // different elements; then they begin again
#define ELEMENT_MAX 4096

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static void send_all(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, data, len);

        if (n <= 0)
            exit(0); // the client has enough
        data += n;
        len -= (size_t)n;
    }
}

// --- what is served -----------------------------------------------------------------------------

static const char labels[] =
    "\"com.docker.compose.config-hash\":"
    "\"5b1fd4f1bd0f4a6a3a1e8cbd5b5cf9d0b2a3c1e4f60718293a4b5c6d7e8f9012\","
    "\"com.docker.compose.container-number\":\"1\","
    "\"com.docker.compose.depends_on\":\"database:service_started:false\","
    "\"com.docker.compose.image\":"
    "\"sha256:61395b4c586da2b9b3b7ca903ea6a448e6783dfdd7f768ff2c1a0f3360aaba99\","
    "\"com.docker.compose.oneoff\":\"False\",\"com.docker.compose.project\":\"shop\","
    "\"com.docker.compose.project.config_files\":\"/srv/shop/compose.yaml\","
    "\"com.docker.compose.project.working_dir\":\"/srv/shop\","
    "\"com.docker.compose.service\":\"web\",\"com.docker.compose.version\":\"2.21.0\","
    "\"maintainer\":\"Web \\u003cweb@example.org\\u003e\",\"secret.token\":\"0123456789abcdef\"";

// 2 KiB, as docker ps gets them.
static size_t write_container(char *out, unsigned i)
{
    const char *show = i % 10 == 0 ? "no" : "yes";
    char *p = out, *end = out + ELEMENT_MAX;

    p += snprintf(p, (size_t)(end - p),
                  "{\"Id\":\"%064x\",\"Names\":[\"/shop-web-%u\"],\"Image\":"
                  "\"registry.example.org/team/web:1.%u\",\"ImageID\":\"sha256:%064x\",",
                  i, i, i % 10, i);
    p += snprintf(p, (size_t)(end - p),
                  "\"Command\":\"/docker-entrypoint.sh nginx -g 'daemon off;'\",\"Created\":"
                  "1700000000,\"Ports\":[{\"IP\":\"0.0.0.0\",\"PrivatePort\":80,\"PublicPort\":"
                  "8080,\"Type\":\"tcp\"},{\"IP\":\"::\",\"PrivatePort\":80,\"PublicPort\":8080,"
                  "\"Type\":\"tcp\"}],\"Labels\":{%s,\"show\":\"%s\"},",
                  labels, show);
    p += snprintf(p, (size_t)(end - p),
                  "\"State\":\"running\",\"Status\":\"Up 2 hours\",\"HostConfig\":{"
                  "\"NetworkMode\":\"shop_default\"},\"NetworkSettings\":{\"Networks\":{"
                  "\"shop_default\":{\"IPAMConfig\":null,\"Links\":null,\"Aliases\":null,"
                  "\"MacAddress\":\"02:42:ac:12:00:02\",\"DriverOpts\":null,\"NetworkID\":"
                  "\"%064x\",\"EndpointID\":\"%064x\",\"Gateway\":\"172.18.0.1\",\"IPAddress\":"
                  "\"172.18.0.2\",\"IPPrefixLen\":16,\"IPv6Gateway\":\"\",\"GlobalIPv6Address\":"
                  "\"\",\"GlobalIPv6PrefixLen\":0,\"DNSNames\":null}}},",
                  i, i);
    p += snprintf(p, (size_t)(end - p),
                  "\"Mounts\":[{\"Type\":\"bind\",\"Source\":\"/srv/shop/data\","
                  "\"Destination\":\"/data\",\"Mode\":\"rw\",\"RW\":true,\"Propagation\":"
                  "\"rprivate\"},{\"Type\":\"bind\",\"Source\":\"/etc/localtime\","
                  "\"Destination\":\"/etc/localtime\",\"Mode\":\"ro\",\"RW\":false,"
                  "\"Propagation\":\"rprivate\"}]}");
    return (size_t)(p - out);
}

// 1.2 KiB: a health check of a container that compose made.
static size_t write_event(char *out, unsigned i)
{
    const char *show = i % 10 == 0 ? "no" : "yes";
    char *p = out, *end = out + ELEMENT_MAX;

    p += snprintf(p, (size_t)(end - p),
                  "{\"status\":\"exec_start: /bin/sh -c curl -fs localhost\",\"id\":\"%064x\","
                  "\"from\":\"registry.example.org/team/web:1.%u\",\"Type\":\"container\","
                  "\"Action\":\"exec_start: /bin/sh -c curl -fs localhost\",",
                  i, i % 10);
    p += snprintf(p, (size_t)(end - p),
                  "\"Actor\":{\"ID\":\"%064x\",\"Attributes\":{%s,\"execID\":\"%064x\","
                  "\"image\":\"registry.example.org/team/web:1.%u\",\"name\":\"shop-web-%u\","
                  "\"show\":\"%s\"}},\"scope\":\"local\",\"time\":1700000000,"
                  "\"timeNano\":1700000000123456789}\n",
                  i, labels, i, i % 10, i, show);
    return (size_t)(p - out);
}

struct ring {
    char *data;
    size_t ends[RING];
};

// Each event with its chunk's framing, each container with the comma behind it.
static void fill_ring(struct ring *ring, bool events)
{
    char *out = ring->data = malloc(RING * (ELEMENT_MAX + 32));
    char element[ELEMENT_MAX];

    if (!out)
        fail("malloc");
    for (unsigned i = 0; i < RING; i++) {
        size_t n = events ? write_event(element, i) : write_container(element, i);

        if (events)
            out += sprintf(out, "%zx\r\n%s\r\n", n, element);
        else
            out += sprintf(out, "%s,", element);
        ring->ends[i] = (size_t)(out - ring->data);
    }
}

static size_t begin_of(const struct ring *ring, size_t i)
{
    return i % RING > 0 ? ring->ends[i % RING - 1] : 0;
}

static void send_elements(int fd, const struct ring *ring, size_t count, size_t at_a_time)
{
    for (size_t i = 0, n; i < count; i += n) {
        size_t from = begin_of(ring, i), left = RING - i % RING;

        n = at_a_time < left ? at_a_time : left;
        n = n < count - i ? n : count - i;
        send_all(fd, ring->data + from, ring->ends[i % RING + n - 1] - from);
    }
}

// The last comma becomes the bracket. All of it is one chunk.
static void send_list(int fd, struct ring *ring, size_t count)
{
    size_t last = (count - 1) % RING, from = begin_of(ring, last);
    size_t len = (count - 1) / RING * ring->ends[RING - 1] + ring->ends[last];
    char size[32];

    sprintf(size, "%zx\r\n[", len + 2);
    send_all(fd, size, strlen(size));
    send_elements(fd, ring, count - 1, RING);
    ring->data[ring->ends[last] - 1] = ']';
    send_all(fd, ring->data + from, ring->ends[last] - from);
    send_all(fd, "\n\r\n", 3);
}

static void answer(int fd, const char *request)
{
    static const char head[] = "HTTP/1.1 200 OK\r\nApi-Version: 1.44\r\n"
                               "Content-Type: application/json\r\n"
                               "Transfer-Encoding: chunked\r\n\r\n";
    const char *n = strstr(request, "n=");
    size_t count = n ? strtoull(n + 2, NULL, 10) : 1;
    bool events = strstr(request, "/events") != NULL;
    struct ring ring;

    fill_ring(&ring, events);
    send_all(fd, head, sizeof(head) - 1);
    if (events)
        send_elements(fd, &ring, count, strstr(request, "blocks=1") ? 200 : 1);
    else
        send_list(fd, &ring, count);
    send_all(fd, "0\r\n\r\n", 5);
    free(ring.data);
}

static void serve_one(int fd)
{
    char request[8192];
    size_t len = 0;
    ssize_t n;

    while ((n = read(fd, request + len, sizeof(request) - 1 - len)) > 0) {
        len += (size_t)n;
        request[len] = '\0';
        if (!strstr(request, "\r\n\r\n"))
            continue;
        answer(fd, request);
        len = 0;
    }
    exit(0);
}

static int unix_socket(const char *path, struct sockaddr_un *address)
{
    *address = (struct sockaddr_un){ .sun_family = AF_UNIX };
    snprintf(address->sun_path, sizeof(address->sun_path), "%s", path);
    return socket(AF_UNIX, SOCK_STREAM, 0);
}

_Noreturn static void serve(const char *path)
{
    struct sockaddr_un address;
    int fd = unix_socket(path, &address);

    signal(SIGCHLD, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
        listen(fd, 16) != 0)
        fail(path);
    for (;;) {
        int conn = accept(fd, NULL, NULL);

        if (conn < 0)
            fail("accept");
        if (fork() == 0)
            serve_one(conn);
        close(conn);
    }
}

// --- the client ---------------------------------------------------------------------------------

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int dial(const char *where)
{
    struct sockaddr_un path;
    struct sockaddr_in port = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    bool is_path = *where == '/';
    int fd = is_path ? unix_socket(where, &path) : socket(AF_INET, SOCK_STREAM, 0);

    port.sin_port = htons((uint16_t)strtoul(where, NULL, 10));
    if (fd < 0 || (is_path ? connect(fd, (struct sockaddr *)&path, sizeof(path))
                           : connect(fd, (struct sockaddr *)&port, sizeof(port))) != 0)
        fail(where);
    return fd;
}

// Puts the last five bytes that came into 'tail'.
static void remember(char *tail, const char *data, size_t n)
{
    if (n < 5) {
        memmove(tail, tail + n, 5 - n);
        memcpy(tail + 5 - n, data, n);
    } else {
        memcpy(tail, data + n - 5, 5);
    }
}

static int drain(const char *where, const char *path)
{
    static char data[256 << 10];
    int fd = dial(where);
    double start = now(), first = 0;
    size_t total = 0;
    ssize_t n = snprintf(data, sizeof(data), "GET %s HTTP/1.1\r\nHost: docker\r\n\r\n", path);
    char tail[5] = "";

    send_all(fd, data, (size_t)n);
    while (memcmp(tail, "0\r\n\r\n", 5) != 0 && (n = read(fd, data, sizeof(data))) > 0) {
        remember(tail, data, (size_t)n);
        total += (size_t)n;
        if (first == 0 && total >= 1024)
            first = now();
    }
    if (n <= 0 || first == 0) {
        fprintf(stderr, "flood: the answer to %s did not end as it should\n", path);
        return 1;
    }
    printf("%zu %.3f %.3f\n", total, now() - start, first - start);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "serve") == 0)
        serve(argv[2]);
    if (argc == 4 && strcmp(argv[1], "drain") == 0)
        return drain(argv[2], argv[3]);
    fprintf(stderr, "usage: flood serve SOCKET | flood drain ADDRESS PATH\n");
    return 2;
}
