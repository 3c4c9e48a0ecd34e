// crc32c.h — the table version of nt_crc32c, seen by its test only.
#ifndef NT_BASE_CRC32C_H
#define NT_BASE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/// As nt_crc32c, on any processor.
uint32_t nt_crc32c_table(uint32_t crc, const void *bytes, size_t length);

#endif
