// Requests: what is accepted and as what, what is refused and why.
#include "test.h"

#include "base/attr.h"
#include "http/head.h"

#include <string.h>

static const struct head_limits limits = { .bytes = 4096, .headers = 20 };

#define GET     "GET /_ping HTTP/1.1\r\n"
#define POST    "POST /build HTTP/1.1\r\n"
#define HOST    "Host: docker\r\n"
#define CHUNKED "Transfer-Encoding: chunked\r\n"
#define BODY    "Content-Length: 5\r\n"

// Scans and reads; true if both say OK. The head is the caller's to clear.
static bool read_request(struct request_head *head, const char *text, size_t len,
                         struct head_error *error)
{
    struct head_scan scan = { 0 };
    size_t end = 0;

    memset(head, 0, sizeof(*head));
    if (head_scan(&scan, text, len, &limits, &end, error) != HEAD_OK)
        return false;
    EXPECT(end == len);
    return request_head_read(head, text, len, &limits, 0, error) == HEAD_OK;
}

static void test_accepted_requests(void)
{
    static const struct {
        const char *text;
        enum method method;
        int minor;
        enum framing framing;
        uint64_t length;
        bool keep_alive, expects;
        const char *upgrade;
    } cases[] = {
        { GET HOST "\r\n", METHOD_GET, 1, FRAMING_NONE, 0, true, false, "" },
        { GET "Host:\r\n\r\n", METHOD_GET, 1, FRAMING_NONE, 0, true, false, "" },
        { GET "hOsT: [::1]:2375\r\n\r\n", METHOD_GET, 1, FRAMING_NONE, 0, true, false, "" },
        { "HEAD / HTTP/1.0\r\n\r\n", METHOD_HEAD, 0, FRAMING_NONE, 0, false, false, "" },
        { "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", METHOD_GET, 0, FRAMING_NONE, 0, false,
          false, "" },
        { "GET / HTTP/1.0\r\nConnection: upgrade\r\nUpgrade: tcp\r\n\r\n", METHOD_GET, 0,
          FRAMING_NONE, 0, false, false, "" },
        { POST HOST "Content-Length: 0\r\n\r\n", METHOD_POST, 1, FRAMING_LENGTH, 0, true, false,
          "" },
        { POST HOST "Content-Length: \t 0042 \t\r\n\r\n", METHOD_POST, 1, FRAMING_LENGTH, 42, true,
          false, "" },
        { POST HOST "Content-Length: 9223372036854775807\r\n\r\n", METHOD_POST, 1, FRAMING_LENGTH,
          INT64_MAX, true, false, "" },
        { POST HOST CHUNKED "\r\n", METHOD_POST, 1, FRAMING_CHUNKED, 0, true, false, "" },
        { POST HOST "TRANSFER-encoding:\tCHUNKed \r\n\r\n", METHOD_POST, 1, FRAMING_CHUNKED, 0,
          true, false, "" },
        { "GET / HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\n", METHOD_GET, 1, FRAMING_LENGTH, 3,
          true, false, "" },
        { "DELETE / HTTP/1.1\r\n" HOST CHUNKED "\r\n", METHOD_DELETE, 1, FRAMING_CHUNKED, 0, true,
          false, "" },
        { GET HOST "Connection: close\r\n\r\n", METHOD_GET, 1, FRAMING_NONE, 0, false, false, "" },
        { GET HOST "Connection: a ,, CLOSE\r\n\r\n", METHOD_GET, 1, FRAMING_NONE, 0, false, false,
          "" },
        { GET HOST "Connection: a\r\nConnection: close\r\n\r\n", METHOD_GET, 1, FRAMING_NONE, 0,
          false, false, "" },
        { GET HOST "Connection: closed, xclose, clo se\r\n\r\n", METHOD_GET, 1, FRAMING_NONE, 0,
          true, false, "" },
        { POST HOST "Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n", METHOD_POST, 1, FRAMING_NONE, 0,
          true, false, "tcp" },
        { POST HOST "Upgrade: h2c\r\nConnection: x, upgrade, HTTP2-Settings\r\n\r\n", METHOD_POST,
          1, FRAMING_NONE, 0, true, false, "h2c" },
        { POST HOST "Connection: upgrade\r\nUpgrade: foo/2.1\r\n\r\n", METHOD_POST, 1, FRAMING_NONE,
          0, true, false, "foo/2.1" },
        { POST HOST "Connection: upgrade\r\n\r\n", METHOD_POST, 1, FRAMING_NONE, 0, true, false,
          "" },
        { POST HOST "Upgrade: tcp\r\n\r\n", METHOD_POST, 1, FRAMING_NONE, 0, true, false, "" },
        { POST HOST "Upgrade: a, b\r\n\r\n", METHOD_POST, 1, FRAMING_NONE, 0, true, false, "" },
        { POST HOST CHUNKED "Expect: 100-Continue\r\n\r\n", METHOD_POST, 1, FRAMING_CHUNKED, 0,
          true, true, "" },
        { POST HOST "Content-Length: 0\r\nExpect: 100-continue\r\n\r\n", METHOD_POST, 1,
          FRAMING_LENGTH, 0, true, false, "" },
        { "POST / HTTP/1.0\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n", METHOD_POST, 0,
          FRAMING_LENGTH, 5, false, false, "" },
        { "OPTIONS /x HTTP/1.1\r\n" HOST "\r\n", METHOD_OPTIONS, 1, FRAMING_NONE, 0, true, false,
          "" },
        { "PUT /x HTTP/1.1\r\n" HOST "\r\n", METHOD_PUT, 1, FRAMING_NONE, 0, true, false, "" },
        { "PATCH /x HTTP/1.1\r\n" HOST "\r\n", METHOD_PATCH, 1, FRAMING_NONE, 0, true, false, "" },
        { POST HOST "Content-Encoding: identity\r\n\r\n", METHOD_POST, 1, FRAMING_NONE, 0, true,
          false, "" },
        // A form without a body can override nothing, and clients send the type by habit.
        { POST HOST "Content-Length: 0\r\nContent-Type: multipart/form-data\r\n\r\n", METHOD_POST,
          1, FRAMING_LENGTH, 0, true, false, "" },
        { POST HOST "Content-Type: application/x-www-form-urlencoded\r\n\r\n", METHOD_POST, 1,
          FRAMING_NONE, 0, true, false, "" },
        // No meaning to anybody.
        { GET HOST "Content_Length: 5\r\nX-Transfer-Encoding: x\r\n\r\n", METHOD_GET, 1,
          FRAMING_NONE, 0, true, false, "" },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct request_head head;
        struct head_error error = { 0 };

        if (!read_request(&head, cases[i].text, strlen(cases[i].text), &error))
            fprintf(stderr, "case %zu: %s\n%s\n", i, error.text, cases[i].text);
        EXPECT(error.status == 0);
        EXPECT(head.method == cases[i].method && head.minor == cases[i].minor);
        EXPECT(head.framing == cases[i].framing && head.length == cases[i].length);
        EXPECT(head.keep_alive == cases[i].keep_alive);
        EXPECT(head.expects_continue == cases[i].expects);
        EXPECT(span_is(head.upgrade, span_of(cases[i].upgrade)));
        request_head_clear(&head);
        request_head_clear(&head); // fine on a cleared one
    }
}

