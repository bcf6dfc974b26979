#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/limits.hpp"
#include "control/reconciler.hpp"
#include "fakes/lab.hpp"

namespace berth {
namespace {

using testing::FakeEngine;
using testing::Lab;

// Whoever sleeps does so until it is let go.
class HeldTimers final : public Timers {
 public:
  explicit HeldTimers(boost::asio::io_context& io)
      : gate_(io, boost::asio::steady_timer::time_point::max()) {}

  Task<> sleep(std::chrono::milliseconds) override {
    co_await gate_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  }
  void let_go() { gate_.expires_at(boost::asio::steady_timer::time_point::min()); }

 private:
  boost::asio::steady_timer gate_;
};

class ReconcilerTurnsTest : public ::testing::Test {
 protected:
  static constexpr std::size_t kDevices = limits::kReconcileDevicesAtOnce + 3;

  ReconcilerTurnsTest() {
    for (std::size_t i = 0; i < kDevices; ++i) {
      auto insert = lab.store->write([i](Transaction& tx) -> Result<DeviceId> {
        return tx.insert_device({.name = "device" + std::to_string(i), .endpoint = "unix:///x"});
      });
      const DeviceId did = testing::run(lab.io, std::move(insert)).value();
      engines.push_back(std::make_shared<FakeEngine>(lab.clock, timers));
      engines.back()->fault = [](std::string_view) {
        return testing::Fault{.delay = std::chrono::milliseconds(1)};
      };
      lab.control->devices.attach(did, engines.back());
      lab.control->devices.mark_reachable(did, true);
      lab.control->background.start("reconcile", lab.control->reconciler.reconcile(did));
    }
  }

  std::size_t asked() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(engines, [](const auto& engine) { return engine->calls() > 0; }));
  }

  Lab lab;
  HeldTimers timers{lab.io};
  std::vector<std::shared_ptr<FakeEngine>> engines;
};

TEST_F(ReconcilerTurnsTest, FewDevicesAreLookedAtAtOnceAndAllInTheEnd) {
  lab.io.restart();
  lab.io.poll();
  EXPECT_EQ(asked(), limits::kReconcileDevicesAtOnce);
  timers.let_go();
  EXPECT_TRUE(
      testing::run_until(lab.io, std::chrono::seconds(10), [this] { return asked() == kDevices; }));
}

}  // namespace
}  // namespace berth
