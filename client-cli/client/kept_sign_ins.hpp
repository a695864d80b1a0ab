// The sign-ins that `foorumi login` keeps for later commands: a token for each server, in a file of its own.
//
// Thread: one. Several programs may use the same directory: a file is replaced whole.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "client/private_file.hpp"
#include "client/url.hpp"

namespace foorumi::client {

// "$XDG_STATE_HOME/foorumi" where that is absolute, else "$HOME/.local/state/foorumi"; empty: neither is known. Pure.
[[nodiscard]] std::string sign_in_directory(std::string_view xdg_state_home, std::string_view home);

// One for each scheme, host and port; the path and the case of the host do not count. Pure.
[[nodiscard]] std::string sign_in_file(const Url& url);

class KeptSignIns {
   public:
    // As sign_in_directory() gives it, not empty. Nothing is made before something is kept.
    explicit KeptSignIns(std::string directory) : directory_(std::move(directory)) {}

    // Nothing: none is kept. Refuses files, and a directory, that others may read.
    [[nodiscard]] PrivateFileResult<std::optional<std::string>> find(const Url& url) const;
    [[nodiscard]] PrivateFileResult<void> keep(const Url& url, std::string_view token) const;
    // Also where none is kept.
    [[nodiscard]] PrivateFileResult<void> forget(const Url& url) const;

   private:
    [[nodiscard]] std::string path_of(const Url& url) const { return directory_ + '/' + sign_in_file(url); }

    std::string directory_;
};

}  // namespace foorumi::client
