#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "config/config.hpp"
#include "support/temporary_directory.hpp"

namespace foorumi::config {
namespace {

using testing::HasSubstr;

ConfigError error_of(std::string_view toml) {
    const auto parsed = parse(toml, "test.toml");
    EXPECT_FALSE(parsed) << toml;
    return parsed ? ConfigError{} : parsed.error();
}

class ConfigFile : public testing::Test {
   protected:
    ConfigFile() { std::ofstream(path_) << "[server]\nport = 9000\nworkers = 3\n"; }
    const test::TemporaryDirectory directory_;  // of its own: the tests run beside each other
    const std::filesystem::path path_ = directory_.path() / "foorumi.toml";
};

TEST(ConfigParse, EmptyTextIsTheDefaults) {
    const auto parsed = parse("", "test.toml");
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->net.port, 8080);
    EXPECT_EQ(parsed->store.url, "");
}

TEST(ConfigParse, UnknownOptionIsNamedWithItsLine) {
    const auto error = error_of("[server]\nport = 1\n\nprot = 2\n");
    EXPECT_EQ(error.code, ConfigErrc::unknown_option);
    EXPECT_EQ(error.text(), "test.toml:4: server.prot: there is no such option");
}

TEST(ConfigParse, UnknownSectionIsNamedWithItsLine) {
    const auto error = error_of("[servre]\nport = 1\n");
    EXPECT_EQ(error.code, ConfigErrc::unknown_option);
    EXPECT_EQ(error.text(), "test.toml:1: servre: there is no such section");
}

TEST(ConfigParse, OptionOutsideASectionIsUnknown) {
    EXPECT_EQ(error_of("port = 1\n").code, ConfigErrc::unknown_option);
    EXPECT_EQ(error_of("server = 1\n").code, ConfigErrc::unknown_option);
}

TEST(ConfigParse, WrongTypesAreRefused) {
    EXPECT_EQ(error_of("[server]\nport = \"8080\"\n").code, ConfigErrc::wrong_type);
    EXPECT_EQ(error_of("[server]\nport = 80.5\n").code, ConfigErrc::wrong_type);
    EXPECT_EQ(error_of("[server]\nport = true\n").code, ConfigErrc::wrong_type);
    EXPECT_EQ(error_of("[server]\nport = [1]\n").code, ConfigErrc::wrong_type);
    EXPECT_EQ(error_of("[server]\naddress = 1\n").code, ConfigErrc::wrong_type);
}

TEST(ConfigParse, ValueOutOfRangeSaysTheRange) {
    EXPECT_EQ(error_of("[server]\nport = 65536\n").text(),
              "test.toml:2: server.port: must be from 0 to 65535, is 65536");
}

TEST(ConfigParse, WordThatIsNotAllowedSaysWhichAre) {
    const auto error = error_of("[log]\nformat = \"xml\"\n");
    EXPECT_EQ(error.code, ConfigErrc::not_allowed);
    EXPECT_THAT(error.text(), HasSubstr("\"text\" \"json\""));
}

TEST(ConfigParse, AddressOfMetricsIsNumericAndHasAPort) {
    EXPECT_EQ(parse("[metrics]\nlisten = \"127.0.0.1:0\"\n", "test.toml")->metrics.listen, "127.0.0.1:0");
    const auto error = error_of("[metrics]\nlisten = \"localhost:9464\"\n");
    EXPECT_EQ(error.code, ConfigErrc::not_allowed);
    EXPECT_THAT(error.text(), HasSubstr("metrics.listen: \"localhost:9464\" is not a numeric address and a port"));
}

TEST(ConfigParse, SyntaxErrorHasItsLine) {
    const auto error = error_of("[server]\nport = = 1\n");
    EXPECT_EQ(error.code, ConfigErrc::syntax);
    EXPECT_EQ(error.where, "test.toml:2");
}

TEST_F(ConfigFile, CommandLineGoesBeforeFileAndFileBeforeDefaults) {
    const std::array overrides{Override{"server.port", "9001", "--port"}};
    const auto loaded = load(path_, overrides);
    ASSERT_TRUE(loaded);
    EXPECT_EQ(loaded->net.port, 9001);
    EXPECT_EQ(loaded->workers, 3);
    EXPECT_EQ(loaded->net.address, "127.0.0.1");
}

TEST_F(ConfigFile, BadCommandLineValuesAreRefusedUnderTheirName) {
    for (const auto* value : {"", "x", "80x", "-1", "65536", "99999999999999999999"}) {
        const std::array overrides{Override{"server.port", value, "--port"}};
        const auto loaded = load(path_, overrides);
        ASSERT_FALSE(loaded) << value;
        EXPECT_EQ(loaded.error().where, "--port") << value;
    }
}

TEST(ConfigLoad, MissingFileIsUnreadable) {
    const auto loaded = load("/nonexistent/foorumi.toml", {});
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().code, ConfigErrc::unreadable);
}

