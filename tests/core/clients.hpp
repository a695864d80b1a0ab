// Those who write, read and decide on rights, by the seed. Each change goes under its change id until it is known what
// became of it, whichever node is asked.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/node.hpp"

namespace foorumi::core {

using Nodes = std::vector<std::unique_ptr<Node>>;

// All that clients share.
struct Ground {
    World& world;
    Checker& checker;
    Nodes& nodes;
    bool ends = false;  // nothing new is begun

    // One that serves; null: none does.
    [[nodiscard]] Node* some_node();
};

class Writer {
   public:
    Writer(Ground& ground, std::size_t number, std::vector<std::string> channels);

    void begin() { next(); }
    [[nodiscard]] bool is_done() const { return under_way_ == 0; }
    [[nodiscard]] const std::vector<std::shared_ptr<Wish>>& wishes() const { return wishes_; }
    [[nodiscard]] const std::string& name() const { return name_; }

   private:
    enum class Kind : std::uint8_t { post, count, set_aside, nothing };
    struct Task {
        std::shared_ptr<Wish> wish;
        Kind kind = Kind::post;
        std::int64_t made_at_ms = 0;
        store::ChangeId id{};
    };
    using TaskPtr = std::shared_ptr<Task>;

    void next();
    void attempt(const TaskPtr& task);
    void answered(const TaskPtr& task, const store::ChangeOutcome& outcome);
    void again(const TaskPtr& task, milliseconds delay);
    [[nodiscard]] std::optional<store::Commit> decide(const Task& task, Node& node, const store::View& view,
                                                      store::Version& directory) const;

    Ground& ground_;
    std::string name_;
    std::size_t number_;
    std::vector<std::string> channels_;
    std::vector<std::shared_ptr<Wish>> wishes_;
    std::size_t under_way_ = 0;
};

class Reader {
   public:
    Reader(Ground& ground, std::size_t number, std::string channel);

    void begin() { open_later(); }
    // Follows the channel: nothing is under way.
    [[nodiscard]] bool is_open() const { return open_; }
    [[nodiscard]] const Held& held() const { return held_; }
    [[nodiscard]] const std::string& channel() const { return channel_; }
    [[nodiscard]] const std::string& name() const { return name_; }
    // Goes to another node, or to the same again.
    void leave();
    // Takes nothing for a while.
    void stall();

   private:
    void open_later();
    void open();
    void subscribe();
    void subscribe_later();
    void received(const Item& item);
    void take(const Item& change);

    Ground& ground_;
    std::string name_;
    std::string channel_;
    Held held_;
    bool open_ = false;
    Node* node_ = nullptr;
    std::uint64_t peer_ = 0, turn_ = 0;
    std::size_t page_ = 0;
};

// Gives and takes the writers' rights: a commit to the directory, then the fence that it is known behind.
class Administrator {
   public:
    Administrator(Ground& ground, std::vector<std::string> writers);

    void begin() { next(); }
    [[nodiscard]] bool is_done() const { return !busy_; }

   private:
    void next();
    void write();
    void fence(Node& node, std::uint64_t version, std::uint64_t generation);
    void done();
    // The node that was asked is gone.
    void start_over();

    Ground& ground_;
    std::vector<std::string> writers_;
    std::string writer_, value_;
    store::ChangeId id_{};
    std::uint64_t number_ = 0, turn_ = 0;
    bool busy_ = false;
};

// A wish's number as a change id.
[[nodiscard]] store::ChangeId change_id(std::uint64_t writer, std::uint64_t number);

}  // namespace foorumi::core
