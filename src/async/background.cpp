#include "async/background.hpp"

#include <boost/asio/co_spawn.hpp>
#include <exception>

#include "base/log.hpp"

namespace berth {

struct Background::State {
  std::size_t running = 0;
  bool stopping = false;
};

Background::Background(boost::asio::any_io_executor executor)
    : executor_(std::move(executor)), state_(std::make_shared<State>()) {}

Background::~Background() { stop(); }

void Background::start(std::string name, Task<> task) {
  ++state_->running;
  auto ended = [state = state_, name = std::move(name)](std::exception_ptr error) {
    --state->running;
    if (!error) return;
    try {
      std::rethrow_exception(error);
    } catch (const std::exception& e) {
      log(LogLevel::kError, "background task failed", {{"task", name}, {"error", e.what()}});
    }
  };
  boost::asio::co_spawn(executor_, std::move(task), std::move(ended));
}

std::size_t Background::running() const { return state_->running; }
void Background::stop() { state_->stopping = true; }
bool Background::stopping() const { return state_->stopping; }

}  // namespace berth
