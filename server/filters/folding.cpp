#include "filters/folding.hpp"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/uidna.h>
#include <unicode/unistr.h>
#include <unicode/uspoof.h>

#include <array>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <unordered_map>

namespace foorumi::filters {
namespace {

constexpr UChar32 ring = 0x030A;
constexpr UChar32 diaeresis = 0x0308;
constexpr UChar32 double_acute = 0x030B;      // looks like a diaeresis
constexpr UChar32 ideographic_stop = 0x3002;  // ends a label as '.' does

void require_icu(UErrorCode status) {
    if (U_FAILURE(status)) throw std::runtime_error(std::string("ICU: ") + u_errorName(status));
}

icu::UnicodeString wide(std::string_view text) {
    return icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
}

icu::UnicodeString normalized(const icu::Normalizer2* form, UErrorCode status, const icu::UnicodeString& text) {
    require_icu(status);
    auto result = form->normalize(text, status);
    require_icu(status);
    return result;
}

// Marks are put in order in time quadratic in how many there are in a row. As in UAX #15's Stream-Safe Text Format no
// more than 30 are looked at, which no language comes near. What is not shown goes before: else it would end a row
// here, and not there, or be counted.
icu::UnicodeString with_bounded_marks(const icu::Normalizer2& form, const icu::UnicodeString& text) {
    constexpr int most_in_a_row = 30;
    icu::UnicodeString out;
    int in_a_row = 0;
    for (std::int32_t at = 0; at < text.length(); at = text.moveIndex32(at, 1)) {
        const UChar32 c = text.char32At(at);
        if (u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) != 0) continue;
        in_a_row = form.hasBoundaryBefore(c) != 0 ? 0 : in_a_row + 1;
        if (in_a_row <= most_in_a_row) out.append(c);
    }
    return out;
}

icu::UnicodeString casefolded(const icu::UnicodeString& text) {
    UErrorCode status = U_ZERO_ERROR;
    const auto* form = icu::Normalizer2::getNFKCCasefoldInstance(status);
    require_icu(status);
    return normalized(form, status, with_bounded_marks(*form, text));
}

icu::UnicodeString decomposed(const icu::UnicodeString& text) {
    UErrorCode status = U_ZERO_ERROR;
    const auto* form = icu::Normalizer2::getNFDInstance(status);
    return normalized(form, status, text);
}

void append_utf8(std::string& out, UChar32 c) { icu::UnicodeString(c).toUTF8String(out); }

bool is_mark(UChar32 c) { return (U_GET_GC_MASK(c) & U_GC_M_MASK) != 0; }
bool is_of_word(UChar32 c) { return u_isalnum(c) != 0; }

// --- what looks alike

struct ClosesSpoof {
    void operator()(USpoofChecker* checker) const { uspoof_close(checker); }
};

char letter_like(const USpoofChecker& checker, UChar32 c) {
    std::array<char16_t, 8> seen{};
    const icu::UnicodeString text(c);
    UErrorCode status = U_ZERO_ERROR;
    const auto length = uspoof_getSkeleton(&checker, 0, text.getBuffer(), text.length(), seen.data(),
                                           static_cast<std::int32_t>(seen.size()), &status);
    if (U_FAILURE(status) || length != 1) return 0;
    const auto letter = u_tolower(seen.front());
    return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter) : char{0};
}

// Letters of the scripts that have some. Mathematical and other forms of Latin letters are folded before.
std::unordered_map<UChar32, char> find_look_alikes() {
    constexpr std::array<std::array<UChar32, 2>, 2> ranges{{{0x80, 0x2FFF}, {0xA4D0, 0xABFF}}};
    UErrorCode status = U_ZERO_ERROR;
    const std::unique_ptr<USpoofChecker, ClosesSpoof> checker(uspoof_open(&status));
    require_icu(status);
    std::unordered_map<UChar32, char> found;
    const icu::UnicodeString small_capitals(u"ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡʏᴢ");
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwyz";
    for (std::int32_t n = 0; n < small_capitals.length(); ++n)
        found.emplace(small_capitals.charAt(n), letters[static_cast<std::size_t>(n)]);
    for (const auto& [first, last] : ranges)
        for (UChar32 c = first; c <= last; ++c)
            if (u_isalpha(c) != 0)
                if (const char letter = letter_like(*checker, c)) found.emplace(c, letter);
    return found;
}

