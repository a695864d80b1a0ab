// What may be wrong with the store's settings and surroundings.
#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

namespace foorumi::store {

enum class Errc {
    endpoint_scheme = 1,
    endpoint_path,
    endpoint_host,
    endpoint_port,
    endpoint_database,
    endpoint_escape,
    endpoint_tls,
    endpoint_twice,
    endpoint_many,
    endpoint_primary_name,
    endpoint_parameter,
    endpoint_cluster_database,
};

[[nodiscard]] const boost::system::error_category& store_category();
[[nodiscard]] boost::system::error_code make_error_code(Errc code);

template <class T>
using Result = boost::system::result<T>;

}  // namespace foorumi::store

template <>
struct boost::system::is_error_code_enum<foorumi::store::Errc> : std::true_type {};
