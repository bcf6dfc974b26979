#include "secrets/password_gate.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/thread_pool.hpp>
#include <thread>
#include <utility>

#include "async/on_thread.hpp"
#include "secrets/passwords.hpp"
#include "secrets/tokens.hpp"

namespace berth::secrets {

namespace asio = boost::asio;

namespace {

constexpr int kNice = 10;

// Whoever guesses passwords must not make those wait who are logged in: on two processors, the p99
// of reads during a flood of log-ins is 1.3 times that of quiet with one hashing thread that steps
// back, and 10 times with two.
std::size_t default_threads() {
  return std::clamp<std::size_t>(std::thread::hardware_concurrency() / 2, 1, 2);
}

// Linux counts this by thread.
void step_back() {
  thread_local const int stepped_back = ::nice(kNice);
  (void)stepped_back;
}

}  // namespace

class PasswordGate::Pool {
 public:
  explicit Pool(Bounds bounds) : most_(bounds.threads + bounds.queue), threads_(bounds.threads) {}
  ~Pool() { threads_.join(); }

  bool enter() {
    if (inside_.fetch_add(1) < most_) return true;
    leave();
    return false;
  }
  void leave() { inside_.fetch_sub(1); }
  asio::thread_pool& threads() { return threads_; }

 private:
  const std::size_t most_;
  std::atomic<std::size_t> inside_{0};
  asio::thread_pool threads_;
};

PasswordGate::PasswordGate() : PasswordGate(Bounds{.threads = default_threads()}) {}
PasswordGate::PasswordGate(Bounds bounds) : pool_(std::make_unique<Pool>(bounds)) {}
PasswordGate::~PasswordGate() = default;

template <class T, class Work>
Task<Result<T>> PasswordGate::run(Work work) {
  if (!pool_->enter())
    co_return fail(ErrorCode::kTooMany, "too many log-ins at once, try again in a second");
  auto hash = [pool = pool_.get(), work = std::move(work)]() mutable {
    step_back();
    Result<T> result = work();
    pool->leave();
    return result;
  };
  co_return co_await on_thread<T>(pool_->threads(), std::move(hash));
}

// The lambdas have names because g++ 12 destroys a temporary one twice when it stands inside a
// co_await expression.
Task<Result<std::string>> PasswordGate::hash(std::string password) {
  auto work = [password = std::move(password)]() mutable {
    auto made = hash_password(password);
    wipe(password);
    return made;
  };
  co_return co_await run<std::string>(std::move(work));
}

Task<Result<bool>> PasswordGate::verify(std::string hash, std::string password) {
  auto work = [hash = std::move(hash), password = std::move(password)]() mutable {
    const bool matches = hash.empty() ? verify_dummy(password) : verify_password(hash, password);
    wipe(password);
    return Result<bool>(matches);
  };
  co_return co_await run<bool>(std::move(work));
}

}  // namespace berth::secrets
