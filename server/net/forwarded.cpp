#include "net/forwarded.hpp"

#include <algorithm>
#include <boost/algorithm/string/predicate.hpp>
#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/address_v6.hpp>
#include <boost/throw_exception.hpp>
#include <locale>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "net/address_set.hpp"

namespace foorumi::net {

namespace ip = boost::asio::ip;

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alphanumeric(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// RFC 9110 section 5.6.2.
bool is_token_character(char c) {
    return is_alphanumeric(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool same_word(std::string_view a, std::string_view b) { return boost::iequals(a, b, std::locale::classic()); }

// An obfuscated node or port (RFC 7239 section 6.3).
bool is_made_up(std::string_view text) {
    return text.size() > 1 && text.front() == '_' && std::ranges::all_of(text.substr(1), [](char c) {
               return is_alphanumeric(c) || c == '.' || c == '_' || c == '-';
           });
}

bool is_node_port(std::string_view text) {
    return is_made_up(text) || (!text.empty() && text.size() <= 5 && std::ranges::all_of(text, is_digit));
}

// One header's value, read from the left.
class ForwardedReader {
   public:
    explicit ForwardedReader(std::string_view text) : rest_(text) {}

    // The last element's hop into `hop`. False: malformed.
    bool read(ForwardedHop& hop) {
        while (true) {
            skip_space();
            if (!rest_.empty() && rest_.front() != ',' && !element(hop)) return false;
            skip_space();
            if (rest_.empty()) return true;
            if (!take(',')) return false;
        }
    }

   private:
    bool element(ForwardedHop& hop) {
        hop = {};
        std::vector<std::string_view> names;
        while (true) {
            const std::string_view name = token();
            std::string value;
            if (name.empty() || !take('=') || !this->value(value)) return false;
            if (std::ranges::any_of(names, [&](std::string_view other) { return same_word(other, name); })) {
                return false;
            }
            names.push_back(name);
            if (same_word(name, "for") && !node(value, hop)) return false;
            if (same_word(name, "proto")) hop.https = same_word(value, "https");
            if (!take(';')) return true;
        }
    }

    static bool node(std::string_view text, ForwardedHop& hop) {
        std::string_view name = text;
        std::string_view port;
        const bool bracketed = text.starts_with('[');
        const auto bracket = bracketed ? text.find(']') : 0;
        if (bracket == std::string_view::npos) return false;
        const auto colon = text.find(':', bracket);
        if (colon != std::string_view::npos) {
            name = text.substr(0, colon);
            port = text.substr(colon + 1);
            if (!is_node_port(port)) return false;
        }
        if (same_word(name, "unknown") || is_made_up(name)) return true;
        boost::system::error_code error;
        if (!bracketed) {
            hop.client = ip::make_address_v4(std::string(name), error);
            return !error;
        }
        if (!name.ends_with(']') || name.find('%') != std::string_view::npos) return false;
        hop.client = unmapped(ip::make_address_v6(std::string(name.substr(1, name.size() - 2)), error));
        return !error;
    }

    bool value(std::string& to) {
        if (!take('"')) {
            to = token();
            return !to.empty();
        }
        while (!rest_.empty()) {
            char c = next();
            if (c == '"') return true;
            if (c == '\\') {
                if (rest_.empty()) return false;
                c = next();
            }
            if (static_cast<unsigned char>(c) < 0x20 && c != '\t') return false;
            to += c;
        }
        return false;
    }

    std::string_view token() {
        const auto* end = std::ranges::find_if_not(rest_, is_token_character);
        const auto size = static_cast<std::size_t>(end - rest_.begin());
        const std::string_view found = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return found;
    }

    void skip_space() {
        while (take(' ') || take('\t')) {
        }
    }
    char next() {
        const char c = rest_.front();
        rest_.remove_prefix(1);
        return c;
    }
    bool take(char c) {
        if (rest_.empty() || rest_.front() != c) return false;
        rest_.remove_prefix(1);
        return true;
    }

    std::string_view rest_;
};

}  // namespace

boost::system::result<ForwardedHop, ForwardedErrc> last_hop(std::span<const std::string_view> headers) {
    ForwardedHop hop;
    for (const auto header : headers) {
        if (!ForwardedReader(header).read(hop)) return ForwardedErrc::malformed;
    }
    return hop;
}

void throw_exception_from_error(ForwardedErrc, const boost::source_location& where) {
    boost::throw_exception(std::logic_error("hop of a malformed Forwarded header"), where);
}

}  // namespace foorumi::net
