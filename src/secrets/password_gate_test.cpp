#include "secrets/password_gate.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <map>
#include <thread>
#include <vector>

namespace berth::secrets {
namespace {

namespace asio = boost::asio;

Task<> hash_and_verify(PasswordGate& gate, std::vector<bool>& results) {
  const auto hash = co_await gate.hash("114514");
  for (const char* guess : {"114514", "wrong"}) {
    const auto matches = co_await gate.verify(hash.value(), guess);
    results.push_back(matches.value());
  }
  const auto unknown = co_await gate.verify("", "114514");
  results.push_back(unknown.value());
}

TEST(PasswordGateTest, HashesAndVerifies) {
  asio::io_context io;
  PasswordGate gate;
  std::vector<bool> results;
  asio::co_spawn(io, hash_and_verify(gate, results), asio::detached);
  io.run();
  EXPECT_EQ(results, (std::vector<bool>{true, false, false}));
}

struct Tally {
  std::map<std::string, int> outcomes;
  bool on_own_thread = true;
};

Task<> try_once(PasswordGate& gate, Tally& tally) {
  const auto self = std::this_thread::get_id();
  const auto result = co_await gate.verify("", "guess");
  tally.on_own_thread = tally.on_own_thread && std::this_thread::get_id() == self;
  ++tally.outcomes[result ? "done" : std::string(to_string(result.error().code))];
}

TEST(PasswordGateTest, RefusesAFloodPastItsQueueAndServesAgainAfterIt) {
  asio::io_context io;
  PasswordGate gate({.threads = 2, .queue = 3});
  Tally flood;
  for (int i = 0; i < 50; ++i) asio::co_spawn(io, try_once(gate, flood), asio::detached);
  io.run();
  EXPECT_EQ(flood.outcomes["done"] + flood.outcomes["too_many"], 50);
  EXPECT_GE(flood.outcomes["done"], 5);
  EXPECT_GE(flood.outcomes["too_many"], 1);
  EXPECT_TRUE(flood.on_own_thread);

  io.restart();
  Tally later;
  asio::co_spawn(io, try_once(gate, later), asio::detached);
  io.run();
  EXPECT_EQ(later.outcomes["done"], 1);
}

TEST(PasswordGateTest, MayBeDestroyedWhileItWorks) {
  asio::io_context io;
  Tally tally;
  {
    PasswordGate gate;
    for (int i = 0; i < 4; ++i) asio::co_spawn(io, try_once(gate, tally), asio::detached);
    io.poll();
  }
  io.run();
  EXPECT_EQ(tally.outcomes["done"], 4);
}

}  // namespace
}  // namespace berth::secrets
