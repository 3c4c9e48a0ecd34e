// segment.h — a segment of the journal: one preallocated file, a header page, then records.
//
// A segment is named for its first sequence, so that the last record of one names the next.
#ifndef NT_JOURNAL_SEGMENT_H
#define NT_JOURNAL_SEGMENT_H

#include "nt/file.h"
#include "record.h"

#define NT_SEGMENT_MAGIC 0x314a544eu ///< "NTJ1"

enum {
    NT_PATH_MAX = 512,
    NT_NAME_MAX = 32, ///< Of a file of the journal.
    NT_SEGMENT_HEADER = 4096,
    NT_SEGMENT_SECTOR = 512, ///< The disk writes no less at once.
    NT_SEGMENT_MIN = 8192,
    NT_SEGMENT_MAX = 256 << 20,
};

/// First page of a segment. Little endian.
typedef struct nt_segment_header {
    uint32_t magic;
    uint32_t format;
    uint8_t account[16];
    uint32_t epoch; ///< Of the run that made it.
    uint32_t reserved;
    uint64_t first_sequence;
    uint64_t previous_last; ///< Last sequence of the segment before: first − 1.
    int64_t created_wall_ns;
    uint8_t chain[NT_CHAIN_SIZE]; ///< Before its first record; format 2.
    uint8_t zero[4020];
    uint32_t crc; ///< CRC32C of everything before.
} nt_segment_header;

static_assert(sizeof(nt_segment_header) == NT_SEGMENT_HEADER, "the header is one page");
static_assert(offsetof(nt_segment_header, crc) == 4092, "the checksum ends the page");

/// The segment being written.
typedef struct nt_segment {
    int descriptor; ///< −1: none.
    uint64_t first_sequence;
    uint64_t end;  ///< Offset behind its last record.
    uint64_t size; ///< Of the file.
} nt_segment;

/// directory/name. NT_INVALID when that is too long.
nt_status nt_path_join(const char *directory, const char *name, char out[NT_PATH_MAX]);

/// True when `files` are the operating system's own: then descriptors are real.
bool nt_files_are_system(const nt_files *files);

/// Name of the segment that begins with `first_sequence`: 20 digits and `.ntj`.
void nt_segment_name(uint64_t first_sequence, char out[NT_NAME_MAX]);

/// Path of the segment that begins with `first_sequence`.
nt_status nt_segment_path(const char *directory, uint64_t first_sequence, char out[NT_PATH_MAX]);

/// Where the next group of records begins: a sector that was synced is never written again, so that
/// no failing write can damage it.
static inline uint64_t nt_segment_next_sector(uint64_t offset) {
    return (offset + NT_SEGMENT_SECTOR - 1) / NT_SEGMENT_SECTOR * NT_SEGMENT_SECTOR;
}

/// Greatest first sequence among a directory's segments; 0 when there is none or when the files
/// are not the system's (the seam cannot list names).
uint64_t nt_segment_newest(const char *directory, const nt_files *files);

/// Least first sequence that is at least `from`, among the segments of a directory of the system's;
/// 0 when there is none.
uint64_t nt_segment_from(const char *directory, uint64_t from);

/// Makes, reserves and syncs the segment whose first record will be `first_sequence`. What a file
/// of that name holds is dropped: recovery has found no record in it.
nt_status nt_segment_create(const nt_journal_config *config, uint32_t epoch,
                            uint64_t first_sequence, const nt_chain *chain, nt_segment *out);

/// NT_OK, or NT_CORRUPT, NT_VERSION, NT_REFUSED with `path` in the text. `account` may be NULL.
nt_status nt_segment_header_check(const nt_segment_header *header, const char *path,
                                  uint64_t first_sequence, const uint8_t *account);

void nt_segment_close(const nt_files *files, nt_segment *segment);

#endif
