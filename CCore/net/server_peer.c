// server_peer.c — WebSocket peers: identity, one queue each, closing.
//
// A peer's id is never reused; id modulo max_peers is its slot, so finding one is O(1).
#include "server_private.h"

#include <stdlib.h>
#include <sys/socket.h>

enum { FIRST_MESSAGE = 4096, CODE_TOO_LONG = 1009 };

static nt_peer_slot *slot_of(nt_server *server, nt_peer peer) {
    if (peer == 0) return NULL;
    nt_peer_slot *slot = &server->peers[peer % server->config.max_peers];
    return slot->id == peer ? slot : NULL;
}

static nt_peer peer_of(struct lws *wsi) {
    return (nt_peer)(uintptr_t)lws_get_opaque_user_data(wsi);
}

static nt_peer_slot *take_slot(nt_server *server) {
    for (uint32_t i = 0; i < server->config.max_peers; i++) {
        nt_peer id = ++server->last_peer;
        nt_peer_slot *slot = &server->peers[id % server->config.max_peers];
        if (id == 0 || slot->id != 0) continue;
        *slot = (nt_peer_slot){.id = id};
        return slot;
    }
    return NULL;
}

static void drop_queue(nt_peer_slot *slot) {
    while (slot->first != NULL) {
        nt_outgoing *next = slot->first->next;
        free(slot->first);
        slot->first = next;
    }
    slot->last = NULL;
    slot->queued_bytes = 0;
}

static void free_slot(nt_peer_slot *slot) {
    drop_queue(slot);
    free(slot->message);
    *slot = (nt_peer_slot){0};
}

/// lws_return_http_status() would answer in HTTP/1.0 here, which some clients do not accept.
static int refuse(struct lws *wsi, unsigned status) {
    char answer[LWS_PRE + 128];
    int length =
        snprintf(answer + LWS_PRE, sizeof answer - LWS_PRE,
                 "HTTP/1.1 %u Refused\r\ncontent-length: 0\r\nconnection: close\r\n\r\n", status);
    lws_write(wsi, (uint8_t *)answer + LWS_PRE, (size_t)length, LWS_WRITE_HTTP);
    return -1;
}

int nt_peer_confirm(nt_server *server, struct lws *wsi) {
    char path[NT_SERVER_PATH], query[NT_SERVER_QUERY];
    if (nt_server_target(wsi, path, query) != 0) return refuse(wsi, 414);
    nt_peer_slot *slot = take_slot(server);
    if (slot == NULL) return refuse(wsi, 503);
    nt_peer id = slot->id;
    bool welcome = server->config.on_open == NULL ||
                   server->config.on_open(server->config.context, server, id, path, query);
    if (!welcome) {
        free_slot(slot);
        return refuse(wsi, 403);
    }
    lws_set_opaque_user_data(wsi, (void *)(uintptr_t)id);
    return 0;
}

void nt_peer_gone(nt_server *server, struct lws *wsi) {
    nt_peer id = peer_of(wsi);
    nt_peer_slot *slot = server != NULL && server->peers != NULL ? slot_of(server, id) : NULL;
    if (slot == NULL) return;
    free_slot(slot);
    if (server->config.on_close != NULL)
        server->config.on_close(server->config.context, server, id);
}

static int append(nt_peer_slot *slot, const uint8_t *bytes, size_t length) {
    size_t needed = slot->message_length + length;
    if (length == 0) return 0; // An empty fragment; there may be no memory yet.
    if (needed > NT_SERVER_MESSAGE_LIMIT) return -1;
    if (needed > slot->message_capacity) {
        size_t capacity = needed < FIRST_MESSAGE ? FIRST_MESSAGE : needed * 2;
        uint8_t *grown = realloc(slot->message, capacity);
        if (grown == NULL) return -1;
        slot->message = grown;
        slot->message_capacity = (uint32_t)capacity;
    }
    memcpy(slot->message + slot->message_length, bytes, length);
    slot->message_length = (uint32_t)needed;
    return 0;
}

