// crash_disk.c — see crash_disk.h. The program runs on a plain disk in memory; a list of operations
// is kept beside it and replayed into a model of what is synced and what is not.
#include "crash_disk.h"

#include <stdlib.h>
#include <string.h>

enum {
    SECTOR = 512,
    MAX_INODES = 64,
    MAX_SECTORS = 64, ///< Of a file.
    MAX_VERSIONS = 8, ///< Of a sector; older ones give way.
    MAX_PENDING = 16, ///< Sizes of a file, names of the directory.
    MAX_OPEN = 64,
    NAME = 64,
};

typedef enum { OP_CREATE, OP_RENAME, OP_WRITE, OP_RESIZE, OP_SYNC, OP_SYNC_NAMES } operation_kind;

typedef struct {
    operation_kind kind;
    int inode;
    uint64_t offset, length; ///< RESIZE: length is the size.
    uint8_t *bytes;
    char name[NAME], to[NAME];
    crash_progress progress;
} operation;

typedef struct {
    uint8_t base[SECTOR]; ///< As synced.
    uint8_t version[MAX_VERSIONS][SECTOR];
    uint32_t versions;
    bool in_flight; ///< Written and not synced: may be nonsense.
} sector;

typedef struct {
    sector sectors[MAX_SECTORS];
    uint64_t sizes[MAX_PENDING + 1]; ///< The first is the synced one.
    uint32_t pending_sizes;
} inode_model;

typedef struct {
    char name[MAX_INODES][NAME]; ///< Empty: the inode has none.
} name_table;

struct crash_disk {
    nt_memory_disk *disk;
    nt_files inner;
    crash_probe probe;
    void *probe_context;
    operation *operations;
    uint64_t count, capacity, told;
    // While recording.
    name_table names;
    int inodes;
    int open[MAX_OPEN];
    int descriptors[MAX_OPEN];
    void *mapping[MAX_INODES];
    size_t mapped[MAX_INODES];
    uint8_t *seen[MAX_INODES]; ///< The mapping as last recorded.
    // While visiting.
    uint64_t at;
    inode_model *model;
    name_table table[MAX_PENDING + 1]; ///< The first is the synced one.
    uint32_t pending_names;
};

// Recording.

static operation *record(crash_disk *disk, operation_kind kind, int inode) {
    if (disk->count == disk->capacity) {
        disk->capacity = disk->capacity == 0 ? 256 : disk->capacity * 2;
        disk->operations = realloc(disk->operations, disk->capacity * sizeof(operation));
        if (disk->operations == NULL) abort();
    }
    operation *next = &disk->operations[disk->count++];
    *next = (operation){.kind = kind, .inode = inode};
    return next;
}

static void record_write(crash_disk *disk, int inode, const void *bytes, uint64_t length,
                         uint64_t offset) {
    operation *next = record(disk, OP_WRITE, inode);
    next->bytes = malloc(length);
    if (next->bytes == NULL) abort();
    memcpy(next->bytes, bytes, length);
    next->offset = offset;
    next->length = length;
}

/// What was stored into mappings since the last operation.
static void record_mappings(crash_disk *disk) {
    for (int inode = 0; inode < disk->inodes; inode++) {
        const uint8_t *now = disk->mapping[inode];
        for (size_t at = 0; at < disk->mapped[inode]; at += SECTOR) {
            if (memcmp(now + at, disk->seen[inode] + at, SECTOR) == 0) continue;
            record_write(disk, inode, now + at, SECTOR, at);
            memcpy(disk->seen[inode] + at, now + at, SECTOR);
        }
    }
}

/// Before each operation: what holds until it happens belongs to the points since the one before.
static void pause_point(crash_disk *disk) {
    record_mappings(disk);
    if (disk->probe == NULL) return;
    const crash_progress now = disk->probe(disk->probe_context);
    for (; disk->told < disk->count; disk->told++) disk->operations[disk->told].progress = now;
}

static int inode_of_name(const name_table *table, const char *name) {
    for (int i = 0; i < MAX_INODES; i++) {
        if (strcmp(table->name[i], name) == 0) return i;
    }
    return -1;
}

static int inode_of(const crash_disk *disk, int descriptor) {
    for (int i = 0; i < MAX_OPEN; i++) {
        if (disk->descriptors[i] == descriptor) return disk->open[i];
    }
    abort();
}

