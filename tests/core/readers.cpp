// Of the clients: those who read, and who gives and takes rights.
#include "core/clients.hpp"

namespace foorumi::core {

Reader::Reader(Ground& ground, std::size_t number, std::string channel)
    : ground_(ground), name_(fmt::format("r{}", number)), channel_(std::move(channel)) {
    page_ = ground.world.random().chance(30) ? 3 : 1'000;
}

void Reader::leave() {
    if (node_ != nullptr) {
        ground_.world.after(microseconds(100), node_->place(), [node = node_, place = node_->place(), peer = peer_] {
            if (node->place() == place && node->is_running()) node->front().disconnect(peer);
        });
    }
    open_later();
}

void Reader::stall() {
    if (node_ != nullptr && node_->is_running())
        node_->front().stall(peer_, ground_.world.now() + ground_.world.some_time(100'000, 3'000'000));
}

void Reader::open_later() {
    const auto turn = ++turn_;
    open_ = false;
    node_ = nullptr;
    ground_.world.after(ground_.world.some_time(1'000, 300'000), [this, turn] {
        if (turn == turn_) open();
    });
}

void Reader::open() {
    auto* const node = ground_.some_node();
    if (node == nullptr) return open_later();
    const auto turn = turn_;
    ground_.world.after(ground_.world.some_time(20, 500), node->place(), [this, node, turn] {
        if (turn != turn_) return;
        if (!node->is_serving()) return open_later();
        node_ = node;
        peer_ = node->front().connect({[this, turn](const Item& item) {
                                           if (turn == turn_) received(item);
                                       },
                                       [this, turn] {
                                           if (turn == turn_) open_later();
                                       }});
        subscribe();
    });
}

// The epoch goes with a version only.
void Reader::subscribe() {
    ground_.world.tell("{} reads {} from node {} since {} of {}", name_, channel_, node_->number(), held_.version,
                       held_.epoch);
    const store::SyncRead read{held_.version, page_, node_->settings().page_bytes,
                               held_.version == 0 ? std::nullopt : std::optional(held_.epoch)};
    node_->front().subscribe(peer_, channel_, read);
}

void Reader::subscribe_later() {
    ground_.world.after(ground_.world.some_time(20, 500), node_->place(), [this, turn = turn_] {
        if (turn == turn_) subscribe();
    });
}

void Reader::received(const Item& item) {
    if (item.kind == Item::Kind::change) return take(item);
    ground_.world.tell("{} gets {} {} {} of {}", name_, static_cast<char>(item.kind), channel_, item.version,
                       item.epoch);
    if (item.kind == Item::Kind::refused) return leave();
    if (item.kind == Item::Kind::reset) {
        if (!ground_.checker.has_lost())
            ground_.world.violation(fmt::format("lost: {} has to load {} afresh", name_, channel_));
        held_ = {};
        return subscribe_later();
    }
    for (const auto& entity : item.entities) held_.entities[entity.key] = {entity.version, entity.bytes};
    held_.version = item.version;
    held_.epoch = item.epoch;
    if (item.kind == Item::Kind::page) return subscribe_later();
    open_ = true;
}

void Reader::take(const Item& change) {
    if (!open_ || change.version != held_.version + 1)
        ground_.world.violation(fmt::format("{}: {} is shown {} {} and has {}",
                                            change.version <= held_.version ? "duplicated" : "lost", name_, channel_,
                                            change.version, held_.version));
    held_.version = change.version;
    for (const auto& entity : change.entities) held_.entities[entity.key] = {entity.version, entity.bytes};
}

Administrator::Administrator(Ground& ground, std::vector<std::string> writers)
    : ground_(ground), writers_(std::move(writers)) {}

void Administrator::next() {
    auto& world = ground_.world;
    world.after(milliseconds(world.random().between(100, 2'000)), [this] {
        if (ground_.ends) return;
        writer_ = ground_.world.random().pick(writers_);
        // Now and then something is given back.
        value_ = fmt::format("{} {}", ground_.world.random().chance(40) ? "no" : "yes", number_);
        id_ = change_id(250, number_++);
        busy_ = true;
        write();
    });
}

void Administrator::start_over() {
    const auto turn = ++turn_;
    ground_.world.after(ground_.world.some_time(20'000, 200'000), [this, turn] {
        if (turn == turn_) write();
    });
}

void Administrator::write() {
    auto* const node = ground_.some_node();
    if (node == nullptr) return start_over();
    const auto turn = ++turn_;
    const auto session = node->wait([this, turn] {
        if (turn == turn_) start_over();
    });
    ground_.world.after(ground_.world.some_time(20, 500), node->place(), [this, turn, node, session] {
        if (turn != turn_ || !node->is_running()) return;
        store::ChangeRequest request;
        request.channel = "directory";
        request.author = 250;
        request.change_id = request.fingerprint = id_;
        const store::Put put{"right:" + writer_, value_, {}};
        node->store().change(
            std::move(request),
            [node, put](const store::View&, store::Version& directory) {
                directory = node->directory();
                store::Commit commit;
                commit.puts.push_back(put);
                return std::make_optional(std::move(commit));
            },
            [this, turn, node, session](const store::ChangeOutcome& outcome) {
                if (turn != turn_) return;
                ground_.world.tell("{} has {}: {}", writer_, value_, outcome.failure.has_value());
                node->waits_no_more(session);
                if (outcome.failure) return start_over();
                fence(*node, outcome.committed.version, node->generation());
            });
    });
}

// As the server's home does it: until it stands, unless the act went with a directory that is gone.
void Administrator::fence(Node& node, std::uint64_t version, std::uint64_t generation) {
    const auto turn = ++turn_;
    const auto again = [this, &node, version, generation, turn] {
        ground_.world.after(milliseconds(200), node.place(), [this, &node, version, generation, turn] {
            if (turn == turn_) fence(node, version, generation);
        });
    };
    if (!node.is_serving()) return start_over();
    if (node.directory() == 0) return again();
    if (node.generation() != generation && node.directory() < version) return done();
    const auto session = node.wait([this, turn] {
        if (turn == turn_) start_over();
    });
    node.store().fence(version, [this, &node, turn, session, again, version](std::optional<store::Failure> failure) {
        if (turn != turn_) return;
        node.waits_no_more(session);
        if (failure) return again();
        ground_.checker.fenced(version);
        done();
    });
}

void Administrator::done() {
    ++turn_;
    busy_ = false;
    next();
}

}  // namespace foorumi::core
