// executor_checks.c — the runtime's isolation check, with a count in front.
//
// An isolated closure that C calls begins by asking swift_task_isCurrentExecutor. Defined in the
// executable, that name wins over the concurrency library's; it hands on to it. An executor
// reference is two words, passed as a C function would take them.
#include "include/executor_checks.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>

typedef __attribute__((swiftcall)) bool (*check)(void *identity, void *witness);

static __thread uint64_t checks;

uint64_t executor_checks_take(void) {
    const uint64_t taken = checks;
    checks = 0;
    return taken;
}

void executor_checks_call(executor_checks_callback callback, void *context, uint32_t times) {
    for (uint32_t i = 0; i < times; i++) callback(context);
}

__attribute__((swiftcall)) bool swift_task_isCurrentExecutor(void *identity, void *witness);

__attribute__((swiftcall)) bool swift_task_isCurrentExecutor(void *identity, void *witness) {
    checks++;
    const check next = (check)dlsym(RTLD_NEXT, "swift_task_isCurrentExecutor");
    return next != NULL && next(identity, witness);
}