/// A file that is opened for the first time: made now, or there from the start and synced.
static int add_inode(crash_disk *disk, const char *path, bool is_new, int descriptor) {
    const int inode = disk->inodes++;
    inode_model *model = &disk->model[inode];
    if (disk->inodes > MAX_INODES || strlen(path) >= NAME) abort();
    memcpy(disk->names.name[inode], path, strlen(path) + 1);
    if (is_new) {
        pause_point(disk);
        memcpy(record(disk, OP_CREATE, inode)->name, path, strlen(path) + 1);
        return inode;
    }
    memcpy(disk->table[0].name[inode], path, strlen(path) + 1);
    disk->inner.size(disk->inner.context, descriptor, &model->sizes[0]);
    for (int s = 0; s < MAX_SECTORS; s++) {
        size_t got;
        disk->inner.read(disk->inner.context, descriptor, model->sectors[s].base, SECTOR,
                         (uint64_t)s * SECTOR, &got);
    }
    return inode;
}

static nt_status crash_open(void *context, const char *path, bool create, int *descriptor) {
    crash_disk *disk = context;
    int inode = inode_of_name(&disk->names, path);
    nt_status status = disk->inner.open(disk->inner.context, path, false, descriptor);
    const bool is_new = status == NT_NOT_FOUND;
    if (is_new) status = disk->inner.open(disk->inner.context, path, create, descriptor);
    if (status != NT_OK) return status;
    if (inode < 0) inode = add_inode(disk, path, is_new, *descriptor);
    for (int i = 0; i < MAX_OPEN; i++) {
        if (disk->descriptors[i] != 0) continue;
        disk->descriptors[i] = *descriptor;
        disk->open[i] = inode;
        return NT_OK;
    }
    abort();
}

static nt_status crash_write(void *context, int descriptor, const void *bytes, size_t length,
                             uint64_t offset) {
    crash_disk *disk = context;
    pause_point(disk);
    record_write(disk, inode_of(disk, descriptor), bytes, length, offset);
    return disk->inner.write(disk->inner.context, descriptor, bytes, length, offset);
}

static nt_status crash_read(void *context, int descriptor, void *bytes, size_t length,
                            uint64_t offset, size_t *got) {
    crash_disk *disk = context;
    return disk->inner.read(disk->inner.context, descriptor, bytes, length, offset, got);
}

static nt_status crash_sync(void *context, int descriptor) {
    crash_disk *disk = context;
    pause_point(disk);
    record(disk, OP_SYNC, inode_of(disk, descriptor));
    return disk->inner.sync(disk->inner.context, descriptor);
}

static nt_status crash_size(void *context, int descriptor, uint64_t *size) {
    crash_disk *disk = context;
    return disk->inner.size(disk->inner.context, descriptor, size);
}

static nt_status crash_resize(void *context, int descriptor, uint64_t size) {
    crash_disk *disk = context;
    pause_point(disk);
    record(disk, OP_RESIZE, inode_of(disk, descriptor))->length = size;
    return disk->inner.resize(disk->inner.context, descriptor, size);
}

static nt_status crash_map(void *context, int descriptor, size_t length, void **address) {
    crash_disk *disk = context;
    const int inode = inode_of(disk, descriptor);
    const nt_status status = disk->inner.map(disk->inner.context, descriptor, length, address);
    if (status != NT_OK) return status;
    disk->mapping[inode] = *address;
    disk->mapped[inode] = length;
    disk->seen[inode] = malloc(length);
    if (disk->seen[inode] == NULL) abort();
    memcpy(disk->seen[inode], *address, length);
    return NT_OK;
}

static void crash_unmap(void *context, void *address, size_t length) {
    crash_disk *disk = context;
    pause_point(disk);
    for (int i = 0; i < disk->inodes; i++) {
        if (disk->mapping[i] == address) disk->mapped[i] = 0;
    }
    disk->inner.unmap(disk->inner.context, address, length);
}

static void crash_close(void *context, int descriptor) {
    crash_disk *disk = context;
    for (int i = 0; i < MAX_OPEN; i++) {
        if (disk->descriptors[i] == descriptor) disk->descriptors[i] = 0;
    }
    disk->inner.close(disk->inner.context, descriptor);
}

static void rename_in(name_table *table, const char *from, const char *to) {
    const int inode = inode_of_name(table, from), replaced = inode_of_name(table, to);
    if (inode < 0) return;
    if (replaced >= 0) table->name[replaced][0] = '\0';
    memcpy(table->name[inode], to, strlen(to) + 1);
}

static nt_status crash_rename(void *context, const char *from, const char *to) {
    crash_disk *disk = context;
    pause_point(disk);
    operation *next = record(disk, OP_RENAME, -1);
    memcpy(next->name, from, strlen(from) + 1);
    memcpy(next->to, to, strlen(to) + 1);
    rename_in(&disk->names, from, to);
    return disk->inner.rename(disk->inner.context, from, to);
}

