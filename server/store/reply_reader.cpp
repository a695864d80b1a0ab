#include "store/reply_reader.hpp"

#include <hiredis/hiredis.h>

#include <cstring>
#include <new>

namespace foorumi::store {
namespace {

using Arena = std::pmr::monotonic_buffer_resource;

// Null: out of memory, which hiredis makes an error of the reader. No exception may pass through it.
void* allocate(const redisReadTask* task, std::size_t bytes, std::size_t alignment) {
    try {
        return static_cast<Arena*>(task->privdata)->allocate(bytes, alignment);
    } catch (const std::bad_alloc&) {
        return nullptr;
    }
}

// An element in its place in the array that it belongs to.
redisReply* make_element(const redisReadTask* task) {
    void* const memory = allocate(task, sizeof(redisReply), alignof(redisReply));
    if (memory == nullptr) return nullptr;
    auto* const element = new (memory) redisReply();
    element->type = task->type;
    if (task->parent != nullptr)
        static_cast<redisReply*>(task->parent->obj)->element[static_cast<std::size_t>(task->idx)] = element;
    return element;
}

void* make_text(const redisReadTask* task, char* bytes, std::size_t length) {
    auto* const text = static_cast<char*>(allocate(task, length + 1, 1));
    auto* const element = text == nullptr ? nullptr : make_element(task);
    if (element == nullptr) return nullptr;
    std::memcpy(text, bytes, length);
    text[length] = '\0';
    element->str = text;
    element->len = length;
    return element;
}

// The count's type is not the same in all versions. Elements are not cleared: a reply is told when it is whole, and
// clearing would touch all the memory that a header announces. Of the up to 2^32 elements that hiredis lets pass:
static_assert(sizeof(std::size_t) == 8, "so many pointers must not wrap around");
template <class Count>
void* make_array(const redisReadTask* task, Count count) {
    auto* const array = make_element(task);
    if (array == nullptr || count <= 0) return array;
    const auto bytes = static_cast<std::size_t>(count) * sizeof(redisReply*);
    auto* const elements = static_cast<redisReply**>(allocate(task, bytes, alignof(redisReply*)));
    if (elements == nullptr) return nullptr;
    array->element = elements;
    array->elements = static_cast<std::size_t>(count);
    return array;
}

void* make_number(const redisReadTask* task, long long value) {
    auto* const element = make_element(task);
    if (element != nullptr) element->integer = value;
    return element;
}

// Announced as a string or an array.
void* make_nil(const redisReadTask* task) {
    auto* const element = make_element(task);
    if (element != nullptr) element->type = REDIS_REPLY_NIL;
    return element;
}

// Of the protocol's third version, which is not asked for; without a function hiredis makes pointers up.
[[maybe_unused]] void* make_double(const redisReadTask* task, double, char* bytes, std::size_t length) {
    return make_text(task, bytes, length);
}

[[maybe_unused]] void* make_bool(const redisReadTask* task, int value) { return make_number(task, value); }

// The arena goes as a whole.
void free_nothing(void*) {}

template <class Functions>
Functions make_functions() {
    Functions functions{};
    functions.createString = make_text;
    functions.createArray = make_array;
    functions.createInteger = make_number;
    functions.createNil = make_nil;
    functions.freeObject = free_nothing;
    if constexpr (requires { functions.createDouble; }) functions.createDouble = make_double;
    if constexpr (requires { functions.createBool; }) functions.createBool = make_bool;
    return functions;
}

redisReader* make_reader(Arena& arena) {
    static redisReplyObjectFunctions functions = make_functions<redisReplyObjectFunctions>();
    redisReader* const reader = ::redisReaderCreateWithFunctions(&functions);
    if (reader == nullptr) throw std::bad_alloc();
    reader->privdata = &arena;
    return reader;
}

}  // namespace

void ReplyReader::FreeReader::operator()(redisReader* reader) const { ::redisReaderFree(reader); }

ReplyReader::ReplyReader() : arena_(memory_.data(), memory_.size()), reader_(make_reader(arena_)) {}

ReplyReader::~ReplyReader() = default;

void ReplyReader::feed(const char* bytes, std::size_t length) { ::redisReaderFeed(reader_.get(), bytes, length); }

ReplyReader::Step ReplyReader::next() {
    // Of a reply that has come in part, the parts are in the arena.
    if (reply_ != nullptr) arena_.release();
    reply_ = nullptr;
    void* whole = nullptr;
    if (::redisReaderGetReply(reader_.get(), &whole) != REDIS_OK) return Step::malformed;
    reply_ = static_cast<const redisReply*>(whole);
    return reply_ == nullptr ? Step::nothing : Step::reply;
}

}  // namespace foorumi::store
