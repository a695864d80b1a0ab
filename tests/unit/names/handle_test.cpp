#include "names/handle.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <vector>

#include "forum/text.hpp"
#include "name_samples.hpp"
#include "names/display_name.hpp"

namespace foorumi::names {
namespace {

std::string handle_reason(std::string_view handle, const NameLimits& limits = {}) {
    const auto checked = check_handle(handle, limits);
    return checked ? "" : checked.error().reason;
}

TEST(Handles, AreLettersAndDigitsJoinedBySingleMarks) {
    for (const auto* handle : {"aino.metsala", "a-b", "a_b", "abc", "1a2", "biret-ahkku", "a.-b", "a__b", "007"}) {
        EXPECT_EQ(handle_reason(handle), "") << handle;
    }
    for (const auto* handle : {"Aino", "äiti", "a b", ".abc", "abc.", "-abc", "abc_", "a..b", "a@b", "a/b", "a\nb",
                               "...", "abc\xC3\xA4", "abc\xFF"}) {
        EXPECT_EQ(handle_reason(handle), "handle_letters") << handle;
    }
    EXPECT_EQ(handle_reason(std::string_view("a\0b", 3)), "handle_letters");
}

TEST(Handles, HaveALength) {
    NameLimits limits;
    limits.handle_min = 3;
    limits.handle_max = 5;
    EXPECT_EQ(handle_reason("", limits), "handle_too_short");
    EXPECT_EQ(handle_reason("ab", limits), "handle_too_short");
    EXPECT_EQ(handle_reason("abc", limits), "");
    EXPECT_EQ(handle_reason("abcde", limits), "");
    EXPECT_EQ(handle_reason("abcdef", limits), "handle_too_long");
    limits.handle_min = 0;
    EXPECT_EQ(handle_reason("", limits), "handle_too_short");
}

TEST(Handles, AreRefusedWithTheirField) {
    const auto refused = check_handle("A", {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), (forum::Refusal{forum::ErrorCode::invalid, "handle_letters", "handle"}));
}

TEST(ProposedHandles, AreTheNameInAscii) {
    EXPECT_EQ(handle_of("Aino Metsälä", {}), "aino.metsala");
    EXPECT_EQ(handle_of("AINO METSA\u0308LA\u0308", {}), "aino.metsala");
    EXPECT_EQ(handle_of("Anna-Liisa Öberg", {}), "anna-liisa.oberg");
    EXPECT_EQ(handle_of("J. K. Paasi", {}), "j.k.paasi");
    EXPECT_EQ(handle_of("J.-P. Oja", {}), "j-p.oja");
    EXPECT_EQ(handle_of("Pat O'Brien", {}), "pat.obrien");
    EXPECT_EQ(handle_of("Čáhppe Ŋuvva Ŧiegá Đuro", {}), "cahppe.nuvva.tiega.duro");
    EXPECT_EQ(handle_of("Sääʹmǩiõll Ǥåǧǧ ʒǮ", {}), "saamkioll.gagg.zz");
}

TEST(ProposedHandles, OfOneNameDifferByTheirNumber) {
    EXPECT_EQ(handle_of("Aino Metsälä", {}, 1), "aino.metsala");
    EXPECT_EQ(handle_of("Aino Metsälä", {}, 2), "aino.metsala2");
    EXPECT_EQ(handle_of("Aino Metsälä", {}, 17), "aino.metsala17");
}

TEST(ProposedHandles, FitTheLimits) {
    NameLimits limits;
    limits.handle_min = 5;
    limits.handle_max = 20;
    EXPECT_EQ(handle_of("Bo", limits), "bo111");
    EXPECT_EQ(handle_of("Bo", limits, 2), "bo211");
    EXPECT_EQ(handle_of("Bo Ek", limits), "bo.ek");
    EXPECT_EQ(handle_of("Abcdefghij Klmnopqrs", limits), "abcdefghij.klmnopqrs");
    EXPECT_EQ(handle_of("Abcdefghij Klmnopqrst", limits), "abcdefghij.klmnopqrs");
    EXPECT_EQ(handle_of("Abcdefghij Klmnopqrs", limits, 2), "abcdefghij.klmnopqr2");
    EXPECT_EQ(handle_of("Abcdefghijklmnopqrs Tu", limits), "abcdefghijklmnopqrs");
}

TEST(ProposedHandles, AreMentionedWhole) {
    for (const auto first : samples::first_names) {
        for (const auto last : samples::last_names) {
            const auto handle = handle_of(std::string(first) + " " + std::string(last), {});
            EXPECT_EQ(forum::mentioned_handles("Kiitos, @" + handle + "!"), std::vector{handle});
        }
    }
}

RC_GTEST_PROP(ProposedHandles, AreHandles, ()) {
    static const std::vector<std::string> pieces{"A", "i", "Ä", "ö", "Đ", "ʒ", "ʹ", "'", "-", ".", " ", "Z", "l"};
    std::string name = "B";
    for (const auto& piece : *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(pieces))) name += piece;
    NameLimits limits;
    limits.handle_min = *rc::gen::inRange<std::size_t>(1, 21);
    limits.handle_max = *rc::gen::inRange<std::size_t>(20, 64);
    const auto handle = handle_of(name, limits, *rc::gen::arbitrary<std::size_t>());
    RC_ASSERT(handle_reason(handle, limits).empty());
    RC_ASSERT(forum::mentioned_handles("@" + handle) == std::vector{handle});
}

}  // namespace
}  // namespace foorumi::names
