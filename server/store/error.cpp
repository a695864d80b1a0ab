#include "store/error.hpp"

namespace foorumi::store {
namespace {

class Category final : public boost::system::error_category {
   public:
    const char* name() const noexcept override { return "store"; }
    std::string message(int value) const override {
        switch (static_cast<Errc>(value)) {
            case Errc::endpoint_scheme:
                return "a Redis URL starts with unix: or redis://";
            case Errc::endpoint_path:
                return "the path of a Redis socket has 1 to 107 bytes";
            case Errc::endpoint_host:
                return "the Redis URL names no host";
            case Errc::endpoint_port:
                return "the port of a Redis URL is a number from 1 to 65535";
            case Errc::endpoint_database:
                return "the database of a Redis URL is a number from 0 to 65535";
            case Errc::endpoint_escape:
                return "a percent sign in a Redis URL is followed by two hexadecimal digits";
        }
        return "unknown";
    }
};

}  // namespace

const boost::system::error_category& store_category() {
    static const Category category;
    return category;
}

boost::system::error_code make_error_code(Errc code) { return {static_cast<int>(code), store_category()}; }

}  // namespace foorumi::store
