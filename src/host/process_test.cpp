#include "host/process.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

namespace berth {
namespace {

using namespace std::chrono_literals;

TEST(ProcessTest, GivesOutputErrorsAndExitCode) {
  const auto result = run_process({"sh", "-c", "echo out; echo err >&2; exit 3"});
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->output, "out\n");
  EXPECT_EQ(result->errors, "err\n");
  EXPECT_EQ(result->exit_code, 3);
  EXPECT_FALSE(result->was_cut);
}

TEST(ProcessTest, PassesArgumentsAsTheyAre) {
  const auto result = run_process({"printf", "%s|", "$(id)", "a b", "'; --", "*", ""});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->output, "$(id)|a b|'; --|*||");
}

TEST(ProcessTest, GivesNoInput) {
  const auto result = run_process({"cat"});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->output, "");
}

TEST(ProcessTest, HandsOnNoneOfOurDescriptors) {
  const int ours = ::dup(STDIN_FILENO);  // without close-on-exec, as sockets of a library may be
  const auto result = run_process({"test", "-e", "/proc/self/fd/" + std::to_string(ours)});
  ::close(ours);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->exit_code, 1);
}

TEST(ProcessTest, SaysThatAProgramIsNotThere) {
  const auto result = run_process({"berth-no-such-program"});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kNotFound);
}

TEST(ProcessTest, KillsWhatDoesNotEndInTimeWithItsChildren) {
  const auto start = std::chrono::steady_clock::now();
  const auto result = run_process({"sh", "-c", "sleep 60 & sleep 60"}, {.deadline = 100ms});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kUnavailable);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 10s);
}

TEST(ProcessTest, DoesNotWaitForAGrandchildThatHoldsTheStreams) {
  const auto start = std::chrono::steady_clock::now();
  const auto result = run_process({"sh", "-c", "sleep 20 & echo done"}, {.deadline = 15s});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->output, "done\n");
  EXPECT_LT(std::chrono::steady_clock::now() - start, 10s);
}

TEST(ProcessTest, KeepsABoundedPartOfTheOutput) {
  const auto result =
      run_process({"sh", "-c", "yes | head -c 3000000; exit 5"}, {.output_bytes = 1000});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->output.size(), 1000u);
  EXPECT_TRUE(result->was_cut);
  EXPECT_EQ(result->exit_code, 5);
}

TEST(ProcessTest, CountsASignalAsShellsDo) {
  EXPECT_EQ(run_process({"sh", "-c", "kill -TERM $$"})->exit_code, 128 + 15);
}

}  // namespace
}  // namespace berth
