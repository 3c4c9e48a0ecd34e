// process.h — what a process that holds keys asks of the kernel.
#ifndef NT_PROCESS_H
#define NT_PROCESS_H

#include "nt/status.h"

#include <stdbool.h>

/// No core file from now on, and no other process of the same user may read this one's memory
/// (prctl(2), PR_SET_DUMPABLE). The limit is inherited by children. Any thread; call it before the
/// first key is read. NT_IO when the kernel says no.
nt_status nt_process_forbid_dumps(void);

/// Whether a core file could still be written, or the memory be read by its user.
bool nt_process_can_dump(void);

#endif
