#include "http/connections.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

namespace berth::http {
namespace {

using namespace std::chrono_literals;

// Two ends: the server's, which the connections know, and the client's.
struct Pair {
  Pair() { EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0); }
  ~Pair() {
    ::close(ends[0]);
    ::close(ends[1]);
  }
  bool reads_end() const {
    char byte;
    return ::recv(ends[0], &byte, 1, 0) == 0;
  }
  bool can_write() const { return ::send(ends[0], "x", 1, MSG_NOSIGNAL) == 1; }
  int ends[2];
};

const Deadlines kDeadlines{
    .header = 10s, .body = 20s, .write = 30s, .idle = 40s, .drain = 50s, .linger = 2s};

TEST(ConnectionsTest, ALateReaderCanStillBeAnswered) {
  Connections all(kDeadlines);
  Pair pair;
  Connection connection(all, pair.ends[0]);
  connection.enter(Phase::kHeader);
  all.sweep(Connections::Clock::now() + 9s);
  EXPECT_FALSE(connection.is_expired());
  all.sweep(Connections::Clock::now() + 11s);
  EXPECT_TRUE(connection.is_expired());
  EXPECT_TRUE(pair.reads_end());
  EXPECT_TRUE(pair.can_write());
}

TEST(ConnectionsTest, EachPhaseHasItsOwnDeadline) {
  Connections all(kDeadlines);
  const std::pair<Phase, std::chrono::seconds> phases[] = {
      {Phase::kHandshake, 10s}, {Phase::kHeader, 10s}, {Phase::kBody, 20s},
      {Phase::kWrite, 30s},     {Phase::kIdle, 40s},   {Phase::kLinger, 2s}};
  for (const auto& [phase, deadline] : phases) {
    Pair pair;
    Connection connection(all, pair.ends[0]);
    connection.enter(phase);
    all.sweep(Connections::Clock::now() + deadline - 1s);
    EXPECT_FALSE(connection.is_expired());
    all.sweep(Connections::Clock::now() + deadline);
    EXPECT_TRUE(connection.is_expired());
  }
}

TEST(ConnectionsTest, AHandlerIsNeverCut) {
  Connections all(kDeadlines);
  Pair pair;
  Connection connection(all, pair.ends[0]);
  connection.enter(Phase::kHandler);
  all.sweep(Connections::Clock::now() + 24h);
  all.drain();
  EXPECT_FALSE(connection.is_expired());
  EXPECT_TRUE(pair.can_write());
}

TEST(ConnectionsTest, WhoeverBecomesIdleWhileDrainingEndsToo) {
  Connections all(kDeadlines);
  Pair pair;
  Connection connection(all, pair.ends[0]);
  connection.enter(Phase::kWrite);
  all.drain();
  EXPECT_FALSE(connection.is_expired());
  connection.enter(Phase::kIdle);
  EXPECT_TRUE(pair.reads_end());
}

TEST(ConnectionsTest, DrainEndsTheIdleAndCountsDown) {
  Connections all(kDeadlines);
  int removed = 0;
  all.on_removed([&] { ++removed; });
  Pair pair;
  {
    Connection connection(all, pair.ends[0]);
    EXPECT_EQ(all.count(), 1u);
    all.drain();
    EXPECT_TRUE(all.is_draining());
    EXPECT_TRUE(pair.reads_end());
    EXPECT_FALSE(pair.can_write());
  }
  EXPECT_EQ(all.count(), 0u);
  EXPECT_EQ(removed, 1);
}

}  // namespace
}  // namespace berth::http
