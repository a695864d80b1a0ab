#include "client/kept_sign_ins.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "support/temporary_directory.hpp"

namespace foorumi::client {
namespace {

namespace fs = std::filesystem;

const Url here{.host = "Example.fi", .port = "443", .path = "/ws", .tls = true};

mode_t mode_of(const fs::path& path) {
    struct stat status{};
    EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
    return status.st_mode & 07777U;
}

struct KeptSignInsTest : ::testing::Test {
    test::TemporaryDirectory home;
    fs::path directory = home.path() / "state" / "foorumi";
    fs::path file = directory / "wss-example.fi-443.token";
    KeptSignIns kept{directory.string()};
};

TEST(SignInDirectory, IsThatOfTheStandardOrOfTheHomeDirectory) {
    EXPECT_EQ(sign_in_directory("/s", "/home/a"), "/s/foorumi");
    EXPECT_EQ(sign_in_directory("", "/home/a"), "/home/a/.local/state/foorumi");
    EXPECT_EQ(sign_in_directory("relative", "/home/a"), "/home/a/.local/state/foorumi");
    EXPECT_EQ(sign_in_directory("relative", "relative"), "");
}

TEST(SignInFile, TellsSchemesHostsAndPortsApartAndNothingElse) {
    EXPECT_EQ(sign_in_file(here), "wss-example.fi-443.token");
    auto other = here;
    other.path = "/";
    other.host = "example.FI";
    EXPECT_EQ(sign_in_file(other), sign_in_file(here));
    other.tls = false;
    EXPECT_NE(sign_in_file(other), sign_in_file(here));
    other = here;
    other.port = "444";
    EXPECT_NE(sign_in_file(other), sign_in_file(here));
}

TEST_F(KeptSignInsTest, WhatIsKeptIsFoundUntilItIsForgotten) {
    EXPECT_EQ(*kept.find(here), std::nullopt);
    ASSERT_TRUE(kept.keep(here, "first"));
    ASSERT_TRUE(kept.keep(here, "second"));
    EXPECT_EQ(*kept.find(here), "second");
    ASSERT_TRUE(kept.forget(here));
    EXPECT_EQ(*kept.find(here), std::nullopt);
    EXPECT_TRUE(kept.forget(here)) << "there is nothing to forget";
}

TEST_F(KeptSignInsTest, NobodyElseCanReadItWhateverTheMaskIs) {
    const auto mask = ::umask(0);
    ASSERT_TRUE(kept.keep(here, "token"));
    ::umask(mask);
    EXPECT_EQ(mode_of(file), 0600U);
    EXPECT_EQ(mode_of(directory), 0700U);
    EXPECT_EQ(mode_of(directory.parent_path()), 0700U);
    EXPECT_EQ(std::distance(fs::directory_iterator(directory), fs::directory_iterator()), 1) << "nothing is left over";
}

TEST_F(KeptSignInsTest, AFileOrDirectoryThatOthersCanReadIsRefused) {
    ASSERT_TRUE(kept.keep(here, "token"));
    for (const unsigned mode : {0604U, 0640U, 0602U, 0610U}) {
        fs::permissions(file, static_cast<fs::perms>(mode));
        EXPECT_EQ(kept.find(here).error().fault, PrivateFileFault::open_file) << mode;
    }
    fs::permissions(file, static_cast<fs::perms>(0600));
    fs::permissions(directory, static_cast<fs::perms>(0750));
    EXPECT_EQ(kept.find(here).error().fault, PrivateFileFault::open_directory);
    EXPECT_EQ(kept.keep(here, "other").error().fault, PrivateFileFault::open_directory);
    fs::permissions(directory, static_cast<fs::perms>(0700));
    EXPECT_EQ(*kept.find(here), "token");
}

TEST_F(KeptSignInsTest, LinksAndPipesAreNoFiles) {
    ASSERT_TRUE(kept.keep(here, "token"));
    fs::rename(file, directory / "real");
    fs::create_symlink("real", file);
    EXPECT_EQ(kept.find(here).error().fault, PrivateFileFault::not_a_file);
    ASSERT_TRUE(kept.keep(here, "new")) << "the link is replaced, not what it leads to";
    EXPECT_FALSE(fs::is_symlink(file));
    EXPECT_EQ(fs::file_size(directory / "real"), 6U);
    fs::remove(file);
    ASSERT_EQ(::mkfifo(file.c_str(), 0600), 0);
    EXPECT_EQ(kept.find(here).error().fault, PrivateFileFault::not_a_file);
    const fs::path link = home.path() / "link";
    fs::create_directory_symlink(directory, link);
    EXPECT_EQ(KeptSignIns(link.string()).find(here).error().fault, PrivateFileFault::not_a_directory);
}

TEST_F(KeptSignInsTest, WhatIsTooLongIsNoToken) {
    ASSERT_TRUE(kept.keep(here, std::string(4095, 'a')));
    EXPECT_EQ(kept.find(here)->value().size(), 4095U);
    ASSERT_TRUE(kept.keep(here, std::string(4096, 'a')));
    EXPECT_EQ(kept.find(here).error().fault, PrivateFileFault::too_long);
}

TEST_F(KeptSignInsTest, ANewFileNeverReplacesOne) {
    const std::string path = home.path().string() + "/new";
    ASSERT_TRUE(create_private(path, "one"));
    EXPECT_EQ(mode_of(path), 0600U);
    const auto again = create_private(path, "two");
    ASSERT_TRUE(again.has_error());
    EXPECT_EQ(again.error().error, EEXIST);
    EXPECT_EQ(*read_private(path, 100), "one");
}

TEST_F(KeptSignInsTest, AFileThatCannotBeReplacedStaysAsItWas) {
    const std::string path = home.path().string() + "/directory";
    fs::create_directories(path + "/full");
    EXPECT_TRUE(replace_private(path, "text").has_error());
    EXPECT_TRUE(fs::exists(path + "/full"));
    EXPECT_EQ(std::distance(fs::directory_iterator(home.path()), fs::directory_iterator()), 1)
        << "nothing is left over";
}

TEST(PrivateFileError, IsToldWithTheFileMadeVisible) {
    const Catalogue english("en");
    EXPECT_EQ(words_of({.fault = PrivateFileFault::open_file, .error = 0, .file = "a\x1b"}, english),
              "Others can read or change the file a<U+001B>. Keep it to yourself: chmod 600 a<U+001B>");
    EXPECT_EQ(words_of({.fault = PrivateFileFault::system, .error = ENOENT, .file = "a"}, english),
              "a: No such file or directory");
}

}  // namespace
}  // namespace foorumi::client
