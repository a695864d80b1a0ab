#include "auth/hasher.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <future>
#include <limits>
#include <optional>
#include <string>

#include "auth/password_hash.hpp"

namespace foorumi::auth {
namespace {

constexpr auto hash_patience = std::chrono::seconds(60);
constexpr const char* own_password = "seitsemän veljestä Jukolasta";

// An answer on its way: by an executor that runs it where it is.
template <class Answer>
struct Awaited {
    std::promise<Answer> promise;
    std::future<Answer> future = promise.get_future();

    [[nodiscard]] std::function<void(Answer)> done() {
        return [this](Answer answer) { promise.set_value(std::move(answer)); };
    }
    [[nodiscard]] Answer get() {
        EXPECT_EQ(future.wait_for(hash_patience), std::future_status::ready);
        return future.get();
    }
};

void run_here(std::function<void()> function) { function(); }

forum::Result<std::string> hash_by(Hasher& hasher, std::string password) {
    Awaited<forum::Result<std::string>> awaited;
    EXPECT_TRUE(hasher.hash(*hasher.reserve(), Secret(std::move(password)), run_here, awaited.done()));
    return awaited.get();
}

forum::Result<Verification> verify_by(Hasher& hasher, std::optional<std::string> hash, std::string password) {
    Awaited<forum::Result<Verification>> awaited;
    EXPECT_TRUE(hasher.verify_or_dummy(*hasher.reserve(), std::move(hash), Secret(std::move(password)), run_here,
                                       awaited.done()));
    return awaited.get();
}

TEST(HasherTest, VerifiesWhatItHashed) {
    Hasher hasher{PasswordOptions()};
    const auto hash = hash_by(hasher, own_password);
    ASSERT_TRUE(hash);
    const auto right = verify_by(hasher, *hash, own_password);
    EXPECT_TRUE(right->matches);
    EXPECT_EQ(right->rehashed, "");
    EXPECT_FALSE(verify_by(hasher, *hash, "seitsemän veljestä Venlasta")->matches);
}

TEST(HasherTest, RefusalsComeAsAnswers) {
    Hasher hasher{PasswordOptions()};
    EXPECT_EQ(hash_by(hasher, "short").error().reason, "password_too_short");
    EXPECT_EQ(verify_by(hasher, "no hash", own_password).error().reason, "internal");
}

TEST(HasherTest, WithoutAHashNothingMatches) {
    Hasher hasher{PasswordOptions()};
    for (const auto* password : {own_password, ""}) {
        const auto verified = verify_by(hasher, std::nullopt, password);
        ASSERT_TRUE(verified);
        EXPECT_FALSE(verified->matches);
        EXPECT_EQ(verified->rehashed, "");
    }
}

// In processor time, which other programs do not lengthen; the least of some runs.
std::clock_t work_of(Hasher& hasher, const std::optional<std::string>& hash) {
    auto least = std::numeric_limits<std::clock_t>::max();
    for (int i = 0; i < 5; ++i) {
        const auto begin = std::clock();
        EXPECT_FALSE(verify_by(hasher, hash, "seitsemän veljestä Venlasta")->matches);
        least = std::min(least, std::clock() - begin);
    }
    return least;
}

TEST(HasherTest, WithoutAHashTheSameWorkIsDone) {
    Hasher hasher{PasswordOptions()};
    const auto work = work_of(hasher, *hash_by(hasher, own_password));
    const auto dummy_work = work_of(hasher, std::nullopt);
    EXPECT_GT(dummy_work, work / 2);
    EXPECT_LT(dummy_work, work * 2);
}

TEST(HasherTest, HashOfAnotherCostIsMadeAnewWhenItMatches) {
    std::array<char, crypto_pwhash_STRBYTES> earlier{};
    const std::string_view password = own_password;
    ASSERT_EQ(crypto_pwhash_str_alg(earlier.data(), password.data(), password.size(), 1, 8 * 1024 * 1024,
                                    crypto_pwhash_ALG_ARGON2ID13),
              0);
    Hasher hasher{PasswordOptions()};
    const auto verified = verify_by(hasher, earlier.data(), own_password);
    ASSERT_TRUE(verified);
    EXPECT_TRUE(verified->matches);
    EXPECT_EQ(cost_of(verified->rehashed), HashCost());
    EXPECT_TRUE(verify_by(hasher, verified->rehashed, own_password)->matches);
    EXPECT_EQ(verify_by(hasher, earlier.data(), "seitsemän veljestä Venlasta")->rehashed, "");
}

TEST(HasherTest, AnswersComeByTheExecutorOfTheQuestion) {
    Hasher hasher{PasswordOptions()};
    std::promise<std::function<void()>> posted;
    bool answered = false;
    ASSERT_TRUE(hasher.hash(
        *hasher.reserve(), Secret(std::string(own_password)),
        [&](std::function<void()> function) { posted.set_value(std::move(function)); },
        [&](const forum::Result<std::string>& hash) { answered = hash.has_value(); }));
    auto future = posted.get_future();
    ASSERT_EQ(future.wait_for(hash_patience), std::future_status::ready);
    EXPECT_FALSE(answered);
    future.get()();
    EXPECT_TRUE(answered);
}

TEST(HasherTest, StopAnswersWhatWaitsAndRefusesWhatComes) {
    Hasher hasher{PasswordOptions()};
    std::promise<void> started;
    std::promise<void> go_on;
    Awaited<forum::Result<Verification>> waiting;
    ASSERT_TRUE(hasher.hash(
        *hasher.reserve(), Secret(std::string(own_password)),
        [&](const std::function<void()>&) {
            started.set_value();
            ASSERT_EQ(go_on.get_future().wait_for(hash_patience), std::future_status::ready);
        },
        [](const forum::Result<std::string>&) {}));
    ASSERT_EQ(started.get_future().wait_for(hash_patience), std::future_status::ready);
    ASSERT_TRUE(hasher.verify_or_dummy(
        *hasher.reserve(), std::nullopt, Secret(std::string(own_password)),
        [&](const std::function<void()>& function) {
            function();
            go_on.set_value();
        },
        waiting.done()));
    const auto early = hasher.reserve();
    hasher.stop();
    EXPECT_EQ(waiting.get().error().reason, "stopping");
    const auto late =
        hasher.hash(*early, Secret(std::string(own_password)), run_here, [](const forum::Result<std::string>&) {});
    EXPECT_EQ(late.error().reason, "stopping");
    EXPECT_EQ(hasher.reserve().error().reason, "stopping");
}

}  // namespace
}  // namespace foorumi::auth