static void test_headers_are_taken_apart(void)
{
    static const char text[] = "GET /a?b HTTP/1.1\r\nHOST: x\r\nX-Empty:\r\nX-Blank: \t \r\n"
                               "X-Inner:  a \t b\t\r\nx-colon: a:b: c\r\nX-High: \xff\x80\r\n"
                               "X-Empty: second\r\n!#$%&'*+-.^_`|~09azAZ: t\r\n\r\n";
    static const struct {
        const char *name, *value;
    } expected[] = {
        { "host", "x" },         { "x-empty", "" },
        { "x-blank", "" },       { "x-inner", "a \t b" },
        { "x-colon", "a:b: c" }, { "x-high", "\xff\x80" },
        { "x-empty", "second" }, { "!#$%&'*+-.^_`|~09azaz", "t" },
    };
    struct request_head head;
    struct head_error error;

    EXPECT(read_request(&head, text, sizeof(text) - 1, &error));
    EXPECT(head.header_count == ARRAY_LEN(expected));
    for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
        EXPECT(span_is(head.headers[i].name, span_of(expected[i].name)));
        EXPECT(span_is(head.headers[i].value, span_of(expected[i].value)));
        // The head owns what it shows.
        EXPECT(head.headers[i].name.at < text || head.headers[i].name.at >= text + sizeof(text));
    }
    EXPECT(span_is(head.target, SPAN("/a?b")));

    struct span first = header_find(head.headers, head.header_count, SPAN("x-empty"));

    EXPECT(first.at != NULL && first.len == 0);
    EXPECT(header_find(head.headers, head.header_count, SPAN("x-none")).at == NULL);
    request_head_clear(&head);
}

