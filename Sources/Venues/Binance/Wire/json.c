// json.c — the check is a recursive descent with a depth bound; the walk trusts it.
//
// Grammar: RFC 8259. UTF-8: RFC 3629 (no overlong forms, no surrogates).
#include "json.h"
#include "binance_wire.h"

#include <string.h>

typedef struct {
    const uint8_t *at, *end;
} parser;

static bool check_value(parser *p, uint32_t depth);

static bool is_digit(uint8_t byte) { return (uint8_t)(byte - '0') <= 9; }
static bool is_blank(uint8_t byte) {
    return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

static void skip_blanks(parser *p) {
    while (p->at < p->end && is_blank(*p->at)) p->at++;
}

static bool take(parser *p, uint8_t byte) {
    if (p->at == p->end || *p->at != byte) return false;
    p->at++;
    return true;
}

static bool take_word(parser *p, const char *word) {
    const size_t length = strlen(word);
    if ((size_t)(p->end - p->at) < length || memcmp(p->at, word, length) != 0) return false;
    p->at += length;
    return true;
}

static bool is_hex(uint8_t byte) { return is_digit(byte) || (uint8_t)((byte | 0x20) - 'a') <= 5; }

/// After the backslash.
static bool check_escape(parser *p) {
    if (p->at == p->end) return false;
    const uint8_t kind = *p->at++;
    if (kind != 'u') return memchr("\"\\/bfnrt", kind, 8) != NULL;
    for (int i = 0; i < 4; i++) {
        if (p->at == p->end || !is_hex(*p->at)) return false;
        p->at++;
    }
    return true;
}

/// One sequence of two to four bytes; p->at stands on its first byte.
static bool check_multibyte(parser *p) {
    const uint8_t first = *p->at++;
    uint32_t rest, lowest, code;
    if (first >= 0xc2 && first <= 0xdf)
        rest = 1, lowest = 0x80, code = first & 0x1fu;
    else if (first >= 0xe0 && first <= 0xef)
        rest = 2, lowest = 0x800, code = first & 0x0fu;
    else if (first >= 0xf0 && first <= 0xf4)
        rest = 3, lowest = 0x10000, code = first & 0x07u;
    else
        return false;
    for (; rest > 0; rest--) {
        if (p->at == p->end || (*p->at & 0xc0) != 0x80) return false;
        code = (code << 6) | (*p->at++ & 0x3fu);
    }
    return code >= lowest && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
}

static bool check_string(parser *p) {
    if (!take(p, '"')) return false;
    while (p->at < p->end) {
        const uint8_t byte = *p->at;
        if (byte == '"') {
            p->at++;
            return true;
        }
        if (byte < 0x20) return false;
        if (byte >= 0x80) {
            if (!check_multibyte(p)) return false;
            continue;
        }
        p->at++;
        if (byte == '\\' && !check_escape(p)) return false;
    }
    return false;
}

static bool check_digits(parser *p) {
    const uint8_t *first = p->at;
    while (p->at < p->end && is_digit(*p->at)) p->at++;
    return p->at > first;
}

static bool check_number(parser *p) {
    take(p, '-');
    if (p->at == p->end || !is_digit(*p->at)) return false;
    if (*p->at == '0')
        p->at++;
    else
        check_digits(p);
    if (take(p, '.') && !check_digits(p)) return false;
    if (p->at < p->end && (*p->at | 0x20) == 'e') {
        p->at++;
        if (!take(p, '+')) take(p, '-');
        if (!check_digits(p)) return false;
    }
    return true;
}

static bool check_array(parser *p, uint32_t depth) {
    p->at++;
    skip_blanks(p);
    if (take(p, ']')) return true;
    for (;;) {
        if (!check_value(p, depth)) return false;
        if (take(p, ']')) return true;
        if (!take(p, ',')) return false;
    }
}

static bool check_object(parser *p, uint32_t depth) {
    p->at++;
    skip_blanks(p);
    if (take(p, '}')) return true;
    for (;;) {
        skip_blanks(p);
        if (!check_string(p)) return false;
        skip_blanks(p);
        if (!take(p, ':') || !check_value(p, depth)) return false;
        if (take(p, '}')) return true;
        if (!take(p, ',')) return false;
    }
}

/// A value with the blanks around it. `depth` containers are open already.
static bool check_value(parser *p, uint32_t depth) {
    skip_blanks(p);
    if (p->at == p->end) return false;
    bool valid;
    switch (*p->at) {
    case '{':
        valid = depth < BN_MAX_DEPTH && check_object(p, depth + 1);
        break;
    case '[':
        valid = depth < BN_MAX_DEPTH && check_array(p, depth + 1);
        break;
    case '"':
        valid = check_string(p);
        break;
    case 't':
        valid = take_word(p, "true");
        break;
    case 'f':
        valid = take_word(p, "false");
        break;
    case 'n':
        valid = take_word(p, "null");
        break;
    default:
        valid = check_number(p);
        break;
    }
    skip_blanks(p);
    return valid;
}

// --- walking a checked text ------------------------------------------------------------------

static const char *skip_text_blanks(const char *at, const char *end) {
    while (at < end && is_blank((uint8_t)*at)) at++;
    return at;
}

/// From an opening quote to behind the closing one.
static const char *string_end(const char *at) {
    for (at++; *at != '"'; at++) {
        if (*at == '\\') at++;
    }
    return at + 1;
}

static const char *container_end(const char *at) {
    uint32_t open = 0;
    for (;;) {
        switch (*at) {
        case '"':
            at = string_end(at);
            continue;
        case '{':
        case '[':
            open++;
            break;
        case '}':
        case ']':
            open--;
            break;
        default:
            break;
        }
        at++;
        if (open == 0) return at;
    }
}

static const char *scalar_end(const char *at, const char *end) {
    while (at < end && !is_blank((uint8_t)*at) && *at != ',' && *at != '}' && *at != ']') at++;
    return at;
}

/// Reads the value at `at` (no blanks before it); returns the place behind it.
static const char *walk_value(const char *at, const char *end, bn_value *out) {
    const char *after;
    switch (*at) {
    case '"':
        after = string_end(at);
        *out = (bn_value){at + 1, (uint32_t)(after - at) - 2, BN_STRING};
        return after;
    case '{':
        out->kind = BN_OBJECT;
        after = container_end(at);
        break;
    case '[':
        out->kind = BN_ARRAY;
        after = container_end(at);
        break;
    case 't':
        out->kind = BN_TRUE;
        after = at + 4;
        break;
    case 'f':
        out->kind = BN_FALSE;
        after = at + 5;
        break;
    case 'n':
        out->kind = BN_NULL;
        after = at + 4;
        break;
    default:
        out->kind = BN_NUMBER;
        after = scalar_end(at, end);
        break;
    }
    out->text = at;
    out->length = (uint32_t)(after - at);
    return after;
}

nt_status bn_json_check(const char *text, uint32_t length, bn_value *root) {
    parser p = {(const uint8_t *)text, (const uint8_t *)text + length};
    if (!check_value(&p, 0) || p.at != p.end) return NT_INVALID;
    const char *end = text + length;
    walk_value(skip_text_blanks(text, end), end, root);
    return NT_OK;
}

static bn_cursor inside(const bn_value *value, bn_kind kind) {
    if (value->kind != kind) return (bn_cursor){NULL, NULL};
    return (bn_cursor){value->text + 1, value->text + value->length - 1};
}

bn_cursor bn_array_begin(const bn_value *array) { return inside(array, BN_ARRAY); }

bool bn_array_next(bn_cursor *cursor, bn_value *element) {
    const char *at = skip_text_blanks(cursor->at, cursor->end);
    if (at == cursor->end) return false;
    at = skip_text_blanks(walk_value(at, cursor->end, element), cursor->end);
    cursor->at = at < cursor->end ? at + 1 : at;
    return true;
}

static bool object_next(bn_cursor *cursor, bn_value *key, bn_value *value) {
    const char *at = skip_text_blanks(cursor->at, cursor->end);
    if (at == cursor->end) return false;
    at = skip_text_blanks(walk_value(at, cursor->end, key), cursor->end) + 1;
    at = skip_text_blanks(at, cursor->end);
    at = skip_text_blanks(walk_value(at, cursor->end, value), cursor->end);
    cursor->at = at < cursor->end ? at + 1 : at;
    return true;
}

static bool equal(const bn_value *a, const bn_value *b) {
    return a->length == b->length && memcmp(a->text, b->text, a->length) == 0;
}

nt_status bn_object_read(const bn_value *value, bn_object *out) {
    out->count = 0;
    if (value->kind != BN_OBJECT) return NT_INVALID;
    bn_cursor cursor = inside(value, BN_OBJECT);
    bn_value key, member;
    while (object_next(&cursor, &key, &member)) {
        if (out->count == BN_MAX_MEMBERS) return NT_FULL;
        for (uint32_t i = 0; i < out->count; i++) {
            if (equal(&out->keys[i], &key)) return NT_INVALID;
        }
        out->keys[out->count] = key;
        out->values[out->count++] = member;
    }
    return NT_OK;
}

const bn_value *bn_object_get(const bn_object *object, const char *name) {
    static const bn_value none = {"", 0, BN_NONE};
    const size_t length = strlen(name);
    for (uint32_t i = 0; i < object->count; i++) {
        const bn_value *key = &object->keys[i];
        if (key->length == length && memcmp(key->text, name, length) == 0) {
            return &object->values[i];
        }
    }
    return &none;
}

bool bn_value_is(const bn_value *value, const char *text) {
    return value->kind == BN_STRING && value->length == strlen(text) &&
           memcmp(value->text, text, value->length) == 0;
}

// --- strictness of a whole document ------------------------------------------------------------

/// Depth is bounded by the check before.
static bool is_strict(const bn_value *value) {
    bn_value element;
    if (value->kind == BN_ARRAY) {
        bn_cursor cursor = bn_array_begin(value);
        while (bn_array_next(&cursor, &element))
            if (!is_strict(&element)) return false;
    }
    if (value->kind != BN_OBJECT) return true;
    bn_object object;
    if (bn_object_read(value, &object) != NT_OK) return false;
    for (uint32_t i = 0; i < object.count; i++)
        if (!is_strict(&object.values[i])) return false;
    return true;
}

bool bn_json_is_strict(const void *text, uint32_t length) {
    bn_value root;
    return bn_json_check(text, length, &root) == NT_OK && is_strict(&root);
}
