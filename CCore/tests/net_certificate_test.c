// net_certificate_test.c — what time does to certificates: expired, not yet valid, renewed; on
// streams and on REST. Wrong host and unknown authority: net_stream_test.c, net_connector_test.c.
#include "net_client.h"
#include "nt/connector.h"

enum { HOUR_S = 3600, DAY_S = 24 * HOUR_S };

typedef struct {
    char folder[TEMPORARY_PATH], ca[TEMPORARY_PATH + 16];
    nt_server *server;
    uint16_t port;
} dated;

static void answer(void *context, nt_server *server, const nt_server_request *request) {
    (void)context, (void)request;
    nt_server_reply(server, 200, "text/plain", NULL, (const uint8_t *)"here", 4);
}

static bool serve(dated *dated, const char *name) {
    char certificate[TEMPORARY_PATH + 16], key[TEMPORARY_PATH + 16];
    snprintf(certificate, sizeof certificate, "%s/%s.pem", dated->folder, name);
    snprintf(key, sizeof key, "%s/%s.key", dated->folder, name);
    nt_server_config config = {.certificate_file = certificate,
                               .key_file = key,
                               .port = dated->port,
                               .max_body = 1024,
                               .max_peers = 16,
                               .tick_ms = 100,
                               .on_request = answer,
                               .on_open = welcome,
                               .on_message = echo};
    if (nt_server_start(&config, &dated->server) != NT_OK) return false;
    dated->port = nt_server_port(dated->server);
    return true;
}

static bool begin(dated *dated, int64_t from_s, int64_t until_s) {
    if (!make_temporary(dated->folder)) return false;
    snprintf(dated->ca, sizeof dated->ca, "%s/ca.pem", dated->folder);
    return nt_server_make_dated_certificates(dated->folder, from_s, until_s) == NT_OK &&
           serve(dated, "server");
}

static void end(dated *dated) {
    nt_server_stop(dated->server);
    remove_temporary(dated->folder);
}

static int64_t wall_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec;
}

/// "… 2026-11-01 12:00 UTC" of a time that lies `offset_s` from now; a minute may have passed.
static bool names_date(const char *text, const char *lead, int64_t offset_s) {
    for (int64_t late = 0; late <= 120; late += 60) {
        time_t date = (time_t)(wall_s() + offset_s - late);
        struct tm broken_down;
        char wanted[128], when[32];
        if (gmtime_r(&date, &broken_down) == NULL) return false;
        strftime(when, sizeof when, "%Y-%m-%d %H:%M UTC", &broken_down);
        snprintf(wanted, sizeof wanted, "certificate not trusted: %s %s", lead, when);
        if (strcmp(text, wanted) == 0) return true;
    }
    return false;
}

static void open_stream(client *client, dated *dated, bool refuse_ring) {
    client->net = make_net(1, refuse_ring);
    prepare(client, dated->port);
    client->config.ca_file = dated->ca;
    client->config.reconnect = true;
    client->config.backoff_min_ms = client->config.backoff_max_ms = 1;
    (void)nt_stream_open(client->net, &client->config, &client->stream);
}

static nt_http_request get(const dated *dated) {
    return (nt_http_request){.method = "GET",
                             .host = "localhost",
                             .port = dated->port,
                             .target = "/",
                             .ca_file = dated->ca,
                             .timeout_ms = 5000};
}

BOTH(certificate, expired_is_named_retried_and_never_accepted) {
    dated dated = {0};
    client client = {0};
    EXPECT(begin(&dated, -10 * DAY_S, -2 * DAY_S));
    open_stream(&client, &dated, refuse_ring);
    turn_until(&client, &client.waiting, 3);
    EXPECT(client.waiting >= 3);
    EXPECT_EQ(client.opened, 0);
    EXPECT(names_date(client.reason, "expired on", -2 * DAY_S));
    EXPECT_EQ(nt_stream_certificate_end(client.stream), 0);
    nt_net_destroy(client.net);
    end(&dated);
}

BOTH(certificate, not_yet_valid_is_named_and_never_accepted) {
    dated dated = {0};
    client client = {0};
    EXPECT(begin(&dated, 2 * DAY_S, 10 * DAY_S));
    open_stream(&client, &dated, refuse_ring);
    turn_until(&client, &client.waiting, 2);
    EXPECT_EQ(client.opened, 0);
    EXPECT(names_date(client.reason, "not valid before", 2 * DAY_S));
    nt_net_destroy(client.net);
    end(&dated);
}

BOTH(certificate, renewed_one_works_at_the_next_connect) {
    dated dated = {0};
    client client = {0};
    EXPECT(begin(&dated, -10 * DAY_S, -2 * DAY_S));
    open_stream(&client, &dated, refuse_ring);
    turn_until(&client, &client.waiting, 2);
    EXPECT_EQ(client.opened, 0);
    nt_server_stop(dated.server);
    EXPECT(serve(&dated, "renewed"));
    turn_until(&client, &client.opened, 1);
    EXPECT_EQ(client.opened, 1);
    int64_t left_s = nt_stream_certificate_end(client.stream) - wall_s();
    EXPECT(left_s > 29 * DAY_S && left_s <= 30 * DAY_S);
    nt_net_destroy(client.net);
    end(&dated);
}

TEST(certificate, rest_names_what_time_did_and_sends_nothing) {
    static const struct {
        int64_t from_s, until_s;
        const char *lead;
    } cases[] = {{-10 * DAY_S, -DAY_S, "expired on"}, {DAY_S, 10 * DAY_S, "not valid before"}};
    nt_connector *connector = NULL;
    EXPECT_EQ(nt_connector_create(&connector), NT_OK);
    for (int i = 0; i < 2; i++) {
        dated dated = {0};
        EXPECT(begin(&dated, cases[i].from_s, cases[i].until_s));
        nt_http_request request = get(&dated);
        nt_http_response response;
        EXPECT_EQ(nt_http_perform(connector, &request, &response), NT_TLS);
        EXPECT(names_date(response.error, cases[i].lead, i == 0 ? -DAY_S : DAY_S));
        EXPECT(!response.sent);
        nt_server_stop(dated.server);
        EXPECT(serve(&dated, "renewed"));
        EXPECT_EQ(nt_http_perform(connector, &request, &response), NT_OK);
        nt_http_response_free(&response);
        end(&dated);
    }
    nt_connector_destroy(connector);
}

TEST(certificate, rest_says_when_it_expires) {
    dated dated = {0};
    EXPECT(begin(&dated, -DAY_S, 5 * DAY_S));
    nt_connector *connector = NULL;
    EXPECT_EQ(nt_connector_create(&connector), NT_OK);
    nt_http_request request = get(&dated);
    request.address = "127.0.0.1"; // The name is not looked up then.
    nt_http_response response;
    EXPECT_EQ(nt_http_perform(connector, &request, &response), NT_OK);
    int64_t left_s = response.certificate_end_s - wall_s();
    EXPECT(left_s > 4 * DAY_S && left_s <= 5 * DAY_S);
    nt_http_response_free(&response);
    request.address = "nowhere.invalid";
    EXPECT(nt_http_perform(connector, &request, &response) != NT_OK);
    nt_connector_destroy(connector);
    end(&dated);
}
