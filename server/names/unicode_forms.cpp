#include "names/unicode_forms.hpp"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uspoof.h>
#include <unicode/utf8.h>

#include <cstdint>
#include <memory>
#include <stdexcept>

namespace foorumi::names {
namespace {

void require_icu(UErrorCode status) {
    if (U_FAILURE(status)) throw std::runtime_error(std::string("ICU: ") + u_errorName(status));
}

icu::UnicodeString utf16(std::string_view text) {
    return icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
}

std::string utf8(const icu::UnicodeString& text) {
    std::string out;
    return text.toUTF8String(out);
}

icu::UnicodeString composed(const icu::UnicodeString& text) {
    UErrorCode status = U_ZERO_ERROR;
    const auto* form = icu::Normalizer2::getNFCInstance(status);
    require_icu(status);
    auto result = form->normalize(text, status);
    require_icu(status);
    return result;
}

struct CloseChecker {
    void operator()(USpoofChecker* checker) const { uspoof_close(checker); }
};

// uspoof.h: a checker that is not changed may be used by several threads at once.
const USpoofChecker& spoof_checker() {
    static const auto checker = [] {
        UErrorCode status = U_ZERO_ERROR;
        std::unique_ptr<USpoofChecker, CloseChecker> opened(uspoof_open(&status));
        require_icu(status);
        return opened;
    }();
    return *checker;
}

}  // namespace

std::string nfc(std::string_view text) { return utf8(composed(utf16(text))); }

std::string case_folded(std::string_view text) {
    // Folding may take apart what form C had together.
    return utf8(composed(composed(utf16(text)).foldCase(U_FOLD_CASE_DEFAULT)));
}

std::string skeleton(std::string_view text) {
    const auto well_formed = utf8(utf16(text));
    const auto length = static_cast<std::int32_t>(well_formed.size());
    UErrorCode status = U_ZERO_ERROR;
    // The reserved argument is 0 (the types of skeletons are gone since ICU 58).
    std::string out(well_formed.size() * 2 + 16, '\0');
    for (;;) {
        const auto needed = uspoof_getSkeletonUTF8(&spoof_checker(), 0, well_formed.data(), length, out.data(),
                                                   static_cast<std::int32_t>(out.size()), &status);
        out.resize(static_cast<std::size_t>(needed));
        if (status != U_BUFFER_OVERFLOW_ERROR) break;
        status = U_ZERO_ERROR;
    }
    require_icu(status);
    return out;
}

std::string single_spaced(std::string_view text) {
    icu::UnicodeString out;
    const auto wide = utf16(text);
    bool pending = false;
    for (std::int32_t at = 0; at < wide.length(); at = wide.moveIndex32(at, 1)) {
        const UChar32 c = wide.char32At(at);
        if (u_isUWhiteSpace(c) != 0) {
            pending = !out.isEmpty();
            continue;
        }
        if (pending) out.append(u' ');
        pending = false;
        out.append(c);
    }
    return utf8(out);
}

std::string lookup_form(std::string_view text) { return single_spaced(case_folded(text)); }

}  // namespace foorumi::names
