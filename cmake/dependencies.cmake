# Debian's packages. ./dev installs them.
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
if(POLICY CMP0167)
  cmake_policy(SET CMP0167 NEW)  # Boost's own package configuration where CMake has given up its module
endif()
find_package(Boost 1.81 REQUIRED)
find_package(Protobuf REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(spdlog REQUIRED)
find_package(ICU REQUIRED COMPONENTS uc i18n)
find_package(PkgConfig REQUIRED)
pkg_check_modules(hiredis REQUIRED IMPORTED_TARGET hiredis)
pkg_check_modules(libedit REQUIRED IMPORTED_TARGET libedit)
pkg_check_modules(oath REQUIRED IMPORTED_TARGET liboath)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)
find_path(FOORUMI_TOMLPP toml++/toml.h REQUIRED)
find_path(FOORUMI_CLI11 CLI/CLI.hpp REQUIRED)

# Asio and Beast are compiled once, in server/base/asio.cpp.
add_library(foorumi_boost INTERFACE)
target_link_libraries(foorumi_boost INTERFACE Boost::headers Threads::Threads)
target_compile_definitions(foorumi_boost INTERFACE
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
  BOOST_ASIO_DISABLE_BOOST_COROUTINE)
