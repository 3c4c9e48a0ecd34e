// file_system.c — the operating system's files behind the seam.
//
// Growing a file reserves its blocks, because the journal writes through a mapping: a full disk
// must be an error here, not a SIGBUS in the middle of an order.
#include "nt/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static nt_status fail_errno(const char *operation, int error) {
    const nt_status status = error == ENOENT                      ? NT_NOT_FOUND
                             : error == ENOSPC || error == EDQUOT ? NT_FULL
                                                                  : NT_IO;
    return nt_fail(status, "%s: %s", operation, strerrordesc_np(error));
}

static nt_status system_open(void *context, const char *path, bool create, int *descriptor) {
    (void)context;
    const int flags = O_RDWR | O_CLOEXEC | (create ? O_CREAT : 0);
    int opened;
    do {
        opened = open(path, flags, 0600);
    } while (opened < 0 && errno == EINTR);
    if (opened < 0) {
        const int error = errno;
        return nt_fail(error == ENOENT ? NT_NOT_FOUND : NT_IO, "open %s: %s", path,
                       strerrordesc_np(error));
    }
    *descriptor = opened;
    return NT_OK;
}

static nt_status system_write(void *context, int descriptor, const void *bytes, size_t length,
                              uint64_t offset) {
    (void)context;
    if (offset > INT64_MAX || length > INT64_MAX - offset) return fail_errno("write file", EFBIG);
    const char *at = bytes;
    while (length > 0) {
        const ssize_t written = pwrite(descriptor, at, length, (off_t)offset);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return fail_errno("write file", errno);
        if (written == 0) return fail_errno("write file", ENOSPC);
        at += written;
        length -= (size_t)written;
        offset += (uint64_t)written;
    }
    return NT_OK;
}

static nt_status system_read(void *context, int descriptor, void *bytes, size_t length,
                             uint64_t offset, size_t *got) {
    (void)context;
    *got = 0;
    if (offset > INT64_MAX || length > INT64_MAX - offset) return fail_errno("read file", EFBIG);
    while (*got < length) {
        const ssize_t count =
            pread(descriptor, (char *)bytes + *got, length - *got, (off_t)(offset + *got));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return fail_errno("read file", errno);
        if (count == 0) return NT_OK;
        *got += (size_t)count;
    }
    return NT_OK;
}

static nt_status system_sync(void *context, int descriptor) {
    (void)context;
    // Not repeated after a failure: the kernel may have dropped the pages it could not write.
    if (fdatasync(descriptor) != 0) return fail_errno("sync file", errno);
    return NT_OK;
}

static nt_status system_size(void *context, int descriptor, uint64_t *size) {
    (void)context;
    struct stat information;
    if (fstat(descriptor, &information) != 0) return fail_errno("size of file", errno);
    *size = (uint64_t)information.st_size;
    return NT_OK;
}

/// Extends with reserved blocks, or sparsely where the file system cannot reserve.
static nt_status grow(int descriptor, uint64_t from, uint64_t to) {
    int error;
    do {
        error = posix_fallocate(descriptor, (off_t)from, (off_t)(to - from));
    } while (error == EINTR);
    if (error == 0) return NT_OK;
    if (error != EOPNOTSUPP && error != EINVAL) return fail_errno("grow file", error);
    if (ftruncate(descriptor, (off_t)to) != 0) return fail_errno("grow file", errno);
    return NT_OK;
}

static nt_status system_resize(void *context, int descriptor, uint64_t size) {
    uint64_t current = 0;
    if (size > INT64_MAX) return fail_errno("resize file", EFBIG);
    const nt_status status = system_size(context, descriptor, &current);
    if (status != NT_OK) return status;
    if (size > current) return grow(descriptor, current, size);
    if (ftruncate(descriptor, (off_t)size) != 0) return fail_errno("resize file", errno);
    return NT_OK;
}

static nt_status system_map(void *context, int descriptor, size_t length, void **address) {
    uint64_t size = 0;
    const nt_status status = system_size(context, descriptor, &size);
    if (status != NT_OK) return status;
    if (length == 0 || length > size) return nt_fail(NT_INVALID, "map file: beyond its end");
    void *mapped =
        mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, descriptor, 0);
    if (mapped == MAP_FAILED) return fail_errno("map file", errno);
    *address = mapped;
    return NT_OK;
}

static void system_unmap(void *context, void *address, size_t length) {
    (void)context;
    munmap(address, length);
}

static void system_close(void *context, int descriptor) {
    (void)context;
    close(descriptor);
}

static nt_status system_rename(void *context, const char *from, const char *to) {
    (void)context;
    if (rename(from, to) != 0) return fail_errno("rename file", errno);
    return NT_OK;
}

static nt_status system_sync_directory(void *context, const char *directory) {
    (void)context;
    const int descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return fail_errno("open directory", errno);
    const int failed = fsync(descriptor) != 0 ? errno : 0;
    close(descriptor);
    return failed != 0 ? fail_errno("sync directory", failed) : NT_OK;
}

/// The kernel's own name of this run, as text with dashes; zeros where it does not tell.
static void system_boot(void *context, uint8_t out[NT_BOOT_SIZE]) {
    (void)context;
    static const char hexadecimal[] = "0123456789abcdef";
    char text[64] = {0};
    memset(out, 0, NT_BOOT_SIZE);
    const int descriptor = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return;
    const ssize_t length = read(descriptor, text, sizeof text - 1);
    close(descriptor);
    unsigned digits = 0;
    for (ssize_t i = 0; i < length && digits < 2 * NT_BOOT_SIZE; i++) {
        const char *found = memchr(hexadecimal, text[i], sizeof hexadecimal - 1);
        if (found == NULL) continue;
        const uint8_t value = (uint8_t)(found - hexadecimal);
        out[digits / 2] = (uint8_t)(out[digits / 2] << 4 | value);
        digits++;
    }
}

nt_files nt_files_system(void) {
    return (nt_files){
        .context = NULL,
        .open = system_open,
        .write = system_write,
        .read = system_read,
        .sync = system_sync,
        .size = system_size,
        .resize = system_resize,
        .map = system_map,
        .unmap = system_unmap,
        .close = system_close,
        .rename = system_rename,
        .sync_directory = system_sync_directory,
        .boot = system_boot,
    };
}
