#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <csignal>
#include <ctime>
#include <random>
#include <set>

#include "fakes/run.hpp"
#include "store/sql/session.hpp"
#include "store/sql/sql_store.hpp"
#include "store/sql/sqlite.hpp"
#include "store/sql/test_folder.hpp"

namespace berth::sql {
namespace {

constexpr int kRounds = 30;
constexpr int kClients = 16;

// One client of the child: writes number after number and says each that was acknowledged.
Task<> write_for_ever(Store& store, std::int64_t first, int say) {
  for (std::int64_t number = first;; number += kClients) {
    auto done = co_await store.write([number](Transaction& tx) -> Result<> {
      tx.set_meta("n" + std::to_string(number), "v");
      tx.append_audit({{}, {}, "n", std::to_string(number), "ok"});
      return ok();
    });
    if (!done || ::write(say, &number, sizeof number) != sizeof number) ::_exit(1);
  }
}

[[noreturn]] void be_the_child(const std::string& path, std::int64_t first, int say) {
  boost::asio::io_context io;
  auto store = open_sqlite(io, {.path = path});
  if (!store) ::_exit(2);
  for (int client = 0; client < kClients; ++client) {
    boost::asio::co_spawn(io, write_for_ever(**store, first + client, say), boost::asio::detached);
  }
  io.run();
  ::_exit(3);
}

void sleep_for(std::chrono::microseconds time) {
  const timespec wait{time.count() / 1'000'000, time.count() % 1'000'000 * 1000};
  ::nanosleep(&wait, nullptr);
}

// Kills a writing child some time after its first acknowledgement; the numbers it had acknowledged.
std::vector<std::int64_t> kill_in_mid_stream(const std::string& path, std::int64_t first,
                                             std::chrono::microseconds after) {
  int ends[2];
  if (::pipe(ends) != 0) throw std::runtime_error("no pipe");
  const pid_t child = ::fork();
  if (child == 0) be_the_child(path, first, ends[1]);
  ::close(ends[1]);
  std::vector<std::int64_t> said;
  std::int64_t number = 0;
  if (::read(ends[0], &number, sizeof number) == sizeof number) said.push_back(number);
  sleep_for(after);
  ::kill(child, SIGKILL);
  while (::read(ends[0], &number, sizeof number) == sizeof number) said.push_back(number);
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the child ended by itself: " << WEXITSTATUS(status);
  return said;
}

void check_all_there(const std::string& path, const std::set<std::int64_t>& acknowledged) {
  boost::asio::io_context io;
  auto store = open_sqlite(io, {.path = path});
  ASSERT_TRUE(store) << store.error().message;
  auto lost = testing::run(io, (*store)->read([&](Transaction& tx) -> Result<std::int64_t> {
    std::int64_t missing = 0;
    for (std::int64_t number : acknowledged)
      missing += tx.meta("n" + std::to_string(number)) ? 0 : 1;
    return missing;
  }));
  EXPECT_EQ(lost.value(), 0);
  store->reset();
  auto session = connect(path, Access::kReadOnly);
  EXPECT_EQ(session->value<std::string>("pragma integrity_check"), "ok");
  EXPECT_EQ(
      session->value<int>("select (select count(*) from meta) - (select count(*) from audit)"), 0)
      << "a transaction is there whole or not at all";
}

TEST(CrashTest, EveryAcknowledgedWriteSurvivesKill9) {
  const unsigned seed = std::random_device{}();
  std::cout << "seed " << seed << '\n';
  std::mt19937 random(seed);
  std::uniform_int_distribution<int> microseconds(0, 40'000);
  TestFolder folder;
  std::set<std::int64_t> acknowledged;
  for (int round = 0; round < kRounds; ++round) {
    const auto said = kill_in_mid_stream(folder.database(), round * 10'000'000ll,
                                         std::chrono::microseconds(microseconds(random)));
    EXPECT_FALSE(said.empty());
    acknowledged.insert(said.begin(), said.end());
    check_all_there(folder.database(), acknowledged);
  }
  std::cout << acknowledged.size() << " writes acknowledged\n";
}

TEST(CrashTest, AFirstStartThatIsKilledCanBeDoneAgain) {
  std::mt19937 random(7);
  std::uniform_int_distribution<int> microseconds(0, 8'000);
  for (int round = 0; round < kRounds; ++round) {
    TestFolder folder;
    const pid_t child = ::fork();
    if (child == 0) {
      boost::asio::io_context io;
      auto store = open_sqlite(io, {.path = folder.database()});
      ::_exit(0);
    }
    sleep_for(std::chrono::microseconds(microseconds(random)));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    boost::asio::io_context io;
    auto store = open_sqlite(io, {.path = folder.database()});
    EXPECT_TRUE(store) << store.error().message;
  }
}

}  // namespace
}  // namespace berth::sql
