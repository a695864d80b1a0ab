#include "entrance/body.hpp"

#include <sodium.h>

#include <array>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parser.hpp>
#include <boost/json/static_resource.hpp>

namespace foorumi::entrance {

namespace json = boost::json;
using forum::ErrorCode;
using forum::Refusal;

struct Body::Parsed {
    std::array<unsigned char, memory> bytes;
    json::static_resource resource{bytes.data(), bytes.size()};
    json::value value = json::value(json::storage_ptr(&resource));
    // json::parse() would keep what it has not put together yet in memory of its own.
    void parse(std::string_view text, boost::system::error_code& error) {
        json::parse_options options;
        options.max_depth = 4;
        json::parser parser(json::storage_ptr(&resource), options);
        parser.reset(json::storage_ptr(&resource));
        parser.write({text.data(), text.size()}, error);
        if (!error) value = parser.release();
    }
    ~Parsed() { sodium_memzero(bytes.data(), bytes.size()); }
};

namespace {

const Refusal malformed{ErrorCode::invalid, "body_malformed", "", 0};

Refusal wrong(std::string_view reason, std::string_view field) {
    return {ErrorCode::invalid, std::string(reason), std::string(field), 0};
}

}  // namespace

Body::Body(std::unique_ptr<Parsed> parsed) : parsed_(std::move(parsed)) {}
Body::Body(Body&&) noexcept = default;
Body& Body::operator=(Body&&) noexcept = default;
Body::~Body() = default;

forum::Result<Body> Body::parse(std::string_view text) {
    auto parsed = std::make_unique<Parsed>();
    try {
        boost::system::error_code error;
        parsed->parse(text, error);
        if (error || !parsed->value.is_object()) return malformed;
    } catch (const std::bad_alloc&) {
        return malformed;
    }
    return Body(std::move(parsed));
}

forum::Result<std::string> Body::text(std::string_view field) const {
    const auto* value = parsed_->value.get_object().if_contains({field.data(), field.size()});
    if (value == nullptr || value->is_null()) return wrong("field_missing", field);
    if (!value->is_string()) return wrong("field_not_text", field);
    const auto& string = value->get_string();
    return std::string(string.data(), string.size());
}

forum::Result<auth::Secret> Body::secret(std::string_view field) const {
    auto found = text(field);
    if (found.has_error()) return found.error();
    return auth::Secret(std::move(*found));
}

forum::Result<std::string> Body::optional_text(std::string_view field) const {
    const auto* value = parsed_->value.get_object().if_contains({field.data(), field.size()});
    if (value == nullptr || value->is_null()) return std::string();
    return text(field);
}

}  // namespace foorumi::entrance
