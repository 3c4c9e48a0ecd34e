// executor_checks.h — counts how often this thread was asked which executor it runs on, by standing
// in for the runtime's question. For tests: the lane's call into Swift must ask none.
#ifndef EXECUTOR_CHECKS_H
#define EXECUTOR_CHECKS_H

#include <stdint.h>

typedef void (*executor_checks_callback)(void *context);

/// Calls `callback` as a C core does, `times` times.
void executor_checks_call(executor_checks_callback callback, void *context, uint32_t times);
/// Checks of this thread since the last call of it.
uint64_t executor_checks_take(void);

#endif
