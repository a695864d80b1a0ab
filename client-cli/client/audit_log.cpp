#include "client/audit_log.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <stdexcept>

#include "client/change_id.hpp"

namespace foorumi::client {
namespace {

constexpr std::size_t digest_bytes = 32;

std::string number_bytes(std::uint64_t number) {
    std::string bytes;
    for (int shift = 56; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>((number >> shift) & 0xff));
    return bytes;
}

std::optional<std::string> from_hex(std::string_view text) {
    std::string bytes;
    for (; text.size() >= 2; text.remove_prefix(2)) {
        unsigned value = 0;
        const auto* const begin = text.begin();
        const auto [end, error] = std::from_chars(begin, begin + 2, value, 16);
        if (error != std::errc{} || end != begin + 2) return std::nullopt;
        bytes.push_back(static_cast<char>(value));
    }
    return text.empty() ? std::optional(bytes) : std::nullopt;
}

std::string_view next_word(std::string_view& line) {
    const auto end = std::min(line.find(' '), line.size());
    const auto word = line.substr(0, end);
    line.remove_prefix(std::min(end + 1, line.size()));
    return word;
}

template <class Number>
bool read_whole(std::string_view word, Number& number) {
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    return error == std::errc{} && end == word.data() + word.size();
}

std::optional<AuditHead> read_head(std::string_view line) {
    AuditHead head;
    head.installation = next_word(line);
    const bool numbers = read_whole(next_word(line), head.partition) && read_whole(next_word(line), head.count);
    const auto digest = line == "-" ? std::optional(std::string()) : from_hex(line);
    if (head.installation.empty() || !numbers || !digest) return std::nullopt;
    if (digest->size() != (head.count == 0 ? 0 : digest_bytes)) return std::nullopt;
    head.digest = *digest;
    return head;
}

}  // namespace

std::string head_line(const AuditHead& head) {
    return head.installation + ' ' + std::to_string(head.partition) + ' ' + std::to_string(head.count) + ' ' +
           (head.digest.empty() ? "-" : to_hex(head.digest));
}

std::optional<std::vector<AuditHead>> read_heads(std::string_view text) {
    std::vector<AuditHead> heads;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        auto head = read_head(text.substr(0, end));
        if (!head) return std::nullopt;
        heads.push_back(std::move(*head));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    if (heads.empty()) return std::nullopt;
    return heads;
}

std::string audit_digest(std::string_view installation, std::uint32_t partition, std::uint64_t number,
                         std::string_view before, std::string_view record) {
    std::string all = "foorumi-audit-1" + number_bytes(installation.size());
    all.append(installation).append(number_bytes(partition)).append(number_bytes(number));
    all.append(before.empty() ? std::string(digest_bytes, '\0') : before).append(record);
    std::array<unsigned char, digest_bytes> digest{};
    unsigned size = 0;
    if (EVP_Digest(all.data(), all.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1 || size != digest.size())
        throw std::runtime_error("OpenSSL has no SHA-256");
    return {digest.begin(), digest.end()};
}

void AuditCheck::found(Fault fault, std::uint64_t at) {
    if (fault_ == Fault::none) fault_ = fault, at_ = at;
    over_ = true;
}

// With those that were kept of as many entries.
void AuditCheck::compare() {
    for (const auto& kept : kept_) {
        if (kept.partition != head_.partition) continue;
        if (kept.installation != head_.installation) return found(Fault::elsewhere, 0);
        if (kept.count == head_.count && kept.digest != head_.digest) return found(Fault::not_as_kept, kept.count);
    }
}

// What each page tells of where it is from.
void AuditCheck::begin(const foorumi::v1::AuditPage& page) {
    if (partitions_ == 0) {
        partitions_ = page.partitions();
        head_.installation = page.installation();
    }
    if (page.partition() != head_.partition || page.partition() >= page.partitions()) return found(Fault::another, 0);
    if (page.partitions() != partitions_ || page.installation() != head_.installation) return found(Fault::unsteady, 0);
    if (!std::exchange(begun_, true)) compare();
}

std::optional<AuditCheck> AuditCheck::next() const {
    if (head_.partition + 1 >= partitions_) return std::nullopt;
    AuditCheck check(head_.partition + 1, kept_);
    check.head_.installation = head_.installation;
    check.partitions_ = partitions_;
    return check;
}

std::vector<AuditHead> AuditCheck::not_there() const {
    std::vector<AuditHead> heads;
    std::ranges::copy_if(kept_, std::back_inserter(heads),
                         [this](const auto& kept) { return kept.partition >= partitions_; });
    return heads;
}

void AuditCheck::add(const foorumi::v1::AuditPage& page) {
    if (over_) return;
    begin(page);
    for (const auto& entry : page.entries()) {
        if (over_) return;
        const auto next = head_.count + 1;
        if (entry.number() != next || entry.digest().empty()) return found(Fault::missing, next);
        const auto digest = audit_digest(head_.installation, head_.partition, next, head_.digest, entry.record());
        if (digest != entry.digest()) return found(Fault::changed, next);
        head_.count = next;
        head_.digest = digest;
        compare();
    }
    if (over_) return;
    if (page.count() > head_.count) {
        if (page.entries().empty()) found(Fault::missing, head_.count + 1);
        return;
    }
    over_ = true;
    const auto of_this = [&](const auto& kept) { return kept.partition == head_.partition; };
    if (!kept_.empty() && std::ranges::none_of(kept_, of_this)) return found(Fault::not_kept, 0);
    if (page.count() < head_.count) return found(Fault::shorter, page.count());
    if (page.head() != head_.digest) return found(Fault::another_head, head_.count);
    for (const auto& kept : kept_)
        if (kept.partition == head_.partition && kept.count > head_.count) found(Fault::shorter, head_.count);
}

}  // namespace foorumi::client
