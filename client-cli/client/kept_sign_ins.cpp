#include "client/kept_sign_ins.hpp"

#include <unistd.h>

#include <cerrno>

namespace foorumi::client {
namespace {

constexpr std::size_t longest_kept = 4096;

bool is_missing(const PrivateFileError& error) {
    return error.fault == PrivateFileFault::system && error.error == ENOENT;
}

}  // namespace

std::string sign_in_directory(std::string_view xdg_state_home, std::string_view home) {
    if (xdg_state_home.starts_with('/')) return std::string(xdg_state_home) + "/foorumi";
    if (home.starts_with('/')) return std::string(home) + "/.local/state/foorumi";
    return {};
}

std::string sign_in_file(const Url& url) {
    std::string name = (url.tls ? "wss-" : "ws-") + url.host + '-' + url.port + ".token";
    for (char& c : name) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return name;
}

PrivateFileResult<std::optional<std::string>> KeptSignIns::find(const Url& url) const {
    using Found = std::optional<std::string>;
    if (const auto checked = check_private_directory(directory_); checked.has_error())
        return is_missing(checked.error()) ? PrivateFileResult<Found>(Found()) : checked.error();
    auto kept = read_private(path_of(url), longest_kept);
    if (kept.has_error()) return is_missing(kept.error()) ? PrivateFileResult<Found>(Found()) : kept.error();
    return Found(kept->substr(0, kept->find('\n')));
}

PrivateFileResult<void> KeptSignIns::keep(const Url& url, std::string_view token) const {
    if (const auto made = make_private_directory(directory_); made.has_error()) return made.error();
    return replace_private(path_of(url), std::string(token) + '\n');
}

PrivateFileResult<void> KeptSignIns::forget(const Url& url) const {
    const std::string path = path_of(url);
    if (::unlink(path.c_str()) == 0 || errno == ENOENT || errno == ENOTDIR) return {};
    return PrivateFileError{.fault = PrivateFileFault::system, .error = errno, .file = path};
}

}  // namespace foorumi::client