static nt_status crash_sync_directory(void *context, const char *directory) {
    crash_disk *disk = context;
    pause_point(disk);
    record(disk, OP_SYNC_NAMES, -1);
    return disk->inner.sync_directory(disk->inner.context, directory);
}

static void crash_boot(void *context, uint8_t out[NT_BOOT_SIZE]) {
    crash_disk *disk = context;
    disk->inner.boot(disk->inner.context, out);
}

nt_files crash_disk_files(crash_disk *disk) {
    return (nt_files){
        .context = disk,
        .open = crash_open,
        .write = crash_write,
        .read = crash_read,
        .sync = crash_sync,
        .size = crash_size,
        .resize = crash_resize,
        .map = crash_map,
        .unmap = crash_unmap,
        .close = crash_close,
        .rename = crash_rename,
        .sync_directory = crash_sync_directory,
        .boot = crash_boot,
    };
}

void crash_disk_probe(crash_disk *disk, crash_probe probe, void *context) {
    disk->probe = probe;
    disk->probe_context = context;
}

uint64_t crash_disk_finish(crash_disk *disk) {
    pause_point(disk);
    return disk->count;
}

// Replaying into the model.

static const uint8_t *newest(const sector *sector) {
    return sector->versions == 0 ? sector->base : sector->version[sector->versions - 1];
}

static uint8_t *new_version(sector *sector) {
    uint8_t copy[SECTOR];
    memcpy(copy, newest(sector), SECTOR);
    if (sector->versions == MAX_VERSIONS) {
        memmove(sector->version[0], sector->version[1], (MAX_VERSIONS - 1) * SECTOR);
        sector->versions--;
    }
    memcpy(sector->version[sector->versions], copy, SECTOR);
    return sector->version[sector->versions++];
}

static void push_size(inode_model *model, uint64_t size) {
    if (model->sizes[model->pending_sizes] == size) return;
    if (model->pending_sizes == MAX_PENDING) abort();
    model->sizes[++model->pending_sizes] = size;
}

static void model_write(inode_model *model, const operation *write) {
    for (uint64_t done = 0; done < write->length;) {
        const uint64_t place = write->offset + done, in = place % SECTOR;
        uint64_t part = SECTOR - in;
        if (part > write->length - done) part = write->length - done;
        if (place / SECTOR >= MAX_SECTORS) abort();
        memcpy(new_version(&model->sectors[place / SECTOR]) + in, write->bytes + done, part);
        model->sectors[place / SECTOR].in_flight = true;
        done += part;
    }
    const uint64_t end = write->offset + write->length;
    if (end > model->sizes[model->pending_sizes]) push_size(model, end);
}

static void model_resize(inode_model *model, uint64_t size) {
    const uint64_t before = model->sizes[model->pending_sizes];
    for (uint64_t at = size / SECTOR; size < before && at * SECTOR < before; at++) {
        memset(new_version(&model->sectors[at]), 0, SECTOR);
    }
    push_size(model, size);
}

static void model_sync(inode_model *model) {
    for (int i = 0; i < MAX_SECTORS; i++) {
        memcpy(model->sectors[i].base, newest(&model->sectors[i]), SECTOR);
        model->sectors[i].versions = 0;
        model->sectors[i].in_flight = false;
    }
    model->sizes[0] = model->sizes[model->pending_sizes];
    model->pending_sizes = 0;
}

static name_table *new_names(crash_disk *disk) {
    if (disk->pending_names == MAX_PENDING) abort();
    disk->table[disk->pending_names + 1] = disk->table[disk->pending_names];
    return &disk->table[++disk->pending_names];
}

static void apply(crash_disk *disk, const operation *next) {
    switch (next->kind) {
    case OP_CREATE:
        memcpy(new_names(disk)->name[next->inode], next->name, NAME);
        break;
    case OP_RENAME:
        rename_in(new_names(disk), next->name, next->to);
        break;
    case OP_WRITE:
        model_write(&disk->model[next->inode], next);
        break;
    case OP_RESIZE:
        model_resize(&disk->model[next->inode], next->length);
        break;
    case OP_SYNC:
        model_sync(&disk->model[next->inode]);
        break;
    case OP_SYNC_NAMES:
        disk->table[0] = disk->table[disk->pending_names];
        disk->pending_names = 0;
        break;
    }
}

// Images. Each choice is a digit of the combination's number: names, then of each file its size and
// each of its sectors that is not synced.

typedef uint64_t (*chooser)(void *context, uint64_t choices);

static uint64_t sector_choices(const sector *sector) {
    return 1 + sector->versions + sector->in_flight; // Old, each version, nonsense.
}

