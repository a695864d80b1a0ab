// A map by id whose copies share what they have in common, like PersistentMap, but with look-ups that compare nothing:
// a radix tree, 32 children a node, so four steps where ids are below a million. Meant for ids that are close together,
// as the versions of one channel are.
//
// Thread: as PersistentMap.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace foorumi::directory {

// Value: a pointer, null where there is none.
template <class Value>
class IdMap {
   public:
    using Id = std::uint64_t;

    [[nodiscard]] std::size_t size() const { return size_; }

    [[nodiscard]] const Value* find(Id id) const {
        if (!fits(id)) return nullptr;
        const void* node = root_.get();
        for (unsigned level = height_; level > 0 && node != nullptr; --level)
            node = as<Inner>(node).items[slot(id, level)].get();
        if (node == nullptr) return nullptr;
        const Value& value = as<Leaf>(node).items[slot(id, 0)];
        return value ? &value : nullptr;
    }

    // Replaces what is there. A value that is null is erased.
    void put(Id id, Value value) {
        const bool known = find(id) != nullptr;
        if (!value && !known) return;
        for (; !fits(id); ++height_) {
            if (!root_) continue;
            auto higher = std::make_shared<Inner>();
            higher->count = 1;
            higher->items[0] = std::move(root_);
            root_ = std::move(higher);
        }
        size_ = size_ + (value ? 1U : 0U) - (known ? 1U : 0U);
        root_ = changed(root_, height_, id, std::move(value));
    }
    void erase(Id id) { put(id, Value()); }

    // Calls visit(id, value) for all, ascending.
    template <class Visit>
    void each(Visit&& visit) const {
        each_from(0, [&visit](Id id, const Value& value) {
            visit(id, value);
            return true;
        });
    }
    // Calls visit(id, value) for those not less than `first`, ascending, until it gives false.
    template <class Visit>
    void each_from(Id first, Visit&& visit) const {
        if (root_) walk(root_.get(), height_, 0, first, visit);
    }

   private:
    static constexpr unsigned bits = 5;
    static constexpr std::size_t fan = std::size_t{1} << bits;

    // A Leaf, or, above level 0, an Inner.
    using Ref = std::shared_ptr<const void>;
    template <class Item>
    struct Node {
        std::uint32_t count = 0;  // items that are not null
        std::array<Item, fan> items{};
    };
    using Leaf = Node<Value>;
    using Inner = Node<Ref>;

    template <class Kind>
    static const Kind& as(const void* node) {
        return *static_cast<const Kind*>(node);
    }
    static std::size_t slot(Id id, unsigned level) { return (id >> (bits * level)) & (fan - 1); }
    [[nodiscard]] bool fits(Id id) const {
        const unsigned covered = bits * (height_ + 1);
        return covered >= 64 || id >> covered == 0;
    }

    // A copy of the node (null: of an empty one) with this item; null where it then has none.
    template <class Item>
    static Ref with_item(const Ref& node, std::size_t at, Item item) {
        auto copy = node ? std::make_shared<Node<Item>>(as<Node<Item>>(node.get())) : std::make_shared<Node<Item>>();
        copy->count = copy->count + (item ? 1U : 0U) - (copy->items[at] ? 1U : 0U);
        if (copy->count == 0) return nullptr;
        copy->items[at] = std::move(item);
        return copy;
    }

    static Ref changed(const Ref& node, unsigned level, Id id, Value value) {
        const auto at = slot(id, level);
        if (level == 0) return with_item<Value>(node, at, std::move(value));
        const Ref child = node ? as<Inner>(node.get()).items[at] : nullptr;
        return with_item<Ref>(node, at, changed(child, level - 1, id, std::move(value)));
    }

    // False: the visitor has had enough.
    template <class Visit>
    static bool walk(const void* node, unsigned level, Id base, Id first, Visit& visit) {
        // Of ids from `base` on, 2^(bits * level) are below each item.
        const Id before = first > base ? (first - base) >> (bits * level) : 0;
        for (std::size_t at = before; at < fan; ++at) {
            const Id id = base + (Id{at} << (bits * level));
            if (level > 0) {
                const Ref& child = as<Inner>(node).items[at];
                if (child && !walk(child.get(), level - 1, id, first, visit)) return false;
            } else if (const Value& value = as<Leaf>(node).items[at]; value && !visit(id, value)) {
                return false;
            }
        }
        return true;
    }

    Ref root_;
    unsigned height_ = 0;
    std::size_t size_ = 0;
};

}  // namespace foorumi::directory
