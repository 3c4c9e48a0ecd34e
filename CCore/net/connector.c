// connector.c — the thread for everything slow: a queue of exchanges and who waits for them.
//
// The caller sleeps on a condition until the connector's thread has finished its exchange: by an
// answer, an error, the time limit, or because the connector is going down. So the exchange can
// live on the caller's stack.
#include "connector_private.h"

#include "nt/resolve.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { DEFAULT_TIMEOUT_MS = 10000, DEFAULT_MAX_BODY = 16 * 1024 * 1024, MAX_EXCHANGES = 64 };
enum { LONGEST_TARGET = 1800, LONGEST_HOST = 120, LONGEST_HEADERS = 8 * 1024 };

void nt_connector_finish(nt_exchange_state *exchange, nt_status status) {
    nt_connector *connector = exchange->connector;
    lws_sul_cancel(&exchange->timer);
    if (exchange->wsi != NULL) {
        lws_set_opaque_user_data(exchange->wsi, NULL);
        lws_set_timeout(exchange->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
    }
    for (nt_exchange_state **link = &connector->running; *link != NULL; link = &(*link)->next) {
        if (*link != exchange) continue;
        *link = exchange->next;
        break;
    }
    pthread_mutex_lock(&connector->lock);
    exchange->status = status;
    exchange->done = true;
    pthread_cond_broadcast(&connector->finished);
    pthread_mutex_unlock(&connector->lock);
}

static void on_timer(lws_sorted_usec_list_t *timer) {
    nt_exchange_state *exchange = lws_container_of(timer, nt_exchange_state, timer);
    snprintf(exchange->response->error, sizeof exchange->response->error,
             "no answer from %s within %u ms", exchange->request->host, exchange->limit_ms);
    nt_connector_finish(exchange, NT_TIMEOUT);
}

/// Moves what waits to what runs.
static void take_waiting(nt_connector *connector, bool start) {
    pthread_mutex_lock(&connector->lock);
    nt_exchange_state *list = connector->waiting;
    connector->waiting = NULL;
    pthread_mutex_unlock(&connector->lock);
    while (list != NULL) {
        nt_exchange_state *exchange = list;
        list = list->next;
        exchange->next = connector->running;
        connector->running = exchange;
        if (!start) continue;
        lws_sul_schedule(connector->context, 0, &exchange->timer, on_timer,
                         (lws_usec_t)exchange->timeout_ms * 1000);
        nt_http_start(exchange);
    }
}

static void fail_all(nt_connector *connector) {
    take_waiting(connector, false);
    while (connector->running != NULL) {
        nt_exchange_state *exchange = connector->running;
        snprintf(exchange->response->error, sizeof exchange->response->error,
                 "the connector is closed");
        nt_connector_finish(exchange, NT_CLOSED);
    }
}

static bool is_stopping(nt_connector *connector) {
    pthread_mutex_lock(&connector->lock);
    bool stopping = connector->stopping;
    pthread_mutex_unlock(&connector->lock);
    return stopping;
}

static void *work(void *argument) {
    nt_connector *connector = argument;
    while (!is_stopping(connector)) {
        take_waiting(connector, true);
        if (lws_service(connector->context, 0) < 0) break;
    }
    fail_all(connector);
    return NULL;
}

nt_status nt_connector_create(nt_connector **out) {
    nt_connector *connector = calloc(1, sizeof *connector);
    if (connector == NULL) return NT_NO_MEMORY;
    lws_set_log_level(0, NULL);
    struct lws_context_creation_info info = nt_trust_info(nt_http_protocols);
    info.fd_limit_per_thread = 2 * MAX_EXCHANGES + 16;
    // Room for those that end in this turn, too: a connection that waits for room takes back the
    // exchange that nt_connector_finish took from it.
    info.max_http_header_pool = 2 * MAX_EXCHANGES;
    connector->context = lws_create_context(&info);
    connector->trust =
        (nt_trust_set){.context = connector->context, .protocols = nt_http_protocols};
    pthread_mutex_init(&connector->lock, NULL);
    pthread_cond_init(&connector->finished, NULL);
    if (connector->context == NULL ||
        pthread_create(&connector->thread, NULL, work, connector) != 0) {
        if (connector->context != NULL) lws_context_destroy(connector->context);
        free(connector);
        return nt_fail(NT_IO, "cannot start the connector");
    }
    *out = connector;
    return NT_OK;
}

void nt_connector_destroy(nt_connector *connector) {
    if (connector == NULL) return;
    pthread_mutex_lock(&connector->lock);
    connector->stopping = true;
    pthread_mutex_unlock(&connector->lock);
    lws_cancel_service(connector->context);
    pthread_join(connector->thread, NULL);
    pthread_mutex_lock(&connector->lock);
    while (connector->callers > 0) pthread_cond_wait(&connector->finished, &connector->lock);
    pthread_mutex_unlock(&connector->lock);
    lws_context_destroy(connector->context);
    nt_trust_free(&connector->trust);
    pthread_cond_destroy(&connector->finished);
    pthread_mutex_destroy(&connector->lock);
    free(connector);
}

static nt_status check(const nt_http_request *request) {
    static const char *const methods[] = {"GET", "POST", "PUT", "DELETE"};
    bool known = false;
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
        if (request->method != NULL && strcmp(request->method, methods[i]) == 0) known = true;
    if (!known) return nt_fail(NT_INVALID, "the method must be GET, POST, PUT or DELETE");
    // libwebsockets cuts the name at ':'; an empty name would check nothing.
    if (request->host == NULL || request->host[0] == 0 || strlen(request->host) > LONGEST_HOST ||
        strpbrk(request->host, ":\r\n ") != NULL || request->port == 0)
        return nt_fail(NT_INVALID, "a request needs a host of up to 120 characters and a port");
    if (request->target == NULL || request->target[0] != '/' ||
        strlen(request->target) > LONGEST_TARGET || strpbrk(request->target, "\r\n ") != NULL)
        return nt_fail(NT_INVALID, "a target starts with '/', has no spaces and at most %d bytes",
                       LONGEST_TARGET);
    if (request->headers != NULL && strlen(request->headers) > LONGEST_HEADERS)
        return nt_fail(NT_INVALID, "more than %d bytes of headers", LONGEST_HEADERS);
    if (request->headers != NULL && request->headers[0] != 0 &&
        strcmp(request->headers + strlen(request->headers) - 1, "\n") != 0)
        return nt_fail(NT_INVALID, "each header line ends with CR LF");
    return NT_OK;
}

static uint32_t since_ms(const struct timespec *start) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint32_t)((now.tv_sec - start->tv_sec) * 1000 +
                      (now.tv_nsec - start->tv_nsec) / 1000000);
}

