#include "control/reconciler.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "base/limits.hpp"
#include "fakes/lab.hpp"

namespace berth {
namespace {

using testing::Lab;

class ReconcilerTest : public ::testing::Test {
 protected:
  ~ReconcilerTest() override { lab_.control->background.stop(); }

  std::vector<ContainerId> make_stopped(int count) {
    std::vector<ContainerId> all;
    for (int i = 0; i < count; ++i) {
      all.push_back(lab_.must_create(lab_.ann, lab_.order()));
      EXPECT_TRUE(testing::run(lab_.io, lab_.control->containers.stop(lab_.ann, all.back())));
      to_hang_.insert(name_of(all.back()));
    }
    return all;
  }

  void add_orphan() {
    const auto labels = lab_.control->driver.naming().labels({.cid = ContainerId{999}}, 1);
    ASSERT_TRUE(lab_.engine->machine.create({.name = "berth-test-999-1",
                                             .image = "workspace:test",
                                             .labels = labels,
                                             .cpu_cores = 1,
                                             .memory_mb = 64}));
  }
  bool has_orphan() const { return lab_.engine->machine.find("berth-test-999-1") != nullptr; }

  std::string name_of(ContainerId cid) {
    return lab_.control->driver.naming().container(*lab_.row(cid), 1);
  }

  // As many handlers as any round needs, and not for ever.
  template <class Predicate>
  bool comes_true(Predicate is_true) {
    lab_.io.restart();
    for (int i = 0; i < 10'000 && !is_true(); ++i) lab_.io.poll_one();
    return is_true();
  }

  Lab lab_;
  std::set<std::string> to_hang_;
};

TEST_F(ReconcilerTest, WhatHasNoRowGoesThoughEveryCallAboutTheOthersHangs) {
  const auto all = make_stopped(limits::kReconcileAtOnce);
  add_orphan();
  lab_.engine->hangs = to_hang_;
  lab_.control->background.start("round", lab_.control->reconciler.reconcile(lab_.device));
  EXPECT_TRUE(comes_true([&] { return !has_orphan(); }));
  EXPECT_EQ(lab_.engine->hanging(), all.size());
  lab_.engine->end_hanging();
  lab_.settle();
  EXPECT_EQ(lab_.complaints(), "");
}

TEST_F(ReconcilerTest, WhenAsManyHangAsARoundTakesAtOnceTheNextRoundGoesOn) {
  make_stopped(limits::kReconcileAtOnce);
  const ContainerId dead = lab_.must_create(lab_.ann, lab_.order());
  lab_.engine->kill_behind_our_back(name_of(dead));
  lab_.engine->hangs = to_hang_;
  lab_.control->reconciler.watch(lab_.device);
  EXPECT_TRUE(comes_true([&] { return lab_.row(dead)->state == State::kStopped; }));
  EXPECT_EQ(lab_.engine->hanging(), static_cast<std::size_t>(limits::kReconcileAtOnce));
  EXPECT_FALSE(comes_true([&] { return lab_.engine->hanging() > to_hang_.size(); }))
      << "nothing is asked twice at once";
}

}  // namespace
}  // namespace berth
