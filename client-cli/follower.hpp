// `follow ROOM...`: prints every change of the rooms as it comes, over lost connections; also of moderators' queues.
#pragma once

#include <boost/asio/signal_set.hpp>
#include <map>
#include <set>

#include "program.hpp"

namespace foorumi::client {

class Follower final : public Program {
   public:
    explicit Follower(const Environment& environment);

    void on_change(const foorumi::v1::Change& change) override;
    void on_synced(const foorumi::v1::Synced& synced) override;
    void on_notice(const foorumi::v1::Notice& notice) override;

   private:
    void begin() override;
    void on_time_limit() override;
    void on_news(const std::string& news) override { note(news); }
    [[nodiscard]] std::optional<double> default_time_limit() const override { return std::nullopt; }

    void follow(const std::set<std::string>& channels);
    void show(const std::string& channel, const google::protobuf::RepeatedPtrField<foorumi::v1::Entity>& entities);
    void show_synced(const foorumi::v1::Synced& synced);
    void show_reset(const foorumi::v1::Synced& synced);
    void count(std::uint64_t versions);
    void ended(const std::string& channel, const foorumi::v1::Error& error);

    boost::asio::signal_set signals_;
    std::uint64_t counted_ = 0;
    std::size_t channels_ = 0;
    bool synced_ = false;    // some room has answered
    bool complete_ = false;  // --count is reached: what comes now is not printed
};

}  // namespace foorumi::client
