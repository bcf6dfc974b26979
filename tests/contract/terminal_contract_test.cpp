// What every engine promises of a terminal, asked of the one in memory and of a real dockerd.
#include <boost/asio/co_spawn.hpp>

#include "contract/engine_contract.hpp"

namespace berth::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

using Terminal = std::shared_ptr<EngineTerminal>;

// One container that runs.
class TerminalContract : public EngineContract {
 protected:
  void SetUp() override {
    EngineContract::SetUp();
    if (under_test) container = create_and_start();
  }

  static TerminalSpec shell(TerminalSize size = {}) {
    return {.command = {"/bin/sh"}, .env = {{"PS1", "$ "}}, .size = size};
  }
  Terminal open(TerminalSize size = {}) {
    auto opened = run(engine().open_terminal(container, shell(size)));
    EXPECT_TRUE(opened) << opened.error().message << ": " << opened.error().details;
    return opened.value_or(nullptr);
  }
  ErrorCode refusal(std::string name, TerminalSpec spec) {
    auto opened = run(engine().open_terminal(std::move(name), std::move(spec)));
    EXPECT_FALSE(opened);
    return opened ? ErrorCode::kInternal : opened.error().code;
  }
  // What it prints until `end` is in it, or to its end.
  std::string read_until(const Terminal& terminal, std::string_view end) {
    std::string text;
    while (!text.contains(end)) {
      const std::string piece = run(terminal->read());
      if (piece.empty()) return text + "<end>";
      text += piece;
    }
    return text;
  }
  std::string read_to_end(const Terminal& terminal) { return read_until(terminal, "\xff"); }
  bool has_processes(std::size_t wanted) {
    const auto until = std::chrono::steady_clock::now() + 10s;
    while (under_test->processes(container) != wanted) {
      if (std::chrono::steady_clock::now() >= until) return false;
      run_until(io, 50ms, [] { return false; });
    }
    return true;
  }

  std::string container;
};

INSTANTIATE_TEST_SUITE_P(Engines, TerminalContract, kEngines, name_of_engine);

TEST_P(TerminalContract, HasTheSizeThatItIsGiven) {
  auto terminal = open({.columns = 100, .rows = 30});
  EXPECT_TRUE(run(terminal->write("stty size\n")));
  EXPECT_THAT(read_until(terminal, "30 100\r\n"), HasSubstr("stty size\r\n")) << "typed, so echoed";
  EXPECT_TRUE(run(terminal->resize({.columns = 90, .rows = 20})));
  EXPECT_TRUE(run(terminal->write("stty size\n")));
  EXPECT_THAT(read_until(terminal, "20 90\r\n"), HasSubstr("20 90"));
  EXPECT_EQ(run(terminal->resize({.columns = 0, .rows = 1})).error().code, ErrorCode::kInvalid);
}

TEST_P(TerminalContract, TellsHowItEnded) {
  auto terminal = open();
  EXPECT_TRUE(run(terminal->write("exit 7\n")));
  EXPECT_THAT(read_to_end(terminal), HasSubstr("exit 7"));
  EXPECT_EQ(run(terminal->exit_code()).value(), 7);
  EXPECT_TRUE(run(terminal->hang_up()));
}

TEST_P(TerminalContract, EndsWithItsContainer) {
  auto terminal = open();
  read_until(terminal, "$");
  EXPECT_TRUE(run(engine().stop(container, 1s)));
  read_to_end(terminal);
  EXPECT_EQ(run(terminal->exit_code()).value(), 137);
  EXPECT_TRUE(run(terminal->hang_up()));
}

TEST_P(TerminalContract, LeavesNothingBehindWhenItHangsUp) {
  const std::size_t before = under_test->processes(container);
  auto one = open();
  auto other = open();
  EXPECT_TRUE(has_processes(before + 2));
  EXPECT_TRUE(run(one->hang_up()));
  EXPECT_TRUE(has_processes(before + 1)) << "one of the two, and not the other";
  EXPECT_TRUE(run(one->hang_up())) << "twice is as once";
  EXPECT_TRUE(run(other->write("stty size\n")));
  EXPECT_THAT(read_until(other, "24 80\r\n"), HasSubstr("24 80"));
  EXPECT_TRUE(run(other->hang_up()));
  EXPECT_TRUE(has_processes(before));
}

TEST_P(TerminalContract, CloseEndsAReadThatWaits) {
  auto terminal = open();
  read_until(terminal, "$");
  bool is_over = false;
  auto wait = [](Terminal line, bool& over) -> Task<> {
    while (!(co_await line->read()).empty()) {
    }
    over = true;
  };
  boost::asio::co_spawn(io, wait(terminal, is_over), [](std::exception_ptr) {});
  run_until(io, 20ms, [&] { return is_over; });
  EXPECT_FALSE(is_over);
  terminal->close();
  EXPECT_TRUE(run_until(io, 10s, [&] { return is_over; }));
  EXPECT_EQ(run(terminal->exit_code()).error().code, ErrorCode::kConflict);
  EXPECT_TRUE(run(terminal->hang_up()));
}

TEST_P(TerminalContract, IsRefusedWhereNothingRuns) {
  EXPECT_EQ(refusal("berth-no-such-container", shell()), ErrorCode::kNotFound);
  EXPECT_EQ(refusal("../etc", shell()), ErrorCode::kInvalid);
  EXPECT_EQ(refusal(container, shell({.columns = 1001, .rows = 24})), ErrorCode::kInvalid);
  EXPECT_EQ(refusal(container, {.command = {}}), ErrorCode::kInvalid);
  under_test->pause(container);
  EXPECT_EQ(refusal(container, shell()), ErrorCode::kConflict);
  EXPECT_TRUE(run(engine().unpause(container)));
  EXPECT_TRUE(run(engine().stop(container, 0s)));
  EXPECT_EQ(refusal(container, shell()), ErrorCode::kConflict);
}

}  // namespace
}  // namespace berth::testing