static int receive(nt_server *server, nt_peer_slot *slot, struct lws *wsi, const uint8_t *bytes,
                   size_t length) {
    bool first = lws_is_first_fragment(wsi) != 0, last = lws_is_final_fragment(wsi) != 0;
    if (first) slot->message_length = 0;
    if (!(first && last) && append(slot, bytes, length) != 0) {
        lws_close_reason(wsi, (enum lws_close_status)CODE_TOO_LONG, NULL, 0);
        return -1;
    }
    if (!last || slot->cut || server->config.on_message == NULL) return 0;
    const uint8_t *message = first ? bytes : slot->message;
    uint32_t whole = first ? (uint32_t)length : slot->message_length;
    server->config.on_message(server->config.context, server, slot->id, message, whole);
    return 0;
}

/// Writes what the socket takes; then, when asked, the close code.
static int drain(nt_peer_slot *slot, struct lws *wsi) {
    while (slot->first != NULL && !slot->cut) {
        if (lws_send_pipe_choked(wsi)) {
            lws_callback_on_writable(wsi);
            return 0;
        }
        nt_outgoing *message = slot->first;
        int written = lws_write(wsi, message->bytes + LWS_PRE, message->length, message->kind);
        slot->first = message->next;
        if (slot->first == NULL) slot->last = NULL;
        slot->queued_bytes -= message->length;
        free(message);
        if (written < 0) return -1;
    }
    if (slot->cut) return -1;
    if (slot->close_code == 0) return 0;
    lws_close_reason(wsi, (enum lws_close_status)slot->close_code, NULL, 0);
    return -1;
}

int nt_peer_event(nt_server *server, struct lws *wsi, enum lws_callback_reasons reason, void *in,
                  size_t length) {
    nt_peer_slot *slot = slot_of(server, peer_of(wsi));
    if (slot == NULL) return -1;
    if (reason == LWS_CALLBACK_RECEIVE) return receive(server, slot, wsi, in, length);
    if (reason == LWS_CALLBACK_SERVER_WRITEABLE) return drain(slot, wsi);
    if (reason == LWS_CALLBACK_RECEIVE_PONG) {
        if (server->config.on_pong != NULL)
            server->config.on_pong(server->config.context, server, slot->id);
        return 0;
    }
    slot->wsi = wsi; // LWS_CALLBACK_ESTABLISHED
    if (slot->cut) return -1;
    if (slot->first != NULL || slot->close_code != 0) lws_callback_on_writable(wsi);
    return 0;
}

static void cut(nt_peer_slot *slot) {
    slot->cut = true;
    drop_queue(slot);
    if (slot->wsi == NULL) return;
    shutdown(lws_get_socket_fd(slot->wsi), SHUT_RDWR);
    lws_set_timeout(slot->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
}

static nt_status enqueue(nt_server *server, nt_peer peer, const uint8_t *bytes, uint32_t length,
                         enum lws_write_protocol kind) {
    nt_peer_slot *slot = slot_of(server, peer);
    if (slot == NULL || slot->cut || slot->close_code != 0) return NT_CLOSED;
    if (length > NT_SERVER_QUEUE_LIMIT - slot->queued_bytes) {
        cut(slot);
        return NT_BUSY;
    }
    nt_outgoing *message = malloc(sizeof *message + LWS_PRE + length);
    if (message == NULL) return NT_NO_MEMORY;
    *message = (nt_outgoing){.length = length, .kind = kind};
    if (length > 0) memcpy(message->bytes + LWS_PRE, bytes, length);
    if (slot->last != NULL)
        slot->last->next = message;
    else
        slot->first = message;
    slot->last = message;
    slot->queued_bytes += length;
    if (slot->wsi != NULL) lws_callback_on_writable(slot->wsi);
    return NT_OK;
}

nt_status nt_server_send(nt_server *server, nt_peer peer, const uint8_t *bytes, uint32_t length) {
    return enqueue(server, peer, bytes, length, LWS_WRITE_TEXT);
}

nt_status nt_server_ping(nt_server *server, nt_peer peer) {
    return enqueue(server, peer, NULL, 0, LWS_WRITE_PING);
}

void nt_server_close_peer(nt_server *server, nt_peer peer, uint16_t code) {
    nt_peer_slot *slot = slot_of(server, peer);
    if (slot == NULL) return;
    if (code == 0) {
        cut(slot);
        return;
    }
    slot->close_code = code;
    if (slot->wsi != NULL) lws_callback_on_writable(slot->wsi);
}
