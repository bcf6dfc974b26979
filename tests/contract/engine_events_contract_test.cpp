// What an engine says of its own accord, the one in memory as a real dockerd.
#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "contract/engine_contract.hpp"

namespace berth::testing {
namespace {

using namespace std::chrono_literals;

class EngineEvents : public EngineContract {
 protected:
  void follow() {
    bool opened = false;
    boost::asio::co_spawn(io,
                          engine().follow_events([&opened] { opened = true; },
                                                 [this](EngineEvent event) {
                                                   if (event.attributes.contains(label))
                                                     events.push_back(std::move(event));
                                                 }),
                          boost::asio::detached);
    ASSERT_TRUE(run_until(io, 10s, [&] { return opened; }));
  }
  bool saw(const std::string& action) {
    return std::any_of(events.begin(), events.end(),
                       [&](const auto& event) { return event.action == action; });
  }
  std::string actions() {
    std::string all;
    for (const auto& event : events) all += event.action + " ";
    events.clear();
    return all;
  }

  std::vector<EngineEvent> events;
};

INSTANTIATE_TEST_SUITE_P(Engines, EngineEvents, kEngines, name_of_engine);

TEST_P(EngineEvents, ComeInOrder) {
  follow();
  const auto id = create_and_start();
  ASSERT_TRUE(run_until(io, 10s, [&] { return saw("start"); }));
  EXPECT_EQ(actions(), "create start ");

  under_test->pause(id);
  succeed(engine().unpause(id));
  ASSERT_TRUE(run_until(io, 10s, [&] { return saw("unpause"); }));
  EXPECT_EQ(actions(), "pause unpause ");

  succeed(engine().restart(id, 5s));
  ASSERT_TRUE(run_until(io, 10s, [&] { return saw("restart"); }));
  EXPECT_EQ(actions(), "kill die stop start restart ");

  succeed(engine().stop(id, 5s));
  ASSERT_TRUE(run_until(io, 10s, [&] { return saw("stop"); }));
  EXPECT_EQ(actions(), "kill die stop ");

  succeed(engine().start(id));
  under_test->kill(id);
  ASSERT_TRUE(run_until(io, 10s, [&] { return saw("die"); }));
  EXPECT_EQ(events.back().attributes.at("exitCode"), "137");
  EXPECT_EQ(events.back().attributes.at("name"), name());
  EXPECT_EQ(events.back().id, id);
  EXPECT_EQ(events.back().type, "container");
  EXPECT_EQ(actions(), "start kill die ");

  succeed(engine().start(id));
  succeed(engine().remove(id));
  ASSERT_TRUE(run_until(io, 10s, [&] { return saw("destroy"); }));
  EXPECT_EQ(actions(), "start kill die destroy ");
}

TEST_P(EngineEvents, ARefusedStartIsNoStart) {
  follow();
  auto wanted = spec();
  wanted.gpu_uuids = {"GPU-0"};
  create(wanted);
  EXPECT_FALSE(run(engine().start(name())));
  succeed(engine().remove(name()));
  ASSERT_TRUE(run_until(io, 10s, [&] { return saw("destroy"); }));
  EXPECT_EQ(actions(), "create destroy ");
}

}  // namespace
}  // namespace berth::testing