crash_point crash_disk_go(crash_disk *disk, uint64_t point) {
    while (disk->at <= point) apply(disk, &disk->operations[disk->at++]);
    crash_point result = {.progress = disk->operations[point].progress, .images = 1};
    uint64_t *images = &result.images;
    *images = disk->pending_names + 1;
    for (int i = 0; i < disk->inodes; i++) {
        const inode_model *model = &disk->model[i];
        uint64_t factor = model->pending_sizes + 1;
        for (int s = -1; s < MAX_SECTORS; s++) {
            if (s >= 0) factor = sector_choices(&model->sectors[s]);
            *images = *images > UINT64_MAX / factor ? UINT64_MAX : *images * factor;
        }
    }
    return result;
}

static void fill_sector(const sector *sector, uint64_t choice, uint64_t salt, uint8_t *out) {
    if (choice == 0) {
        memcpy(out, sector->base, SECTOR);
    } else if (choice <= sector->versions) {
        memcpy(out, sector->version[choice - 1], SECTOR);
    } else {
        nt_random random = nt_random_seeded(salt);
        for (int i = 0; i < SECTOR; i++) out[i] = (uint8_t)nt_random_next(&random);
    }
}

static nt_memory_disk *build(crash_disk *disk, chooser choose, void *context) {
    nt_memory_disk *image = nt_memory_disk_create();
    const nt_files files = nt_files_memory(image);
    static uint8_t bytes[MAX_SECTORS * SECTOR];
    const name_table *names = &disk->table[choose(context, disk->pending_names + 1)];
    for (int i = 0; i < disk->inodes; i++) {
        const inode_model *model = &disk->model[i];
        const uint64_t size = model->sizes[choose(context, model->pending_sizes + 1)];
        for (int s = 0; s < MAX_SECTORS; s++) {
            const uint64_t choice = choose(context, sector_choices(&model->sectors[s]));
            fill_sector(&model->sectors[s], choice, (uint64_t)(i * MAX_SECTORS + s + 1),
                        bytes + s * SECTOR);
        }
        int descriptor;
        if (names->name[i][0] == '\0') continue;
        if (files.open(files.context, names->name[i], true, &descriptor) != NT_OK) abort();
        files.resize(files.context, descriptor, size);
        if (size > 0) files.write(files.context, descriptor, bytes, size, 0);
        files.close(files.context, descriptor);
    }
    uint64_t boots;
    uint8_t boot[NT_BOOT_SIZE];
    disk->inner.boot(disk->inner.context, boot);
    memcpy(&boots, boot, sizeof boots);
    for (uint64_t i = 0; i <= boots; i++) nt_memory_disk_reboot(image);
    return image;
}

static uint64_t choose_digit(void *context, uint64_t choices) {
    uint64_t *number = context;
    const uint64_t digit = *number % choices;
    *number /= choices;
    return digit;
}

/// How one drawn combination leans: all of everything, nothing, or any mix.
typedef struct {
    nt_random random;
    uint64_t lean; ///< Of 8: that many choices are the newest; of the rest half are the oldest.
} drawing;

static uint64_t choose_drawn(void *context, uint64_t choices) {
    drawing *drawn = context;
    if (choices == 1) return 0;
    const uint64_t newest_choice = choices > 2 ? choices - 2 : 1; // Before nonsense.
    if (nt_random_below(&drawn->random, 8) < drawn->lean) return newest_choice;
    if (nt_random_below(&drawn->random, 2) == 0) return 0;
    return nt_random_below(&drawn->random, choices);
}

nt_memory_disk *crash_disk_image(crash_disk *disk, uint64_t number) {
    return build(disk, choose_digit, &number);
}

nt_memory_disk *crash_disk_draw(crash_disk *disk, uint64_t seed) {
    drawing drawn = {.random = nt_random_seeded(seed)};
    drawn.lean = nt_random_below(&drawn.random, 9);
    return build(disk, choose_drawn, &drawn);
}

// Life.

crash_disk *crash_disk_create(nt_memory_disk *start) {
    crash_disk *disk = calloc(1, sizeof *disk);
    if (disk == NULL) abort();
    disk->model = calloc(MAX_INODES, sizeof *disk->model);
    if (disk->model == NULL) abort();
    disk->disk = start != NULL ? start : nt_memory_disk_create();
    disk->inner = nt_files_memory(disk->disk);
    return disk;
}

void crash_disk_destroy(crash_disk *disk) {
    for (uint64_t i = 0; i < disk->count; i++) free(disk->operations[i].bytes);
    for (int i = 0; i < MAX_INODES; i++) free(disk->seen[i]);
    free(disk->operations);
    free(disk->model);
    nt_memory_disk_destroy(disk->disk);
    free(disk);
}