/// Given by the caller, or the first that the name has.
static nt_status find_address(nt_exchange_state *exchange, uint32_t limit_ms) {
    const nt_http_request *request = exchange->request;
    nt_addresses found;
    const char *host = request->address != NULL ? request->address : request->host;
    nt_status status = nt_resolve(host, limit_ms, &found);
    if (status == NT_OK) snprintf(exchange->address, sizeof exchange->address, "%s", found.text[0]);
    return status;
}

/// The name's share of the time limit is taken off it.
static nt_status prepare(nt_exchange_state *exchange) {
    const nt_http_request *request = exchange->request;
    nt_status status = check(request);
    if (status != NT_OK) return status;
    uint32_t limit_ms = request->timeout_ms != 0 ? request->timeout_ms : DEFAULT_TIMEOUT_MS;
    struct timespec start;
    clock_gettime(CLOCK_MONOTONIC, &start);
    status = find_address(exchange, limit_ms);
    if (status != NT_OK) return status;
    uint32_t spent_ms = since_ms(&start);
    exchange->limit_ms = limit_ms;
    exchange->timeout_ms = spent_ms < limit_ms ? limit_ms - spent_ms : 1;
    exchange->max_body = request->max_body != 0 ? request->max_body : DEFAULT_MAX_BODY;
    bool usual = request->port == (request->plain_text ? 80 : 443);
    snprintf(exchange->host_header, sizeof exchange->host_header, usual ? "%s" : "%s:%u",
             request->host, request->port);
    return NT_OK;
}

static nt_status wait_for(nt_connector *connector, nt_exchange_state *exchange) {
    pthread_mutex_lock(&connector->lock);
    if (connector->stopping) {
        pthread_mutex_unlock(&connector->lock);
        return nt_fail(NT_CLOSED, "the connector is closed");
    }
    if (connector->callers == MAX_EXCHANGES) {
        pthread_mutex_unlock(&connector->lock);
        return nt_fail(NT_BUSY, "more than %d requests at once", MAX_EXCHANGES);
    }
    connector->callers++;
    exchange->next = connector->waiting;
    connector->waiting = exchange;
    lws_cancel_service(connector->context);
    while (!exchange->done) pthread_cond_wait(&connector->finished, &connector->lock);
    connector->callers--;
    pthread_cond_broadcast(&connector->finished);
    pthread_mutex_unlock(&connector->lock);
    return exchange->status;
}

nt_status nt_http_perform(nt_connector *connector, const nt_http_request *request,
                          nt_http_response *response) {
    *response = (nt_http_response){.retry_after_s = -1, .used_weight = -1};
    nt_exchange_state exchange = {
        .connector = connector, .request = request, .response = response, .expected = -1};
    nt_status status = prepare(&exchange);
    if (status == NT_OK) status = wait_for(connector, &exchange);
    if (status == NT_OK) return NT_OK;
    if (response->error[0] == 0)
        snprintf(response->error, sizeof response->error, "%s", nt_last_error());
    nt_http_response_free(response);
    return nt_fail(status, "%s", response->error);
}

void nt_http_response_free(nt_http_response *response) {
    free(response->body);
    response->body = NULL;
    response->body_length = 0;
}
