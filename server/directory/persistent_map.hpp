// An ordered map whose copies share what they have in common: a copy costs nothing, a change O(log n), and no other
// copy ever sees it.
//
// Thread: a map that nobody changes may be read, copied and destroyed on any thread, beside others that share nodes
// with it. Reading counts no references.
//
// A B-tree with exact least keys in its inner nodes. A change copies the nodes on its way. Erasing does not rebalance:
// nodes that get empty go, the others stay as they are, which costs some space but no depth (Sen and Tarjan, Deletion
// without rebalancing in multiway search trees): the height never exceeds the logarithm of all insertions. That bounds
// recursion, that of destructors included, at about 16.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

namespace foorumi::directory {

// Key and Value are default constructible; Less may compare keys with other types, which look-ups then take.
template <class Key, class Value, class Less = std::less<>>
class PersistentMap {
   public:
    // Entries of a leaf, children of an inner node. One less than a power of two, as count_before() wants it.
    static constexpr std::size_t fan = 31;

    [[nodiscard]] std::size_t size() const { return size_; }

    // Null: there is none. Valid as long as any map that has the entry.
    template <class K>
    [[nodiscard]] const Value* find(const K& key) const {
        if (!root_) return nullptr;
        const void* node = root_.get();
        for (unsigned level = height_; level > 0; --level) {
            const auto& inner = as<Inner>(node);
            node = inner.items[child_of(inner, key)].get();
        }
        const auto& leaf = as<Leaf>(node);
        const auto at = lower_bound(leaf, key);
        return at < leaf.count && !Less()(key, leaf.keys[at]) ? &leaf.items[at] : nullptr;
    }

    // Calls visit(key, value) for the entries whose keys are not less than `first`, ascending, until it gives false.
    template <class K, class Visit>
    void each_from(const K& first, Visit&& visit) const {
        if (root_) walk(root_.get(), height_, &first, visit);
    }
    template <class Visit>
    void each(Visit&& visit) const {
        if (root_) walk(root_.get(), height_, static_cast<const Key*>(nullptr), visit);
    }

    // Replaces the value where there is one.
    void put(Key key, Value value) {
        if (!root_) {
            root_ = std::make_shared<const Leaf>();
            height_ = 0;
        }
        const bool known = find(key) != nullptr;
        Pair grown = put_below(root_, height_, true, std::move(key), std::move(value));
        if (grown.right) {
            auto root = std::make_shared<Inner>();
            add_child(*root, std::move(grown.left), height_);
            add_child(*root, std::move(grown.right), height_);
            root_ = std::move(root);
            ++height_;
        } else {
            root_ = std::move(grown.left);
        }
        if (!known) ++size_;
    }

    // True if there was one.
    template <class K>
    bool erase(const K& key) {
        if (find(key) == nullptr) return false;
        root_ = erase_below(root_, height_, key);
        for (; height_ > 0 && root_ && as<Inner>(root_.get()).count == 1; --height_) {
            Ref only = as<Inner>(root_.get()).items[0];
            root_ = std::move(only);
        }
        if (!root_) height_ = 0;
        --size_;
        return true;
    }

   private:
    // A Leaf, or, above level 0, an Inner.
    using Ref = std::shared_ptr<const void>;
    template <class Item>
    struct Node {
        std::uint32_t count = 0;
        std::array<Key, fan> keys{};  // apart from the items: a look-up reads few cache lines
        std::array<Item, fan> items{};
    };
    using Leaf = Node<Value>;
    using Inner = Node<Ref>;  // each with the least key below it
    struct Pair {
        Ref left;
        Ref right;  // null where the node was not split
    };

    template <class Kind>
    static const Kind& as(const void* node) {
        return *static_cast<const Kind*>(node);
    }

    static const Key& least_key(const Ref& node, unsigned level) {
        return level > 0 ? as<Inner>(node.get()).keys[0] : as<Leaf>(node.get()).keys[0];
    }

    // How many keys come before it. Without branches: random keys would mispredict half of them.
    template <class Item, class Before>
    static std::size_t count_before(const Node<Item>& node, const Before& before) {
        std::size_t counted = 0;
        for (std::size_t step = (fan + 1) / 2; step > 0; step /= 2) {
            const std::size_t more = counted + step;
            const bool passed = (more <= node.count) & before(node.keys[more - 1]);
            counted += step * static_cast<std::size_t>(passed);
        }
        return counted;
    }

    template <class Item, class K>
    static std::size_t lower_bound(const Node<Item>& node, const K& key) {
        return count_before(node, [&key](const Key& own) { return Less()(own, key); });
    }

    // Where the key is, or would be put.
    template <class K>
    static std::size_t child_of(const Inner& node, const K& key) {
        const auto not_behind = count_before(node, [&key](const Key& own) { return !Less()(key, own); });
        return not_behind == 0 ? 0 : not_behind - 1;
    }

