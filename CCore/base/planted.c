// planted.c — which bug this process has; empty in every program that is not a test of the tests.
#include "nt/planted.h"

#ifdef NT_PLANTED

#include <stdio.h>
#include <stdlib.h>

uint32_t nt_planted_bug;

/// A number that cannot be read would be a run without a bug, which proves nothing: it ends.
__attribute__((constructor)) static void choose_bug(void) {
    const char *text = getenv("NEEDLETAIL_PLANTED_BUG");
    char *end = NULL;
    if (text == NULL || *text == '\0') return;
    const unsigned long number = strtoul(text, &end, 10);
    if (*end != '\0' || number > UINT32_MAX) {
        fprintf(stderr, "NEEDLETAIL_PLANTED_BUG=%s is no number\n", text);
        exit(2);
    }
    nt_planted_bug = (uint32_t)number;
}

#endif
