// What exchanges promise whatever the conversation: nothing is sent twice, completed when it was
// cut, or held without bound. Conversations themselves are in test_conversation.c.
#include "fake_exchange.h"

// Bodies that policies look into have a limit together, too.
static void test_held_bodies_are_bounded(void)
{
    static const char request[] = POST "Content-Length: 60\r\n\r\n"
                                       "012345678901234567890123456789012345678901234567890";
    struct fake first = { .verdict = JUDGE_ALLOW, .wants_body = true };
    struct fake second = { .verdict = JUDGE_ALLOW, .wants_body = true };

    begin(&first);
    begin(&second);
    EXPECT(!play(&first, request, SIZE_MAX, SIZE_MAX));
    EXPECT(held_bodies == 51);
    EXPECT(play(&second, request, SIZE_MAX, SIZE_MAX));
    EXPECT(exchange_status(second.x) == 503);
    EXPECT(held_bodies == 51);
    end(&second);
    end(&first);
    EXPECT(held_bodies == 0);
}

// A request that may have had an effect is sent once, whatever becomes of it.
static void test_no_replay(void)
{
    static const char *const requests[] = {
        "POST /containers/x/start HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
        "DELETE /containers/x HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /containers/json HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx",
    };

    for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
        struct fake f = { .verdict = JUDGE_ALLOW, .reply = "", .reply_ends = true };

        begin(&f);
        EXPECT(play(&f, requests[i], SIZE_MAX, SIZE_MAX));
        EXPECT(f.dials == 1 && f.fresh_dials == 1);
        EXPECT(exchange_status(f.x) == 502);
        end(&f);
    }
}

