// net_connector_test.c — nt/connector.h against our own server and a raw socket.
#include "net_peer.h"
#include "nt/connector.h"

typedef struct {
    char method[16], path[256], query[256], api_key[64], body[64];
    uint32_t body_length;
    uint64_t body_sum;
} seen;

static void on_request(void *context, nt_server *server, const nt_server_request *request) {
    seen *seen = context;
    snprintf(seen->method, sizeof seen->method, "%s", request->method);
    snprintf(seen->path, sizeof seen->path, "%s", request->path);
    snprintf(seen->query, sizeof seen->query, "%s", request->query);
    snprintf(seen->api_key, sizeof seen->api_key, "%s", request->api_key);
    int kept = request->body_length < 60 ? (int)request->body_length : 60;
    snprintf(seen->body, sizeof seen->body, "%.*s", kept, (const char *)request->body);
    seen->body_length = request->body_length;
    seen->body_sum = 0;
    for (uint32_t i = 0; i < request->body_length; i++) seen->body_sum += request->body[i];
    static uint8_t big[300000];
    memset(big, 'b', sizeof big);
    if (strcmp(request->path, "/big") == 0)
        nt_server_reply(server, 200, "text/plain", NULL, big, sizeof big);
    else if (strcmp(request->path, "/limit") == 0)
        nt_server_reply(server, 429, "text/plain",
                        "Retry-After: 12\r\nX-MBX-USED-WEIGHT-1M: 6001\r\n",
                        (const uint8_t *)"slow down", 9);
    else if (strcmp(request->path, "/moved") == 0)
        nt_server_reply(server, 302, "text/plain", "Location: /elsewhere\r\n", NULL, 0);
    else if (strcmp(request->path, "/slow") == 0)
        pause_ms(250);
    else
        nt_server_reply(server, 200, "application/json", NULL, (const uint8_t *)"{\"ok\":true}",
                        11);
}

static nt_server *start(seen *seen, bool tls) {
    nt_server_config config = {.certificate_file = tls ? certificate_path("server.pem") : NULL,
                               .key_file = tls ? certificate_path("server.key") : NULL,
                               .api_key_header = "x-mbx-apikey:",
                               .max_body = 200000,
                               .max_peers = 2,
                               .tick_ms = 100,
                               .context = seen,
                               .on_request = on_request};
    nt_server *server = NULL;
    return nt_server_start(&config, &server) == NT_OK ? server : NULL;
}

static nt_http_request request_to(uint16_t port, const char *method, const char *target) {
    return (nt_http_request){.method = method,
                             .host = "localhost",
                             .port = port,
                             .target = target,
                             .ca_file = certificate_path("ca.pem"),
                             .timeout_ms = 3000};
}

TEST(connector, gets_over_tls) {
    seen seen = {0};
    nt_server *server = start(&seen, true);
    nt_connector *connector = NULL;
    EXPECT_EQ(nt_connector_create(&connector), NT_OK);
    nt_http_request request = request_to(nt_server_port(server), "GET", "/depth?symbol=BTCUSDT");
    nt_http_response response;
    for (int i = 0; i < 20; i++) {
        EXPECT_EQ(nt_http_perform(connector, &request, &response), NT_OK);
        EXPECT_EQ(response.status, 200);
        EXPECT_TEXT((char *)response.body, "{\"ok\":true}");
        EXPECT_EQ(response.body_length, 11);
        EXPECT_EQ(response.retry_after_s, -1);
        EXPECT_EQ(response.used_weight, -1);
        EXPECT(response.sent);
        nt_http_response_free(&response);
    }
    EXPECT_TEXT(seen.path, "/depth");
    EXPECT_TEXT(seen.query, "symbol=BTCUSDT");
    nt_connector_destroy(connector);
    nt_server_stop(server);
}

