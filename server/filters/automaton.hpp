// Which of many byte strings occur in a text: Aho and Corasick's automaton (CACM 18:6, 1975). Built once; then
// thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace foorumi::filters {

class Automaton {
   public:
    Automaton() = default;
    // An empty pattern occurs nowhere.
    explicit Automaton(const std::vector<std::string>& patterns);

    // Positions, ascending, of the patterns that occur; each once. Takes time linear in the text and the number of
    // patterns, whatever they are.
    [[nodiscard]] std::vector<std::size_t> find(std::string_view text) const;

   private:
    using Node = std::uint32_t;
    static constexpr Node root = 0;
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    struct State {
        Node fallback = root;        // of the longest end of it that begins a pattern, too
        Node shorter = root;         // the nearest behind it by fallbacks that ends a pattern; root: none
        std::size_t pattern = none;  // the first that ends here
    };

    static std::uint64_t edge(Node node, char byte) {
        return std::uint64_t{node} << 8U | static_cast<unsigned char>(byte);
    }
    [[nodiscard]] Node next(Node node, char byte) const;
    void add(const std::string& pattern, std::size_t position);
    void link(const std::vector<std::string>& patterns);

    std::vector<State> states_{State{}};
    std::unordered_map<std::uint64_t, Node> edges_;
    std::vector<std::size_t> same_;  // by pattern: another one of the same bytes
};

}  // namespace foorumi::filters