static void test_cut_answers_are_not_completed(void)
{
    static const struct {
        const char *reply;
        bool reset;
    } cases[] = {
        { "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", false },
        { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc", false },
        { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\nXX", false },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct fake f = { .verdict = JUDGE_ALLOW, .reply = cases[i].reply, .reply_ends = true };

        begin(&f);
        EXPECT(play(&f, GET, SIZE_MAX, SIZE_MAX));
        EXPECT(exchange_was_cut(f.x) && !exchange_keeps_alive(f.x));
        EXPECT(exchange_must_reset(f.x) == cases[i].reset);

        size_t len = evbuffer_get_length(f.client_out);

        EXPECT(!holds((const char *)evbuffer_pullup(f.client_out, -1), len, "0\r\n\r\n"));
        end(&f);
    }
}

// What was hidden stays hidden when the answer breaks off, and nothing is completed.
static void test_broken_filtered_answers(void)
{
    static const char *const replies[] = {
        JSON "Content-Length: 99\r\n\r\n[1,\"x\",",
        JSON "Content-Length: 11\r\n\r\n[1,\"x\",nul]",
        JSON "Transfer-Encoding: chunked\r\n\r\n9\r\n[1,\"x\",2,\r\nzz",
    };

    for (size_t i = 0; i < ARRAY_LEN(replies); i++) {
        struct fake f = { .verdict = JUDGE_ALLOW,
                          .reply = replies[i],
                          .reply_ends = true,
                          .rights = { .filter = &list_rules } };

        begin(&f);
        EXPECT(play(&f, GET, SIZE_MAX, 1));
        EXPECT(exchange_was_cut(f.x) && !exchange_keeps_alive(f.x));

        size_t len = evbuffer_get_length(f.client_out);
        const char *out = (const char *)evbuffer_pullup(f.client_out, -1);

        EXPECT(!holds(out, len, "\"x\"") && !holds(out, len, "0\r\n\r\n"));
        EXPECT(holds(exchange_refusal(f.x), strlen(exchange_refusal(f.x)), "can't be filtered"));
        end(&f);
    }
}

// Of a list that is longer than all buffers, little is held at any time.
static void test_long_filtered_answers_are_bounded(void)
{
    static const char item[] = "{\"Id\":\"0123456789\",\"x\":0},{\"Id\":\"abcdef\"},";
    struct fake f = { .verdict = JUDGE_ALLOW,
                      .rights = { .filter = &list_rules },
                      .reply = JSON "Content-Length: 100000000\r\n\r\n[" };

    begin(&f);
    (void)play(&f, GET, SIZE_MAX, SIZE_MAX);
    for (int i = 0; i < 2000; i++) {
        if (evbuffer_get_length(f.up_in) < limits.buffer)
            evbuffer_add(f.up_in, item, sizeof(item) - 1);
        EXPECT(!exchange_run(f.x));
        EXPECT(evbuffer_get_length(f.client_out) <= limits.buffer + (64 << 10));
    }
    EXPECT(evbuffer_get_length(f.client_out) >= limits.buffer);
    EXPECT(evbuffer_get_length(f.up_in) >= limits.buffer);
    end(&f);
}

// An HTTP/1.0 client has only the end of the connection to go by.
static void test_cut_answer_to_old_client_resets(void)
{
    struct fake f = { .verdict = JUDGE_ALLOW,
                      .reply_ends = true,
                      .reply = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc" };

    begin(&f);
    EXPECT(play(&f, "GET /_ping HTTP/1.0\r\n\r\n", SIZE_MAX, SIZE_MAX));
    EXPECT(exchange_must_reset(f.x));
    end(&f);
}

static void test_pipelined_requests_are_served_in_order(void)
{
    struct fake f = { .verdict = JUDGE_ALLOW, .reply = OK };

    begin(&f);
    EXPECT(play(&f, GET "GET /second HTTP/1.1\r\nHost: x\r\n\r\n", SIZE_MAX, SIZE_MAX));
    EXPECT(!holds(f.sent, f.sent_len, "/second"));
    exchange_reset(f.x);
    f.replied = 0;
    EXPECT(play(&f, "", SIZE_MAX, SIZE_MAX));
    EXPECT(holds(f.sent, f.sent_len, "GET /second HTTP/1.1\r\n"));
    EXPECT(f.reusable == 2);
    end(&f);
}

static void test_the_clients_end_is_passed_on(void)
{
    struct fake f = { .verdict = JUDGE_ALLOW };

    begin(&f);
    evbuffer_add(f.client_in, GET, strlen(GET));
    EXPECT(!exchange_run(f.x));
    EXPECT(!exchange_upstream(f.x)->end);
    exchange_client_ended(f.x);
    EXPECT(!exchange_run(f.x));
    EXPECT(exchange_upstream(f.x)->end);
    end(&f);
}

static void test_a_client_that_is_gone_frees_the_engine(void)
{
    struct fake f = { .verdict = JUDGE_ALLOW };

    begin(&f);
    evbuffer_add(f.client_in, GET, strlen(GET));
    EXPECT(!exchange_run(f.x));
    exchange_abort(f.x);
    EXPECT(exchange_run(f.x));
    EXPECT(f.hang_ups == 1 && f.reusable == 0);
    end(&f);
}

static void test_buffers_are_bounded(void)
{
    static char piece[1000];
    struct fake f = { .verdict = JUDGE_ALLOW,
                      .reply = "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" };

    begin(&f);
    (void)play(&f, GET, SIZE_MAX, SIZE_MAX);
    for (int i = 0; i < 100; i++) {
        if (evbuffer_get_length(f.up_in) < limits.buffer)
            evbuffer_add(f.up_in, piece, sizeof(piece));
        EXPECT(!exchange_run(f.x));
        EXPECT(evbuffer_get_length(f.client_out) <= limits.buffer + 256);
    }
    EXPECT(evbuffer_get_length(f.up_in) >= limits.buffer);
    end(&f);
}

static void test_interim_answers_are_bounded(void)
{
    static const char interim[] = "HTTP/1.1 102 Processing\r\n\r\n";
    struct fake f = { .verdict = JUDGE_ALLOW };

    begin(&f);
    (void)play(&f, GET, SIZE_MAX, SIZE_MAX);
    for (int i = 0; i < 1000; i++) {
        evbuffer_add(f.up_in, interim, strlen(interim));
        EXPECT(!exchange_run(f.x));
        EXPECT(evbuffer_get_length(f.client_out) <= limits.buffer + 64);
    }

    // A client that reads gets the answer behind them all.
    evbuffer_add(f.up_in, OK, strlen(OK));
    while (!exchange_run(f.x)) {
        EXPECT(evbuffer_get_length(f.client_out) >= limits.buffer);
        evbuffer_drain(f.client_out, SIZE_MAX);
    }
    EXPECT(exchange_status(f.x) == 200);
    end(&f);
}

static void test_deadlines(void)
{
    struct fake silent = { 0 }, slow = { 0 };

    begin(&silent);
    EXPECT(!exchange_run(silent.x));
    exchange_expire(silent.x, 408, "moonward: too slow");
    EXPECT(exchange_run(silent.x));
    EXPECT(evbuffer_get_length(silent.client_out) == 0);
    end(&silent);

    begin(&slow);
    evbuffer_add(slow.client_in, "GET /", 5);
    EXPECT(!exchange_run(slow.x));
    exchange_expire(slow.x, 408, "moonward: too slow");
    EXPECT(exchange_run(slow.x));
    EXPECT(exchange_status(slow.x) == 408 && !exchange_keeps_alive(slow.x));
    end(&slow);
}

int main(void)
{
    RUN(test_held_bodies_are_bounded);
    RUN(test_no_replay);
    RUN(test_cut_answers_are_not_completed);
    RUN(test_broken_filtered_answers);
    RUN(test_long_filtered_answers_are_bounded);
    RUN(test_cut_answer_to_old_client_resets);
    RUN(test_pipelined_requests_are_served_in_order);
    RUN(test_the_clients_end_is_passed_on);
    RUN(test_a_client_that_is_gone_frees_the_engine);
    RUN(test_buffers_are_bounded);
    RUN(test_interim_answers_are_bounded);
    RUN(test_deadlines);
    return 0;
}
