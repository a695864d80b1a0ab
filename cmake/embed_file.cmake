# A string literal may be limited in length, so the file goes into an array of bytes.
file(READ ${IN} hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
string(REGEX REPLACE "(................................................................................)" "\\1\n" bytes "${bytes}")
file(WRITE ${OUT}
"#include <string_view>
namespace foorumi::embedded {
namespace {
constexpr unsigned char bytes[] = {
${bytes}0};
}
extern const std::string_view ${SYMBOL};
const std::string_view ${SYMBOL}{reinterpret_cast<const char*>(bytes), sizeof bytes - 1};
}  // namespace foorumi::embedded
")
