// One call under way. Internal to entrance/. Thread: the directory's home worker.
#pragma once

#include <boost/json/object.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dispatch/membership_job.hpp"
#include "entrance/body.hpp"
#include "entrance/entrance.hpp"
#include "foorumi/v1/stored.pb.h"

namespace foorumi::entrance {

// Kept alive by what it waits for.
class Attempt : public std::enable_shared_from_this<Attempt> {
   public:
    Attempt(Entrance& desk, dispatch::Worker& home, net::HttpCall call, Done done)
        : desk_(desk), home_(home), call_(std::move(call)), done_(std::move(done)) {}
    virtual ~Attempt() = default;
    Attempt(const Attempt&) = delete;
    Attempt& operator=(const Attempt&) = delete;

    // Leads to one answer.
    void start();

   protected:
    virtual void run(const Body& body) = 0;
    // Whether the call is of somebody signed in: then session() knows also what another node has just made.
    [[nodiscard]] virtual bool wants_sign_in() const { return false; }

    // `sanction`: because of which; null: of none.
    void refuse(const forum::Refusal& refusal, const v1::SanctionRecord* sanction = nullptr);
    void answer(net::HttpAnswer answer);
    // Of a new sign-in: to a browser as a cookie, to other programs in the body.
    // `further`: "done", or what is missing yet for a sign-in that waits.
    // REQUIRES: the last commit() has made it.
    void answer_signed_in(const std::string& token, std::string_view further, boost::json::object told = {});

    virtual void refused_by_rule(const forum::Refusal& refusal) { refuse(refusal); }

    // The directory's stored entities; refuses where they cannot be read.
    void read(std::vector<std::string> keys, std::function<void(std::vector<v1::DirectoryEntity>)> then);
    // Takes a place for the next verify() or hash() before anything is done for it. False: refused; the server is busy.
    bool reserve();
    // Refuses, with the try given back, where the server is busy.
    void verify(std::string stored, auth::Secret password, std::function<void(auth::Verification)> then);
    void hash(auth::Secret password, std::function<void(std::string)> then);
    // Where the change is refused, refused_by_rule() follows.
    void commit(dispatch::MembershipCommand command, std::function<void(store::Committed)> then);

    // False: refused; too many tries.
    bool admit(std::string_view account);
    // What costs all nodes something counts against the member's rate, as their requests do. False: refused.
    bool charge(forum::Id member);
    // The time step of a code of the member's app that was not used yet; nothing: it is not one.
    [[nodiscard]] std::optional<std::uint64_t> step_of(std::string_view code, const v1::StoredSecret& secret) const;
    // The hash of a recovery code that is left; nothing: it is not one.
    [[nodiscard]] std::optional<std::string> recovery_of(std::string_view typed, const v1::StoredSecret& secret) const;
    void succeeded() {
        if (attempt_) desk_.throttle.succeeded(*attempt_, now());
        settled_ = true;
    }

    // The sign-in that the call came with, and its member; nothing, and refused: there is none. With `pending`, also
    // one that waits for the second factor.
    struct Session {
        std::string hash;
        const forum::MemberCard* member;
        bool pending;
    };
    std::optional<Session> session(bool pending = false);

    [[nodiscard]] std::chrono::steady_clock::time_point now() const { return home_.shared().clock.steady(); }
    [[nodiscard]] forum::Millis wall_ms() const { return home_.shared().clock.wall_ms(); }
    [[nodiscard]] std::string device_of(const Body& body, forum::Result<void>& result) const;
    [[nodiscard]] membership::Actor nobody() const;

    Entrance& desk_;
    dispatch::Worker& home_;
    net::HttpCall call_;
    forum::Id member_ = 0;       // who acts, for commits
    std::string session_hash_;   // with which session
    bool pending_ = false;       // that may wait for the second factor
    forum::Id told_member_ = 0;  // whom the call is about, for the log, where nobody acts yet

   private:
    [[nodiscard]] forum::Id told_member() const { return member_ != 0 ? member_ : told_member_; }
    [[nodiscard]] bool is_unknown_sign_in() const;
    // Runs once the directory in memory says whether there is such a sign-in.
    void look_up_sign_in(Body body);
    // A step of the call; what it throws ends the call, and nothing else.
    void go_on(const std::function<void()>& step);

    Done done_;
    auth::HashingPool::Place place_;  // reserved, until it is used
    std::optional<auth::Throttle::Try> attempt_;
    bool settled_ = false;           // it counts no more
    forum::Millis acted_at_ms_ = 0;  // of the last commit()
};

using Begin = std::shared_ptr<Attempt> (*)(Entrance&, dispatch::Worker&, net::HttpCall, Done);
// The endpoints, by path. Null: there is none.
[[nodiscard]] Begin find_endpoint(std::string_view path);

[[nodiscard]] std::shared_ptr<Attempt> begin_sign_in(Entrance&, dispatch::Worker&, net::HttpCall, Done);
[[nodiscard]] std::shared_ptr<Attempt> begin_second_factor(Entrance&, dispatch::Worker&, net::HttpCall, Done);
[[nodiscard]] std::shared_ptr<Attempt> begin_sign_out(Entrance&, dispatch::Worker&, net::HttpCall, Done);
[[nodiscard]] std::shared_ptr<Attempt> begin_invitation(Entrance&, dispatch::Worker&, net::HttpCall, Done);
[[nodiscard]] std::shared_ptr<Attempt> begin_accept(Entrance&, dispatch::Worker&, net::HttpCall, Done);
[[nodiscard]] std::shared_ptr<Attempt> begin_password(Entrance&, dispatch::Worker&, net::HttpCall, Done);
[[nodiscard]] std::shared_ptr<Attempt> begin_totp(Entrance&, dispatch::Worker&, net::HttpCall, Done);
[[nodiscard]] std::shared_ptr<Attempt> begin_totp_confirm(Entrance&, dispatch::Worker&, net::HttpCall, Done);
[[nodiscard]] std::shared_ptr<Attempt> begin_erase(Entrance&, dispatch::Worker&, net::HttpCall, Done);
[[nodiscard]] std::shared_ptr<Attempt> begin_totp_remove(Entrance&, dispatch::Worker&, net::HttpCall, Done);

}  // namespace foorumi::entrance