TEST(connector, sends_headers_and_bodies) {
    seen seen = {0};
    nt_server *server = start(&seen, true);
    nt_connector *connector = NULL;
    EXPECT_EQ(nt_connector_create(&connector), NT_OK);
    const char *methods[] = {"POST", "PUT", "DELETE"};
    nt_http_response response;
    for (int i = 0; i < 3; i++) {
        nt_http_request request = request_to(nt_server_port(server), methods[i], "/order");
        request.headers =
            "X-MBX-APIKEY: k123\r\nContent-Type: application/x-www-form-urlencoded\r\n";
        request.body = "side=BUY&quantity=1";
        request.body_length = 19;
        EXPECT_EQ(nt_http_perform(connector, &request, &response), NT_OK);
        EXPECT_TEXT(seen.method, methods[i]);
        EXPECT_TEXT(seen.api_key, "k123");
        EXPECT_TEXT(seen.body, "side=BUY&quantity=1");
        nt_http_response_free(&response);
        request.body = NULL;
        request.body_length = 0;
        EXPECT_EQ(nt_http_perform(connector, &request, &response), NT_OK);
        EXPECT_EQ(seen.body_length, 0);
        nt_http_response_free(&response);
    }
    char *body = malloc(150000);
    memset(body, 'c', 150000);
    nt_http_request request = request_to(nt_server_port(server), "POST", "/order");
    request.body = body;
    request.body_length = 150000;
    EXPECT_EQ(nt_http_perform(connector, &request, &response), NT_OK);
    EXPECT_EQ(seen.body_length, 150000);
    EXPECT_EQ(seen.body_sum, 150000ull * 'c');
    nt_http_response_free(&response);
    free(body);
    nt_connector_destroy(connector);
    nt_server_stop(server);
}

TEST(connector, hands_on_whatever_status_comes) {
    seen seen = {0};
    nt_server *server = start(&seen, true);
    nt_connector *connector = NULL;
    EXPECT_EQ(nt_connector_create(&connector), NT_OK);
    nt_http_request request = request_to(nt_server_port(server), "GET", "/limit");
    nt_http_response response;
    EXPECT_EQ(nt_http_perform(connector, &request, &response), NT_OK);
    EXPECT_EQ(response.status, 429);
    EXPECT_EQ(response.retry_after_s, 12);
    EXPECT_EQ(response.used_weight, 6001);
    EXPECT_TEXT((char *)response.body, "slow down");
    nt_http_response_free(&response);
    request.target = "/moved"; // Not followed.
    EXPECT_EQ(nt_http_perform(connector, &request, &response), NT_OK);
    EXPECT_EQ(response.status, 302);
    EXPECT_TEXT(seen.path, "/moved");
    EXPECT_EQ(response.body_length, 0);
    EXPECT(response.body != NULL);
    nt_http_response_free(&response);
    nt_connector_destroy(connector);
    nt_server_stop(server);
}

TEST(connector, limits_the_answer) {
    seen seen = {0};
    nt_server *server = start(&seen, true);
    nt_connector *connector = NULL;
    EXPECT_EQ(nt_connector_create(&connector), NT_OK);
    nt_http_request request = request_to(nt_server_port(server), "GET", "/big");
    nt_http_response response;
    request.max_body = 299999;
    EXPECT_EQ(nt_http_perform(connector, &request, &response), NT_FULL);
    EXPECT_TEXT(response.error, "the answer is longer than 299999 bytes");
    EXPECT(response.body == NULL);
    request.max_body = 300000;
    EXPECT_EQ(nt_http_perform(connector, &request, &response), NT_OK);
    EXPECT_EQ(response.body_length, 300000);
    EXPECT_EQ(strspn((char *)response.body, "b"), 300000);
    nt_http_response_free(&response);
    nt_connector_destroy(connector);
    nt_server_stop(server);
}

TEST(connector, says_why_it_failed) {
    seen seen = {0};
    nt_server *server = start(&seen, true);
    nt_connector *connector = NULL;
    EXPECT_EQ(nt_connector_create(&connector), NT_OK);
    int listener;
    uint16_t closed = listen_anywhere(&listener);
    close(listener);
    nt_http_request request = request_to(closed, "GET", "/");
    nt_http_response response;
    EXPECT_EQ(nt_http_perform(connector, &request, &response), NT_IO);
    EXPECT(strncmp(response.error, "connection refused by 127.0.0.1:", 32) == 0);
    EXPECT(!response.sent);
    char other[TEMPORARY_PATH], ca[TEMPORARY_PATH + 16];
    EXPECT(make_temporary(other));
    EXPECT_EQ(nt_server_make_certificates(other), NT_OK);
    snprintf(ca, sizeof ca, "%s/ca.pem", other);
    request = request_to(nt_server_port(server), "GET", "/");
    request.ca_file = ca;
    EXPECT_EQ(nt_http_perform(connector, &request, &response), NT_TLS);
    EXPECT(strncmp(response.error, "certificate not trusted: ", 25) == 0);
    EXPECT(!response.sent);
    request.ca_file = NULL;
    EXPECT_EQ(nt_http_perform(connector, &request, &response), NT_TLS);
    EXPECT(!response.sent);
    request.ca_file = "/nonexistent/ca.pem";
    EXPECT_EQ(nt_http_perform(connector, &request, &response), NT_INVALID);
    EXPECT(strstr(response.error, "/nonexistent/ca.pem") != NULL);
    request = request_to(nt_server_port(server), "BREW", "/");
    EXPECT_EQ(nt_http_perform(connector, &request, &response), NT_INVALID);
    request = request_to(nt_server_port(server), "GET", "/a\r\nX: y");
    EXPECT_EQ(nt_http_perform(connector, &request, &response), NT_INVALID);
    nt_connector_destroy(connector);
    remove_temporary(other);
    nt_server_stop(server);
}

