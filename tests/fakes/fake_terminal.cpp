#include "fakes/fake_terminal.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <utility>

#include "base/limits.hpp"
#include "engine/arguments.hpp"

namespace berth::testing {
namespace {

constexpr std::string_view kPrompt = "$ ";
constexpr std::size_t kLineBytes = 4096;  // as a tty
constexpr int kHungUp = 129;
constexpr char kEndOfInput = '\x04';
constexpr char kErase = '\x7f';

}  // namespace

FakeTerminal::FakeTerminal(TerminalSize size) : size_(size) { print(kPrompt); }

Task<std::string> FakeTerminal::read() {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor,
                                  boost::asio::steady_timer::time_point::max());
  while (output_.empty() && !exit_code_ && !is_closed_) {
    waiting_ = &timer;
    co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    waiting_ = nullptr;
  }
  if (is_closed_) co_return "";
  std::string piece = output_.substr(0, limits::kTerminalReadBytes);
  output_.erase(0, piece.size());
  co_return piece;
}

Task<bool> FakeTerminal::write(std::string bytes) {
  if (exit_code_ || is_closed_) co_return false;
  for (const char c : bytes) type(c);
  co_return true;
}

Task<Result<>> FakeTerminal::resize(TerminalSize size) {
  if (auto checked = check_size(size); !checked) co_return checked;
  if (exit_code_)
    co_return fail(ErrorCode::kRefused, "the engine did not resize the terminal", "no such exec");
  size_ = size;
  co_return ok();
}

Task<Result<int>> FakeTerminal::exit_code() {
  if (is_closed_ || !exit_code_)
    co_return fail(ErrorCode::kConflict, "the terminal's process has not ended");
  co_return *exit_code_;
}

void FakeTerminal::close() {
  is_closed_ = true;
  wake();
}

Task<Result<>> FakeTerminal::hang_up() {
  close();
  end(kHungUp);
  co_return ok();
}

void FakeTerminal::end(int code) {
  if (!exit_code_) exit_code_ = code;
  wake();
}

void FakeTerminal::type(char c) {
  if (exit_code_) return;
  if (c == '\r' || c == '\n') {
    print("\r\n");
    perform(std::exchange(line_, {}));
    if (!exit_code_) print(kPrompt);
  } else if (c == kEndOfInput && line_.empty()) {
    end(0);
  } else if (c == kErase && !line_.empty()) {
    line_.pop_back();
    print("\b \b");
  } else if (line_.size() < kLineBytes) {
    line_ += c;
    print({&c, 1});
  }
}

void FakeTerminal::perform(std::string_view line) {
  constexpr std::string_view kExit = "exit";
  if (line.empty()) return;
  if (line == "stty size") {
    print(std::to_string(size_.rows) + ' ' + std::to_string(size_.columns) + "\r\n");
  } else if (line.starts_with(kExit)) {
    int code = 0;
    const auto number = line.substr(std::min(line.size(), kExit.size() + 1));
    std::from_chars(number.data(), number.data() + number.size(), code);
    end(code);
  } else {
    print("sh: " + std::string(line.substr(0, line.find(' '))) + ": not found\r\n");
  }
}

void FakeTerminal::print(std::string_view text) {
  constexpr std::size_t kMost = 4 * limits::kTerminalReadBytes;
  if (output_.size() + text.size() > kMost) return;
  output_ += text;
  wake();
}

void FakeTerminal::wake() {
  if (waiting_ != nullptr) waiting_->cancel();
}

}  // namespace berth::testing
