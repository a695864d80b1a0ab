#include "store/released_marks.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace foorumi::store {
namespace {

ReleasedMark mark_of(Epoch epoch, std::initializer_list<FeedMark> entries) {
    ReleasedMark mark{.epoch = epoch, .entries = {}};
    for (const auto& entry : entries) mark.entries.note(entry);
    return mark;
}

class ReleasedMarksTest : public testing::Test {
   protected:
    ReleasedMarksTest() {
        std::string name = (std::filesystem::temp_directory_path() / "released-XXXXXX").string();
        directory_ = ::mkdtemp(name.data());
    }
    ~ReleasedMarksTest() override { std::filesystem::remove_all(directory_); }

    [[nodiscard]] std::string path() const { return (directory_ / "released").string(); }
    [[nodiscard]] ReleasedMarks read(const std::string& installation = "one", std::uint16_t partitions = 4) const {
        return {path(), installation, partitions};
    }
    void write(const std::string& text) const { std::ofstream(path()) << text; }

    std::filesystem::path directory_;
};

TEST_F(ReleasedMarksTest, WhatWasWrittenIsRememberedByTheNextRun) {
    ReleasedMarks marks(path(), "one", 4);
    EXPECT_FALSE(marks.remembered(0));
    auto mark = mark_of(3, {{UINT64_MAX - 2, 7}, {UINT64_MAX - 1, UINT64_MAX}});
    marks.note(2, mark_of(3, {{5, 6}}));
    marks.note(2, mark);
    marks.write();
    EXPECT_FALSE(marks.remembered(2)) << "that is what the run before has left";
    EXPECT_EQ(read().remembered(2), mark);
    EXPECT_FALSE(read().remembered(1));
    ReleasedMarks next = read();
    next.note(1, mark_of(4, {{1, 1}}));
    next.note(3, mark_of(5, {}));
    next.write();
    EXPECT_EQ(read().remembered(2), mark) << "what was not noted anew stays";
    EXPECT_EQ(read().remembered(1), mark_of(4, {{1, 1}}));
    EXPECT_EQ(read().remembered(3), mark_of(5, {}));
}

TEST_F(ReleasedMarksTest, SoManyEntriesAreRemembered) {
    ReleasedMark mark;
    for (std::uint64_t position = 1; position <= FeedTrace::length + 1; ++position)
        mark.entries.note({position, 10 * position});
    ReleasedMarks marks(path(), "one", 4);
    marks.note(0, mark);
    marks.write();
    EXPECT_EQ(read().remembered(0), mark);
    EXPECT_EQ(read().remembered(0)->entries.oldest(), (FeedMark{2, 20}));
}

TEST_F(ReleasedMarksTest, WhatIsOfAnotherInstallationSaysNothing) {
    ReleasedMarks marks(path(), "one", 4);
    marks.note(2, mark_of(3, {{5, 6}}));
    marks.write();
    EXPECT_FALSE(read("two").remembered(2));
}

TEST_F(ReleasedMarksTest, WhatCannotBeReadSaysNothing) {
    const std::string good = "foorumi-released 1\none\n0 1 2 3\nend\n";
    write(good);
    ASSERT_TRUE(read().remembered(0));
    for (const std::string bad :
         {"", "foorumi-released 1\none\n0 1 2 3\n", "foorumi-released 2\none\n0 1 2 3\nend\n",
          "foorumi-released 1\none\n0 1\nend\n", "foorumi-released 1\none\n0 1 2\nend\n",
          "foorumi-released 1\none\n0 1 2 3 4\nend\n", "foorumi-released 1\none\n0 1 2 3 x\nend\n",
          "foorumi-released 1\none\n4 1 2 3\nend\n", "foorumi-released 1\none\n-1 1 2 3\nend\n",
          "foorumi-released 1\none\n0 1 2 3\nx\nend\n", "foorumi-released 1\none\n0 1 2 99999999999999999999\nend\n"}) {
        write(bad);
        EXPECT_FALSE(read().remembered(0)) << bad;
    }
}

TEST_F(ReleasedMarksTest, NothingIsWrittenWhereNothingWasNotedOrThereIsNoPlace) {
    ReleasedMarks marks(path(), "one", 4);
    marks.write();
    EXPECT_FALSE(std::filesystem::exists(path()));
    ReleasedMarks nowhere("", "one", 4);
    nowhere.note(0, mark_of(1, {{1, 1}}));
    nowhere.write();
    ReleasedMarks impossible((directory_ / "not there" / "released").string(), "one", 4);
    impossible.note(0, mark_of(1, {{1, 1}}));
    impossible.write();
    std::filesystem::create_directory(directory_ / "not there");
    impossible.write();
    EXPECT_TRUE(ReleasedMarks((directory_ / "not there" / "released").string(), "one", 4).remembered(0))
        << "as soon as it can be";
}

}  // namespace
}  // namespace foorumi::store