static void never(peer *peer) { (void)peer; }

TEST(connector, refuses_a_certificate_for_another_address) {
    peer_host host = {.connections = 1, .script = never, .address = INADDR_LOOPBACK + 1};
    peer_start(&host);
    nt_connector *connector = NULL;
    EXPECT_EQ(nt_connector_create(&connector), NT_OK);
    nt_http_request request = request_to(host.port, "GET", "/");
    request.host = "127.0.0.2"; // Loopback too, but not in the certificate.
    nt_http_response response;
    EXPECT_EQ(nt_http_perform(connector, &request, &response), NT_TLS);
    EXPECT_TEXT(response.error, "certificate not trusted: IP address mismatch");
    EXPECT(!response.sent);
    nt_connector_destroy(connector);
    peer_stop(&host);
}

// A server that misbehaves, in plain text.

typedef struct {
    int listener;
    const char *answer;
} liar;

static void *lie(void *argument) {
    liar *liar = argument;
    int fd = accept(liar->listener, NULL, NULL);
    char request[4096];
    if (recv(fd, request, sizeof request, 0) > 0)
        send(fd, liar->answer, strlen(liar->answer), MSG_NOSIGNAL);
    shutdown(fd, SHUT_WR);
    while (recv(fd, request, sizeof request, 0) > 0) continue;
    close(fd);
    return NULL;
}

static nt_status ask_liar(nt_connector *connector, const char *answer, nt_http_response *response) {
    liar liar = {.answer = answer};
    uint16_t port = listen_anywhere(&liar.listener);
    pthread_t thread;
    if (pthread_create(&thread, NULL, lie, &liar) != 0) abort();
    nt_http_request request = request_to(port, "GET", "/");
    request.plain_text = true;
    nt_status status = nt_http_perform(connector, &request, response);
    pthread_join(thread, NULL);
    close(liar.listener);
    return status;
}