#define FORM_FAULT \
    "a form as body, which could override the query; send Content-Type: application/json"

static const struct {
    const char *text;
    int status;
    const char *fault;
} refused[] = {
    // framing
    { POST HOST CHUNKED BODY "\r\n", 400, "both Content-Length and Transfer-Encoding" },
    { POST HOST BODY CHUNKED "\r\n", 400, "both Content-Length and Transfer-Encoding" },
    { POST HOST "Content-Length: x\r\n" CHUNKED "\r\n", 400,
      "both Content-Length and Transfer-Encoding" },
    { POST HOST BODY BODY "\r\n", 400, "more than one Content-Length" },
    { POST HOST BODY "content-length: 6\r\n\r\n", 400, "more than one Content-Length" },
    { POST HOST "Content-Length:\r\n\r\n", 400, "a Content-Length that is not a plain number" },
    { POST HOST "Content-Length: +5\r\n\r\n", 400, "a Content-Length that is not a plain number" },
    { POST HOST "Content-Length: -0\r\n\r\n", 400, "a Content-Length that is not a plain number" },
    { POST HOST "Content-Length: 1 0\r\n\r\n", 400, "a Content-Length that is not a plain number" },
    { POST HOST "Content-Length: 1_0\r\n\r\n", 400, "a Content-Length that is not a plain number" },
    { POST HOST "Content-Length: 0x5\r\n\r\n", 400, "a Content-Length that is not a plain number" },
    { POST HOST "Content-Length: 1e0\r\n\r\n", 400, "a Content-Length that is not a plain number" },
    { POST HOST "Content-Length: 5,5\r\n\r\n", 400, "a Content-Length that is not a plain number" },
    { POST HOST "Content-Length: \"5\"\r\n\r\n", 400,
      "a Content-Length that is not a plain number" },
    { POST HOST "Content-Length: \xd9\xa0\r\n\r\n", 400,
      "a Content-Length that is not a plain number" },
    { POST HOST "Content-Length: 9223372036854775808\r\n\r\n", 400,
      "a Content-Length that is not a plain number" },
    { POST HOST "Content-Length: 99999999999999999999999\r\n\r\n", 400,
      "a Content-Length that is not a plain number" },
    { POST HOST CHUNKED CHUNKED "\r\n", 400, "more than one Transfer-Encoding" },
    { POST HOST CHUNKED "Transfer-Encoding: identity\r\n\r\n", 400,
      "more than one Transfer-Encoding" },
    { POST HOST "Transfer-Encoding: gzip, chunked\r\n\r\n", 400,
      "a Transfer-Encoding other than chunked" },
    { POST HOST "Transfer-Encoding: identity\r\n\r\n", 400,
      "a Transfer-Encoding other than chunked" },
    { POST HOST "Transfer-Encoding:\r\n\r\n", 400, "a Transfer-Encoding other than chunked" },
    { "POST / HTTP/1.0\r\n" CHUNKED "\r\n", 400, "Transfer-Encoding in an HTTP/1.0 message" },
    // lines
    { GET HOST " folded\r\n\r\n", 400, "a header line that continues the one before it" },
    { GET HOST "\tfolded\r\n\r\n", 400, "a header line that continues the one before it" },
    { GET HOST " \r\n\r\n", 400, "a header line that continues the one before it" },
    { GET " Host: x\r\n\r\n", 400, "a header line that continues the one before it" },
    { POST HOST "Transfer-Encoding:\r\n chunked\r\n\r\n", 400,
      "a header line that continues the one before it" },
    { GET HOST "A : b\r\n\r\n", 400, "a space in a header name or before its colon" },
    { GET HOST "A\t: b\r\n\r\n", 400, "a space in a header name or before its colon" },
    { GET HOST "A b: c\r\n\r\n", 400, "a space in a header name or before its colon" },
    { GET HOST ": b\r\n\r\n", 400, "a header without a name" },
    { GET HOST "A\r\n\r\n", 400, "a header line without a colon" },
    { GET HOST "A b\r\n\r\n", 400, "a header line without a colon" },
    { GET HOST "A\r\nB: c\r\n\r\n", 400, "a header line without a colon" },
    { GET HOST "A(b): c\r\n\r\n", 400, "a header name with a character that is not allowed there" },
    { GET HOST "\xc2\xa0"
               "A: c\r\n\r\n",
      400, "a header name with a character that is not allowed there" },
    { GET HOST "A: b\x01\r\n\r\n", 400, "a control character in a header value" },
    { GET HOST "A: \x7f\r\n\r\n", 400, "a control character in a header value" },
    // the request line
    { "\r\n", 400, "an empty line where the request line belongs" },
    { "GET\r\n\r\n", 400, "the request line is not: METHOD target HTTP/1.1" },
    { "GET /\r\n\r\n", 400, "the request line is not: METHOD target HTTP/1.1" },
    { "GET  / HTTP/1.1\r\n" HOST "\r\n", 400, "the request line is not: METHOD target HTTP/1.1" },
    { "GET /  HTTP/1.1\r\n" HOST "\r\n", 400, "the request line is not: METHOD target HTTP/1.1" },
    { "GET  HTTP/1.1\r\n" HOST "\r\n", 400, "the request line is not: METHOD target HTTP/1.1" },
    { "GET / HTTP/1.1 \r\n" HOST "\r\n", 400, "the request line is not: METHOD target HTTP/1.1" },
    { "GET /a b HTTP/1.1\r\n" HOST "\r\n", 400, "the request line is not: METHOD target HTTP/1.1" },
    { "GET\t/ HTTP/1.1\r\n" HOST "\r\n", 400, "the request line is not: METHOD target HTTP/1.1" },
    { "GET /\t HTTP/1.1\r\n" HOST "\r\n", 400, "the request line is not: METHOD target HTTP/1.1" },
    { "GET / http/1.1\r\n" HOST "\r\n", 400, "the request line is not: METHOD target HTTP/1.1" },
    { "GET / HTTP/1.10\r\n" HOST "\r\n", 400, "the request line is not: METHOD target HTTP/1.1" },
    { "GET / HTTP/01.1\r\n" HOST "\r\n", 400, "the request line is not: METHOD target HTTP/1.1" },
    { "GET / HTTP/1,1\r\n" HOST "\r\n", 400, "the request line is not: METHOD target HTTP/1.1" },
    { "GET / HTTP/2\r\n" HOST "\r\n", 400, "the request line is not: METHOD target HTTP/1.1" },
    { " GET / HTTP/1.1\r\n" HOST "\r\n", 400, "a method that is not known here" },
    { "GET / HTTP/1.2\r\n" HOST "\r\n", 505, "only HTTP/1.1 and HTTP/1.0 are spoken here" },
    { "GET / HTTP/0.9\r\n" HOST "\r\n", 505, "only HTTP/1.1 and HTTP/1.0 are spoken here" },
    { "GET / HTTP/2.0\r\n" HOST "\r\n", 505, "only HTTP/1.1 and HTTP/1.0 are spoken here" },
    { "PRI * HTTP/2.0\r\n\r\n", 400, "a method that is not known here" },
    { "get / HTTP/1.1\r\n" HOST "\r\n", 400, "a method is written in capitals: GET" },
    { "Get / HTTP/1.1\r\n" HOST "\r\n", 400, "a method is written in capitals: GET" },
    { "GETT / HTTP/1.1\r\n" HOST "\r\n", 400, "a method that is not known here" },
    { "CONNECT / HTTP/1.1\r\n" HOST "\r\n", 400, "the method CONNECT is not accepted" },
    { "TRACE / HTTP/1.1\r\n" HOST "\r\n", 400, "the method TRACE is not accepted" },
    // meaning
    { GET "\r\n", 400, "an HTTP/1.1 request without Host" },
    { GET HOST HOST "\r\n", 400, "more than one Host" },
    { "GET / HTTP/1.0\r\n" HOST HOST "\r\n", 400, "more than one Host" },
    { GET "Host: a b\r\n\r\n", 400, "a Host with a character that is not allowed there" },
    { GET "Host: a/b\r\n\r\n", 400, "a Host with a character that is not allowed there" },
    { GET "Host: a@b\r\n\r\n", 400, "a Host with a character that is not allowed there" },
    { GET "Host: \xff\r\n\r\n", 400, "a Host with a character that is not allowed there" },
    { GET HOST "Content-Type: a/b\r\nContent-Type: a/b\r\n\r\n", 400,
      "more than one Content-Type" },
    { POST HOST BODY "Content-Type: application/x-www-form-urlencoded\r\n\r\n", 400, FORM_FAULT },
    { POST HOST CHUNKED "Content-Type: Application/X-WWW-Form-URLencoded ; a=b\r\n\r\n", 400,
      FORM_FAULT },
    { POST HOST BODY "Content-Type: application/x-www-form-urlencoded;\r\n\r\n", 400, FORM_FAULT },
    { POST HOST BODY "Content-Type: multipart/form-data; boundary=x\r\n\r\n", 400, FORM_FAULT },
    { "PUT / HTTP/1.1\r\n" HOST BODY "Content-Type: MULTIPART/mixed\r\n\r\n", 400, FORM_FAULT },
    { POST HOST BODY "Content-Type: application/x-www-form-urlencoded\xc2\xa0\r\n\r\n", 400,
      "a Content-Type that is not plain ASCII" },
    { POST HOST BODY "Content-Type: appl\xc4\xb0"
                     "cation/x-www-form-urlencoded\r\n\r\n",
      400, "a Content-Type that is not plain ASCII" },
    { POST HOST "Content-Encoding: gzip\r\n\r\n", 400,
      "a request body with Content-Encoding, which the engine ignores" },
    { POST HOST "Content-Encoding: identity, gzip\r\n\r\n", 400,
      "a request body with Content-Encoding, which the engine ignores" },
    { POST HOST "Content-Encoding: identity\r\nContent-Encoding: identity\r\n\r\n", 400,
      "a request body with Content-Encoding, which the engine ignores" },
    { POST HOST "Expect: foo\r\n\r\n", 417, "an Expect other than 100-continue" },
    { POST HOST "Expect: 100-continue, foo\r\n\r\n", 417, "an Expect other than 100-continue" },
    { POST HOST "Expect: 100-continue\r\nExpect: 100-continue\r\n\r\n", 417,
      "an Expect other than 100-continue" },
    { POST HOST "Connection: upgrade\r\nUpgrade: a, b\r\n\r\n", 400,
      "an Upgrade that is not exactly one protocol" },
    { POST HOST "Connection: upgrade\r\nUpgrade:\r\n\r\n", 400,
      "an Upgrade that is not exactly one protocol" },
    { POST HOST "Connection: upgrade\r\nUpgrade: a/\r\n\r\n", 400,
      "an Upgrade that is not exactly one protocol" },
    { POST HOST "Connection: upgrade\r\nUpgrade: a/b/c\r\n\r\n", 400,
      "an Upgrade that is not exactly one protocol" },
    { POST HOST "Upgrade: tcp\r\nUpgrade: tcp\r\n\r\n", 400, "more than one Upgrade" },
};

