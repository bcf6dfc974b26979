#include "async/together.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <stdexcept>
#include <string>

namespace berth {
namespace {

Task<> note(std::string& log, char name, int turns) {
  for (int i = 0; i < turns; ++i) {
    log += name;
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor,
                                    std::chrono::milliseconds(0));
    co_await timer.async_wait(boost::asio::use_awaitable);
  }
}

Task<> fail_at_once() {
  throw std::runtime_error("broken");
  co_return;
}

std::exception_ptr run(Task<> task) {
  boost::asio::io_context io;
  std::exception_ptr failure;
  boost::asio::co_spawn(io, std::move(task), [&](std::exception_ptr error) { failure = error; });
  io.run();
  return failure;
}

TEST(TogetherTest, BothGoOnSideBySideAndBothAreWaitedFor) {
  for (const auto& [one, other] : {std::pair(1, 3), std::pair(3, 1)}) {
    std::string log;
    EXPECT_FALSE(run(together(note(log, 'a', one), note(log, 'b', other))));
    EXPECT_EQ(std::ranges::count(log, 'a'), one);
    EXPECT_EQ(std::ranges::count(log, 'b'), other);
    EXPECT_NE(log.substr(0, 2), "aa");
  }
}

TEST(TogetherTest, WhatOneThrowsComesOutAfterTheOther) {
  std::string log;
  EXPECT_TRUE(run(together(fail_at_once(), note(log, 'b', 3))));
  EXPECT_EQ(log, "bbb");
  log.clear();
  EXPECT_TRUE(run(together(note(log, 'a', 3), fail_at_once())));
  EXPECT_EQ(log, "aaa");
}

}  // namespace
}  // namespace berth
