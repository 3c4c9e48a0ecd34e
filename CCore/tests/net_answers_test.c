// net_answers_test.c — answers to a REST request that no venue should give, met by fuzzing.
#include "net_peer.h"
#include "nt/connector.h"

/// Serves connections one after the other: reads a request, writes one text, hangs up.
typedef struct {
    int listener;
    uint16_t port;
    const char *text;
    pthread_t thread;
} answerer;

static void *answer(void *argument) {
    answerer *host = argument;
    char request[4096];
    for (;;) {
        const int fd = accept4(host->listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0) return NULL;
        if (recv(fd, request, sizeof request, 0) > 0)
            (void)!write(fd, host->text, strlen(host->text));
        shutdown(fd, SHUT_WR);
        while (recv(fd, request, sizeof request, 0) > 0) {
        }
        close(fd);
    }
}

static void start_answering(answerer *host, const char *text) {
    *host = (answerer){.text = text};
    host->port = listen_anywhere(&host->listener);
    if (pthread_create(&host->thread, NULL, answer, host) != 0) abort();
}

static void stop_answering(answerer *host) {
    shutdown(host->listener, SHUT_RDWR);
    pthread_join(host->thread, NULL);
    close(host->listener);
}

static nt_status ask(const char *text, nt_http_response *response) {
    answerer host;
    nt_connector *connector = NULL;
    if (nt_connector_create(&connector) != NT_OK) return NT_NO_MEMORY;
    start_answering(&host, text);
    const nt_http_request request = {.method = "GET",
                                     .host = "127.0.0.1",
                                     .port = host.port,
                                     .target = "/",
                                     .plain_text = true,
                                     .timeout_ms = PATIENCE_MS};
    const nt_status status = nt_http_perform(connector, &request, response);
    nt_connector_destroy(connector);
    stop_answering(&host);
    return status;
}

TEST(answers, without_a_status_are_errors) {
    nt_http_response response;
    EXPECT_EQ(ask("HTTP/1.1 ok\r\nContent-Length: 2\r\n\r\n{}", &response), NT_PROTOCOL);
    EXPECT_TEXT(response.error, "the answer has no HTTP status");
    EXPECT(response.sent);
    EXPECT_EQ(ask("HTTP/1.1 700 Odd\r\nContent-Length: 2\r\n\r\n{}", &response), NT_PROTOCOL);
}

TEST(answers, state_as_much_used_weight_as_fits) {
    nt_http_response response;
    EXPECT_EQ(ask("HTTP/1.1 200 OK\r\nX-MBX-USED-WEIGHT-1M: 4294967297\r\n"
                  "Content-Length: 2\r\n\r\n{}",
                  &response),
              NT_OK);
    EXPECT_EQ(response.used_weight, INT32_MAX);
    nt_http_response_free(&response);
}

TEST(answers, with_half_a_number_in_a_header_state_none) {
    nt_http_response response;
    EXPECT_EQ(ask("HTTP/1.1 429 Slow\r\nRetry-After: 12h\r\nX-MBX-USED-WEIGHT-1M: 7.5\r\n"
                  "Content-Length: 2\r\n\r\n{}",
                  &response),
              NT_OK);
    EXPECT_EQ(response.retry_after_s, -1);
    EXPECT_EQ(response.used_weight, -1);
    nt_http_response_free(&response);
}
