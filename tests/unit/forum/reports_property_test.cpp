// Reports in random histories.
#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include <set>

#include "reports_fixture.hpp"

namespace foorumi::forum::test {
namespace {

// Whatever happens in whatever order: numbers, counts, books and indexes say the same.
class ReportsHistory : public ReportsTest {
   public:
    void TestBody() override {}
    void step(int what, int who, int target) {
        const std::vector<Id> members{Town::aino, Town::biret, Town::virkamies, Town::veikko, Town::johtaja, vara};
        const Id member = members[static_cast<std::size_t>(who)];
        now += 1000;
        if (what < 3) {
            auto of_message = report();
            of_message.message = static_cast<Id>(target) + 1;
            target < 3 ? attempt(member, of_message)
                       : attempt(member, report_of(members[static_cast<std::size_t>(target - 3)]));
        } else if (what == 3) {
            attempt(member, resolution(static_cast<std::uint64_t>(target) + 1, who % 2 == 0));
        } else {
            attempt(member, assignment(static_cast<std::uint64_t>(target) + 1, target % 2 == 0 ? vara : 0));
        }
    }
    template <class Command>
    void attempt(Id member, const Command& command) {
        if (const auto decision = decided(member, command)) channel.apply(*decision);
    }
    void check_all() const {
        std::map<Id, std::set<std::uint64_t>> open_by_member;
        std::set<std::string> open, closed;
        for (const auto& [key, entity] : channel.entities()) {
            const auto* report = std::get_if<Report>(&entity.value);
            if (report == nullptr) continue;
            const auto number = *parse_report_key(key);
            (report->is_closed() ? closed : open).insert(key);
            std::set<Id> reporters;
            for (std::uint32_t n = 1; n <= report->reporters; ++n) reporters.insert(words(number, n)->reporter);
            RC_ASSERT(reporters.size() == report->reporters);
            RC_ASSERT(!reporters.contains(report->member));
            RC_ASSERT(words(number, report->reporters + 1) == nullptr);
            if (report->is_closed()) continue;
            for (const Id reporter : reporters) open_by_member[reporter].insert(number);
        }
        const auto listed = queue();
        const auto over = queue(closed_index);
        RC_ASSERT((std::set<std::string>(listed.begin(), listed.end()) == open));
        RC_ASSERT((std::set<std::string>(over.begin(), over.end()) == closed));
        for (const auto& [key, entity] : channel.entities()) {
            const auto* book = std::get_if<ReportBook>(&entity.value);
            if (book == nullptr || book->member == 0) continue;
            const std::set<std::uint64_t> in_book(book->reports.begin(), book->reports.end());
            RC_ASSERT(in_book == open_by_member[book->member]);
            RC_ASSERT(in_book.size() == book->reports.size());
        }
    }
};

RC_GTEST_PROP(ReportsOfAnyHistory, AgreeWithEachOther, ()) {
    ReportsHistory history;
    const auto steps = *rc::gen::container<std::vector<std::tuple<int, int, int>>>(
        rc::gen::tuple(rc::gen::inRange(0, 5), rc::gen::inRange(0, 6), rc::gen::inRange(0, 9)));
    for (const auto& [what, who, target] : steps) history.step(what, who, target);
    history.check_all();
}

}  // namespace
}  // namespace foorumi::forum::test
