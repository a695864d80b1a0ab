#include "core/scripts.hpp"

#include <fmt/format.h>
#include <openssl/sha.h>
#include <lua5.1/lua.hpp>

#include <array>
#include <stdexcept>

namespace foorumi::core {
namespace {

// Of the script that runs; there is one at a time.
const Scripts::Call* the_call = nullptr;

void push(lua_State* lua, const Value& value) {
    switch (value.kind) {
        case Value::Kind::nil:
            return lua_pushboolean(lua, 0);
        case Value::Kind::integer:
            return lua_pushnumber(lua, static_cast<double>(value.integer));
        case Value::Kind::text:
            return lua_pushlstring(lua, value.text.data(), value.text.size());
        case Value::Kind::status:
        case Value::Kind::error:
            lua_createtable(lua, 0, 1);
            lua_pushlstring(lua, value.text.data(), value.text.size());
            return lua_setfield(lua, -2, value.is_error() ? "err" : "ok");
        case Value::Kind::array:
            lua_createtable(lua, static_cast<int>(value.elements.size()), 0);
            for (std::size_t i = 0; i < value.elements.size(); ++i) {
                push(lua, value.elements[i]);
                lua_rawseti(lua, -2, static_cast<int>(i) + 1);
            }
            return;
    }
}

std::string text_at(lua_State* lua, int index) {
    std::size_t length = 0;
    const char* const text = lua_tolstring(lua, index, &length);
    return {text, length};
}

// A number goes with all its digits.
std::string argument_at(lua_State* lua, int index) {
    if (lua_type(lua, index) == LUA_TNUMBER) return fmt::format("{:.17g}", lua_tonumber(lua, index));
    return text_at(lua, index);
}

bool field_at(lua_State* lua, int index, const char* name, std::string& text) {
    lua_getfield(lua, index, name);
    const bool there = lua_isstring(lua, -1) != 0;
    if (there) text = text_at(lua, -1);
    lua_pop(lua, 1);
    return there;
}

Value value_at(lua_State* lua, int index) {
    switch (lua_type(lua, index)) {
        case LUA_TSTRING:
            return Value::bulk(text_at(lua, index));
        case LUA_TNUMBER:
            return Value::number(static_cast<std::int64_t>(lua_tonumber(lua, index)));
        case LUA_TBOOLEAN:
            return lua_toboolean(lua, index) != 0 ? Value::number(1) : Value{};
        case LUA_TTABLE:
            break;
        default:
            return {};
    }
    std::string text;
    if (field_at(lua, index, "err", text)) return Value::error(text);
    if (field_at(lua, index, "ok", text)) return Value::status(text);
    auto array = Value::array();
    for (int i = 1;; ++i) {  // up to the first nil
        lua_rawgeti(lua, index, i);
        const bool end = lua_isnil(lua, -1);
        if (!end) array.elements.push_back(value_at(lua, lua_gettop(lua)));
        lua_pop(lua, 1);
        if (end) return array;
    }
}

// Lua leaves a function that raises by longjmp(), past all destructors, so nothing that has one is alive where it is
// raised. True: what is on the stack is an error.
bool call_is_error(lua_State* lua) {
    Command command;
    for (int i = 1; i <= lua_gettop(lua); ++i) {
        if (lua_isstring(lua, i) == 0) {
            push(lua, Value::error("ERR Lua redis lib command arguments must be strings or integers"));
            return true;
        }
        command.push_back(argument_at(lua, i));
    }
    const auto value = (*the_call)(command);
    push(lua, value);
    return value.is_error();
}

int redis_call(lua_State* lua) { return call_is_error(lua) ? lua_error(lua) : 1; }

int redis_pcall(lua_State* lua) {
    static_cast<void>(call_is_error(lua));
    return 1;
}

void set_global(lua_State* lua, const char* name, const Command& words) {
    lua_createtable(lua, static_cast<int>(words.size()), 0);
    for (std::size_t i = 0; i < words.size(); ++i) {
        lua_pushlstring(lua, words[i].data(), words[i].size());
        lua_rawseti(lua, -2, static_cast<int>(i) + 1);
    }
    lua_setglobal(lua, name);
}

std::string digest_of(const std::string& body) {
    std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
    SHA1(reinterpret_cast<const unsigned char*>(body.data()), body.size(), digest.data());
    std::string text;
    for (const auto byte : digest) text += fmt::format("{:02x}", byte);
    return text;
}

}  // namespace

Scripts::Scripts() : lua_(luaL_newstate()) {
    luaL_openlibs(lua_);
    lua_createtable(lua_, 0, 2);
    lua_pushcfunction(lua_, redis_call);
    lua_setfield(lua_, -2, "call");
    lua_pushcfunction(lua_, redis_pcall);
    lua_setfield(lua_, -2, "pcall");
    lua_setglobal(lua_, "redis");
}

Scripts::~Scripts() { lua_close(lua_); }

const std::string& Scripts::load(const std::string& body) {
    const auto known = digests_.find(body);
    if (known != digests_.end()) return known->second;
    if (luaL_loadbuffer(lua_, body.data(), body.size(), "@user_script") != 0) {
        throw std::invalid_argument("a script that does not compile: " + text_at(lua_, -1));
    }
    const auto digest = digest_of(body);
    functions_[digest] = luaL_ref(lua_, LUA_REGISTRYINDEX);
    return digests_[body] = digest;
}

Value Scripts::run(const std::string& digest, const Command& keys, const Command& arguments, const Call& call) {
    set_global(lua_, "KEYS", keys);
    set_global(lua_, "ARGV", arguments);
    lua_rawgeti(lua_, LUA_REGISTRYINDEX, functions_.at(digest));
    the_call = &call;
    const bool failed = lua_pcall(lua_, 0, 1, 0) != 0;
    the_call = nullptr;
    auto value = value_at(lua_, lua_gettop(lua_));
    if (failed && !value.is_error()) value = Value::error("ERR " + value.text);
    lua_settop(lua_, 0);
    return value;
}

}  // namespace foorumi::core
