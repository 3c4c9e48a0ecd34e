// resolve.c — names to addresses, with a time limit.
//
// getaddrinfo() has none, so a detached thread asks and the caller waits on a condition. Whoever
// lets go of the question last frees it; a resolver that hangs costs one abandoned thread.
#include "nt/resolve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { HELPER_STACK = 256 * 1024, MAX_NAME = 256 };

typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t answered;
    bool done;
    int users; ///< Caller and helper.
    int error; ///< EAI_…
    char host[MAX_NAME];
    nt_addresses addresses;
} question;

static void let_go(question *question) {
    pthread_mutex_lock(&question->lock);
    bool last = --question->users == 0;
    pthread_mutex_unlock(&question->lock);
    if (!last) return;
    pthread_cond_destroy(&question->answered);
    pthread_mutex_destroy(&question->lock);
    free(question);
}

static void add_address(const struct addrinfo *entry, nt_addresses *out) {
    const void *bytes = entry->ai_family == AF_INET
                            ? (const void *)&((struct sockaddr_in *)entry->ai_addr)->sin_addr
                            : (const void *)&((struct sockaddr_in6 *)entry->ai_addr)->sin6_addr;
    if (out->count == NT_MAX_ADDRESSES) return;
    char *text = out->text[out->count];
    if (inet_ntop(entry->ai_family, bytes, text, NT_ADDRESS_SIZE) == NULL) return;
    for (uint32_t i = 0; i < out->count; i++)
        if (strcmp(out->text[i], text) == 0) return;
    out->count++;
}

static int look_up(const char *host, nt_addresses *out) {
    static const int families[] = {AF_INET, AF_INET6};
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    int error = getaddrinfo(host, NULL, &hints, &list);
    if (error != 0) return error;
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++)
        for (const struct addrinfo *entry = list; entry != NULL; entry = entry->ai_next)
            if (entry->ai_family == families[i]) add_address(entry, out);
    freeaddrinfo(list);
    return out->count > 0 ? 0 : EAI_NONAME;
}

static void *helper(void *argument) {
    question *question = argument;
    nt_addresses addresses = {0};
    int error = look_up(question->host, &addresses);
    pthread_mutex_lock(&question->lock);
    question->error = error;
    question->addresses = addresses;
    question->done = true;
    pthread_cond_signal(&question->answered);
    pthread_mutex_unlock(&question->lock);
    let_go(question);
    return NULL;
}

static question *ask(const char *host) {
    question *asked = calloc(1, sizeof *asked);
    if (asked == NULL) return NULL;
    snprintf(asked->host, sizeof asked->host, "%s", host);
    asked->users = 2;
    pthread_condattr_t clock;
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&asked->answered, &clock);
    pthread_condattr_destroy(&clock);
    pthread_mutex_init(&asked->lock, NULL);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, HELPER_STACK);
    pthread_t thread;
    int failed = pthread_create(&thread, &attributes, helper, asked);
    pthread_attr_destroy(&attributes);
    if (failed == 0) return asked;
    asked->users = 1;
    let_go(asked);
    return NULL;
}

static struct timespec deadline_after(uint32_t timeout_ms) {
    struct timespec deadline;
    clock_gettime(CLOCK_MONOTONIC, &deadline);
    deadline.tv_sec += timeout_ms / 1000;
    deadline.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
    if (deadline.tv_nsec >= 1000000000) {
        deadline.tv_sec++;
        deadline.tv_nsec -= 1000000000;
    }
    return deadline;
}

nt_status nt_resolve(const char *host, uint32_t timeout_ms, nt_addresses *out) {
    uint8_t bytes[sizeof(struct in6_addr)];
    *out = (nt_addresses){0};
    if (host == NULL || host[0] == 0 || strlen(host) >= MAX_NAME)
        return nt_fail(NT_INVALID, "a host name has 1 to %d characters", MAX_NAME - 1);
    if (inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1) {
        snprintf(out->text[0], NT_ADDRESS_SIZE, "%s", host);
        out->count = 1;
        return NT_OK;
    }
    question *asked = ask(host);
    if (asked == NULL) return nt_fail(NT_NO_MEMORY, "cannot start a resolver thread");
    struct timespec deadline = deadline_after(timeout_ms);
    pthread_mutex_lock(&asked->lock);
    int waited = 0;
    while (!asked->done && waited == 0)
        waited = pthread_cond_timedwait(&asked->answered, &asked->lock, &deadline);
    bool done = asked->done;
    int error = asked->error;
    if (done && error == 0) *out = asked->addresses;
    pthread_mutex_unlock(&asked->lock);
    let_go(asked);
    if (!done) return nt_fail(NT_TIMEOUT, "%s was not resolved within %u ms", host, timeout_ms);
    if (error != 0) return nt_fail(NT_NOT_FOUND, "%s: %s", host, gai_strerror(error));
    return NT_OK;
}
