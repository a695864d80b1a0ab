#include "filters/automaton.hpp"

#include <algorithm>
#include <tuple>

namespace foorumi::filters {

Automaton::Automaton(const std::vector<std::string>& patterns) : same_(patterns.size(), none) {
    for (std::size_t i = 0; i < patterns.size(); ++i)
        if (!patterns[i].empty()) add(patterns[i], i);
    link(patterns);
}

void Automaton::add(const std::string& pattern, std::size_t position) {
    Node node = root;
    for (const char byte : pattern) {
        const auto [found, added] = edges_.try_emplace(edge(node, byte), static_cast<Node>(states_.size()));
        if (added) states_.emplace_back();
        node = found->second;
    }
    same_[position] = states_[node].pattern;
    states_[node].pattern = position;
}

// Level by level, since a fallback is always shorter.
void Automaton::link(const std::vector<std::string>& patterns) {
    std::vector<std::tuple<std::size_t, Node, Node, char>> steps;  // depth, from, to, by
    for (const auto& pattern : patterns) {
        Node node = root;
        std::size_t depth = 0;
        for (const char byte : pattern) {
            const Node to = edges_.at(edge(node, byte));
            steps.emplace_back(++depth, node, to, byte);
            node = to;
        }
    }
    std::ranges::sort(steps);
    for (const auto& [depth, from, to, byte] : steps) {
        auto& state = states_[to];
        state.fallback = depth == 1 ? root : next(states_[from].fallback, byte);
        const auto& behind = states_[state.fallback];
        state.shorter = behind.pattern != none ? state.fallback : behind.shorter;
    }
}

Automaton::Node Automaton::next(Node node, char byte) const {
    for (;;) {
        if (const auto found = edges_.find(edge(node, byte)); found != edges_.end()) return found->second;
        if (node == root) return root;
        node = states_[node].fallback;
    }
}

std::vector<std::size_t> Automaton::find(std::string_view text) const {
    std::vector<std::size_t> found;
    if (edges_.empty()) return found;
    std::vector<bool> seen(same_.size());
    Node node = root;
    for (const char byte : text) {
        node = next(node, byte);
        // What was seen at one place was seen with all that is shorter.
        for (Node ending = node; ending != root; ending = states_[ending].shorter) {
            auto pattern = states_[ending].pattern;
            if (pattern == none) continue;
            if (seen[pattern]) break;
            for (; pattern != none; pattern = same_[pattern]) {
                seen[pattern] = true;
                found.push_back(pattern);
            }
        }
    }
    std::ranges::sort(found);
    return found;
}

}  // namespace foorumi::filters
