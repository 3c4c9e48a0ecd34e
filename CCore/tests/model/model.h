// model.h — cases for the model checker: a few threads running the real source on a small world.
//
// A case is run once for every interleaving of its threads' atomic operations and every value that
// C11 lets each of them read. It fails when two plain accesses race, when an MODEL_EXPECT does not
// hold, when all threads wait, and when the outcomes that were seen are not those it names.
// Case files see the world through shim.h, like the source under test.
#ifndef NT_MODEL_H
#define NT_MODEL_H

#include <stdbool.h>
#include <stdint.h>

enum { MODEL_THREADS = 4 };

typedef struct model_case {
    const char *suite, *name;
    /// Makes what the threads share, alone. Everything shared must come from malloc and the like.
    void *(*start)(void);
    void (*threads[MODEL_THREADS])(void *world);
    void (*end)(void *world); ///< Looks at what is left, alone. May be NULL.
    uint64_t outcomes;        ///< Every one of these bits must be seen, and no other.
    const char *fails;        ///< Part of the message with which it must fail; NULL: must not.
} model_case;

/// One atomic operation in the source.
typedef struct model_site {
    const char *file, *function, *kind;
    int line;
} model_site;

/// The next atomic operation of this thread is the one at `site`.
void model_at(const model_site *site);

void model_register(const model_case *added);

#define MODEL_CASE(group, title, ...)                                                              \
    static const model_case case_##group##_##title = {                                             \
        .suite = #group, .name = #title, __VA_ARGS__};                                             \
    __attribute__((constructor)) static void register_##group##_##title(void) {                    \
        model_register(&case_##group##_##title);                                                   \
    }

/// Notes that this execution came to the outcome `bit`, 0 … 63.
void model_outcome(uint32_t bit);

/// Leaves this execution, which is not looked at further: for loops that may turn without end.
void model_cut(void);

void model_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

#define MODEL_EXPECT(condition)                                                                    \
    do {                                                                                           \
        if (!(condition)) model_fail("%s:%d: expected %s", __FILE__, __LINE__, #condition);        \
    } while (0)

#endif