static void test_refused_requests(void)
{
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        struct request_head head;
        struct head_error error = { 0 };

        if (read_request(&head, refused[i].text, strlen(refused[i].text), &error))
            fprintf(stderr, "accepted: %s\n", refused[i].text);
        EXPECT(error.status != 0);
        if (strcmp(error.text, refused[i].fault) != 0 || error.status != refused[i].status)
            fprintf(stderr, "%s%d %s\n", refused[i].text, error.status, error.text);
        EXPECT(error.status == refused[i].status && strcmp(error.text, refused[i].fault) == 0);
        EXPECT(head.headers == NULL && head.header_count == 0); // nothing is held
    }
}

static void test_methods_that_a_policy_asks_for(void)
{
    static const struct {
        const char *text;
        enum method method;
    } cases[] = {
        { "CONNECT / HTTP/1.1\r\n" HOST "\r\n", METHOD_CONNECT },
        { "TRACE / HTTP/1.1\r\n" HOST "\r\n", METHOD_TRACE },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        for (unsigned bit = 0; bit < 32; bit++) {
            struct request_head head;
            struct head_error error;
            enum head_status status = request_head_read(&head, cases[i].text, strlen(cases[i].text),
                                                        &limits, 1u << bit, &error);

            EXPECT((status == HEAD_OK) == (bit == (unsigned)cases[i].method));
            EXPECT(status != HEAD_OK || head.method == cases[i].method);
            request_head_clear(&head);
        }
    }
}

static void test_methods(void)
{
    static const char *const names[] = { "GET",    "HEAD",    "POST",    "PUT",  "PATCH",
                                         "DELETE", "OPTIONS", "CONNECT", "TRACE" };
    static const char *const others[] = { "", "get", "GE", "GETS", "PRI", "FOO", "Post", "GET " };

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        enum method method = method_read(span_of(names[i]));

        EXPECT(method != METHOD_UNKNOWN && strcmp(method_name(method), names[i]) == 0);
    }
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        EXPECT(method_read(span_of(others[i])) == METHOD_UNKNOWN);
}

int main(void)
{
    RUN(test_accepted_requests);
    RUN(test_headers_are_taken_apart);
    RUN(test_refused_requests);
    RUN(test_methods_that_a_policy_asks_for);
    RUN(test_methods);
    return 0;
}
