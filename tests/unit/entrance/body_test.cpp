#include "entrance/body.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <new>
#include <ostream>

namespace foorumi::forum {

// For GoogleTest's messages.
inline void PrintTo(const Refusal& refusal, std::ostream* out) {
    *out << refusal.reason << " (" << refusal.field << ')';
}

}  // namespace foorumi::forum

namespace foorumi::entrance {
namespace {

constexpr std::string_view watched_password = "korkea-aita-ja-vihreä-portti";
// Blocks that still held the password when they were given back.
std::size_t unwiped_blocks = 0;

void give_back(void* block, std::size_t bytes) noexcept {
    if (block != nullptr &&
        std::string_view(static_cast<const char*>(block), bytes).find(watched_password) != std::string_view::npos)
        ++unwiped_blocks;
    std::free(block);
}

}  // namespace
}  // namespace foorumi::entrance

// For the whole program: who frees memory by its size lets it be looked at first.
void* operator new(std::size_t bytes) {
    if (void* block = std::malloc(bytes == 0 ? 1 : bytes)) return block;
    throw std::bad_alloc();
}
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t bytes) noexcept { foorumi::entrance::give_back(block, bytes); }

namespace foorumi::entrance {
namespace {

using forum::ErrorCode;
using forum::Refusal;

const Refusal body_malformed{ErrorCode::invalid, "body_malformed", "", 0};

std::string nested(int depth) {
    std::string json = R"({"a":)";
    for (int n = 1; n < depth; ++n) json += '[';
    json += '1';
    for (int n = 1; n < depth; ++n) json += ']';
    return json + '}';
}

// {"a":[0,0,...]}
std::string of_parts(std::size_t parts) {
    std::string json = R"({"a":[0)";
    for (std::size_t n = 1; n < parts; ++n) json += ",0";
    return json + "]}";
}

TEST(Body, TextsAreFoundByTheirField) {
    const auto body = Body::parse(R"( {"name": "aino", "empty": "", "escaped": "\u00e4\n\u0000\ud83d\ude42"} )");
    ASSERT_TRUE(body.has_value());
    EXPECT_EQ(body->text("name").value(), "aino");
    EXPECT_EQ(body->text("empty").value(), "");
    EXPECT_EQ(body->text("escaped").value(), std::string("ä\n\0🙂", 8));
    EXPECT_EQ(body->secret("name")->view(), "aino");
    EXPECT_EQ(body->optional_text("name").value(), "aino");
}

TEST(Body, FieldThatIsMissingOrNullIsNamed) {
    const auto body = Body::parse(R"({"other": "x", "none": null})");
    for (const auto* field : {"name", "none", ""}) {
        const Refusal missing{ErrorCode::invalid, "field_missing", field, 0};
        EXPECT_EQ(body->text(field).error(), missing);
        EXPECT_EQ(body->secret(field).error(), missing);
        EXPECT_EQ(body->optional_text(field).value(), "");
    }
}

TEST(Body, FieldThatIsNoTextIsNamed) {
    const auto body = Body::parse(R"({"a": 1, "b": -1.5e3, "c": true, "d": [], "e": {}, "f": 18446744073709551615})");
    ASSERT_TRUE(body.has_value());
    for (const auto* field : {"a", "b", "c", "d", "e", "f"}) {
        const Refusal no_text{ErrorCode::invalid, "field_not_text", field, 0};
        EXPECT_EQ(body->text(field).error(), no_text);
        EXPECT_EQ(body->secret(field).error(), no_text);
        EXPECT_EQ(body->optional_text(field).error(), no_text);
    }
}

TEST(Body, OfOneFieldTwiceTheLastCounts) {
    const auto body = Body::parse(R"({"name": "aino", "name": "biret"})");
    EXPECT_EQ(body->text("name").value(), "biret");
}

TEST(Body, WhatIsNoJsonObjectIsMalformed) {
    for (const auto* json :
         {"", " ", "{", "}", "[]", "null", "\"aino\"", "1", R"({"a":})", R"({"a":1,})", R"({"a":1} x)", R"({"a":1}{})",
          R"({'a':1})", R"({a:1})", R"({"a":01})", "// x\n{}", R"({"a":"\x"})", "{\"a\":\"\n\"}", R"({"a":NaN})"})
        EXPECT_EQ(Body::parse(json).error(), body_malformed) << json;
    EXPECT_TRUE(Body::parse("{}").has_value());
}

TEST(Body, TextThatIsNotUnicodeIsMalformed) {
    for (const auto* json : {"{\"a\":\"\xff\"}", "{\"a\":\"\xc3\"}", "{\"a\":\"\xc0\xaf\"}", "{\"a\":\"\xed\xa0\x80\"}",
                             "{\"\xff\":\"a\"}", R"({"a":"\ud83d"})", R"({"a":"\ude42"})", "\xef\xbb\xbf{}"})
        EXPECT_EQ(Body::parse(json).error(), body_malformed) << json;
}

TEST(Body, DepthHasALimit) {
    EXPECT_TRUE(Body::parse(nested(4)).has_value());
    EXPECT_EQ(Body::parse(nested(5)).error(), body_malformed);
    EXPECT_EQ(Body::parse(nested(8'000)).error(), body_malformed);
}

TEST(Body, MemoryHasALimit) {
    EXPECT_TRUE(Body::parse(of_parts(200)).has_value());
    EXPECT_EQ(Body::parse(of_parts(8'000)).error(), body_malformed) << "within the limit of a call's bytes";
    const std::string longest(Body::memory / 2, 'x');
    const auto body = Body::parse(R"({"a":")" + longest + R"("})");
    ASSERT_TRUE(body.has_value());
    EXPECT_EQ(body->text("a").value(), longest);
    EXPECT_EQ(Body::parse(R"({"a":")" + std::string(Body::memory, 'x') + R"("})").error(), body_malformed);
}

TEST(Body, PasswordIsLeftInNoMemoryThatIsGivenBack) {
    const std::string json = R"({"name": "aino", "password": ")" + std::string(watched_password) + R"("})";
    const auto cut = json.substr(0, json.size() - 1);
    const auto full = cut + "," + of_parts(8'000).substr(1);
    unwiped_blocks = 0;
    std::make_unique<std::string>(json).reset();
    ASSERT_EQ(unwiped_blocks, 1U) << "what is not wiped is seen";
    {
        auto body = Body::parse(json);
        ASSERT_TRUE(body.has_value());
        const auto moved = std::move(*body);
        EXPECT_EQ(moved.secret("password")->view(), watched_password);
    }
    EXPECT_EQ(unwiped_blocks, 1U);
    EXPECT_TRUE(Body::parse(cut).has_error());
    EXPECT_TRUE(Body::parse(full).has_error());
    EXPECT_EQ(unwiped_blocks, 1U) << "nor where the body is refused";
}

}  // namespace
}  // namespace foorumi::entrance
