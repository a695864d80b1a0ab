#include "dispatch/command_table.hpp"

#include <gmock/gmock.h>

#include <set>

#include "dispatch/commands.hpp"
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
    for (const auto& row : command_table()) {
        if (!row.changes) continue;
        v1::Request request;
        const auto* field = v1::Request::descriptor()->FindFieldByNumber(row.field);
        v1::Request::GetReflection()->MutableMessage(&request, field);
        const auto channel = channel_of(command_of(request), 7);
        EXPECT_THAT(channel, testing::AnyOf("room:0", "member:7")) << row.name;
    }
}

TEST(CommandTable, UnknownFieldHasNoRow) { EXPECT_EQ(find_command(9'999), nullptr); }

TEST(Commands, LevelOfALaterProtocolDoesNotBecomeAKnownOne) {
    v1::Request request;
    request.mutable_set_watch()->set_level(static_cast<v1::Watch::Level>(257));
    const auto command = std::get<forum::SetWatch>(command_of(request));
    EXPECT_GT(command.level, forum::WatchLevel::mute);
}

}  // namespace
}  // namespace foorumi::dispatch
