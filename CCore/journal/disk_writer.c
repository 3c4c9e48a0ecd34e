// disk_writer.c — one operation in flight, always waited for.
//
// Completions of one file may come in any order, so nothing is submitted before the operation
// ahead of it has completed; and because every submission is waited for, the bytes are never
// touched while the kernel reads them.
#include "disk_writer.h"

#include <errno.h>
#include <string.h>

#include "segment.h"

enum {
    RING_ENTRIES = 4,
    MAX_RETRIES = 1000,  ///< Of EINTR and EAGAIN, per operation.
    MAX_WRITE = 1 << 30, ///< Of one submission.
};

void nt_disk_writer_init(nt_disk_writer *writer, nt_files files) {
    *writer = (nt_disk_writer){.files = files};
    if (!nt_files_are_system(&files)) return;
    // EPERM or ENOSYS where a sandbox or a sysctl refuses io_uring.
    const int result = io_uring_queue_init(RING_ENTRIES, &writer->uring, 0);
    writer->uses_uring = result == 0;
    writer->uring_error = -result;
}

void nt_disk_writer_destroy(nt_disk_writer *writer) {
    if (writer->uses_uring) io_uring_queue_exit(&writer->uring);
    writer->uses_uring = false;
}

/// Waits for the completion of `operation`; its result or a negative errno.
static int wait_for(nt_disk_writer *writer, uint64_t operation) {
    for (int tries = 0; tries < MAX_RETRIES; tries++) {
        struct io_uring_cqe *completion;
        const int status = io_uring_wait_cqe(&writer->uring, &completion);
        if (status == -EINTR || status == -EAGAIN) continue;
        if (status < 0) return status;
        const bool ours = io_uring_cqe_get_data64(completion) == operation;
        const int result = completion->res;
        io_uring_cqe_seen(&writer->uring, completion);
        if (ours) return result;
    }
    return -EIO;
}

/// Submits what was prepared and waits for it.
static int complete(nt_disk_writer *writer, struct io_uring_sqe *entry) {
    const uint64_t operation = ++writer->operations;
    io_uring_sqe_set_data64(entry, operation);
    int submitted = -EINTR;
    for (int tries = 0; tries < MAX_RETRIES && submitted < 1; tries++) {
        submitted = io_uring_submit(&writer->uring);
        if (submitted < 0 && submitted != -EINTR && submitted != -EAGAIN) return submitted;
    }
    return submitted < 1 ? -EIO : wait_for(writer, operation);
}

static int uring_write(nt_disk_writer *writer, int descriptor, const uint8_t *bytes,
                       uint32_t length, uint64_t offset) {
    struct io_uring_sqe *entry = io_uring_get_sqe(&writer->uring);
    if (entry == NULL) return -EBUSY;
    io_uring_prep_write(entry, descriptor, bytes, length, offset);
    return complete(writer, entry);
}

static nt_status fail_with(const char *operation, int error) {
    const nt_status status = error == ENOSPC || error == EDQUOT ? NT_FULL : NT_IO;
    return nt_fail(status, "%s: %s", operation, strerrordesc_np(error));
}

nt_status nt_disk_writer_write(nt_disk_writer *writer, int descriptor, const uint8_t *bytes,
                               uint64_t length, uint64_t offset) {
    if (!writer->uses_uring) {
        return writer->files.write(writer->files.context, descriptor, bytes, length, offset);
    }
    int retries = 0;
    while (length > 0) {
        const uint32_t part = length < MAX_WRITE ? (uint32_t)length : MAX_WRITE;
        const int result = uring_write(writer, descriptor, bytes, part, offset);
        if ((result == -EINTR || result == -EAGAIN) && ++retries < MAX_RETRIES) continue;
        if (result < 0) return fail_with("write journal", -result);
        if (result == 0) return fail_with("write journal", ENOSPC);
        // A short write goes on where it ended.
        bytes += result;
        length -= (uint64_t)result;
        offset += (uint64_t)result;
    }
    return NT_OK;
}

nt_status nt_disk_writer_sync(nt_disk_writer *writer, int descriptor) {
    if (!writer->uses_uring) return writer->files.sync(writer->files.context, descriptor);
    struct io_uring_sqe *entry = io_uring_get_sqe(&writer->uring);
    if (entry == NULL) return fail_with("sync journal", EBUSY);
    io_uring_prep_fsync(entry, descriptor, IORING_FSYNC_DATASYNC);
    const int result = complete(writer, entry);
    return result < 0 ? fail_with("sync journal", -result) : NT_OK;
}
