// binance_json_fuzz.c — the JSON reader alone, against a second, plainer one.
//
// Proves: both accept the same texts; what is accepted can be walked to its last value without
// leaving the text, each part of the kind its first byte says, and each part is JSON by itself; an
// object has no name twice; no text that breaks off is accepted.
#include <stdlib.h>
#include <string.h>

#include "binance_wire.h"
#include "json.h"
#include "json_mutator.h"

enum { LONGEST = 1 << 14, MAX_WALKED = 20000 };

// --- a second reader: a stack instead of recursion, a table instead of branches -----------------

typedef struct {
    const uint8_t *at, *end;
} plain_text;

static void plain_blanks(plain_text *t) {
    while (t->at < t->end && strchr(" \n\r\t", *t->at) != NULL && *t->at != 0) t->at++;
}

/// One scalar value of UTF-8, by the table of RFC 3629; 0 when it is none.
static size_t plain_utf8(const plain_text *t) {
    static const struct {
        uint8_t first, last, low, high, size;
    } rows[] = {
        {0x20, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (*t->at < rows[i].first || *t->at > rows[i].last) continue;
        if ((size_t)(t->end - t->at) < rows[i].size) return 0;
        if (rows[i].size > 1 && (t->at[1] < rows[i].low || t->at[1] > rows[i].high)) return 0;
        for (size_t k = 2; k < rows[i].size; k++)
            if (t->at[k] < 0x80 || t->at[k] > 0xbf) return 0;
        return rows[i].size;
    }
    return 0;
}

static bool plain_string(plain_text *t) {
    for (t->at++; t->at < t->end && *t->at != '"';) {
        const size_t size = plain_utf8(t);
        if (size == 0) return false;
        if (*t->at != '\\') {
            t->at += size;
            continue;
        }
        if (t->end - t->at < 2 || t->at[1] == 0) return false;
        size_t digits = 0;
        if (t->at[1] == 'u') {
            while (digits < 4 && t->at + 2 + digits < t->end && t->at[2 + digits] != 0 &&
                   strchr("0123456789abcdefABCDEF", t->at[2 + digits]) != NULL)
                digits++;
            if (digits < 4) return false;
        } else if (strchr("\"\\/bfnrt", t->at[1]) == NULL) {
            return false;
        }
        t->at += 2 + digits;
    }
    if (t->at == t->end) return false;
    t->at++;
    return true;
}

static size_t plain_digits(plain_text *t) {
    const uint8_t *first = t->at;
    while (t->at < t->end && *t->at >= '0' && *t->at <= '9') t->at++;
    return (size_t)(t->at - first);
}

static bool plain_number(plain_text *t) {
    if (t->at < t->end && *t->at == '-') t->at++;
    const uint8_t *first = t->at;
    const size_t digits = plain_digits(t);
    if (digits == 0 || (digits > 1 && *first == '0')) return false;
    if (t->at < t->end && *t->at == '.') {
        t->at++;
        if (plain_digits(t) == 0) return false;
    }
    if (t->at < t->end && (*t->at == 'e' || *t->at == 'E')) {
        t->at++;
        if (t->at < t->end && (*t->at == '+' || *t->at == '-')) t->at++;
        if (plain_digits(t) == 0) return false;
    }
    return true;
}

static bool plain_scalar(plain_text *t) {
    static const char *const words[] = {"true", "false", "null"};
    if (*t->at == '"') return plain_string(t);
    for (size_t i = 0; i < 3; i++) {
        const size_t length = strlen(words[i]);
        if ((size_t)(t->end - t->at) < length || memcmp(t->at, words[i], length) != 0) continue;
        t->at += length;
        return true;
    }
    return plain_number(t);
}

/// The name of a member and its colon.
static bool plain_name(plain_text *t) {
    plain_blanks(t);
    if (t->at == t->end || *t->at != '"' || !plain_string(t)) return false;
    plain_blanks(t);
    if (t->at == t->end || *t->at != ':') return false;
    t->at++;
    return true;
}

/// Closes what ends here; false: a comma wants another member, or the text is wrong.
static bool plain_check(plain_text t) {
    uint8_t open[BN_MAX_DEPTH];
    size_t depth = 0;
    for (;;) {
        plain_blanks(&t);
        if (t.at == t.end) return false;
        if (*t.at == '{' || *t.at == '[') {
            if (depth == BN_MAX_DEPTH) return false;
            open[depth++] = *t.at++;
            plain_blanks(&t);
            const bool empty = t.at < t.end && *t.at == open[depth - 1] + 2;
            if (!empty) {
                if (open[depth - 1] == '{' && !plain_name(&t)) return false;
                continue;
            }
        } else if (!plain_scalar(&t)) {
            return false;
        }
        for (;;) { // Behind a value, or in front of an empty container's end.
            plain_blanks(&t);
            if (depth == 0) return t.at == t.end;
            if (t.at == t.end) return false;
            if (*t.at != open[depth - 1] + 2) break;
            t.at++;
            depth--;
        }
        if (*t.at++ != ',') return false;
        if (open[depth - 1] == '{' && !plain_name(&t)) return false;
    }
}

// --- walking what was accepted ------------------------------------------------------------------

static bn_kind kind_of(char first) {
    switch (first) {
    case '{':
        return BN_OBJECT;
    case '[':
        return BN_ARRAY;
    case 't':
        return BN_TRUE;
    case 'f':
        return BN_FALSE;
    case 'n':
        return BN_NULL;
    default:
        return BN_NUMBER;
    }
}

static void check_part(const bn_value *whole, const bn_value *part) {
    bn_value again;
    NT_ASSERT(part->text >= whole->text);
    NT_ASSERT(part->text + part->length <= whole->text + whole->length);
    if (part->kind == BN_STRING) {
        NT_ASSERT(part->text[-1] == '"' && part->text[part->length] == '"');
        return;
    }
    NT_ASSERT(part->length > 0 && part->kind == kind_of(part->text[0]));
    NT_ASSERT(bn_json_check(part->text, part->length, &again) == NT_OK);
    NT_ASSERT(again.text == part->text && again.length == part->length);
}

static void walk(const bn_value *whole, const bn_value *value, uint32_t *budget) {
    bn_value element;
    if (*budget == 0) return;
    --*budget;
    if (value->kind == BN_ARRAY) {
        bn_cursor cursor = bn_array_begin(value);
        while (bn_array_next(&cursor, &element)) {
            check_part(value, &element);
            walk(whole, &element, budget);
        }
    } else if (value->kind == BN_OBJECT) {
        bn_object *object = malloc(sizeof *object);
        NT_ASSERT(object != NULL);
        const nt_status status = bn_object_read(value, object);
        for (uint32_t i = 0; status == NT_OK && i < object->count; i++) {
            check_part(value, &object->keys[i]);
            check_part(value, &object->values[i]);
            NT_ASSERT(object->keys[i].kind == BN_STRING);
            walk(whole, &object->values[i], budget);
        }
        if (status == NT_OK) NT_ASSERT(bn_object_get(object, "no such name")->kind == BN_NONE);
        free(object);
    } else {
        bn_cursor cursor = bn_array_begin(value);
        NT_ASSERT(!bn_array_next(&cursor, &element));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    bn_value root, prefix;
    if (length > LONGEST) return 0;
    const char *text = (const char *)bytes;
    const bool accepted = bn_json_check(text, (uint32_t)length, &root) == NT_OK;
    NT_ASSERT(accepted == plain_check((plain_text){bytes, bytes + length}));
    const bool strict = bn_json_is_strict(text, (uint32_t)length);
    NT_ASSERT(accepted || !strict);
    if (!accepted) return 0;
    uint32_t budget = MAX_WALKED;
    walk(&root, &root, &budget);
    if (root.kind != BN_OBJECT && root.kind != BN_ARRAY) return 0;
    const uint32_t end = (uint32_t)(root.text - text) + root.length;
    for (uint32_t cut = end; cut-- > 0;) {
        if (end - cut > 64 && cut % 97 != 0) continue;
        NT_ASSERT(bn_json_check(text, cut, &prefix) != NT_OK);
    }
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed) {
    return json_mutate(data, size, max_size, seed);
}
