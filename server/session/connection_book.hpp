// How many live connections each member has in this process, and whether one more may come. Thread-safe; asked at Hello
// and when a session ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <unordered_map>
#include <utility>

namespace foorumi::session {

class ConnectionBook {
   public:
    // A connection's place among those of its member, given back when it is destroyed. The book outlives its places.
    class Place {
       public:
        Place() = default;  // none
        Place(Place&& other) noexcept : book_(std::exchange(other.book_, nullptr)), member_(other.member_) {}
        Place& operator=(Place&& other) noexcept {
            std::swap(book_, other.book_);
            std::swap(member_, other.member_);
            return *this;
        }
        ~Place() {
            if (book_ != nullptr) book_->give_back(member_);
        }
        explicit operator bool() const { return book_ != nullptr; }

       private:
        friend class ConnectionBook;
        Place(ConnectionBook& book, std::uint64_t member) : book_(&book), member_(member) {}

        ConnectionBook* book_ = nullptr;
        std::uint64_t member_ = 0;
    };

    // None: the member has as many as `limit` already.
    [[nodiscard]] Place take(std::uint64_t member, std::size_t limit) {
        const std::lock_guard lock(mutex_);
        const auto found = connections_.try_emplace(member, 0).first;
        if (found->second < limit) {
            ++found->second;
            return {*this, member};
        }
        if (found->second == 0) connections_.erase(found);
        return {};
    }

    // Members with a connection.
    [[nodiscard]] std::size_t size() const {
        const std::lock_guard lock(mutex_);
        return connections_.size();
    }

   private:
    void give_back(std::uint64_t member) {
        const std::lock_guard lock(mutex_);
        const auto found = connections_.find(member);
        if (--found->second == 0) connections_.erase(found);
    }

    mutable std::mutex mutex_;
    std::unordered_map<std::uint64_t, std::size_t> connections_;
};

}  // namespace foorumi::session
