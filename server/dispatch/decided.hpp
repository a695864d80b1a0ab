// Between the forum's rules and the store: what a rule sees of stored entities, and its decision as a commit.
#pragma once

#include <string_view>

#include "forum/rules.hpp"
#include "store/channel_store.hpp"

namespace foorumi::dispatch {

// The forum's view of what the store has read. Throws std::runtime_error where an entity's bytes cannot be read.
// Lifetime: not beyond the store's view.
class DecodedView final : public forum::View {
   public:
    explicit DecodedView(const store::View& view) : view_(view) {}
    [[nodiscard]] forum::Versioned entity(std::string_view key) const override;
    [[nodiscard]] bool has(std::string_view key) const override { return view_.has(key); }

   private:
    const store::View& view_;
};

// The same for what must go on: what cannot be read is as if it was not there, and may be written anew. It is logged,
// with what was being done (lifetime: as the view's).
class ReadableView final : public forum::View {
   public:
    ReadableView(const store::View& view, std::string_view doing) : decoded_(view), view_(view), doing_(doing) {}
    [[nodiscard]] forum::Versioned entity(std::string_view key) const override;
    [[nodiscard]] bool has(std::string_view key) const override { return decoded_.has(key); }

   private:
    DecodedView decoded_;
    const store::View& view_;
    std::string_view doing_;
};

[[nodiscard]] store::Commit to_commit(const forum::Decision& decision);

}  // namespace foorumi::dispatch
