#include "store/error.hpp"

namespace foorumi::store {
namespace {

class Category final : public boost::system::error_category {
   public:
    const char* name() const noexcept override { return "store"; }
    std::string message(int value) const override {
        switch (static_cast<Errc>(value)) {
            case Errc::endpoint_scheme:
                return "a Redis URL starts with unix:, redis://, redis+sentinel:// or redis+cluster://";
            case Errc::endpoint_path:
                return "the path of a Redis socket has 1 to 107 bytes";
            case Errc::endpoint_host:
                return "the Redis URL names no host, or one with signs that no host has";
            case Errc::endpoint_port:
                return "the port of a Redis URL is a number from 1 to 65535";
            case Errc::endpoint_database:
                return "the database of a Redis URL is a number from 0 to 65535";
            case Errc::endpoint_escape:
                return "a percent sign in a Redis URL is followed by two hexadecimal digits";
            case Errc::endpoint_tls:
                return "rediss:// (TLS) is not spoken by the server itself: let stunnel do it and name its address "
                       "with "
                       "redis://, as \"TLS to Redis\" in docs/operations.md shows";
            case Errc::endpoint_twice:
                return "the Redis URL names a host and port twice";
            case Errc::endpoint_many:
                return "the Redis URL names more than 32 hosts: some are enough, the others are learnt from them";
            case Errc::endpoint_primary_name:
                return "behind the sentinels stands the name that they know the primary by, as in \"sentinel "
                       "monitor\": "
                       "letters, digits, '.', '-' and '_'";
            case Errc::endpoint_parameter:
                return "behind '?' a Redis URL of sentinels has sentinel_user=USER and sentinel_password=PASSWORD, "
                       "each "
                       "once at most and not empty";
            case Errc::endpoint_cluster_database:
                return "a Redis Cluster has no database but 0: the URL ends with the hosts";
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
