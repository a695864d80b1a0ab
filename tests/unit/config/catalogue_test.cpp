#include "config/catalogue.hpp"

#include <gmock/gmock.h>

#include "forum/municipality.hpp"

namespace foorumi::config {
namespace {

using testing::ElementsAre;

TEST(Catalogue, SpeaksFinnishSwedishAndEnglish) { EXPECT_THAT(Catalogue().languages(), ElementsAre("en", "fi", "sv")); }

TEST(Catalogue, LanguagesHaveTheSameKeys) {
    const Catalogue catalogue;
    const auto keys = catalogue.keys("fi");
    EXPECT_GT(keys.size(), 40U);
    EXPECT_EQ(catalogue.keys("sv"), keys);
    EXPECT_EQ(catalogue.keys("en"), keys);
}

TEST(Catalogue, EveryErrorIsASentenceOfItsOwnLanguage) {
    const Catalogue catalogue;
    for (const auto& key : catalogue.keys("fi")) {
        if (!key.starts_with("error.")) continue;
        if (!key.starts_with("error."))
            continue;  // names of roles are single words, and some are the same in two languages
        for (const auto* language : {"fi", "sv", "en"}) {
            const auto text = catalogue.text(language, key);
            EXPECT_GT(text.size(), 8U) << key;
            EXPECT_EQ(text.back(), '.') << key << " in " << language;
        }
        EXPECT_NE(catalogue.text("fi", key), catalogue.text("sv", key)) << key;
        EXPECT_NE(catalogue.text("fi", key), catalogue.text("en", key)) << key;
        EXPECT_NE(catalogue.text("sv", key), catalogue.text("en", key)) << key;
    }
}

TEST(Catalogue, NamesEverySizeOfMunicipalities) {
    const Catalogue catalogue;
    for (const auto* language : {"fi", "sv", "en"}) {
        for (const auto size : forum::municipality_sizes) {
            const auto key = "municipality_size." + std::string(forum::word_of(size));
            EXPECT_NE(catalogue.text(language, key), key) << language;
        }
        const auto keys = catalogue.keys(language);
        EXPECT_EQ(std::ranges::count_if(keys, [](const auto& key) { return key.starts_with("municipality_size."); }),
                  7);
    }
}

TEST(Catalogue, LanguageThatIsNotThereFallsBackToFinnish) {
    const Catalogue catalogue;
    EXPECT_EQ(catalogue.text("de", "error.thread_locked"), catalogue.text("fi", "error.thread_locked"));
    EXPECT_EQ(catalogue.text("", "error.thread_locked"), catalogue.text("fi", "error.thread_locked"));
}

TEST(Catalogue, KeyThatIsNotThereIsItsOwnText) {
    EXPECT_EQ(Catalogue().text("sv", "error.no_such_reason"), "error.no_such_reason");
    EXPECT_TRUE(Catalogue().keys("de").empty());
}

}  // namespace
}  // namespace foorumi::config
