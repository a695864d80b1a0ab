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
        if (members_.size() >= most) members_.clear();
        members_[member.id()] = member;
    }

    // Members that were asked for and not found are not asked for again.
    void put_answer(const std::vector<std::uint64_t>& asked, const foorumi::v1::Members& found) {
        for (const std::uint64_t id : asked) {
            if (members_.contains(id)) continue;
            foorumi::v1::Member unknown;
            unknown.set_id(id);
            put(unknown);
        }
        for (const auto& member : found.members()) put(member);
    }

    // Nothing where it is not known.
    [[nodiscard]] const foorumi::v1::Member* find(std::uint64_t id) const {
        const auto found = members_.find(id);
        return found == members_.end() || found->second.name().empty() ? nullptr : &found->second;
    }

    // Those of `ids` that are to be asked for, each once. 0 is nobody.
    [[nodiscard]] std::vector<std::uint64_t> missing(const std::vector<std::uint64_t>& ids) const {
        std::set<std::uint64_t> out;
        for (const std::uint64_t id : ids) {
            if (id != 0 && !members_.contains(id)) out.insert(id);
        }
        return {out.begin(), out.end()};
    }

   private:
    std::map<std::uint64_t, foorumi::v1::Member> members_;
};

}  // namespace foorumi::client
