// Names of members, read once and kept. Pure. Bounded: forgets everything when it holds too many.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "foorumi/v1/protocol.pb.h"

namespace foorumi::client {

class MemberCache {
   public:
    static constexpr std::size_t most = 20'000;

    void put(const foorumi::v1::Member& member) {
        if (members_.size() >= most) {
            members_.clear();
            erased_.clear();
        }
        members_[member.id()] = member;
        erased_.erase(member.id());
    }

    // Members that were asked for and not found were erased. Nobody is asked for again.
    void put_answer(const std::vector<std::uint64_t>& asked, const foorumi::v1::Members& found) {
        for (const std::uint64_t id : asked) put_unnamed(id, true);
        for (const auto& member : found.members()) put(member);
    }
    // There was no answer: they stay unknown, and are not asked for again.
    void put_unanswered(const std::vector<std::uint64_t>& asked) {
        for (const std::uint64_t id : asked) put_unnamed(id, false);
    }

    // Nothing where it is not known.
    [[nodiscard]] const foorumi::v1::Member* find(std::uint64_t id) const {
        const auto found = members_.find(id);
        return found == members_.end() || found->second.name().empty() ? nullptr : &found->second;
    }

    [[nodiscard]] bool is_erased(std::uint64_t id) const { return erased_.contains(id); }

    // Those of `ids` that are to be asked for, each once. 0 is nobody.
    [[nodiscard]] std::vector<std::uint64_t> missing(const std::vector<std::uint64_t>& ids) const {
        std::set<std::uint64_t> out;
        for (const std::uint64_t id : ids) {
            if (id != 0 && !members_.contains(id)) out.insert(id);
        }
        return {out.begin(), out.end()};
    }

   private:
    void put_unnamed(std::uint64_t id, bool erased) {
        if (members_.contains(id)) return;
        foorumi::v1::Member unnamed;
        unnamed.set_id(id);
        put(unnamed);
        if (erased) erased_.insert(id);
    }

    std::map<std::uint64_t, foorumi::v1::Member> members_;
    std::set<std::uint64_t> erased_;  // of these
};

}  // namespace foorumi::client
