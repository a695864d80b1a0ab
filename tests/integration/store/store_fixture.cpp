#include "store_fixture.hpp"

namespace foorumi::test {

Worker::Worker(boost::asio::io_context& context, Options options) {
    Sinks sinks;
    sinks.released = [this](const std::shared_ptr<const Released>& commit) {
        released.push_back(commit);
        ++in_run;
        if (on_release) on_release(*commit);
        if (consume) store->consumed(commit->partition, commit->position);
    };
    sinks.released_all = [this] {
        EXPECT_GT(in_run, 0U);
        in_run = 0;
        if (on_released_all) on_released_all();
    };
    sinks.ephemeral = [this](std::string channel, std::string bytes) {
        ephemerals.emplace_back(std::move(channel), std::move(bytes));
    };
    sinks.directory_version = [this] { return directory; };
    sinks.feed_gap = [this](std::uint16_t partition) { gaps.push_back(partition); };
    sinks.audience = [this](auto) { return audience; };
    sinks.may_release = [this] { return may_release; };
    store = make_channel_store(context, std::move(options), std::move(sinks));
}

Worker::~Worker() { EXPECT_EQ(in_run, 0U) << "a run of releases without its end"; }

std::vector<Version> Worker::versions(const std::string& channel) const {
    std::vector<Version> all;
    for (const auto& commit : released) {
        if (commit->channel == channel) all.push_back(commit->version);
    }
    return all;
}

Options StoreTest::options() const {
    Options options;
    options.url = redis.url();
    options.partitions = 2;
    options.node = "test";
    options.recent_bytes = 0;  // reads are what most tests are about
    return options;
}

ChangeRequest StoreTest::request(const std::string& channel, std::vector<std::string> needs) {
    ChangeRequest made;
    made.channel = channel;
    made.author = 7;
    const auto number = next_change_++;
    for (std::size_t i = 0; i < 8; ++i) made.change_id[i] = static_cast<std::uint8_t>(number >> (8 * i));
    made.fingerprint = made.change_id;
    made.needs = std::move(needs);
    return made;
}

Answer<ChangeOutcome> StoreTest::change(Worker& worker, ChangeRequest request, Decide decide) {
    auto answer = std::make_shared<std::optional<ChangeOutcome>>();
    worker->change(std::move(request), std::move(decide), [answer](ChangeOutcome outcome) {
        EXPECT_FALSE(answer->has_value()) << "answered twice";
        *answer = outcome;
    });
    EXPECT_FALSE(answer->has_value()) << "answered before the call returned";
    return answer;
}

Answer<ChangeOutcome> StoreTest::put(Worker& worker, const std::string& channel, const std::string& key,
                                     const std::string& value) {
    return change(worker, request(channel), always(putting(key, value)));
}

Answer<ChangeOutcome> StoreTest::increment(Worker& worker, const std::string& channel, const std::string& key) {
    return change(worker, request(channel, {key}), [key](const View& view, Version&) {
        const auto& value = view.at(key);
        const auto number = value.bytes.empty() ? 0 : std::stoi(value.bytes);
        return putting(key, std::to_string(number + 1), {{key, value.version}});
    });
}

Answer<StoreTest::Opened> StoreTest::open(Worker& worker, const std::string& channel, SyncRead read) {
    auto answer = std::make_shared<std::optional<Opened>>();
    worker->open_sync(channel, read, [answer, &worker](ReadOutcome<SyncResult> outcome, auto later) {
        *answer = Opened{std::move(outcome), std::move(later), worker.released.size()};
    });
    return answer;
}

Answer<ReadOutcome<SyncResult>> StoreTest::sync(Worker& worker, const std::string& channel, SyncRead read) {
    auto answer = std::make_shared<std::optional<ReadOutcome<SyncResult>>>();
    worker->read_sync(channel, read, [answer](ReadOutcome<SyncResult> outcome) { *answer = std::move(outcome); });
    return answer;
}

std::map<std::string, std::string> StoreTest::state(Worker& worker, const std::string& channel) {
    const auto outcome = wait_for(sync(worker, channel, {0, 100'000}));
    EXPECT_FALSE(outcome.failure);
    EXPECT_FALSE(outcome.result.more);
    std::map<std::string, std::string> all;
    for (const auto& entity : outcome.result.entities) all[entity.key] = entity.bytes;
    return all;
}

void StoreTest::stop(Worker& worker) {
    bool stopped = false;
    worker->stop([&] { stopped = true; });
    run_until([&] { return stopped; });
}

Decide always(Commit commit, Version directory) {
    return [commit = std::move(commit), directory](const View&, Version& version) {
        version = directory;
        return commit;
    };
}

Commit putting(const std::string& key, const std::string& value, std::vector<Expectation> expectations) {
    Commit commit;
    commit.expectations = std::move(expectations);
    commit.puts.push_back({key, value, {}});
    return commit;
}

Commit forgetting(const std::vector<std::string>& keys, std::vector<Expectation> expectations) {
    Commit commit;
    commit.expectations = std::move(expectations);
    for (const auto& key : keys) commit.puts.push_back({key, {}, {}, true});
    return commit;
}

}  // namespace foorumi::test
