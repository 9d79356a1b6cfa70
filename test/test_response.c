// Responses: what is accepted and as what, what is refused and why.
#include "test.h"

#include "base/attr.h"
#include "http/head.h"

#include <string.h>

static const struct head_limits limits = { .bytes = 4096, .headers = 20 };

#define CHUNKED "Transfer-Encoding: chunked\r\n"
#define BODY    "Content-Length: 5\r\n"
#define OK      "HTTP/1.1 200 OK\r\n"

static void test_accepted_responses(void)
{
    static const struct {
        const char *text;
        enum method asked;
        int status;
        const char *reason;
        enum framing framing;
        uint64_t length;
        bool has_length, keep_alive;
        const char *upgrade;
    } cases[] = {
        { OK "Content-Length: 2\r\n\r\n", METHOD_GET, 200, "OK", FRAMING_LENGTH, 2, true, true,
          "" },
        { OK "Content-Length: 0\r\n\r\n", METHOD_GET, 200, "OK", FRAMING_LENGTH, 0, true, true,
          "" },
        { OK CHUNKED "\r\n", METHOD_GET, 200, "OK", FRAMING_CHUNKED, 0, false, true, "" },
        { OK CHUNKED "Connection: close\r\n\r\n", METHOD_GET, 200, "OK", FRAMING_CHUNKED, 0, false,
          false, "" },
        { OK "\r\n", METHOD_GET, 200, "OK", FRAMING_CLOSE, 0, false, false, "" },
        { "HTTP/1.0 200 OK\r\n\r\n", METHOD_GET, 200, "OK", FRAMING_CLOSE, 0, false, false, "" },
        { "HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\n", METHOD_GET, 200, "OK", FRAMING_LENGTH, 3,
          true, false, "" },
        { "HTTP/1.1 200 \r\n\r\n", METHOD_GET, 200, "", FRAMING_CLOSE, 0, false, false, "" },
        { "HTTP/1.1 200\r\n\r\n", METHOD_GET, 200, "", FRAMING_CLOSE, 0, false, false, "" },
        { "HTTP/1.1 404  not\tfound \xe9\r\nContent-Length: 0\r\n\r\n", METHOD_GET, 404,
          " not\tfound \xe9", FRAMING_LENGTH, 0, true, true, "" },
        { "HTTP/1.1 204 No Content\r\n\r\n", METHOD_POST, 204, "No Content", FRAMING_NONE, 0, false,
          true, "" },
        { "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", METHOD_POST, 204, "No Content",
          FRAMING_NONE, 0, true, true, "" },
        { "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", METHOD_POST, 304,
          "Not Modified", FRAMING_NONE, 9, true, true, "" },
        { OK "Content-Length: 9\r\n\r\n", METHOD_HEAD, 200, "OK", FRAMING_NONE, 9, true, true, "" },
        { OK CHUNKED "\r\n", METHOD_HEAD, 200, "OK", FRAMING_NONE, 0, false, true, "" },
        { OK "\r\n", METHOD_HEAD, 200, "OK", FRAMING_NONE, 0, false, true, "" },
        { "HTTP/1.1 100 Continue\r\n\r\n", METHOD_POST, 100, "Continue", FRAMING_NONE, 0, false,
          true, "" },
        { "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n", METHOD_POST, 101,
          "UPGRADED", FRAMING_NONE, 0, false, false, "tcp" },
        { "HTTP/1.1 101 Switching Protocols\r\n\r\n", METHOD_POST, 101, "Switching Protocols",
          FRAMING_NONE, 0, false, false, "" },
        { OK "Upgrade: h2, h2c\r\nConnection: Upgrade\r\nContent-Length: 1\r\n\r\n", METHOD_GET,
          200, "OK", FRAMING_LENGTH, 1, true, true, "" },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct response_head head;
        struct head_error error = { 0 };
        enum head_status status = response_head_read(&head, cases[i].text, strlen(cases[i].text),
                                                     &limits, cases[i].asked, &error);

        if (status != HEAD_OK)
            fprintf(stderr, "case %zu: %s\n", i, error.text);
        EXPECT(status == HEAD_OK);
        EXPECT(head.status == cases[i].status);
        EXPECT(span_is(head.reason, span_of(cases[i].reason)));
        EXPECT(head.framing == cases[i].framing && head.length == cases[i].length);
        EXPECT(head.has_length == cases[i].has_length);
        EXPECT(head.keep_alive == cases[i].keep_alive);
        EXPECT(span_is(head.upgrade, span_of(cases[i].upgrade)));
        response_head_clear(&head);
        response_head_clear(&head);
    }
}

