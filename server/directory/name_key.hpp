// Keys by name for a PersistentMap: compared by their hash first, so that a look-up touches few strings. Their order
// means nothing otherwise. Several entries of one name differ by id.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "forum/entities.hpp"

namespace foorumi::directory {

// For look-ups. Without an id it comes before every entry of that name that has one.
class NameView {
   public:
    explicit NameView(std::string_view name, forum::Id id = 0)
        : hash_(std::hash<std::string_view>()(name)), id_(id), name_(name) {}
    [[nodiscard]] std::size_t hash() const { return hash_; }
    [[nodiscard]] std::string_view name() const { return name_; }
    [[nodiscard]] forum::Id id() const { return id_; }

   private:
    std::size_t hash_;
    forum::Id id_;
    std::string_view name_;
};

class NameKey {
   public:
    NameKey() = default;
    // The string may be a part of something else that lives as long (aliasing).
    explicit NameKey(std::shared_ptr<const std::string> name, forum::Id id = 0)
        : hash_(std::hash<std::string_view>()(*name)), id_(id), name_(std::move(name)) {}
    [[nodiscard]] std::size_t hash() const { return hash_; }
    [[nodiscard]] std::string_view name() const { return name_ ? std::string_view(*name_) : std::string_view(); }
    [[nodiscard]] forum::Id id() const { return id_; }

   private:
    std::size_t hash_ = 0;
    forum::Id id_ = 0;
    std::shared_ptr<const std::string> name_;
};

struct NameOrder {
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
        if (a.hash() != b.hash()) return a.hash() < b.hash();
        if (const int order = a.name().compare(b.name()); order != 0) return order < 0;
        return a.id() < b.id();
    }
};

}  // namespace foorumi::directory
