// toml++ as this folder uses it: errors as values. Costly to compile, so included by few .cpp files only.
#pragma once

#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wold-style-cast"
#pragma GCC diagnostic ignored "-Wshadow"
#if __has_include(<toml++/impl/preprocessor.h>)
#include <toml++/impl/preprocessor.h>  // up to 3.3
#else
#include <toml++/impl/preprocessor.hpp>
#endif
// The parser asserts, or with NDEBUG assumes, what wrong input breaks ("[.a]" does), though it handles it right behind.
#undef TOML_ASSERT
#undef TOML_ASSERT_ASSUME
#define TOML_ASSERT(expr) static_assert(true)
#define TOML_ASSERT_ASSUME(expr) static_assert(true)
#include <toml++/toml.h>
#pragma GCC diagnostic pop
