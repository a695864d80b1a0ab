#include "client/manifest.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <set>
#include <stdexcept>
#include <system_error>

#include "client/change_id.hpp"
#include "client/display.hpp"

namespace foorumi::client {
namespace {

namespace json = boost::json;

constexpr std::size_t longest_manifest = 1024 * 1024;
constexpr std::size_t sha256_bytes = 32;

// SHA-256 of what comes piece by piece.
class Digest {
   public:
    Digest() : context_(EVP_MD_CTX_new()) {
        must(context_ && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1);
    }
    void add(std::string_view bytes) { must(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1); }
    [[nodiscard]] std::string hex() {
        std::string digest(sha256_bytes, '\0');
        unsigned size = 0;
        must(EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(digest.data()), &size) == 1 &&
             size == digest.size());
        return to_hex(digest);
    }

   private:
    struct Free {
        void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
    };
    static void must(bool good) {
        if (!good) throw std::runtime_error("SHA-256 is not to be had");
    }
    std::unique_ptr<EVP_MD_CTX, Free> context_;
};

class File {
   public:
    explicit File(const std::string& path)
        : fd_(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)), error_(fd_ < 0 ? errno : 0) {}
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() {
        if (fd_ >= 0) ::close(fd_);
    }
    [[nodiscard]] int error() const { return error_; }
    [[nodiscard]] bool regular() const {
        struct stat status{};
        return fd_ >= 0 && ::fstat(fd_, &status) == 0 && S_ISREG(status.st_mode);
    }
    // The next bytes; empty: the end, or an error.
    [[nodiscard]] std::string_view next() {
        ssize_t got = 0;
        do got = ::read(fd_, block_.data(), block_.size());
        while (got < 0 && errno == EINTR);
        if (got < 0) error_ = errno;
        return {block_.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
    }

   private:
    int fd_;
    int error_;
    std::array<char, 64 * 1024> block_{};
};

struct Named {
    std::string name;
    std::uint64_t bytes = 0;
    std::string sha256;
};

// One that the manifest could be made for: no path leads out of the directory.
bool is_plain_name(std::string_view name) {
    return !name.empty() && name != "." && name != ".." && name != manifest_name &&
           name.find('/') == std::string_view::npos && name.find('\0') == std::string_view::npos;
}

std::optional<std::string> text_in(const json::object& object, const char* field) {
    const auto* value = object.if_contains(field);
    const auto* text = value != nullptr ? value->if_string() : nullptr;
    return text != nullptr ? std::optional(std::string(text->data(), text->size())) : std::nullopt;
}

std::optional<std::vector<Named>> named_files(const std::string& manifest) {
    boost::system::error_code error;
    const auto value = json::parse(manifest, error);
    const auto* object = error ? nullptr : value.if_object();
    if (object == nullptr || text_in(*object, "format") != records_format) return std::nullopt;
    const auto* listed = object->if_contains("files");
    if (listed == nullptr || !listed->is_array()) return std::nullopt;
    std::vector<Named> files;
    for (const auto& one : listed->get_array()) {
        const auto* file = one.if_object();
        if (file == nullptr) return std::nullopt;
        const auto name = text_in(*file, "name");
        const auto digest = text_in(*file, "sha256");
        const auto* bytes = file->if_contains("bytes");
        boost::system::error_code bad;
        const auto size = bytes != nullptr ? bytes->to_number<std::uint64_t>(bad) : 0;
        if (!name || !is_plain_name(*name) || !digest || bytes == nullptr || bad) return std::nullopt;
        files.push_back({*name, size, *digest});
    }
    return files;
}

void check_file(const std::string& directory, const Named& named, std::vector<Finding>& findings) {
    File file(directory + '/' + named.name);
    using Kind = Finding::Kind;
    if (file.error() == ENOENT) return findings.push_back({Kind::missing, named.name});
    if (file.error() != 0 && file.error() != ELOOP)
        return findings.push_back({Kind::unreadable, named.name, std::generic_category().message(file.error())});
    if (!file.regular()) return findings.push_back({Kind::changed, named.name});
    Digest digest;
    std::uint64_t bytes = 0;
    for (auto some = file.next(); !some.empty(); some = file.next()) {
        digest.add(some);
        bytes += some.size();
    }
    if (file.error() != 0)
        return findings.push_back({Kind::unreadable, named.name, std::generic_category().message(file.error())});
    if (bytes != named.bytes || digest.hex() != named.sha256) findings.push_back({Kind::changed, named.name});
}

void find_extra(const std::string& directory, const std::vector<Named>& files, std::vector<Finding>& findings) {
    std::set<std::string> expected{std::string(manifest_name)};
    for (const auto& file : files) expected.insert(file.name);
    std::set<std::string> extra;
    std::error_code error;
    for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
         entry.increment(error)) {
        const auto name = entry->path().filename().string();
        if (!expected.contains(name)) extra.insert(name);
    }
    if (error) findings.push_back({Finding::Kind::unreadable, directory, error.message()});
    for (const auto& name : extra) findings.push_back({Finding::Kind::extra, name});
}

}  // namespace

std::string sha256_hex(std::string_view bytes) {
    Digest digest;
    digest.add(bytes);
    return digest.hex();
}

std::string manifest_json(const ExportFacts& facts, const Records& records, const std::vector<RecordsFile>& files) {
    const auto number = [](std::uint64_t value) { return std::to_string(value); };
    const auto counts = records.counts();
    json::array listed;
    for (const auto& file : files)
        listed.push_back(
            json::object{{"name", file.name}, {"bytes", file.contents.size()}, {"sha256", sha256_hex(file.contents)}});
    const json::object manifest{
        {"format", records_format},
        {"software", facts.software},
        {"server", facts.server},
        {"address", facts.address},
        {"language", facts.language},
        {"exportedMs", facts.exported_ms},
        {"exportedBy", json::object{{"id", number(facts.exporter.id())},
                                    {"handle", facts.exporter.handle()},
                                    {"name", facts.exporter.name()}}},
        {"forum", number(facts.forum)},
        {"room", number(facts.room)},
        {"thread", number(facts.thread)},
        {"publicCopy", facts.public_copy},
        {"version", number(records.version())},
        {"epoch", number(records.epoch())},
        {"counts", json::object{{"threads", counts.threads},
                                {"messages", counts.messages},
                                {"deleted", counts.deleted},
                                {"marked", counts.marked},
                                {"blanked", counts.blanked},
                                {"members", counts.members}}},
        {"files", listed},
    };
    return escape_json(json::serialize(manifest));
}

std::optional<Verified> verify_export(const std::string& directory) {
    File file(directory + '/' + std::string(manifest_name));
    if (!file.regular()) return std::nullopt;
    std::string manifest;
    for (auto some = file.next(); !some.empty(); some = file.next()) {
        manifest.append(some);
        if (manifest.size() > longest_manifest) return std::nullopt;
    }
    const auto files = named_files(manifest);
    if (file.error() != 0 || !files) return std::nullopt;
    Verified verified{sha256_hex(manifest), files->size(), {}};
    for (const auto& named : *files) check_file(directory, named, verified.findings);
    find_extra(directory, *files, verified.findings);
    return verified;
}

}  // namespace foorumi::client
