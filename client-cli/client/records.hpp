// An exported room, or one of its threads, as its pages bring it, and the files that it is written to
// (docs/records.md). Pure, but for the time zone of what people read.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client/catalogue.hpp"
#include "client/member_cache.hpp"
#include "foorumi/v1/protocol.pb.h"

namespace foorumi::client {

struct RecordsFile {
    std::string name;
    std::string contents;
};

class Records {
   public:
    // `thread` 0: the whole room. `public_copy`: as the server was asked for.
    Records(std::uint64_t thread, bool public_copy) : thread_(thread), public_copy_(public_copy) {}

    // REQUIRES: in the order of the pages.
    void add(const foorumi::v1::RecordsPage& page);
    // To be called behind the last page, once.
    void complete();

    struct Counts {
        std::size_t threads = 0;
        std::size_t messages = 0;
        std::size_t deleted = 0;  // of these: tombstones
        std::size_t marked = 0;   // as secret
        std::size_t blanked = 0;  // of these: their text was left out
        std::size_t members = 0;  // who wrote, were mentioned or reacted
    };
    [[nodiscard]] Counts counts() const;
    // Whom the files will name, ascending.
    [[nodiscard]] std::vector<std::uint64_t> members() const;

    [[nodiscard]] const foorumi::v1::Entity& room() const { return room_; }
    [[nodiscard]] std::uint64_t version() const { return version_; }
    [[nodiscard]] std::uint64_t epoch() const { return epoch_; }

    // A thread with its messages, both ascending by id. A thread without an entity has gone, and left some behind.
    struct Chapter {
        std::uint64_t id = 0;
        const foorumi::v1::Entity* thread = nullptr;
        std::vector<std::pair<const foorumi::v1::Entity*, const foorumi::v1::Entity*>>
            messages{};  // with reactions, or null
        bool title_blanked = false;
    };
    [[nodiscard]] std::vector<Chapter> chapters() const;
    [[nodiscard]] bool is_blanked(const foorumi::v1::Entity& message) const;

   private:
    using Entities = std::map<std::uint64_t, foorumi::v1::Entity>;
    static void keep(Entities& in, std::uint64_t id, const foorumi::v1::Entity& entity);

    std::uint64_t thread_;
    bool public_copy_;
    foorumi::v1::Entity room_;
    Entities threads_, messages_, reactions_;
    std::uint64_t version_ = 0;
    std::uint64_t epoch_ = 0;
};

// What stands above the records for people: lines fit for a terminal.
using Heading = std::vector<std::string>;

// "records.jsonl": one JSON object a line. "records.txt" and "records.html": for people.
[[nodiscard]] std::string records_json(const Records& records, const MemberCache& members);
[[nodiscard]] std::string records_text(const Records& records, const MemberCache& members, const Catalogue& texts,
                                       const Heading& heading);
// Whole in itself: no script, nothing loaded. Whatever members wrote is text in it.
[[nodiscard]] std::string records_html(const Records& records, const MemberCache& members, const Catalogue& texts,
                                       const Heading& heading);

// Text for the inside of an element or of an attribute.
[[nodiscard]] std::string html_escaped(std::string_view text);

}  // namespace foorumi::client
