#include "client/manifest.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace foorumi::client {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

class ManifestTest : public testing::Test {
   protected:
    ManifestTest() {
        std::string pattern = fs::temp_directory_path() / "manifest-XXXXXX";
        directory = ::mkdtemp(pattern.data());
        for (const auto& file : files) write(file.name, file.contents);
        write(std::string(manifest_name), manifest_json(facts, Records(0, false), files) + '\n');
    }
    ~ManifestTest() override { fs::remove_all(directory); }

    void write(const std::string& name, const std::string& contents) const {
        std::ofstream(directory / name, std::ios::binary) << contents;
    }
    [[nodiscard]] std::vector<std::string> found() const {
        std::vector<std::string> words;
        const auto verified = verify_export(directory);
        if (!verified) return {"no manifest"};
        for (const auto& finding : verified->findings)
            words.push_back(std::to_string(static_cast<int>(finding.kind)) + finding.file);
        return words;
    }
    void manifest(const std::string& files_json) const {
        write(std::string(manifest_name), R"({"format":"foorumi-records-1","files":)" + files_json + "}");
    }

    const std::vector<RecordsFile> files{{"records.jsonl", "{}\n"}, {"records.txt", "teksti\n"}, {"records.html", ""}};
    ExportFacts facts;
    fs::path directory;
};

TEST(Sha256, IsThatOfTheStandard) {
    EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_F(ManifestTest, WhatWasWrittenIsWhole) {
    const auto verified = verify_export(directory);
    ASSERT_TRUE(verified);
    EXPECT_THAT(verified->findings, IsEmpty());
    EXPECT_EQ(verified->files, 3U);
    EXPECT_EQ(verified->manifest_sha256, sha256_hex(manifest_json(facts, Records(0, false), files) + '\n'));
}

TEST_F(ManifestTest, EveryChangeIsFound) {
    write("records.txt", "teksti!\n");
    EXPECT_THAT(found(), ElementsAre("0records.txt"));
    write("records.txt", "Teksti\n");
    EXPECT_THAT(found(), ElementsAre("0records.txt")) << "of the same length";
    write("records.txt", "teksti\n");
    EXPECT_THAT(found(), IsEmpty());
    fs::remove(directory / "records.html");
    write("lisa.txt", "");
    EXPECT_THAT(found(), ElementsAre("1records.html", "2lisa.txt"));
}

TEST_F(ManifestTest, LinksAndDirectoriesAreNoFilesOfIt) {
    fs::rename(directory / "records.txt", directory.string() + ".elsewhere");
    fs::create_symlink(directory.string() + ".elsewhere", directory / "records.txt");
    EXPECT_THAT(found(), ElementsAre("0records.txt"));
    fs::remove(directory.string() + ".elsewhere");
    fs::remove(directory / "records.txt");
    fs::create_directory(directory / "records.txt");
    EXPECT_THAT(found(), ElementsAre("0records.txt"));
}

TEST_F(ManifestTest, OneThatNamesWhatLiesElsewhereIsNone) {
    for (const auto* name : {"../records.txt", "/etc/passwd", "a/b", "..", "", "manifest.json", "a\\u0000b"}) {
        manifest(R"([{"name":")" + std::string(name) + R"(","bytes":1,"sha256":"00"}])");
        EXPECT_THAT(found(), ElementsAre("no manifest")) << name;
    }
}

TEST_F(ManifestTest, OneThatIsNotOneIsNone) {
    for (const auto* bad : {"", "{", "[]", "{}", R"({"format":"foorumi-records-2","files":[]})",
                            R"({"format":"foorumi-records-1"})", R"({"format":"foorumi-records-1","files":[1]})",
                            R"({"format":"foorumi-records-1","files":[{"name":"a","bytes":-1,"sha256":""}]})"}) {
        write(std::string(manifest_name), bad);
        EXPECT_THAT(found(), ElementsAre("no manifest")) << bad;
    }
    write(std::string(manifest_name), std::string(1024 * 1024 + 1, ' '));
    EXPECT_THAT(found(), ElementsAre("no manifest"));
    fs::remove(directory / manifest_name);
    EXPECT_THAT(found(), ElementsAre("no manifest"));
}

TEST_F(ManifestTest, TellsNamesInAWayThatNoTerminalObeys) {
    facts.exporter.set_name("\x1b[2J\u202e\"");
    const auto json = manifest_json(facts, Records(0, false), files);
    EXPECT_EQ(json.find('\x1b'), std::string::npos);
    EXPECT_EQ(json.find("\u202e"), std::string::npos);
    write(std::string(manifest_name), json);
    EXPECT_THAT(found(), IsEmpty());
}

}  // namespace
}  // namespace foorumi::client
