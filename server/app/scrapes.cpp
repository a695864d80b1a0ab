#include "app/scrapes.hpp"

#include <utility>

namespace foorumi::app {

void Scrapes::add(Done done) {
    const auto waiting =
        std::make_shared<Waiting>(Waiting{std::move(done), boost::asio::steady_timer(context_, patience_)});
    waiting_.push_back(waiting);
    waiting->timer.async_wait([this, waiting](boost::system::error_code error) {
        // Answered, perhaps when the time was over already.
        if (error || !waiting->done) return;
        late_ = true;
        std::erase(waiting_, waiting);
        std::exchange(waiting->done, nullptr)(std::nullopt);
    });
    if (!gathering_) begin();
}

void Scrapes::begin() {
    gathering_ = true;
    late_ = false;
    gather_([this](const std::string& page) { gathered(page); });
}

void Scrapes::gathered(const std::string& page) {
    gathering_ = false;
    if (late_ && !waiting_.empty()) return begin();
    for (const auto& waiting : std::exchange(waiting_, {})) {
        waiting->timer.cancel();
        std::exchange(waiting->done, nullptr)(page);
    }
}

}  // namespace foorumi::app
