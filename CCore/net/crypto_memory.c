// crypto_memory.c — small blocks for OpenSSL from lists that belong to the thread.
//
// OpenSSL 3.0 takes three small blocks from the allocator for every TLS record it writes and one
// for every record it reads (its WPACKET). On the lane that would be an allocation, perhaps a lock,
// for every message. Here freed blocks stay with the thread, in one list per size; once a stream
// has carried a few messages, the allocator is not asked again.
//
// OpenSSL takes other memory functions only before its first allocation, hence the constructor.
// With a sanitizer the plain allocator stays, so that it can watch OpenSSL's blocks too.
#include "net_private.h"

#include <openssl/crypto.h>
#include <pthread.h>
#include <stdlib.h>

enum { SMALLEST = 32, CLASS_COUNT = 8, LARGEST = SMALLEST << (CLASS_COUNT - 1), KEPT = 64 };

typedef union block {
    struct {
        union block *next; ///< In a list.
        uint32_t capacity; ///< Of what follows; 0 in the header of none.
        uint32_t class;    ///< CLASS_COUNT: too large for the lists.
    } head;
    uint8_t aligned[16]; ///< OpenSSL's part starts behind it, aligned as malloc's.
} block;
static_assert(sizeof(block) == 16, "the header keeps malloc's alignment");

typedef struct {
    block *first;
    uint32_t count;
} list;

static __thread list lists[CLASS_COUNT];
static __thread bool registered;
static pthread_key_t exit_key;
static bool installed;

static uint32_t class_of(size_t size) {
    uint32_t class = 0;
    for (size_t capacity = SMALLEST; capacity < size; capacity *= 2) class ++;
    return class;
}

/// At a thread's end its lists go back to the allocator.
static void give_all_back(void *unused) {
    (void)unused;
    for (uint32_t i = 0; i < CLASS_COUNT; i++) {
        while (lists[i].first != NULL) {
            block *next = lists[i].first->head.next;
            free(lists[i].first);
            lists[i].first = next;
        }
        lists[i].count = KEPT; // What OpenSSL frees later still is not kept.
    }
}

static void *take(size_t size, const char *file, int line) {
    (void)file, (void)line;
    if (size == 0) return NULL;
    uint32_t class = size <= LARGEST ? class_of(size) : CLASS_COUNT;
    if (class < CLASS_COUNT && lists[class].first != NULL) {
        block *block = lists[class].first;
        lists[class].first = block->head.next;
        lists[class].count--;
        return block + 1;
    }
    size_t capacity = class < CLASS_COUNT ? (size_t)SMALLEST << class : size;
    if (capacity > UINT32_MAX) return NULL;
    block *fresh = malloc(sizeof *fresh + capacity);
    if (fresh == NULL) return NULL;
    fresh->head.capacity = (uint32_t)capacity;
    fresh->head.class = class;
    return fresh + 1;
}

static void give(void *address, const char *file, int line) {
    (void)file, (void)line;
    if (address == NULL) return;
    block *block = (union block *)address - 1;
    uint32_t class = block->head.class;
    if (class == CLASS_COUNT || lists[class].count >= KEPT) {
        free(block);
        return;
    }
    if (!registered) {
        registered = true;
        pthread_setspecific(exit_key, &registered);
    }
    block->head.next = lists[class].first;
    lists[class].first = block;
    lists[class].count++;
}

static void *resize(void *address, size_t size, const char *file, int line) {
    if (address == NULL) return take(size, file, line);
    if (size == 0) {
        give(address, file, line);
        return NULL;
    }
    const block *old = (const block *)address - 1;
    if (size <= old->head.capacity) return address;
    void *fresh = take(size, file, line);
    if (fresh == NULL) return NULL;
    memcpy(fresh, address, old->head.capacity);
    give(address, file, line);
    return fresh;
}

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define NT_PLAIN_ALLOCATOR 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define NT_PLAIN_ALLOCATOR 1
#endif

#ifndef NT_PLAIN_ALLOCATOR
__attribute__((constructor))
#endif
static void __attribute__((unused)) install(void) {
    if (pthread_key_create(&exit_key, give_all_back) != 0) return;
    installed = CRYPTO_set_mem_functions(take, resize, give) == 1;
}

bool nt_crypto_memory_installed(void) { return installed; }
