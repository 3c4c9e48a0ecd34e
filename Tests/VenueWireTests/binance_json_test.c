// binance_json_test.c — the strict reader: what it takes, what it refuses, how it walks.
#include <stdlib.h>

#include "binance_wire.h"
#include "json.h"
#include "test.h"

static nt_status check(const char *text) {
    bn_value root;
    const uint32_t length = (uint32_t)strlen(text);
    char *copy = malloc(length > 0 ? length : 1);
    memcpy(copy, text, length);
    const nt_status status = bn_json_check(copy, length, &root);
    free(copy);
    return status;
}

TEST(binance_json, takes_every_kind_of_value) {
    static const char *const valid[] = {
        "{}",
        "[]",
        " [ ] ",
        "{\"a\":[1,{\"b\":null}]}",
        "\"\"",
        "0",
        "-0",
        "12.50",
        "1e9",
        "1E+9",
        "-1.5e-3",
        "true",
        "false",
        "null",
        "\"\\u00e9\\n\\\"\"",
        "\"\xc3\xa9\"",
        "\"\xef\xbc\x91\"",
        "\"\xf0\x9f\x98\x80\"",
        "[1, 2 ,3]",
        "{\"a\" : 1 , \"b\" : 2}",
    };
    for (size_t i = 0; i < sizeof valid / sizeof valid[0]; i++) {
        if (check(valid[i]) != NT_OK) nt_test_fail(__FILE__, __LINE__, "refused: %s", valid[i]);
    }
}

TEST(binance_json, refuses_what_the_grammar_refuses) {
    static const char *const invalid[] = {
        "",
        " ",
        "{",
        "}",
        "[",
        "[1",
        "[1,",
        "[1,]",
        "[,1]",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{a:1}",
        "{1:2}",
        "{\"a\" 1}",
        "01",
        "-",
        "1.",
        ".5",
        "+1",
        "1e",
        "1e+",
        "0x10",
        "NaN",
        "Infinity",
        "-Infinity",
        "tru",
        "truex",
        "nul",
        "\"",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"\\",
        "\"a\nb\"",
        "\"\t\"",
        "1 2",
        "{} {}",
        "'a'",
        "[1 2]",
        "//",
        "\"\x80\"",
        "\"\xc0\x80\"",
        "\"\xe0\x80\x80\"",
        "\"\xed\xa0\x80\"",
        "\"\xf5\x80\x80\x80\"",
        "\"\xf4\x90\x80\x80\"",
        "\"\xc3\"",
        "\"\xc3",
        "[}",
        "{]",
    };
    for (size_t i = 0; i < sizeof invalid / sizeof invalid[0]; i++) {
        if (check(invalid[i]) == NT_OK) nt_test_fail(__FILE__, __LINE__, "took: %s", invalid[i]);
    }
}

TEST(binance_json, bounds_the_depth) {
    char text[2 * BN_MAX_DEPTH + 3];
    memset(text, '[', BN_MAX_DEPTH);
    memset(text + BN_MAX_DEPTH, ']', BN_MAX_DEPTH);
    text[2 * BN_MAX_DEPTH] = 0;
    EXPECT_EQ(check(text), NT_OK);
    memset(text, '[', BN_MAX_DEPTH + 1);
    memset(text + BN_MAX_DEPTH + 1, ']', BN_MAX_DEPTH + 1);
    text[2 * BN_MAX_DEPTH + 2] = 0;
    EXPECT_EQ(check(text), NT_INVALID);
}

TEST(binance_json, survives_a_very_deep_text) {
    enum { DEEP = 1 << 20 };
    char *text = malloc(DEEP);
    memset(text, '[', DEEP);
    bn_value root;
    EXPECT_EQ(bn_json_check(text, DEEP, &root), NT_INVALID);
    free(text);
}

TEST(binance_json, walks_members_and_elements) {
    const char *text = " { \"a\" : \"x\\\"]}\" , \"b\":[ 1, [2,\"]\"] ,{} ],\"c\":-1.5e3 } ";
    bn_value root, element;
    bn_object object;
    EXPECT_EQ(bn_json_check(text, (uint32_t)strlen(text), &root), NT_OK);
    EXPECT_EQ(bn_object_read(&root, &object), NT_OK);
    EXPECT_EQ(object.count, 3);
    EXPECT(bn_value_is(bn_object_get(&object, "a"), "x\\\"]}"));
    EXPECT_EQ(bn_object_get(&object, "c")->kind, BN_NUMBER);
    EXPECT_EQ(bn_object_get(&object, "c")->length, 6);
    EXPECT_EQ(bn_object_get(&object, "d")->kind, BN_NONE);
    bn_cursor cursor = bn_array_begin(bn_object_get(&object, "b"));
    EXPECT(bn_array_next(&cursor, &element));
    EXPECT_EQ(element.kind, BN_NUMBER);
    EXPECT_EQ(element.length, 1);
    EXPECT(bn_array_next(&cursor, &element));
    EXPECT_EQ(element.kind, BN_ARRAY);
    EXPECT_EQ(element.length, 7);
    EXPECT(bn_array_next(&cursor, &element));
    EXPECT_EQ(element.kind, BN_OBJECT);
    EXPECT(!bn_array_next(&cursor, &element));
}

TEST(binance_json, refuses_a_name_twice_and_too_many_names) {
    bn_value root;
    bn_object object;
    const char *twice = "{\"a\":1,\"b\":2,\"a\":3}";
    EXPECT_EQ(bn_json_check(twice, (uint32_t)strlen(twice), &root), NT_OK);
    EXPECT_EQ(bn_object_read(&root, &object), NT_INVALID);
    char text[4096] = "{";
    size_t length = 1;
    for (int i = 0; i <= BN_MAX_MEMBERS; i++) {
        length += (size_t)snprintf(text + length, sizeof text - length, "\"m%d\":0,", i);
    }
    text[length - 1] = '}';
    EXPECT_EQ(bn_json_check(text, (uint32_t)length, &root), NT_OK);
    EXPECT_EQ(bn_object_read(&root, &object), NT_FULL);
}

TEST(binance_json, an_array_is_no_object) {
    bn_value root;
    bn_object object;
    EXPECT_EQ(bn_json_check("[]", 2, &root), NT_OK);
    EXPECT_EQ(bn_object_read(&root, &object), NT_INVALID);
    bn_cursor cursor = bn_array_begin(&(bn_value){"{}", 2, BN_OBJECT});
    bn_value element;
    EXPECT(!bn_array_next(&cursor, &element));
}

static bool is_strict(const char *text) { return bn_json_is_strict(text, (uint32_t)strlen(text)); }

TEST(binance_json, a_document_with_a_name_twice_at_any_depth_is_not_strict) {
    EXPECT(is_strict("{\"a\":1,\"b\":[{\"a\":2},{\"a\":3}]}"));
    EXPECT(is_strict(" [ 1, {} ] "));
    EXPECT(!is_strict("{\"a\":1,\"a\":2}"));
    EXPECT(!is_strict("{\"a\":[[{\"b\":1,\"c\":2,\"b\":3}]]}"));
    EXPECT(!is_strict("{\"a\":1"));
    EXPECT(!is_strict("{\"a\":\"\xc0\xaf\"}"));
    EXPECT(!is_strict(""));
}