    template <class Item>
    static void move_up(Node<Item>& node, std::size_t at) {
        std::move_backward(node.keys.begin() + at, node.keys.begin() + node.count, node.keys.begin() + node.count + 1);
        std::move_backward(node.items.begin() + at, node.items.begin() + node.count,
                           node.items.begin() + node.count + 1);
    }

    // Gives the new node behind this one, if it had to be split. What always grows at its end (`last`: the node is the
    // last of the map) leaves full nodes behind.
    template <class Item>
    static std::shared_ptr<Node<Item>> insert(Node<Item>& node, std::size_t at, Key key, Item item, bool last) {
        if (node.count < fan) {
            move_up(node, at);
            node.keys[at] = std::move(key);
            node.items[at] = std::move(item);
            ++node.count;
            return nullptr;
        }
        auto right = std::make_shared<Node<Item>>();
        const std::size_t kept = last && at == fan ? fan : fan / 2;
        std::move(node.keys.begin() + kept, node.keys.end(), right->keys.begin());
        std::move(node.items.begin() + kept, node.items.end(), right->items.begin());
        std::fill(node.keys.begin() + kept, node.keys.end(), Key());
        std::fill(node.items.begin() + kept, node.items.end(), Item());
        right->count = static_cast<std::uint32_t>(fan - kept);
        node.count = static_cast<std::uint32_t>(kept);
        if (at < kept)
            insert(node, at, std::move(key), std::move(item), false);
        else
            insert(*right, at - kept, std::move(key), std::move(item), false);
        return right;
    }

    // Behind those that are there. `level` is the child's.
    static void add_child(Inner& inner, Ref child, unsigned level) {
        inner.keys[inner.count] = least_key(child, level);
        inner.items[inner.count] = std::move(child);
        ++inner.count;
    }

    template <class Item>
    static void remove(Node<Item>& node, std::size_t at) {
        std::move(node.keys.begin() + at + 1, node.keys.begin() + node.count, node.keys.begin() + at);
        std::move(node.items.begin() + at + 1, node.items.begin() + node.count, node.items.begin() + at);
        --node.count;
        node.keys[node.count] = Key();
        node.items[node.count] = Item();
    }

    static Pair put_below(const Ref& node, unsigned level, bool last, Key key, Value value) {
        if (level == 0) {
            auto leaf = std::make_shared<Leaf>(as<Leaf>(node.get()));
            const auto at = lower_bound(*leaf, key);
            if (at < leaf->count && !Less()(key, leaf->keys[at])) {
                leaf->keys[at] = std::move(key);
                leaf->items[at] = std::move(value);
                return {std::move(leaf), nullptr};
            }
            auto right = insert(*leaf, at, std::move(key), std::move(value), last);
            return {std::move(leaf), std::move(right)};
        }
        auto inner = std::make_shared<Inner>(as<Inner>(node.get()));
        const auto at = child_of(*inner, key);
        last = last && at + 1 == inner->count;
        Pair grown = put_below(inner->items[at], level - 1, last, std::move(key), std::move(value));
        inner->keys[at] = least_key(grown.left, level - 1);
        inner->items[at] = std::move(grown.left);
        if (!grown.right) return {std::move(inner), nullptr};
        Key least = least_key(grown.right, level - 1);
        auto right = insert(*inner, at + 1, std::move(least), std::move(grown.right), last);
        return {std::move(inner), std::move(right)};
    }

    // Null: nothing is left. REQUIRES: the key is there.
    template <class K>
    static Ref erase_below(const Ref& node, unsigned level, const K& key) {
        if (level == 0) {
            auto leaf = std::make_shared<Leaf>(as<Leaf>(node.get()));
            remove(*leaf, lower_bound(*leaf, key));
            return leaf->count == 0 ? nullptr : std::move(leaf);
        }
        auto inner = std::make_shared<Inner>(as<Inner>(node.get()));
        const auto at = child_of(*inner, key);
        Ref child = erase_below(inner->items[at], level - 1, key);
        if (!child) {
            remove(*inner, at);
            return inner->count == 0 ? nullptr : std::move(inner);
        }
        inner->keys[at] = least_key(child, level - 1);
        inner->items[at] = std::move(child);
        return inner;
    }

    // first: null for all below. False: the visitor has had enough.
    template <class K, class Visit>
    static bool walk(const void* node, unsigned level, const K* first, Visit& visit) {
        if (level == 0) {
            const auto& leaf = as<Leaf>(node);
            for (auto at = first == nullptr ? 0 : lower_bound(leaf, *first); at < leaf.count; ++at)
                if (!visit(leaf.keys[at], leaf.items[at])) return false;
            return true;
        }
        const auto& inner = as<Inner>(node);
        for (auto at = first == nullptr ? 0 : child_of(inner, *first); at < inner.count; ++at, first = nullptr)
            if (!walk(inner.items[at].get(), level - 1, first, visit)) return false;
        return true;
    }

    Ref root_;
    unsigned height_ = 0;
    std::size_t size_ = 0;
};

}  // namespace foorumi::directory
