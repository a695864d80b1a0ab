// Who may post in a thread that is moderated, and how often.
#include "moderation_fixture.hpp"

namespace foorumi::forum::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(Moderating, AThreadForSomeRolesIsForNobodyElse) {
    const Id own = run(other, post());
    run(moderator, restricting(0, {Role::office_holder, Role::expert}));
    const auto not_for_them = refusal_of(ErrorCode::forbidden, "may_not_post_in_thread", "thread");
    EXPECT_EQ(refused(other, post()), not_for_them);
    EXPECT_EQ(refused(author, post()), not_for_them) << "its author neither";
    EXPECT_EQ(refused(other, EditMessage{Town::square, own, "uusi"}), not_for_them);
    EXPECT_EQ(refused(other, DeleteMessage{Town::square, own}), not_for_them);
    EXPECT_EQ(refused(other, React{Town::square, own, "👍"}), not_for_them);
    EXPECT_TRUE(decided(Town::virkamies, post()));
    EXPECT_TRUE(decided(moderator, post())) << "they moderate";
    EXPECT_TRUE(decided(Town::yllapito, post()));
    EXPECT_EQ(refused(Town::toinen, post()), not_for_them);
    run(moderator, restricting(0));
    EXPECT_TRUE(decided(other, post()));
}

TEST_F(Moderating, ARoleThatIsNotKnownIsRefused) {
    auto command = restricting(0, {Role::expert});
    command.role_unknown = true;
    EXPECT_EQ(refused(moderator, command), refusal_of(ErrorCode::invalid, "role_unknown", "write"));
}

TEST_F(Moderating, SlowModeHasALimit) {
    limits.slow_mode_s = 60;
    EXPECT_TRUE(decided(moderator, restricting(59)));
    EXPECT_TRUE(decided(moderator, restricting(60)));
    EXPECT_EQ(refused(moderator, restricting(61)), refusal_of(ErrorCode::invalid, "slow_mode_too_long", "slow_mode_s"));
}

class SlowMode : public Moderating {
   protected:
    SlowMode() { run(moderator, restricting(60)); }
    static Refusal wait(std::uint32_t ms) { return {ErrorCode::limited, "slow_mode", "thread", ms}; }
};

TEST_F(SlowMode, IsBetweenTwoPostsOfOneMember) {
    run(other, post());
    EXPECT_EQ(refused(other, post()), wait(60'000));
    EXPECT_TRUE(decided(author, post()));
    now += 59'999;
    EXPECT_EQ(refused(other, post()), wait(1));
    now += 1;
    run(other, post());
    EXPECT_EQ(refused(other, post()), wait(60'000));
}

TEST_F(SlowMode, IsNotForThoseWhoModerate) {
    for (const Id member : {moderator, Town::yllapito}) {
        run(member, post());
        run(member, post());
        EXPECT_EQ(channel.find<Pace>(pace_key(thread, member)), nullptr);
    }
}

TEST_F(SlowMode, SaysNothingBesideWhatTheMessageSays) {
    const Id id = run(other, post());
    EXPECT_EQ(*channel.find<Pace>(pace_key(thread, other)), (Pace{message(id).author, message(id).created}));
}

TEST_F(SlowMode, OfTwoPostsAtOnceLetsOneLand) {
    const auto first = decided(other, post("yksi"));
    const auto second = decided(other, post("kaksi"));
    const auto of_another = decided(author, post());
    ASSERT_TRUE(first && second && of_another);
    channel.apply(*first);
    EXPECT_THAT(channel.stale(*second), ElementsAre(pace_key(thread, other)));
    EXPECT_THAT(channel.stale(*of_another), IsEmpty());
    now += 60'000;
    const auto third = decided(other, post("kolme"));
    const auto fourth = decided(other, post("neljä"));
    ASSERT_TRUE(third && fourth);
    channel.apply(*third);
    EXPECT_THAT(channel.stale(*fourth), ElementsAre(pace_key(thread, other)));
}

TEST_F(SlowMode, IsOverWhenItSaidItWouldBeWhereTheClockIsBehind) {
    run(other, post());
    now -= 5000;
    EXPECT_EQ(refused(other, post()), wait(65'000));
    now += 64'999;
    EXPECT_EQ(refused(other, post()), wait(1));
    now += 1;
    EXPECT_TRUE(decided(other, post()));
}

TEST_F(SlowMode, APostOfAClockThatWasWrongHoldsNobodyUp) {
    const Millis hour = 60LL * 60 * 1000;
    run(other, post());
    now -= hour;
    EXPECT_EQ(refused(other, post()), wait(60'000 + 60 * 60 * 1000));
    now -= 1;
    EXPECT_TRUE(decided(other, post()));
}

TEST_F(SlowMode, IsOfPostsOnly) {
    const Id own = run(other, post());
    EXPECT_TRUE(decided(other, EditMessage{Town::square, own, "uusi"}));
    EXPECT_TRUE(decided(other, React{Town::square, own, "👍"}));
    EXPECT_TRUE(decided(other, DeleteMessage{Town::square, own}));
}

TEST_F(SlowMode, ThatEndsHoldsNobodyUp) {
    run(other, post());
    run(moderator, restricting(0));
    EXPECT_TRUE(decided(other, post()));
}

TEST_F(SlowMode, IsAskedForOnlyWhereThereIsOne) {
    const Actor who = actor(other);
    const NeedsView view(channel.entities(), needs(who, post()));
    const auto undecided = decide(who, post(), view);
    ASSERT_TRUE(undecided);
    EXPECT_THAT(undecided->further, ElementsAre(pace_key(thread, other)));
    EXPECT_THAT(undecided->writes, IsEmpty());
    run(moderator, restricting(0));
    const auto now_decided = decide(who, post(), NeedsView(channel.entities(), needs(who, post())));
    ASSERT_TRUE(now_decided);
    EXPECT_THAT(now_decided->further, IsEmpty());
}

}  // namespace
}  // namespace foorumi::forum::test
