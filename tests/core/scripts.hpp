// Runs Lua scripts as Redis does: each by itself, in Lua 5.1, with KEYS, ARGV, redis.call and redis.pcall.
// https://redis.io/docs/latest/develop/interact/programmability/lua-api/
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "core/value.hpp"

struct lua_State;

namespace foorumi::core {

class Scripts {
   public:
    // Does one command that a script calls.
    using Call = std::function<Value(const Command&)>;

    Scripts();
    ~Scripts();
    Scripts(const Scripts&) = delete;
    Scripts& operator=(const Scripts&) = delete;

    // In hexadecimal digits, by which a script is called. Compiles it, once.
    const std::string& load(const std::string& body);
    // REQUIRES: a digest that load() has returned.
    [[nodiscard]] Value run(const std::string& digest, const Command& keys, const Command& arguments, const Call& call);

   private:
    std::map<std::string, std::string, std::less<>> digests_;  // by body
    std::map<std::string, int, std::less<>> functions_;        // references in Lua's registry, by digest
    lua_State* lua_;
};

}  // namespace foorumi::core