#define FIRST_FAULT "the first line of the answer is not: HTTP/1.1 status reason"

static void test_refused_responses(void)
{
    static const struct {
        const char *text, *fault;
    } cases[] = {
        { "\r\n", FIRST_FAULT },
        { "HTTP/1.1\r\n\r\n", FIRST_FAULT },
        { "HTTP/1.1 20\r\n\r\n", FIRST_FAULT },
        { "HTTP/1.1 2000\r\n\r\n", FIRST_FAULT },
        { "HTTP/1.1 2x0 OK\r\n\r\n", FIRST_FAULT },
        { "HTTP/1.1  200 OK\r\n\r\n", FIRST_FAULT },
        { "HTTP/1.1 200OK\r\n\r\n", FIRST_FAULT },
        { "HTTP/1.2 200 OK\r\n\r\n", FIRST_FAULT },
        { "HTTP/2.0 200 OK\r\n\r\n", FIRST_FAULT },
        { "http/1.1 200 OK\r\n\r\n", FIRST_FAULT },
        { "ICY 200 OKOKOK\r\n\r\n", FIRST_FAULT },
        { "HTTP/1.1 099 OK\r\n\r\n", "the answer's status is 99" },
        { "HTTP/1.1 600 OK\r\n\r\n", "the answer's status is 600" },
        { "HTTP/1.1 200 O\x01K\r\n\r\n", "a control character in the first line of the answer" },
        { "HTTP/1.1 200 OK\n\r\n", "a control character in the first line of the answer" },
        { "HTTP/1.1 200 OK\r", "the first line of the answer does not end with CRLF" },
        { "", "the first line of the answer does not end with CRLF" },
        { OK, "the head does not end with its empty line" },
        { OK "\r\nx", "the head does not end with its empty line" },
        { OK BODY CHUNKED "\r\n", "both Content-Length and Transfer-Encoding" },
        { OK BODY BODY "\r\n", "more than one Content-Length" },
        { OK "Content-Length: -1\r\n\r\n", "a Content-Length that is not a plain number" },
        { OK "Transfer-Encoding: gzip\r\n\r\n", "a Transfer-Encoding other than chunked" },
        { OK CHUNKED CHUNKED "\r\n", "more than one Transfer-Encoding" },
        { "HTTP/1.0 200 OK\r\n" CHUNKED "\r\n", "Transfer-Encoding in an HTTP/1.0 message" },
        { "HTTP/1.1 204 No\r\n" BODY "\r\n", "an answer with status 204 that announces a body" },
        { "HTTP/1.1 100 Go\r\n" CHUNKED "\r\n", "an answer with status 100 that announces a body" },
        { "HTTP/1.1 101 Go\r\n" BODY "\r\n", "an answer with status 101 that announces a body" },
        { "HTTP/1.1 101 Go\r\nUpgrade: a\r\nUpgrade: b\r\n\r\n", "more than one Upgrade" },
        { OK "A : b\r\n\r\n", "a space in a header name or before its colon" },
        { OK " folded\r\n\r\n", "a header line that continues the one before it" },
        { OK "A: b\nC: d\r\n\r\n", "a control character in a header value" },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct response_head head;
        struct head_error error = { 0 };

        EXPECT(response_head_read(&head, cases[i].text, strlen(cases[i].text), &limits, METHOD_GET,
                                  &error) == HEAD_BAD);
        if (strcmp(error.text, cases[i].fault) != 0)
            fprintf(stderr, "%s%s\n", cases[i].text, error.text);
        EXPECT(error.status == 502 && strcmp(error.text, cases[i].fault) == 0);
        EXPECT(head.headers == NULL);
    }
}

int main(void)
{
    RUN(test_accepted_responses);
    RUN(test_refused_responses);
    return 0;
}