TEST(connector, copes_with_servers_that_misbehave) {
    nt_connector *connector = NULL;
    EXPECT_EQ(nt_connector_create(&connector), NT_OK);
    nt_http_response response;
    EXPECT_EQ(ask_liar(connector, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", &response),
              NT_IO);
    EXPECT(response.error[0] != 0 && response.sent);
    EXPECT(ask_liar(connector, "hello, this is not HTTP at all\r\n\r\n", &response) != NT_OK);
    EXPECT(response.error[0] != 0);
    EXPECT(ask_liar(connector, "", &response) != NT_OK);
    EXPECT(ask_liar(connector, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
                    &response) != NT_OK);
    EXPECT_EQ(ask_liar(connector,
                       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                       "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n",
                       &response),
              NT_OK);
    EXPECT_TEXT((char *)response.body, "hello world");
    nt_http_response_free(&response);
    EXPECT_EQ(
        ask_liar(connector, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nto the end", &response),
        NT_OK);
    EXPECT_TEXT((char *)response.body, "to the end");
    nt_http_response_free(&response);
    nt_connector_destroy(connector);
}

typedef struct {
    nt_connector *connector;
    uint16_t port;
    nt_status status;
    atomic_int done;
} caller;

static void *call(void *argument) {
    caller *caller = argument;
    for (int i = 0; i < 10; i++) {
        nt_http_request request = request_to(caller->port, "GET", "/depth");
        nt_http_response response;
        caller->status = nt_http_perform(caller->connector, &request, &response);
        if (caller->status == NT_OK && response.status == 200) caller->done++;
        nt_http_response_free(&response);
    }
    return NULL;
}

TEST(connector, serves_several_callers) {
    seen seen = {0};
    nt_server *server = start(&seen, true);
    certificate_path("ca.pem");
    caller callers[4];
    pthread_t threads[4];
    nt_connector *connector = NULL;
    EXPECT_EQ(nt_connector_create(&connector), NT_OK);
    int before = open_descriptors();
    for (int i = 0; i < 4; i++) {
        callers[i] = (caller){.connector = connector, .port = nt_server_port(server)};
        EXPECT_EQ(pthread_create(&threads[i], NULL, call, &callers[i]), 0);
    }
    for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
    for (int i = 0; i < 4; i++) EXPECT_EQ(callers[i].done, 10);
    int64_t end = now_ms() + PATIENCE_MS;
    while (open_descriptors() > before && now_ms() < end) pause_ms(5);
    EXPECT_EQ(open_descriptors(), before);
    nt_connector_destroy(connector);
    nt_server_stop(server);
}

enum { LONG_MS = 30000 };

/// One request that nobody answers.
static void *call_the_deaf(void *argument) {
    caller *caller = argument;
    nt_http_request request = request_to(caller->port, "GET", "/");
    request.plain_text = true;
    request.timeout_ms = LONG_MS;
    nt_http_response response;
    caller->status = nt_http_perform(caller->connector, &request, &response);
    atomic_store(&caller->done, 1);
    return NULL;
}

TEST(connector, keeps_its_time_limit) {
    int listener;
    uint16_t port = listen_anywhere(&listener); // The kernel accepts, nobody answers.
    nt_connector *connector = NULL;
    EXPECT_EQ(nt_connector_create(&connector), NT_OK);
    caller patient = {.connector = connector, .port = port};
    pthread_t thread;
    EXPECT_EQ(pthread_create(&thread, NULL, call_the_deaf, &patient), 0);
    int fd = accept(listener, NULL, NULL);
    nt_http_request request = request_to(port, "GET", "/");
    request.timeout_ms = 100;
    nt_http_response response;
    int64_t start_ms = now_ms();
    EXPECT_EQ(nt_http_perform(connector, &request, &response), NT_TIMEOUT);
    EXPECT(now_ms() - start_ms >= 95);
    EXPECT_TEXT(response.error, "no answer from localhost within 100 ms");
    EXPECT(!response.sent);
    request.plain_text = true;
    EXPECT_EQ(nt_http_perform(connector, &request, &response), NT_TIMEOUT);
    EXPECT(response.sent);
    EXPECT_EQ(patient.done, 0); // Who has more time still waits.
    nt_connector_destroy(connector);
    pthread_join(thread, NULL);
    close(fd);
    close(listener);
}

TEST(connector, fails_what_is_in_flight_when_it_goes_down) {
    int listener;
    caller caller = {.port = listen_anywhere(&listener)};
    EXPECT_EQ(nt_connector_create(&caller.connector), NT_OK);
    pthread_t thread;
    EXPECT_EQ(pthread_create(&thread, NULL, call_the_deaf, &caller), 0);
    int fd = accept(listener, NULL, NULL); // It is in flight now.
    nt_connector_destroy(caller.connector);
    pthread_join(thread, NULL);
    EXPECT_EQ(caller.status, NT_CLOSED);
    close(fd);
    close(listener);
}

TEST(connector, refuses_more_than_its_limit_and_ends_in_order) {
    enum { LIMIT = 64 };
    int listener, accepted[LIMIT];
    static caller callers[LIMIT];
    pthread_t threads[LIMIT];
    uint16_t port = listen_anywhere(&listener);
    nt_connector *connector = NULL;
    nt_http_response response;
    EXPECT_EQ(nt_connector_create(&connector), NT_OK);
    for (int i = 0; i < LIMIT; i++) {
        callers[i] = (caller){.connector = connector, .port = port};
        EXPECT_EQ(pthread_create(&threads[i], NULL, call_the_deaf, &callers[i]), 0);
        accepted[i] = accept(listener, NULL, NULL);
    }
    nt_http_request request = request_to(port, "GET", "/");
    EXPECT_EQ(nt_http_perform(connector, &request, &response), NT_BUSY);
    EXPECT_TEXT(response.error, "more than 64 requests at once");
    EXPECT(!response.sent);
    nt_connector_destroy(connector);
    for (int i = 0; i < LIMIT; i++) {
        pthread_join(threads[i], NULL);
        EXPECT_EQ(callers[i].status, NT_CLOSED);
        close(accepted[i]);
    }
    close(listener);
}
