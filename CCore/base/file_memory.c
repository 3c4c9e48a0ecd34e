// file_memory.c — a disk in memory whose failures a test chooses.
//
// Each file reserves its whole range of addresses at creation and the kernel gives pages as they
// are touched. So a mapping is the file itself, never moves, and shows the writes of others, as
// a shared mapping must.
#include "nt/file.h"
#include "nt/random.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
    MAX_FILES = 64,
    MAX_DESCRIPTORS = 256,
    MAX_PATH = 256,
    SECTOR = 512,
    MAPPED_HEADER = 4096,    ///< Of a mapped file: as it was when it was mapped.
    FIRST_DESCRIPTOR = 1000, ///< Never equals one of the system's by accident.
};
static const uint64_t max_file_size = UINT64_C(128) << 20;

/// What a write that is not synced wrote over.
typedef struct unsynced {
    struct unsynced *before;
    uint64_t offset, length;
    uint8_t old[];
} unsynced;

typedef struct {
    char path[MAX_PATH];
    uint8_t *bytes; ///< max_file_size reserved; zero beyond `size`.
    uint64_t size;
    unsynced *unsynced; ///< The newest; NULL: all is synced, or nobody remembers.
    bool mapped;
    uint8_t header[MAPPED_HEADER];
} memory_file;

struct nt_memory_disk {
    pthread_mutex_t lock;
    memory_file files[MAX_FILES];
    uint32_t file_count;
    memory_file *open[MAX_DESCRIPTORS]; ///< NULL: the descriptor is free.
    uint64_t operations_left;           ///< UINT64_MAX: no failure is planned.
    nt_status failure;
    bool tears_next;
    size_t torn_length;
    bool remembers;
    uint64_t boot;
};

static void forget(memory_file *file) {
    while (file->unsynced != NULL) {
        unsynced *before = file->unsynced->before;
        free(file->unsynced);
        file->unsynced = before;
    }
}

nt_memory_disk *nt_memory_disk_create(void) {
    nt_memory_disk *disk = calloc(1, sizeof *disk);
    if (disk == NULL) return NULL;
    pthread_mutex_init(&disk->lock, NULL);
    disk->operations_left = UINT64_MAX;
    return disk;
}

void nt_memory_disk_destroy(nt_memory_disk *disk) {
    if (disk == NULL) return;
    for (uint32_t i = 0; i < disk->file_count; i++) {
        forget(&disk->files[i]);
        munmap(disk->files[i].bytes, max_file_size);
    }
    pthread_mutex_destroy(&disk->lock);
    free(disk);
}

void nt_memory_disk_fail_after(nt_memory_disk *disk, uint64_t operations, nt_status status) {
    pthread_mutex_lock(&disk->lock);
    disk->operations_left = operations;
    disk->failure = status;
    pthread_mutex_unlock(&disk->lock);
}

void nt_memory_disk_tear_next(nt_memory_disk *disk, size_t length) {
    pthread_mutex_lock(&disk->lock);
    disk->tears_next = true;
    disk->torn_length = length;
    pthread_mutex_unlock(&disk->lock);
}

void nt_memory_disk_reboot(nt_memory_disk *disk) {
    pthread_mutex_lock(&disk->lock);
    disk->boot++;
    pthread_mutex_unlock(&disk->lock);
}

void nt_memory_disk_remember(nt_memory_disk *disk) {
    pthread_mutex_lock(&disk->lock);
    disk->remembers = true;
    pthread_mutex_unlock(&disk->lock);
}

/// Takes each sector that a write touched back, or leaves it.
static void take_back(memory_file *file, const unsynced *write, nt_random *random) {
    for (uint64_t at = 0; at < write->length;) {
        const uint64_t offset = write->offset + at;
        uint64_t part = SECTOR - offset % SECTOR;
        if (part > write->length - at) part = write->length - at;
        if (nt_random_below(random, 2) == 0) memcpy(file->bytes + offset, write->old + at, part);
        at += part;
    }
}

void nt_memory_disk_cut_power(nt_memory_disk *disk, uint64_t seed) {
    nt_random random = nt_random_seeded(seed);
    pthread_mutex_lock(&disk->lock);
    for (uint32_t i = 0; i < disk->file_count; i++) {
        memory_file *file = &disk->files[i];
        for (const unsynced *w = file->unsynced; w != NULL; w = w->before)
            take_back(file, w, &random);
        forget(file);
        if (file->mapped) {
            memset(file->bytes, 0, file->size);
            memcpy(file->bytes, file->header, MAPPED_HEADER);
        }
        file->mapped = false;
    }
    disk->boot++;
    pthread_mutex_unlock(&disk->lock);
}

// The functions below hold the lock.

/// NULL, with the text recorded, when the descriptor is not open.
static memory_file *find_open(const nt_memory_disk *disk, int descriptor) {
    const int slot = descriptor - FIRST_DESCRIPTOR;
    if (slot >= 0 && slot < MAX_DESCRIPTORS && disk->open[slot] != NULL) return disk->open[slot];
    nt_fail(NT_IO, "memory disk: bad descriptor %d", descriptor);
    return NULL;
}

