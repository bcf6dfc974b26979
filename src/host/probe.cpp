#include "host/probe.hpp"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <memory>
#include <optional>

namespace berth::probe {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

std::unexpected<Error> unhealthy(std::string why) {
  return fail(ErrorCode::kUnavailable, std::move(why));
}

std::string authority(const Target& target) {
  const bool is_v6 = target.ip.find(':') != std::string::npos;
  return (is_v6 ? "[" + target.ip + "]" : target.ip) + ":" + std::to_string(target.port);
}

// One connection that closes itself at the deadline, whatever it is waiting for then.
class Conversation {
 public:
  Conversation(asio::any_io_executor executor, Target target)
      : target_(std::move(target)), state_(std::make_shared<State>(executor)) {
    state_->timer.expires_after(target_.deadline);
    state_->timer.async_wait([state = state_](boost::system::error_code cancelled) {
      if (cancelled) return;
      state->is_late = true;
      state->resolver.cancel();
      boost::system::error_code ignored;
      state->socket.close(ignored);
    });
  }
  Conversation(const Conversation&) = delete;
  ~Conversation() { state_->timer.cancel(); }

  Task<Result<>> open() {
    if (target_.ip.empty() || target_.port < 1 || target_.port > 65'535)
      co_return unhealthy("no such address");
    boost::system::error_code is_name;
    auto address = asio::ip::make_address(target_.ip, is_name);
    if (is_name) {
      const auto [error, places] = co_await state_->resolver.async_resolve(target_.ip, "", kAwait);
      if (auto r = outcome(error); !r) co_return r;
      address = places.begin()->endpoint().address();
    }
    const tcp::endpoint endpoint(address, static_cast<std::uint16_t>(target_.port));
    const auto [error] = co_await state_->socket.async_connect(endpoint, kAwait);
    co_return outcome(error);
  }

  Task<Result<>> send(std::string bytes) {
    const auto [error, count] =
        co_await asio::async_write(state_->socket, asio::buffer(bytes), kAwait);
    co_return outcome(error);
  }

  // The next line without its end.
  Task<Result<std::string>> read_line() {
    while (true) {
      const std::size_t end = received_.find('\n');
      if (end != std::string::npos) co_return take_line(end);
      if (total_ >= limits::kProbeBytes) co_return unhealthy("no line within 4 KiB");
      std::array<char, 1024> piece;
      const std::size_t most = std::min(piece.size(), limits::kProbeBytes - total_);
      const auto [error, count] =
          co_await state_->socket.async_read_some(asio::buffer(piece.data(), most), kAwait);
      if (auto r = outcome(error); !r) co_return std::unexpected(r.error());
      received_.append(piece.data(), count);
      total_ += count;
    }
  }

 private:
  struct State {
    explicit State(const asio::any_io_executor& executor)
        : socket(executor), resolver(executor), timer(executor) {}
    tcp::socket socket;
    tcp::resolver resolver;
    asio::steady_timer timer;
    bool is_late = false;
  };

  std::string take_line(std::size_t end) {
    std::string line = received_.substr(0, end);
    received_.erase(0, end + 1);
    if (line.ends_with('\r')) line.pop_back();
    return line;
  }

  Result<> outcome(boost::system::error_code error) const {
    if (state_->is_late) {
      return unhealthy("no answer within " + std::to_string(target_.deadline.count()) + " ms");
    }
    if (error == asio::error::eof) return unhealthy("it closed the connection without an answer");
    if (error) return unhealthy(error.message());
    return ok();
  }

  Target target_;
  std::shared_ptr<State> state_;
  std::string received_;
  std::size_t total_ = 0;
};

// The number of "HTTP/1.1 200 OK".
std::optional<int> parse_status(const std::string& line) {
  constexpr std::size_t kAt = 9;
  const bool is_http = line.starts_with("HTTP/1.0 ") || line.starts_with("HTTP/1.1 ");
  if (!is_http || line.size() < kAt + 3 || (line.size() > kAt + 3 && line[kAt + 3] != ' '))
    return std::nullopt;
  int status = 0;
  for (std::size_t i = kAt; i < kAt + 3; ++i) {
    if (line[i] < '0' || line[i] > '9') return std::nullopt;
    status = status * 10 + (line[i] - '0');
  }
  return status >= 100 ? std::optional(status) : std::nullopt;
}

Task<Result<int>> ask_status(Conversation& conversation, std::string request) {
  if (auto r = co_await conversation.open(); !r) co_return std::unexpected(r.error());
  if (auto r = co_await conversation.send(std::move(request)); !r)
    co_return std::unexpected(r.error());
  const auto line = co_await conversation.read_line();
  if (!line) co_return std::unexpected(line.error());
  const auto status = parse_status(*line);
  if (!status) co_return unhealthy("the answer is not HTTP");
  co_return *status;
}

}  // namespace

Task<Result<>> http_get(Target target, std::string path) {
  Conversation conversation(co_await asio::this_coro::executor, target);
  std::string request = "GET " + path + " HTTP/1.1\r\nHost: " + authority(target) +
                        "\r\nUser-Agent: berth-probe\r\nAccept: */*\r\nConnection: close\r\n\r\n";
  const auto status = co_await ask_status(conversation, std::move(request));
  if (!status) co_return std::unexpected(status.error());
  if (*status >= 500) co_return unhealthy("it answers with status " + std::to_string(*status));
  co_return ok();
}

Task<Result<>> websocket(Target target, std::string path) {
  Conversation conversation(co_await asio::this_coro::executor, target);
  // The key is any 16 bytes in base64; this is the one of RFC 6455, 1.3.
  std::string request =
      "GET " + path + " HTTP/1.1\r\nHost: " + authority(target) +
      "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
  const auto status = co_await ask_status(conversation, std::move(request));
  if (!status) co_return std::unexpected(status.error());
  if (*status != 101)
    co_return unhealthy("it answers the handshake with status " + std::to_string(*status));
  // A closing frame, so that the service does not report a lost client every time.
  std::string close_frame("\x88\x82\x00\x00\x00\x00\x03\xE8", 8);
  (void)co_await conversation.send(std::move(close_frame));
  co_return ok();
}

Task<Result<>> ssh_banner(Target target) {
  Conversation conversation(co_await asio::this_coro::executor, target);
  if (auto r = co_await conversation.open(); !r) co_return r;
  while (true) {
    // A server may send other lines first (RFC 4253, 4.2); the bound of the conversation ends them.
    const auto line = co_await conversation.read_line();
    if (!line) co_return std::unexpected(line.error());
    if (line->starts_with("SSH-2.0-") || line->starts_with("SSH-1.99-")) co_return ok();
  }
}

}  // namespace berth::probe
