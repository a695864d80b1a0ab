#include "auth/key_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "support/temporary_directory.hpp"

namespace foorumi::auth {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class KeyFile : public testing::Test {
   protected:
    void write(std::size_t bytes, mode_t mode = 0600) {
        std::ofstream(file_, std::ios::binary) << std::string(bytes, 'k');
        ASSERT_EQ(::chmod(file_.c_str(), mode), 0);
    }
    // Nothing: it was loaded.
    std::optional<KeyFileErrc> error() {
        const auto loaded = load_key(file_);
        if (loaded) return std::nullopt;
        EXPECT_THAT(loaded.error().text, HasSubstr(file_.string()));
        EXPECT_THAT(loaded.error().text, testing::Not(HasSubstr("kkk"))) << "nothing of what it holds";
        return loaded.error().code;
    }
    std::size_t files() { return static_cast<std::size_t>(std::distance(fs::directory_iterator(dir_.path()), {})); }

    test::TemporaryDirectory dir_;
    fs::path file_ = dir_.path() / "second-factor.key";
};

TEST_F(KeyFile, IsMadeOnceAndLoadedThen) {
    EXPECT_EQ(error(), KeyFileErrc::missing);
    const auto made = load_or_create_key(file_);
    ASSERT_TRUE(made) << made.error().text;
    EXPECT_EQ(made->view().size(), seal_key_bytes);
    EXPECT_NE(made->view(), std::string(seal_key_bytes, '\0'));
    EXPECT_EQ(files(), 1U) << "nothing else is left";
    EXPECT_EQ(load_or_create_key(file_)->view(), made->view());
    EXPECT_EQ(load_key(file_)->view(), made->view());
}

TEST_F(KeyFile, IsForTheServerAloneWhateverTheUmask) {
    for (const mode_t mask : {0U, 0777U}) {
        fs::remove(file_);
        const auto before = ::umask(mask);
        const auto made = load_or_create_key(file_);
        ::umask(before);
        ASSERT_TRUE(made) << made.error().text;
        EXPECT_EQ(fs::status(file_).permissions(), fs::perms::owner_read | fs::perms::owner_write);
    }
}

TEST_F(KeyFile, KeysDiffer) {
    const auto first = load_or_create_key(file_);
    const auto second = load_or_create_key(dir_.path() / "another.key");
    EXPECT_NE(first->view(), second->view());
}

TEST_F(KeyFile, OfAnotherLengthIsRefused) {
    for (const std::size_t bytes : {0U, 31U, 32U, 33U}) {
        fs::remove(file_);
        write(bytes);
        EXPECT_EQ(error(), bytes == 32 ? std::nullopt : std::optional(KeyFileErrc::wrong_length)) << bytes;
        EXPECT_EQ(load_or_create_key(file_).has_value(), bytes == 32) << "and not written over";
        EXPECT_EQ(fs::file_size(file_), bytes);
    }
}

TEST_F(KeyFile, ThatOthersMayReadIsRefused) {
    for (const mode_t mode : {0640U, 0604U, 0660U, 0606U, 0601U, 0700U, 04600U}) {
        fs::remove(file_);
        write(32, mode);
        EXPECT_EQ(error(), KeyFileErrc::wrong_mode) << std::oct << mode;
    }
    for (const mode_t mode : {0600U, 0400U}) {
        fs::remove(file_);
        write(32, mode);
        EXPECT_EQ(error(), std::nullopt) << std::oct << mode;
    }
}

TEST_F(KeyFile, OfAnotherUserIsRefused) {
    if (::geteuid() == 0) {
        write(32);
        ASSERT_EQ(::chown(file_.c_str(), 65'534, 65'534), 0);
    } else {
        file_ = "/etc/passwd";  // root's, readable by all; only root can give a file away
    }
    EXPECT_EQ(error(), KeyFileErrc::wrong_owner);
}

TEST_F(KeyFile, MustBeAFile) {
    const auto real = dir_.path() / "real.key";
    ASSERT_TRUE(load_or_create_key(real));
    fs::create_symlink(real, file_);
    EXPECT_EQ(error(), KeyFileErrc::unreadable);
    fs::remove(file_);
    fs::create_directory(file_);
    EXPECT_EQ(error(), KeyFileErrc::not_a_file);
    fs::remove(file_);
    ASSERT_EQ(::mkfifo(file_.c_str(), 0600), 0);
    EXPECT_EQ(error(), KeyFileErrc::not_a_file);
}

TEST_F(KeyFile, ThatCannotBeMadeIsToldWithTheReason) {
    file_ = dir_.path() / "no such directory" / "second-factor.key";
    const auto made = load_or_create_key(file_);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, KeyFileErrc::unwritable);
    EXPECT_THAT(made.error().text, HasSubstr("No such file or directory"));
}

TEST_F(KeyFile, AllThatMakeItAtOnceGetTheSame) {
    std::vector<std::string> keys(8);
    std::vector<std::thread> threads;
    for (auto& key : keys) {
        threads.emplace_back([&] {
            if (const auto made = load_or_create_key(file_)) key = made->view();
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_THAT(keys, testing::Each(load_key(file_)->view()));
    EXPECT_EQ(files(), 1U);
}

}  // namespace
}  // namespace foorumi::auth