TEST(ConfigLoad, OverrideOfNoOptionIsRefused) {
    const std::array overrides{Override{"server.colour", "red", "--colour"}};
    const auto loaded = load(std::nullopt, overrides);
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().code, ConfigErrc::unknown_option);
}

TEST(ConfigConsistency, DefaultsAgreeWithEachOther) { EXPECT_TRUE(check_consistency(Config{})); }

struct Contradiction {
    const char* option;
    void (*make)(Config&);
};

class Contradictions : public testing::TestWithParam<Contradiction> {};

TEST_P(Contradictions, AreRefusedUnderTheOptionsName) {
    Config config;
    GetParam().make(config);
    const auto checked = check_consistency(config);
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().code, ConfigErrc::inconsistent);
    EXPECT_EQ(checked.error().option, GetParam().option);
}

INSTANTIATE_TEST_SUITE_P(
    Options, Contradictions,
    testing::Values(
        Contradiction{"content.text_bytes",
                      [](Config& c) { c.net.frame_bytes = c.content.text_bytes + c.content.title_bytes + 255; }},
        Contradiction{"content.reason_bytes", [](Config& c) { c.content.reason_bytes = c.net.frame_bytes - 255; }},
        Contradiction{"content.report_bytes", [](Config& c) { c.content.report_bytes = c.net.frame_bytes - 255; }},
        Contradiction{"network.outbox_bytes",
                      [](Config& c) {
                          c.content.pinned_threads = 100;
                          c.content.tags = 100;
                          c.content.tag_bytes = 100;
                      }},
        Contradiction{"places.forums",
                      [](Config& c) {
                          const auto& places = c.membership.places;
                          const auto each = places.slug_bytes + places.title_bytes + places.description_bytes +
                                            c.content.reason_bytes + 40;
                          c.membership.places.forums = static_cast<std::uint32_t>(c.net.outbox_bytes / each + 1);
                      }},
        Contradiction{"network.idle_timeout_ms", [](Config& c) { c.net.idle_timeout_ms = c.net.ping_interval_ms; }},
        Contradiction{"reading.page_default", [](Config& c) { c.session.page_default = c.session.page + 1; }},
        Contradiction{"members.display_name_max",
                      [](Config& c) { c.members.display_name_max = c.members.display_name_min - 1; }},
        Contradiction{"members.handle_max", [](Config& c) { c.members.handle_min = c.members.handle_max + 1; }},
        Contradiction{"sanctions.appeal",
                      [](Config& c) { c.membership.sanctions = {.appeal_bytes = 2, .appeal = "ota"}; }},
        Contradiction{"store.feed_backlog", [](Config& c) { c.store.feed_backlog = c.store.feed_length - 1; }},
        Contradiction{"shutdown.deadline_ms", [](Config& c) { c.shutdown.deadline_ms = c.shutdown.drain_ms - 1; }},
        Contradiction{"sign_in.longest_delay_ms",
                      [](Config& c) { c.sign_in.delay_ms = c.sign_in.longest_delay_ms + 1; }},
        Contradiction{"metrics.timeout_ms", [](Config& c) { c.metrics.workers_ms = c.metrics.timeout_ms; }},
        Contradiction{"tls.key", [](Config& c) { c.net.tls.certificate = "cert.pem"; }},
        Contradiction{"tls.certificate", [](Config& c) { c.net.tls.key = "key.pem"; }},
        Contradiction{"network.proxy_protocol", [](Config& c) { c.net.proxy_protocol = "on"; }},
        Contradiction{"server.address", [](Config& c) { c.net.address.clear(); }},
        Contradiction{"server.data", [](Config& c) { c.data_directory.clear(); }}),
    [](const auto& test) {
        std::string name = test.param.option;
        std::replace(name.begin(), name.end(), '.', '_');
        return name;
    });

}  // namespace
}  // namespace foorumi::config
