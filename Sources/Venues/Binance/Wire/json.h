// json.h — a small strict JSON reader without allocation.
//
// First the whole text is checked (bn_json_check), then values are walked as ranges of it, with
// no further errors possible but those of meaning. Numbers stay text: they become integers only
// through the exact decimal reader.
#ifndef BN_JSON_H
#define BN_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "nt/status.h"

enum {           ///< bn_kind
    BN_NONE = 0, ///< No such member.
    BN_OBJECT,
    BN_ARRAY,
    BN_STRING,
    BN_NUMBER,
    BN_TRUE,
    BN_FALSE,
    BN_NULL
};
typedef uint8_t bn_kind;

/// A range of a checked text: strings without their quotes and with escapes as they stand,
/// containers with their brackets. Borrowed.
typedef struct bn_value {
    const char *text;
    uint32_t length;
    bn_kind kind;
} bn_value;

typedef struct bn_cursor {
    const char *at, *end;
} bn_cursor;

enum { BN_MAX_DEPTH = 12, BN_MAX_MEMBERS = 96 };

/// The members of one object, in order. Keys with escapes match no name.
typedef struct bn_object {
    uint32_t count;
    bn_value keys[BN_MAX_MEMBERS], values[BN_MAX_MEMBERS];
} bn_object;

/// Checks that `text` is exactly one JSON value: grammar, UTF-8, depth. NT_INVALID otherwise.
nt_status bn_json_check(const char *text, uint32_t length, bn_value *root);

/// Cursor over an array's elements; over anything else it is empty.
bn_cursor bn_array_begin(const bn_value *array);
bool bn_array_next(bn_cursor *cursor, bn_value *element);

/// Reads an object's members. NT_INVALID: no object, or a name twice (parsers disagree on which
/// counts). NT_FULL: more than BN_MAX_MEMBERS.
nt_status bn_object_read(const bn_value *value, bn_object *out);
/// Never NULL: a value of kind BN_NONE when there is no such member.
const bn_value *bn_object_get(const bn_object *object, const char *name);

/// True for a string with exactly this text.
bool bn_value_is(const bn_value *value, const char *text);

#endif