UChar32 plain_letter(UChar32 c) {
    if (c < 0x80) return c;
    static const auto look_alikes = find_look_alikes();
    const auto found = look_alikes.find(c);
    return found == look_alikes.end() ? c : static_cast<UChar32>(found->second);
}

// White on black, in a circle or a square, which no form for compatibility is of.
UChar32 without_frame(UChar32 c) {
    constexpr UChar32 circles = 0x1F150;
    constexpr UChar32 squares = 0x1F170;
    constexpr UChar32 letters = 26;
    for (const auto first : {circles, squares})
        if (c >= first && c < first + letters) return 'a' + (c - first);
    return c;
}

// The text with what its capitals beyond ASCII look like in their place, if there is one: what a capital looks like,
// its small letter need not. Those that are said to look like an l look like an I.
std::optional<icu::UnicodeString> with_plain_capitals(const icu::UnicodeString& text) {
    UErrorCode status = U_ZERO_ERROR;
    const auto* form = icu::Normalizer2::getInstance(nullptr, "nfkc", UNORM2_DECOMPOSE, status);
    require_icu(status);
    const auto split = normalized(form, status, with_bounded_marks(*form, text));
    icu::UnicodeString out;
    bool replaced = false;
    for (std::int32_t at = 0; at < split.length(); at = split.moveIndex32(at, 1)) {
        const UChar32 c = split.char32At(at);
        const UChar32 plain = u_isupper(c) != 0 ? plain_letter(c) : c;
        replaced = replaced || plain != c;
        out.append(plain != c && plain == 'l' ? UChar32{'i'} : plain);
    }
    return replaced ? std::optional(std::move(out)) : std::nullopt;
}

// The letter with the mark, where that is another letter; else the letter.
UChar32 marked(UChar32 letter, UChar32 mark) {
    const bool dots = mark == diaeresis || mark == double_acute;
    if (letter == 'a' && dots) return 0xE4;
    if (letter == 'o' && dots) return 0xF6;
    return letter == 'a' && mark == ring ? 0xE5 : letter;
}

// --- hosts

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::string without_percents(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool escape = text[at] == '%' && at + 2 < text.size();
        const int high = escape ? hex_digit(text[at + 1]) : -1;
        const int low = escape ? hex_digit(text[at + 2]) : -1;
        if (high < 0 || low < 0) {
            out += text[at];
            continue;
        }
        out += static_cast<char>(high * 16 + low);
        at += 2;
    }
    return out;
}

bool is_dot(UChar32 c) { return c == '.' || c == ideographic_stop; }

struct ClosesNames {
    void operator()(UIDNA* names) const { uidna_close(names); }
};

// What cannot be read stays as it is: then it leads nowhere.
icu::UnicodeString without_punycode(const icu::UnicodeString& label) {
    static const auto names = [] {
        UErrorCode status = U_ZERO_ERROR;
        std::unique_ptr<UIDNA, ClosesNames> opened(uidna_openUTS46(UIDNA_NONTRANSITIONAL_TO_UNICODE, &status));
        require_icu(status);
        return opened;
    }();
    std::array<char16_t, 256> out{};
    UIDNAInfo info = UIDNA_INFO_INITIALIZER;
    UErrorCode status = U_ZERO_ERROR;
    const auto length = uidna_labelToUnicode(names.get(), label.getBuffer(), label.length(), out.data(),
                                             static_cast<std::int32_t>(out.size()), &info, &status);
    if (U_FAILURE(status) || info.errors != 0) return label;
    return casefolded(icu::UnicodeString(out.data(), length));
}

enum class Ending : std::uint8_t { as_it_is, also_cut };

constexpr std::int32_t longest_label = 63;
constexpr std::int32_t prefix_length = 4;
bool is_coded(const icu::UnicodeString& label) { return label.startsWith(u"xn--", prefix_length) != 0; }

void append_label(std::string& form, const icu::UnicodeString& label) {
    form += '.';
    const bool coded = label.length() <= longest_label && is_coded(label);
    (coded ? without_punycode(label) : label).toUTF8String(form);
}

