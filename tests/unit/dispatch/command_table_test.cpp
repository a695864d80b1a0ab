#include "dispatch/command_table.hpp"

#include <gmock/gmock.h>

#include <map>
#include <set>

#include "dispatch/commands.hpp"
#include "dispatch/handlers/handlers.hpp"
#include "dispatch/membership_job.hpp"
#include "foorumi/v1/protocol.pb.h"

namespace foorumi::dispatch {
namespace {

TEST(CommandTable, EveryCommandOfTheProtocolHasExactlyOneRow) {
    const auto* oneof = v1::Request::descriptor()->FindOneofByName("command");
    ASSERT_NE(oneof, nullptr);
    std::multiset<int> rows;
    for (const auto& row : command_table()) rows.insert(row.field);
    EXPECT_EQ(rows.size(), static_cast<std::size_t>(oneof->field_count()));
    for (int n = 0; n < oneof->field_count(); ++n)
        EXPECT_EQ(rows.count(oneof->field(n)->number()), 1U) << oneof->field(n)->name();
}

TEST(CommandTable, RowsAreCalledAsTheProtocolCallsThem) {
    for (const auto& row : command_table())
        EXPECT_EQ(row.name, v1::Request::descriptor()->FindFieldByNumber(row.field)->name());
}

TEST(CommandTable, OnlyHelloComesBeforeHello) {
    for (const auto& row : command_table())
        EXPECT_EQ(row.needs == Needs::nothing, row.field == v1::Request::kHello) << row.name;
}

TEST(CommandTable, CommandsThatChangeHaveARuleAndAChannel) {
    std::set<std::size_t> commands;  // of membership, each of which goes to the directory
    std::size_t rows = 0;
    for (const auto& row : command_table()) {
        if (!row.changes) {
            EXPECT_NE(row.handle, handle_membership) << row.name;
            continue;
        }
        v1::Request request;
        const auto* field = v1::Request::descriptor()->FindFieldByNumber(row.field);
        v1::Request::GetReflection()->MutableMessage(&request, field);
        if (row.handle == handle_membership || row.handle == handle_set_hold) {
            EXPECT_NO_THROW(commands.insert(membership_command_of(request).index())) << row.name;
            ++rows;
            continue;
        }
        const auto channel = channel_of(command_of(request), 7);
        EXPECT_THAT(channel, testing::AnyOf("room:0", "member:7", "moderation:0")) << row.name;
    }
    EXPECT_EQ(commands.size(), rows) << "each a rule of its own";
    EXPECT_GE(rows, 8U);
}

TEST(CommandTable, PagesCostByTheirSize) {
    config::SessionLimits limits;
    limits.page = 120;
    limits.page_default = 60;
    const auto cost = [&limits](const v1::Request& request) {
        return cost_of(*find_command(request.command_case()), request, limits);
    };
    for (const auto& [limit, expected] : std::map<std::uint32_t, std::uint32_t>{
             {1, 2}, {50, 2}, {51, 4}, {100, 4}, {120, 6}, {0, 4}, {121, 2}, {~0U, 2}}) {
        v1::Request threads, history, inbox, members, invitations, municipalities, sanctions, filters, held;
        filters.mutable_list_filters()->set_limit(limit);
        EXPECT_EQ(cost(filters), expected) << limit;
        held.mutable_list_held()->set_limit(limit);
        EXPECT_EQ(cost(held), expected) << limit;
        sanctions.mutable_list_sanctions()->set_limit(limit);
        EXPECT_EQ(cost(sanctions), expected) << limit;
        members.mutable_list_members()->set_limit(limit);
        invitations.mutable_list_invitations()->set_limit(limit);
        municipalities.mutable_list_municipalities()->set_limit(limit);
        EXPECT_EQ(cost(members), expected) << limit;
        EXPECT_EQ(cost(invitations), expected) << limit;
        EXPECT_EQ(cost(municipalities), expected) << limit;
        threads.mutable_list_threads()->set_limit(limit);
        history.mutable_read_history()->set_limit(limit);
        inbox.mutable_read_inbox()->set_limit(limit);
        EXPECT_EQ(cost(threads), expected) << limit;
        EXPECT_EQ(cost(history), expected) << limit;
        EXPECT_EQ(cost(inbox), expected) << limit;
    }
}

TEST(CommandTable, SubscribeCostsByItsChannels) {
    v1::Request request;
    for (int n = 0; n < 3; ++n) request.mutable_subscribe()->add_cursors();
    EXPECT_EQ(cost_of(*find_command(v1::Request::kSubscribe), request, {}), 6U);
}

TEST(CommandTable, UnknownFieldHasNoRow) { EXPECT_EQ(find_command(9'999), nullptr); }

TEST(Commands, LevelOfALaterProtocolDoesNotBecomeAKnownOne) {
    v1::Request request;
    request.mutable_set_watch()->set_level(static_cast<v1::Watch::Level>(257));
    const auto command = std::get<forum::SetWatch>(command_of(request));
    EXPECT_GT(command.level, forum::WatchLevel::mute);
}

TEST(Commands, StateOfALaterProtocolDoesNotBecomeAKnownOne) {
    v1::Request request;
    for (const int number : {5, 255, 256, 257, -1}) {
        request.mutable_set_thread_state()->set_state(static_cast<v1::ThreadState>(number));
        EXPECT_GT(std::get<forum::SetThreadState>(command_of(request)).state, forum::ThreadState::practice) << number;
    }
}

TEST(Commands, CategoryAndTargetOfALaterProtocolDoNotBecomeKnownOnes) {
    v1::Request request;
    for (const int number : {7, 255, 256, 257, -1}) {
        request.mutable_file_report()->set_category(static_cast<v1::Report::Category>(number));
        const auto command = std::get<forum::FileReport>(command_of(request));
        EXPECT_TRUE(command.category < forum::ReportCategory::harassment ||
                    command.category > forum::ReportCategory::other)
            << number;
        EXPECT_TRUE(command.no_target);
    }
    request.mutable_file_appeal();
    EXPECT_TRUE(std::get<forum::FileAppeal>(command_of(request)).no_target);
}

TEST(Commands, ReportsAreNotToldWhereTheyWent) {
    v1::Request request;
    request.mutable_file_report();
    EXPECT_FALSE(tells_version(command_of(request)));
    request.mutable_file_appeal();
    EXPECT_FALSE(tells_version(command_of(request)));
    request.mutable_resolve_report();
    EXPECT_TRUE(tells_version(command_of(request)));
}

TEST(Commands, RoleOfALaterProtocolIsNotLeftOut) {
    v1::Request request;
    request.mutable_restrict_thread()->add_write(v1::ROLE_EXPERT);
    EXPECT_FALSE(std::get<forum::RestrictThread>(command_of(request)).role_unknown);
    for (const int number : {0, 6, 257}) {
        request.mutable_restrict_thread()->clear_write();
        request.mutable_restrict_thread()->add_write(static_cast<v1::Role>(number));
        EXPECT_TRUE(std::get<forum::RestrictThread>(command_of(request)).role_unknown) << number;
    }
}

TEST(Commands, TagsAreFoldedAndNormalized) {
    v1::Request request;
    for (const auto* tag : {"SOTE", " Avoin  data ", "A\xCC\x88iti", "\xC3\x84ITI", ""})
        request.mutable_tag_thread()->add_tags(tag);
    EXPECT_THAT(std::get<forum::TagThread>(command_of(request)).tags,
                testing::ElementsAre("sote", "avoin data", "\xC3\xA4iti", "\xC3\xA4iti", ""));
}

TEST(Commands, TagsBeyondAnyLimitAreNotFolded) {
    const auto tags_of = [](int count, std::size_t bytes) {
        v1::Request request;
        for (int i = 0; i < count; ++i) request.mutable_tag_thread()->add_tags(std::string(bytes, 'A'));
        return std::get<forum::TagThread>(command_of(request));
    };
    EXPECT_EQ(tags_of(200, 4'000).tags.size(), 200U);
    EXPECT_TRUE(tags_of(201, 1).too_many);
    EXPECT_TRUE(tags_of(1, 4'001).too_long);
    EXPECT_TRUE(tags_of(1, 4'001).tags.empty());
}

}  // namespace
}  // namespace foorumi::dispatch
