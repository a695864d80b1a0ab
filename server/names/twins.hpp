// Names that people may take for one another. Thread-safe; needs ICU's tables.
#pragma once

#include <string>
#include <string_view>

namespace foorumi::names {

// Two names are twins where one of their keys is the same as the other's key of the same kind. One key would not do:
// which letters look alike depends on their case, and folding the case hides it.
//
//   folded  skeleton(fold(name)): "AINO METSÄLÄ" is "Aino Metsälä".
//   seen    fold(skeleton(name)), and its skeleton again: "Ilmari" is "llmari", since I looks like l, which no small i
//   does.
//           But "ILMARI" is not "Ilmari" here: of its two I's one stays an i in "Ilmari".
//
// Each key is its own key of that kind. Keys are for comparing within one process, not for storing (unicode_forms.hpp).
// Being twins is not transitive.
struct TwinKeys {
    std::string folded;
    std::string seen;
    friend bool operator==(const TwinKeys&, const TwinKeys&) = default;
};

// White space at the ends does not count, and a run of it is one space.
[[nodiscard]] TwinKeys twin_keys(std::string_view name);

[[nodiscard]] bool are_twins(const TwinKeys& one, const TwinKeys& other);

}  // namespace foorumi::names
