// Waiting for a worker's answer from a thread that is no worker.
#pragma once

#include <atomic>
#include <chrono>
#include <future>
#include <optional>

namespace foorumi::app {

// Nothing: the server stops, and the answer may never come.
template <class T>
[[nodiscard]] std::optional<T> await(std::future<T>& answer, const std::atomic<bool>& stopping) {
    while (answer.wait_for(std::chrono::milliseconds(50)) != std::future_status::ready)
        if (stopping) return std::nullopt;
    try {
        return answer.get();
    } catch (const std::future_error&) {
        return std::nullopt;  // dropped unanswered, as a worker's end does it
    }
}

}  // namespace foorumi::app
