#include "net/deadline_list.hpp"

namespace foorumi::net {

void DeadlineList::arm(Deadline& deadline, TimePoint due) {
    deadline.disarm();
    deadline.due_ = due;
    deadlines_.insert(deadline);
}

void DeadlineList::run(TimePoint now) {
    Set due;
    while (!deadlines_.empty() && deadlines_.begin()->due_ <= now) {
        Deadline& deadline = *deadlines_.begin();
        deadline.unlink();
        due.insert(due.end(), deadline);
    }
    while (!due.empty()) {
        Deadline& deadline = *due.begin();
        deadline.unlink();
        deadline.on_deadline(now);
    }
}

std::optional<TimePoint> DeadlineList::next() const {
    if (deadlines_.empty()) return std::nullopt;
    return deadlines_.begin()->due_;
}

}  // namespace foorumi::net
