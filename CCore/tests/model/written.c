// written.c — finds the memory orders in the sources that no case ran.
//
// Weakening an order proves something only when some case runs it; so every acquire, release and
// stronger order that stands in the sources must have been run.
#include "checker.h"

#include <stdio.h>
#include <string.h>

enum { LINE_SIZE = 1024, CALL_LINES = 3 };

/// True when the line has an order that is more than relaxed, of an operation between threads.
static bool has_order(const char *line) {
    static const char *const orders[] = {"memory_order_consume", "memory_order_acquire",
                                         "memory_order_release", "memory_order_acq_rel",
                                         "memory_order_seq_cst"};
    if (strstr(line, "atomic_signal_fence") != NULL) return false;
    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
        if (strstr(line, orders[i]) != NULL) return true;
    }
    return false;
}

/// A call may end a few lines below its order, and has the number of its last line.
static bool was_run(const char *path, int line) {
    for (int i = 0; i < CALL_LINES; i++) {
        if (mutants_ran(path, line + i)) return true;
    }
    return false;
}

bool written_were_run(const char *const *paths, int count) {
    uint32_t orders = 0, missing = 0;
    for (int i = 0; i < count; i++) {
        char text[LINE_SIZE];
        FILE *file = fopen(paths[i], "r");
        if (file == NULL) {
            printf("FAILED  %s cannot be read\n", paths[i]);
            return false;
        }
        for (int line = 1; fgets(text, sizeof text, file) != NULL; line++) {
            if (!has_order(text)) continue;
            orders++;
            if (was_run(paths[i], line)) continue;
            printf("FAILED  %s:%d: no case in CCore/tests/model runs it:%s", paths[i], line, text);
            missing++;
        }
        fclose(file);
    }
    printf("orders above relaxed in the sources: %u, run: %u\n", orders, orders - missing);
    return missing == 0 && orders > 0;
}
