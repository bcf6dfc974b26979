#include "async/chores.hpp"

#include <gtest/gtest.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <stdexcept>

namespace berth {
namespace {

namespace asio = boost::asio;

class ChoresTest : public ::testing::Test {
 protected:
  Chore quick(const std::string& name) {
    return {name, [this, name] { return do_quick(name); }};
  }
  // Until `end` is cancelled.
  Chore hanging(const std::string& name) {
    return {name, [this, name] { return do_hanging(name); }};
  }
  Chore failing(const std::string& name) {
    return {name, [this, name] { return do_failing(name); }};
  }

  void round(std::vector<Chore> all, int at_once = 2) {
    auto ended = [this](std::exception_ptr error) { ++(error ? failed : over); };
    asio::co_spawn(io, chores->run(std::move(all), at_once), ended);
    io.restart();
    io.poll();
  }

  asio::io_context io;
  asio::steady_timer end{io, asio::steady_timer::time_point::max()};
  std::unique_ptr<Chores> chores = std::make_unique<Chores>();
  std::vector<std::string> done;
  int over = 0;
  int failed = 0;

 private:
  Task<> do_quick(std::string name) {
    done.push_back(name);
    co_return;
  }
  Task<> do_hanging(std::string name) {
    co_await end.async_wait(asio::as_tuple(asio::use_awaitable));
    done.push_back(name);
  }
  Task<> do_failing(std::string name) {
    done.push_back(name);
    throw std::runtime_error(name);
    co_return;
  }
};

TEST_F(ChoresTest, AreDoneInTheOrderGiven) {
  round({quick("a"), quick("b"), quick("c")}, 1);
  EXPECT_EQ(done, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(over, 1);
  round({});
  EXPECT_EQ(over, 2);
}

TEST_F(ChoresTest, OneThatHangsIsPassedByTheOthersAndLeftAloneByTheNextRound) {
  round({hanging("a"), quick("b"), quick("c")});
  EXPECT_EQ(done, (std::vector<std::string>{"b", "c"}));
  EXPECT_EQ(over, 0) << "a round is over when all of it is";
  round({hanging("a"), quick("b")}, 1);
  EXPECT_EQ(done, (std::vector<std::string>{"b", "c", "b"}));
  EXPECT_EQ(over, 1);
  end.cancel();
  io.restart();
  io.poll();
  EXPECT_EQ(done.back(), "a");
  EXPECT_EQ(over, 2);
  round({quick("a")});
  EXPECT_EQ(done.size(), 5u) << "it is a chore like any other again";
}

TEST_F(ChoresTest, NoMoreAtOnceThanWereSaid) {
  round({hanging("a"), hanging("b"), quick("c")});
  EXPECT_TRUE(done.empty());
}

TEST_F(ChoresTest, OneThatThrowsIsDoneAgainNextTime) {
  round({failing("a"), quick("b")}, 1);
  EXPECT_EQ(failed, 1);
  round({quick("a")});
  EXPECT_EQ(done.back(), "a");
}

TEST_F(ChoresTest, WhatIsGoingOnMayOutliveThem) {
  round({hanging("a")});
  chores.reset();
  end.cancel();
  io.restart();
  io.poll();
  EXPECT_EQ(over, 1);
}

}  // namespace
}  // namespace berth
