#include "store/locators.hpp"

#include "store/redis_keys.hpp"
#include "store/replies.hpp"
#include "store/sentinel_locator.hpp"
#include "store/sentinel_replies.hpp"

namespace foorumi::store {
namespace {

// The primary of one slot.
class SlotLocator final : public Locator {
   public:
    SlotLocator(std::shared_ptr<ClusterMap> map, std::uint16_t slot) : map_(std::move(map)), slot_(slot) {}

    void locate(Found found) override { map_->locate(slot_, std::move(found)); }
    [[nodiscard]] bool elsewhere(const Endpoint& endpoint) const override { return map_->elsewhere(slot_, endpoint); }
    void lost(const Endpoint& endpoint) override { map_->doubt(slot_, endpoint.address()); }
    void refused(const Endpoint& by, std::string_view error) override {
        if (const auto moved = parse_moved(error, by.host)) return map_->moved(*moved);
        const auto word = error_prefix(error);
        if (word == "CLUSTERDOWN") map_->doubt(slot_, by.address());
        if (word == "ASK" || word == "TRYAGAIN") map_->refresh();  // the slot is being moved: its end is waited for
    }
    [[nodiscard]] std::string display() const override { return map_->display(); }

   private:
    std::shared_ptr<ClusterMap> map_;
    std::uint16_t slot_;
};

class AnyLocator final : public Locator {
   public:
    explicit AnyLocator(std::shared_ptr<ClusterMap> map) : map_(std::move(map)) {}

    void locate(Found found) override { map_->locate_any(std::move(found)); }
    void lost(const Endpoint&) override { map_->refresh(); }
    [[nodiscard]] std::string display() const override { return map_->display(); }

   private:
    std::shared_ptr<ClusterMap> map_;
};

}  // namespace

Locators::Locators(boost::asio::io_context& context, Topology topology, const std::string& name)
    : topology_(std::move(topology)) {
    switch (topology_.kind) {
        case Topology::Kind::standalone:
            primary_ = always_at(topology_.endpoint);
            break;
        case Topology::Kind::sentinel:
            primary_ = std::make_shared<SentinelLocator>(context, topology_, name);
            break;
        case Topology::Kind::cluster:
            map_ = std::make_shared<ClusterMap>(context, topology_, name);
            break;
    }
}

std::shared_ptr<Locator> Locators::of_partition(std::uint16_t partition) const {
    if (!map_) return primary_;
    return std::make_shared<SlotLocator>(map_, slot_of_partition(partition));
}

std::shared_ptr<Locator> Locators::of_any() const {
    if (!map_) return primary_;
    return std::make_shared<AnyLocator>(map_);
}

std::vector<SetupStep> Locators::checks() const {
    if (topology_.kind != Topology::Kind::sentinel) return {};
    return {{.command = {"ROLE"}, .problem = role_problem, .passing = true}};
}

void Locators::primaries(FoundAll found) const {
    if (!map_) return found({primary_});
    map_->locate_primaries([found = std::move(found)](const std::vector<Endpoint>& all) {
        std::vector<std::shared_ptr<Locator>> locators;
        for (const auto& endpoint : all) locators.push_back(always_at(endpoint));
        found(std::move(locators));
    });
}

}  // namespace foorumi::store