static memory_file *find_path(nt_memory_disk *disk, const char *path) {
    for (uint32_t i = 0; i < disk->file_count; i++) {
        if (strcmp(disk->files[i].path, path) == 0) return &disk->files[i];
    }
    return NULL;
}

static nt_status create_file(nt_memory_disk *disk, const char *path, memory_file **out) {
    if (strlen(path) >= MAX_PATH) return nt_fail(NT_IO, "memory disk: path too long");
    memory_file *free_slot = find_path(disk, ""); // Its name was taken by another.
    if (free_slot != NULL) {
        memset(free_slot->bytes, 0, free_slot->size);
        free_slot->size = 0;
        free_slot->mapped = false;
        forget(free_slot);
        memcpy(free_slot->path, path, strlen(path) + 1);
        *out = free_slot;
        return NT_OK;
    }
    if (disk->file_count == MAX_FILES) return nt_fail(NT_FULL, "memory disk: too many files");
    void *bytes = mmap(NULL, max_file_size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (bytes == MAP_FAILED) return nt_fail(NT_NO_MEMORY, "memory disk: no address space");
    memory_file *file = &disk->files[disk->file_count++];
    memcpy(file->path, path, strlen(path) + 1);
    file->bytes = bytes;
    *out = file;
    return NT_OK;
}

static nt_status open_locked(nt_memory_disk *disk, const char *path, bool create, int *descriptor) {
    int slot = 0;
    while (slot < MAX_DESCRIPTORS && disk->open[slot] != NULL) slot++;
    if (slot == MAX_DESCRIPTORS) return nt_fail(NT_IO, "memory disk: too many open files");
    memory_file *file = find_path(disk, path);
    if (file == NULL) {
        if (!create) return nt_fail(NT_NOT_FOUND, "memory disk: no file %s", path);
        const nt_status status = create_file(disk, path, &file);
        if (status != NT_OK) return status;
    }
    disk->open[slot] = file;
    *descriptor = FIRST_DESCRIPTOR + slot;
    return NT_OK;
}

/// Counts one operation against the planned failure.
static nt_status count_operation(nt_memory_disk *disk) {
    if (disk->operations_left == UINT64_MAX) return NT_OK;
    if (disk->operations_left == 0) return nt_fail(disk->failure, "memory disk: planned failure");
    disk->operations_left--;
    return NT_OK;
}

/// Keeps what lies where a write goes.
static nt_status remember(memory_file *file, uint64_t offset, size_t length) {
    unsynced *write = malloc(sizeof *write + length);
    if (write == NULL) return nt_fail(NT_NO_MEMORY, "memory disk: no memory");
    *write = (unsynced){.before = file->unsynced, .offset = offset, .length = length};
    memcpy(write->old, file->bytes + offset, length);
    file->unsynced = write;
    return NT_OK;
}

static nt_status write_locked(nt_memory_disk *disk, int descriptor, const void *bytes,
                              size_t length, uint64_t offset) {
    memory_file *file = find_open(disk, descriptor);
    if (file == NULL) return NT_IO;
    const nt_status status = count_operation(disk);
    if (status != NT_OK) return status;
    if (offset > max_file_size || length > max_file_size - offset) {
        return nt_fail(NT_FULL, "memory disk: file too large");
    }
    const bool torn = disk->tears_next;
    disk->tears_next = false;
    if (torn && disk->torn_length < length) length = disk->torn_length;
    if (disk->remembers && remember(file, offset, length) != NT_OK) return NT_NO_MEMORY;
    if (length > 0) memcpy(file->bytes + offset, bytes, length);
    if (length > 0 && offset + length > file->size) file->size = offset + length;
    return torn ? nt_fail(NT_IO, "memory disk: torn write") : NT_OK;
}

static nt_status read_locked(nt_memory_disk *disk, int descriptor, void *bytes, size_t length,
                             uint64_t offset, size_t *got) {
    memory_file *file = find_open(disk, descriptor);
    *got = 0;
    if (file == NULL) return NT_IO;
    if (offset >= file->size) return NT_OK;
    const uint64_t left = file->size - offset;
    *got = length < left ? length : (size_t)left;
    if (*got > 0) memcpy(bytes, file->bytes + offset, *got);
    return NT_OK;
}

static nt_status resize_locked(nt_memory_disk *disk, int descriptor, uint64_t size) {
    memory_file *file = find_open(disk, descriptor);
    if (file == NULL) return NT_IO;
    const nt_status status = count_operation(disk);
    if (status != NT_OK) return status;
    if (size > max_file_size) return nt_fail(NT_FULL, "memory disk: file too large");
    if (size < file->size) memset(file->bytes + size, 0, file->size - size);
    file->size = size;
    return NT_OK;
}

static nt_status rename_locked(nt_memory_disk *disk, const char *from, const char *to) {
    memory_file *file = find_path(disk, from), *replaced = find_path(disk, to);
    if (file == NULL) return nt_fail(NT_NOT_FOUND, "memory disk: no file %s", from);
    if (strlen(to) >= MAX_PATH) return nt_fail(NT_IO, "memory disk: path too long");
    const nt_status status = count_operation(disk);
    if (status != NT_OK) return status;
    if (replaced != NULL && replaced != file) replaced->path[0] = '\0';
    memcpy(file->path, to, strlen(to) + 1);
    return NT_OK;
}

// The seam's functions.

static nt_status memory_open(void *context, const char *path, bool create, int *descriptor) {
    nt_memory_disk *disk = context;
    pthread_mutex_lock(&disk->lock);
    const nt_status status = open_locked(disk, path, create, descriptor);
    pthread_mutex_unlock(&disk->lock);
    return status;
}

static nt_status memory_write(void *context, int descriptor, const void *bytes, size_t length,
                              uint64_t offset) {
    nt_memory_disk *disk = context;
    pthread_mutex_lock(&disk->lock);
    const nt_status status = write_locked(disk, descriptor, bytes, length, offset);
    pthread_mutex_unlock(&disk->lock);
    return status;
}

static nt_status memory_read(void *context, int descriptor, void *bytes, size_t length,
                             uint64_t offset, size_t *got) {
    nt_memory_disk *disk = context;
    pthread_mutex_lock(&disk->lock);
    const nt_status status = read_locked(disk, descriptor, bytes, length, offset, got);
    pthread_mutex_unlock(&disk->lock);
    return status;
}

static nt_status memory_sync(void *context, int descriptor) {
    nt_memory_disk *disk = context;
    pthread_mutex_lock(&disk->lock);
    memory_file *file = find_open(disk, descriptor);
    const nt_status status = file == NULL ? NT_IO : count_operation(disk);
    if (status == NT_OK) forget(file);
    pthread_mutex_unlock(&disk->lock);
    return status;
}

static nt_status memory_size(void *context, int descriptor, uint64_t *size) {
    nt_memory_disk *disk = context;
    pthread_mutex_lock(&disk->lock);
    const memory_file *file = find_open(disk, descriptor);
    if (file != NULL) *size = file->size;
    pthread_mutex_unlock(&disk->lock);
    return file != NULL ? NT_OK : NT_IO;
}

static nt_status memory_resize(void *context, int descriptor, uint64_t size) {
    nt_memory_disk *disk = context;
    pthread_mutex_lock(&disk->lock);
    const nt_status status = resize_locked(disk, descriptor, size);
    pthread_mutex_unlock(&disk->lock);
    return status;
}

static nt_status memory_map(void *context, int descriptor, size_t length, void **address) {
    nt_memory_disk *disk = context;
    nt_status status = NT_OK;
    pthread_mutex_lock(&disk->lock);
    memory_file *file = find_open(disk, descriptor);
    if (file == NULL) {
        status = NT_IO;
    } else if (length == 0 || length > file->size) {
        status = nt_fail(NT_INVALID, "memory disk: mapping beyond the end");
    } else {
        *address = file->bytes;
        file->mapped = true;
        memcpy(file->header, file->bytes, MAPPED_HEADER);
    }
    pthread_mutex_unlock(&disk->lock);
    return status;
}

static void memory_unmap(void *context, void *address, size_t length) {
    (void)context, (void)address, (void)length; // The disk keeps its files' memory.
}

static void memory_close(void *context, int descriptor) {
    nt_memory_disk *disk = context;
    pthread_mutex_lock(&disk->lock);
    if (find_open(disk, descriptor) != NULL) disk->open[descriptor - FIRST_DESCRIPTOR] = NULL;
    pthread_mutex_unlock(&disk->lock);
}

static nt_status memory_rename(void *context, const char *from, const char *to) {
    nt_memory_disk *disk = context;
    pthread_mutex_lock(&disk->lock);
    const nt_status status = rename_locked(disk, from, to);
    pthread_mutex_unlock(&disk->lock);
    return status;
}

static nt_status memory_sync_directory(void *context, const char *directory) {
    nt_memory_disk *disk = context;
    (void)directory;
    pthread_mutex_lock(&disk->lock);
    const nt_status status = count_operation(disk);
    pthread_mutex_unlock(&disk->lock);
    return status;
}

static void memory_boot(void *context, uint8_t out[NT_BOOT_SIZE]) {
    nt_memory_disk *disk = context;
    memset(out, 0, NT_BOOT_SIZE);
    pthread_mutex_lock(&disk->lock);
    memcpy(out, &disk->boot, sizeof disk->boot);
    pthread_mutex_unlock(&disk->lock);
}

nt_files nt_files_memory(nt_memory_disk *disk) {
    return (nt_files){
        .context = disk,
        .open = memory_open,
        .write = memory_write,
        .read = memory_read,
        .sync = memory_sync,
        .size = memory_size,
        .resize = memory_resize,
        .map = memory_map,
        .unmap = memory_unmap,
        .close = memory_close,
        .rename = memory_rename,
        .sync_directory = memory_sync_directory,
        .boot = memory_boot,
    };
}
