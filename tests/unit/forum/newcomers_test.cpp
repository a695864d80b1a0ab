// `channel` is the new member's own.
#include "forum/newcomers.hpp"

#include "rules_fixture.hpp"

namespace foorumi::forum::test {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr Millis newcomers_day = 24LL * 3600 * 1000;

class Newcomers : public RulesTest {
   protected:
    Newcomers() {
        limits.newcomers = {2 * newcomers_day, 6, 3, 1};
        join(now);
    }
    void join(Millis joined) {
        auto card = town.card(Town::aino);
        card.joined = joined;
        town.add(card);
    }
    Result<Decision> taking(std::string_view text = "teksti", bool counts = true) {
        return decide_newcomer(actor(Town::aino), text, counts, NeedsView(channel.entities(), needs_of_newcomer()));
    }
    void take() {
        const auto decision = taking();
        ASSERT_TRUE(decision) << decision.error().reason;
        channel.apply(*decision);
    }
    [[nodiscard]] bool is_new(Id member = Town::aino) const { return may_be_new(actor(member), Town::square); }
};

TEST_F(Newcomers, AreNewForSomeDays) {
    join(now - 2 * newcomers_day + 1);
    EXPECT_TRUE(is_new());
    join(now - 2 * newcomers_day);
    EXPECT_FALSE(is_new());
    join(0);
    EXPECT_FALSE(is_new()) << "nobody knows since when";
}

TEST_F(Newcomers, NobodyIsNewWhereThatIsSwitchedOffOrWhereTheyModerate) {
    limits.newcomers.new_ms = 0;
    EXPECT_FALSE(is_new());
    limits.newcomers.new_ms = newcomers_day;
    limits.newcomers.posts = 0;
    EXPECT_FALSE(is_new());
    limits.newcomers.posts = 1;
    auto card = town.card(Town::johtaja);
    card.joined = now;
    town.add(card);
    EXPECT_FALSE(is_new(Town::johtaja));
}

TEST_F(Newcomers, PostAsOftenInADayAsTheyMay) {
    for (int n = 0; n < 3; ++n) {
        take();
        now += 1000;
    }
    const Refusal wait{ErrorCode::limited, "new_member_limit", "room",
                       static_cast<std::uint32_t>(newcomers_day - 3000)};
    EXPECT_EQ(taking().error(), wait);
    now += newcomers_day - 3000 - 1;
    EXPECT_EQ(taking().error().retry_after_ms, 1U);
    now += 1;
    take();
    EXPECT_FALSE(taking());
}

TEST_F(Newcomers, AreNewUpToSoManyPosts) {
    for (int n = 0; n < 6; ++n) {
        take();
        now += newcomers_day / 2;
    }
    const auto decision = taking("http://a.fi http://b.fi");
    ASSERT_TRUE(decision);
    EXPECT_THAT(decision->writes, IsEmpty());
}

TEST_F(Newcomers, HaveAsManyLinksInAMessageAsTheyMay) {
    EXPECT_TRUE(taking("ei linkkejä"));
    EXPECT_TRUE(taking("https://a.fi"));
    const auto too_many = refusal_of(ErrorCode::limited, "too_many_links", "text");
    EXPECT_EQ(taking("https://a.fi https://b.fi").error(), too_many);
    EXPECT_EQ(taking("https://a.fi https://b.fi", false).error(), too_many) << "an edit, too";
    limits.newcomers.links = 0;
    EXPECT_EQ(taking("www.a.fi").error(), too_many);
}

TEST_F(Newcomers, AnEditIsNoPost) {
    for (int n = 0; n < 3; ++n) take();
    const auto edit = taking("teksti", false);
    ASSERT_TRUE(edit);
    EXPECT_THAT(edit->writes, IsEmpty());
}

TEST_F(Newcomers, TwoPostsAtOnceDoNotTakeOnePlace) {
    const auto one = taking();
    const auto other = taking();
    channel.apply(*one);
    EXPECT_THAT(channel.stale(*other), SizeIs(1));
}

TEST(Links, AreWhatClientsShowAsSuch) {
    EXPECT_EQ(links_in(""), 0U);
    EXPECT_EQ(links_in("example.com ja a@b.fi"), 0U);
    EXPECT_EQ(links_in("HTTP://a.fi"), 1U);
    EXPECT_EQ(links_in("https://www.a.fi/www.b.fi"), 1U);
    EXPECT_EQ(links_in("[a](https://a.fi)[b](http://b.fi)"), 2U);
    EXPECT_EQ(links_in("www.a.fi, WWW.b.fi; awww.c.fi"), 2U);
    EXPECT_EQ(links_in("xhttps://a.fihttps://b.fi"), 2U);
}

}  // namespace
}  // namespace foorumi::forum::test
