#include "demo/lab.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "fakes/memory_store.hpp"
#include "fakes/run.hpp"

namespace berth::demo {
namespace {

using namespace std::chrono_literals;

class LabTest : public ::testing::Test {
 protected:
  LabTest() {
    auto devices = testing::run(io, lab.put_machines(*store));
    control.emplace(
        Control::Ground{io.get_executor(), *store, lab.host(), lab.time(), lab.time(), sealer},
        Control::Rules{.installation = "demo",
                       .shape = {.matlab_image = kMatlabImage},
                       .matlab = {.device = devices.value().front()}});
  }

  const WallTime opens_at = SystemClock().now();
  boost::asio::io_context io;
  std::unique_ptr<Store> store = testing::open_memory_store(io);
  secrets::Sealer sealer = secrets::Sealer::with_passing_key();
  Lab lab{3, opens_at};
  std::optional<Control> control;
};

TEST_F(LabTest, TheWeekHoldsAndEndsNow) {
  auto played = testing::run(io, lab.play_week(*control));
  ASSERT_TRUE(played) << played.error().message << " " << played.error().details;
  EXPECT_EQ(lab.time().now(), opens_at);
  lab.time().let_go();
  EXPECT_GE(lab.time().now(), opens_at);
}

// Every deed of everyday life can be done on the lab as the week leaves it, twice over.
TEST_F(LabTest, EverydayLifeHolds) {
  ASSERT_TRUE(testing::run(io, lab.play_week(*control)));
  for (int round = 0; round < 2; ++round) {
    for (const Deed& deed : everyday()) {
      auto done = testing::run(io, lab.perform(*control, deed));
      EXPECT_TRUE(done) << done.error().message << " " << done.error().details;
    }
  }
}

}  // namespace
}  // namespace berth::demo
