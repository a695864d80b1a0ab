#include "entrance/answers.hpp"

#include <gtest/gtest.h>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <map>

#include "foorumi/v1/entities.pb.h"

namespace foorumi::entrance {
namespace {

using forum::ErrorCode;
using forum::Refusal;

const config::Catalogue& texts() {
    static const config::Catalogue catalogue;
    return catalogue;
}

boost::json::object told(const net::HttpAnswer& answer) {
    return boost::json::parse(answer.body).as_object().at("error").as_object();
}

const std::map<ErrorCode, std::pair<unsigned, std::string>> every_code{
    {ErrorCode::malformed, {400, "malformed"}},
    {ErrorCode::unknown_request, {404, "unknown_request"}},
    {ErrorCode::unauthenticated, {401, "unauthenticated"}},
    {ErrorCode::invalid, {400, "invalid"}},
    {ErrorCode::not_found, {404, "not_found"}},
    {ErrorCode::forbidden, {403, "forbidden"}},
    {ErrorCode::conflict, {409, "conflict"}},
    {ErrorCode::expired, {410, "expired"}},
    {ErrorCode::limited, {429, "limited"}},
    {ErrorCode::unavailable, {503, "unavailable"}},
    {ErrorCode::outcome_unknown, {503, "outcome_unknown"}},
    {ErrorCode::internal, {500, "internal"}},
};

TEST(Answers, EveryCodeHasItsStatusAndItsWord) {
    EXPECT_EQ(every_code.size(), static_cast<std::size_t>(ErrorCode::internal));
    for (const auto& [code, expected] : every_code) {
        const auto answer = refusal_answer({code, "internal", "", 0}, texts(), "en");
        EXPECT_EQ(answer.status, expected.first) << expected.second;
        EXPECT_EQ(status_of(code), expected.first) << expected.second;
        EXPECT_EQ(told(answer).at("code").as_string(), expected.second);
        EXPECT_FALSE(answer.cookie);
    }
}

TEST(Answers, RefusalIsToldWholeInTheLanguageAskedFor) {
    const Refusal refusal{ErrorCode::invalid, "field_missing", "pass\"word", 0};
    for (const auto* language : {"fi", "sv", "en"}) {
        const auto error = told(refusal_answer(refusal, texts(), language));
        EXPECT_EQ(error.size(), 5U);
        EXPECT_EQ(error.at("reason").as_string(), "field_missing");
        EXPECT_EQ(error.at("field").as_string(), "pass\"word");
        EXPECT_EQ(error.at("retry_after_ms").as_int64(), 0);
        EXPECT_EQ(error.at("text").as_string(), texts().text(language, "error.field_missing"));
    }
    EXPECT_NE(texts().text("fi", "error.field_missing"), texts().text("sv", "error.field_missing"));
}

TEST(Answers, WaitIsToldInWholeSecondsAndNeverTooShort) {
    for (const auto& [ms, seconds] :
         std::map<std::uint32_t, std::uint32_t>{{0, 0}, {1, 1}, {999, 1}, {1'000, 1}, {1'001, 2}, {60'000, 60}}) {
        const auto answer = refusal_answer({ErrorCode::limited, "sign_in_limited", "", ms}, texts(), "en");
        EXPECT_EQ(answer.retry_after_s, seconds) << ms;
        EXPECT_EQ(told(answer).at("retry_after_ms").to_number<std::uint32_t>(), ms);
    }
}

TEST(Answers, LongestWaitIsNoShortOne) {
    const auto answer = refusal_answer({ErrorCode::limited, "sign_in_limited", "", 4'294'967'295U}, texts(), "en");
    EXPECT_EQ(answer.retry_after_s, 4'294'968U);
}

TEST(Answers, TellWhoIsShutOutWhyAndUntilWhenAndNotByWhom) {
    v1::SanctionRecord sanction;
    sanction.set_number(4);
    sanction.set_kind(v1::SANCTION_KIND_SUSPEND);
    sanction.set_until_ms(1'700'000'120'000);
    sanction.set_reason("Asiatonta");
    sanction.set_appeal("Yhdistyksen hallitus");
    sanction.set_by(15);
    const auto answer = refusal_answer({ErrorCode::forbidden, "member_suspended", "", 0}, texts(), "fi", &sanction);
    EXPECT_EQ(answer.status, 403U);
    const auto why = told(answer).at("sanction").as_object();
    EXPECT_EQ(why.size(), 5U);
    EXPECT_EQ(why.at("number").to_number<int>(), 4);
    EXPECT_EQ(why.at("kind").as_string(), "suspend");
    EXPECT_EQ(why.at("until_ms").as_int64(), 1'700'000'120'000);
    EXPECT_EQ(why.at("reason").as_string(), "Asiatonta");
    EXPECT_EQ(why.at("appeal").as_string(), "Yhdistyksen hallitus");
}

}  // namespace
}  // namespace foorumi::entrance
