#include "client/audit_log.hpp"

#include <gtest/gtest.h>

namespace foorumi::client {
namespace {

using AuditFault = AuditCheck::Fault;

class AuditLog : public testing::Test {
   protected:
    AuditLog() {
        page.set_installation("here");
        page.set_partitions(16);
        page.set_partition(3);
        for (const auto* record : {"one", "two", "three"}) add(record);
    }
    void add(const std::string& record) {
        auto& entry = *page.add_entries();
        entry.set_number(page.count() + 1);
        entry.set_digest(audit_digest("here", 3, entry.number(), page.head(), record));
        entry.set_record(record);
        page.set_count(entry.number());
        page.set_head(entry.digest());
    }
    [[nodiscard]] AuditHead head(std::uint64_t count) const {
        return {"here", 3, count, count == 0 ? "" : page.entries(static_cast<int>(count) - 1).digest()};
    }
    void expect(AuditFault fault, std::uint64_t at, std::vector<AuditHead> kept = {}) const {
        AuditCheck check(3, std::move(kept));
        check.add(page);
        EXPECT_TRUE(check.over());
        EXPECT_EQ(check.fault(), fault);
        EXPECT_EQ(check.at(), at);
    }

    foorumi::v1::AuditPage page;
};

TEST_F(AuditLog, DigestsArePinned) {
    const auto first = audit_digest("here", 3, 1, "", "one");
    const AuditHead one{"here", 3, 1, first}, two{"here", 3, 2, audit_digest("here", 3, 2, first, "two")};
    EXPECT_EQ(head_line(one), "here 3 1 93743cff838c46294eb135c6c83c3ca29d77911c2df6bfdc4bcd0f54ddb70304");
    EXPECT_EQ(head_line(two), "here 3 2 ab6ee53c3f0e12d56a21702e78e1306350db2ac7406707e292c76664b0362d8b");
}

TEST_F(AuditLog, IsWholeInOnePageOrInMany) {
    expect(AuditFault::none, 0);
    AuditCheck check(3, {head(0), head(2), head(3)});
    auto part = page;
    part.mutable_entries()->DeleteSubrange(1, 2);
    check.add(part);
    EXPECT_FALSE(check.over());
    part = page;
    part.mutable_entries()->DeleteSubrange(0, 1);
    check.add(part);
    EXPECT_TRUE(check.over());
    EXPECT_EQ(check.fault(), AuditFault::none);
    EXPECT_EQ(check.head(), head(3));
}

TEST_F(AuditLog, OfNoEntriesIsWhole) {
    page.clear_entries();
    page.set_count(0);
    page.clear_head();
    expect(AuditFault::none, 0, {head(0)});
}

TEST_F(AuditLog, WhatIsChangedIsFound) {
    page.mutable_entries(1)->set_record("twO");
    expect(AuditFault::changed, 2);
}

TEST_F(AuditLog, WhatIsMissingIsFound) {
    page.mutable_entries(1)->clear_digest();
    page.mutable_entries(1)->clear_record();
    expect(AuditFault::missing, 2);
    page.mutable_entries()->DeleteSubrange(1, 1);
    expect(AuditFault::missing, 2);
    page.clear_entries();
    expect(AuditFault::missing, 1);
}

TEST_F(AuditLog, WhatIsSwappedIsFound) {
    page.mutable_entries()->SwapElements(0, 1);
    page.mutable_entries(0)->set_number(1);
    page.mutable_entries(1)->set_number(2);
    expect(AuditFault::changed, 1);
}

TEST_F(AuditLog, AnEndThatIsCutOffIsFoundByTheHead) {
    const auto kept = head(3);
    page.mutable_entries()->RemoveLast();
    page.set_count(2);
    expect(AuditFault::another_head, 2);
    page.set_head(page.entries(1).digest());
    expect(AuditFault::none, 0);  // by whoever could set both: only a head that was kept elsewhere tells
    expect(AuditFault::shorter, 2, {kept});
}

TEST_F(AuditLog, AnotherHistoryIsFoundByAHeadThatWasKept) {
    auto kept = head(2);
    kept.digest[0] ^= 1;
    expect(AuditFault::not_as_kept, 2, {head(1), kept});
    kept = head(2);
    kept.installation = "there";
    expect(AuditFault::elsewhere, 0, {kept});
    kept = head(2);
    kept.partition = 4;
    expect(AuditFault::not_kept, 0, {kept});
    expect(AuditFault::none, 0, {kept, head(2)});
}

TEST_F(AuditLog, OfAnotherPartitionThanWasAskedForIsAFault) {
    page.set_partition(4);
    expect(AuditFault::another, 0, {head(3)});
    page.clear_entries();
    page.set_count(0);
    page.clear_head();
    expect(AuditFault::another, 0);
    page.set_partition(3);
    page.set_partitions(3);
    expect(AuditFault::another, 0);
}

TEST_F(AuditLog, OfAnotherInstallationThanBeforeIsAFault) {
    for (const bool partitions : {false, true}) {
        AuditCheck check(3);
        auto part = page;
        part.mutable_entries()->DeleteSubrange(1, 2);
        check.add(part);
        ASSERT_FALSE(check.over());
        part = page;
        part.mutable_entries()->DeleteSubrange(0, 1);
        partitions ? part.set_partitions(17) : part.set_installation("there");
        check.add(part);
        EXPECT_EQ(check.fault(), AuditFault::unsteady);
    }
}

TEST_F(AuditLog, ThePartitionsOfOneLogBelongTogether) {
    page.clear_entries();
    page.set_count(0);
    page.clear_head();
    page.set_partitions(5);
    AuditCheck check(3);
    check.add(page);
    page.set_partition(4);
    for (const bool partitions : {false, true}) {
        auto next = check.next();
        ASSERT_TRUE(next);
        EXPECT_EQ(next->head().partition, 4U);
        auto other = page;
        partitions ? other.set_partitions(6) : other.set_installation("there");
        next->add(other);
        EXPECT_EQ(next->fault(), AuditFault::unsteady);
    }
    auto last = check.next();
    last->add(page);
    EXPECT_EQ(last->fault(), AuditFault::none);
    EXPECT_FALSE(last->next());
}

TEST_F(AuditLog, HeadsOfPartitionsThatTheServerDoesNotTellOfAreFound) {
    auto kept = head(2);
    kept.partition = 16;
    AuditCheck check(3, {kept, head(3)});
    check.add(page);
    EXPECT_EQ(check.fault(), AuditFault::none);
    EXPECT_EQ(check.not_there(), std::vector{kept});
    page.set_partitions(17);
    AuditCheck all(3, {kept, head(3)});
    all.add(page);
    EXPECT_TRUE(all.not_there().empty());
}

TEST_F(AuditLog, HeadsAreReadAsTheyAreWritten) {
    const std::vector<AuditHead> heads{head(0), head(3)};
    const auto text = head_line(heads[0]) + '\n' + head_line(heads[1]) + '\n';
    EXPECT_EQ(read_heads(text), heads);
    for (const auto* bad :
         {"", "here", "here 3", "here x 1 00", "here 3 1 -", "here 3 0 00", "here 3 1 0g", "here 3 1 00", "\n"})
        EXPECT_FALSE(read_heads(bad)) << bad;
}

}  // namespace
}  // namespace foorumi::client