// The labels of one host, each behind a dot; empty ones are left out, and hyphens around them, which no label has.
class Host {
   public:
    void add(UChar32 c) {
        if (is_dot(c)) return end_label();
        label_.append(c);
    }
    // `also_cut`: what stands behind a hyphen in the last label may be the text's: "evil.com-sivusto".
    void end(std::string& out, Ending ending) {
        end_label();
        if (last_.isEmpty()) return;
        auto whole = form_;
        append_label(whole, last_);
        out.append(whole).push_back(separator);
        const auto hyphen = last_.indexOf(u'-', is_coded(last_) ? prefix_length : 0);
        if (ending == Ending::also_cut && hyphen > 0) {
            append_label(form_, last_.tempSubString(0, hyphen));
            out.append(form_).push_back(separator);
        }
        form_.clear();
        last_.remove();
    }

   private:
    void end_label() {
        std::int32_t begin = 0;
        std::int32_t end = label_.length();
        while (begin < end && label_.charAt(begin) == u'-') ++begin;
        while (end > begin && label_.charAt(end - 1) == u'-') --end;
        if (begin < end) {
            if (!last_.isEmpty()) append_label(form_, last_);
            last_ = icu::UnicodeString(label_, begin, end - begin);
        }
        label_.remove();
    }
    icu::UnicodeString label_;
    icu::UnicodeString last_;  // not in the form yet
    std::string form_;
};

void append_hosts(std::string& out, std::string_view text, Ending ending) {
    const auto folded = casefolded(wide(text));
    Host host;
    for (std::int32_t at = 0; at < folded.length(); at = folded.moveIndex32(at, 1)) {
        const UChar32 c = folded.char32At(at);
        if (is_of_word(c) || is_mark(c) || c == '-' || is_dot(c))
            host.add(c);
        else
            host.end(out, ending);
    }
    host.end(out, ending);
}

std::string_view without_surroundings(std::string_view domain) {
    if (const auto scheme = domain.find("://"); scheme != std::string_view::npos) domain.remove_prefix(scheme + 3);
    if (domain.starts_with("*.")) domain.remove_prefix(2);
    while (domain.ends_with('/')) domain.remove_suffix(1);
    return domain;
}

}  // namespace

namespace {

std::string words_in(const icu::UnicodeString& text) {
    const auto folded = decomposed(casefolded(text));
    std::string out(1, separator);
    UChar32 letter = 0;  // the last one, to which marks may still come; 0: none
    const auto end_letter = [&] {
        if (letter != 0) append_utf8(out, letter);
        letter = 0;
    };
    for (std::int32_t at = 0; at < folded.length(); at = folded.moveIndex32(at, 1)) {
        const UChar32 c = without_frame(folded.char32At(at));
        if (is_mark(c)) {
            letter = marked(letter, c);
        } else if (is_of_word(c)) {
            end_letter();
            letter = plain_letter(c);
        } else if (c != '*' && c != '`') {
            end_letter();
            if (out.back() != separator) out += separator;
        }
    }
    end_letter();
    if (out.back() != separator) out += separator;
    return out;
}

}  // namespace

std::string folded_words(std::string_view text) { return words_in(wide(text)); }

std::string words_by_capitals(std::string_view text) {
    const auto plain = with_plain_capitals(wide(text));
    return plain ? words_in(*plain) : std::string();
}

std::string named_hosts(std::string_view text) {
    std::string out(1, separator);
    append_hosts(out, text, Ending::also_cut);
    // A '%' may as well be the text's: "%adsite.com".
    if (const auto undone = without_percents(text); undone != text) append_hosts(out, undone, Ending::also_cut);
    return out;
}

std::optional<std::string> domain_form(std::string_view domain) {
    std::string named(1, separator);
    append_hosts(named, without_percents(without_surroundings(domain)), Ending::as_it_is);
    // One host, and nothing beside it.
    const auto form = std::string_view(named).substr(1);
    const bool one = !form.empty() && form.find(separator) == form.size() - 1;
    if (!one || form.find('.', 1) == std::string_view::npos) return std::nullopt;
    return std::string(form.substr(0, form.size() - 1));
}

}  // namespace foorumi::filters
