#include "async/semaphore.hpp"

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>
#include <vector>

namespace berth {
namespace {

using namespace std::chrono_literals;

// Takes a permit, notes its number, lets everybody else run `turns` times, gives it back.
Task<> worker(Semaphore& semaphore, int number, int turns, std::vector<int>& order, int& inside,
              int& most) {
  auto permit = co_await semaphore.acquire(10s);
  if (!permit) co_return;
  order.push_back(number);
  most = std::max(most, ++inside);
  for (int i = 0; i < turns; ++i) co_await boost::asio::post(boost::asio::use_awaitable);
  --inside;
}

Task<> acquire_into(Semaphore& semaphore, std::chrono::milliseconds patience,
                    std::optional<Result<Semaphore::Permit>>& into) {
  into.emplace(co_await semaphore.acquire(patience));
}

class SemaphoreTest : public ::testing::Test {
 protected:
  void start_workers(Semaphore& semaphore, int count) {
    for (int i = 0; i < count; ++i) {
      boost::asio::co_spawn(io, worker(semaphore, i, 1 + (i * 7) % 5, order, inside, most),
                            boost::asio::detached);
    }
  }
  void acquire(Semaphore& semaphore, std::chrono::milliseconds patience,
               std::optional<Result<Semaphore::Permit>>& into) {
    boost::asio::co_spawn(io, acquire_into(semaphore, patience, into), boost::asio::detached);
    io.restart();
    io.poll();
  }

  boost::asio::io_context io;
  std::vector<int> order;
  int inside = 0;
  int most = 0;
};

TEST_F(SemaphoreTest, LetsInAtMostItsPermitsInOrderOfArrival) {
  Semaphore semaphore(3);
  start_workers(semaphore, 50);
  io.run();
  std::vector<int> expected(50);
  for (int i = 0; i < 50; ++i) expected[i] = i;
  EXPECT_EQ(order, expected);
  EXPECT_EQ(most, 3);
  EXPECT_EQ(semaphore.waiting(), 0u);
}

TEST_F(SemaphoreTest, GivesUpWhenPatienceEnds) {
  Semaphore semaphore(1);
  std::optional<Result<Semaphore::Permit>> first, second, third;
  acquire(semaphore, 10s, first);
  acquire(semaphore, 1ms, second);
  io.restart();
  io.run();
  ASSERT_TRUE(second);
  ASSERT_FALSE(*second);
  EXPECT_EQ(second->error().code, ErrorCode::kUnavailable);
  first.reset();
  acquire(semaphore, 10s, third);
  EXPECT_TRUE(third && *third);
}

TEST_F(SemaphoreTest, RefusesWhenTheQueueIsFull) {
  Semaphore semaphore(1, 1);
  std::optional<Result<Semaphore::Permit>> first, second, third;
  acquire(semaphore, 10s, first);
  acquire(semaphore, 10s, second);
  acquire(semaphore, 10s, third);
  ASSERT_TRUE(third);
  EXPECT_FALSE(*third);
  EXPECT_FALSE(second);
}

TEST_F(SemaphoreTest, CancelledWaiterLeavesTheQueue) {
  Semaphore semaphore(1);
  std::optional<Result<Semaphore::Permit>> first, cancelled, third;
  acquire(semaphore, 10s, first);
  boost::asio::cancellation_signal signal;
  boost::asio::co_spawn(io, acquire_into(semaphore, 10s, cancelled),
                        boost::asio::bind_cancellation_slot(signal.slot(), boost::asio::detached));
  io.poll();
  acquire(semaphore, 10s, third);
  EXPECT_EQ(semaphore.waiting(), 2u);
  signal.emit(boost::asio::cancellation_type::terminal);
  io.poll();
  EXPECT_EQ(semaphore.waiting(), 1u);
  first.reset();
  io.restart();
  io.poll();
  EXPECT_TRUE(third && *third);
}

TEST_F(SemaphoreTest, WaitersMayOutliveTheSemaphore) {
  std::optional<Result<Semaphore::Permit>> first, second;
  {
    Semaphore semaphore(1);
    acquire(semaphore, 10s, first);
    acquire(semaphore, 10s, second);
  }
  first.reset();
  io.restart();
  io.poll();
  EXPECT_TRUE(second && *second);
}

TEST_F(SemaphoreTest, FramesDestroyedWhileWaitingDoNoHarm) {
  Semaphore semaphore(1);
  std::optional<Result<Semaphore::Permit>> first, second;
  acquire(semaphore, 10s, first);
  {
    boost::asio::io_context other;
    boost::asio::co_spawn(other, acquire_into(semaphore, 10s, second), boost::asio::detached);
    other.poll();
    EXPECT_EQ(semaphore.waiting(), 1u);
  }
  EXPECT_EQ(semaphore.waiting(), 0u);
}

}  // namespace
}  // namespace berth
