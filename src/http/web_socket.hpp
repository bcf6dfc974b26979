#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "async/task.hpp"
#include "base/limits.hpp"
#include "base/result.hpp"
#include "http/message.hpp"

namespace berth::http {

struct WebSocketMessage {
  std::string bytes;
  bool is_text = false;  // then they are UTF-8
};

// Why one was closed, of RFC 6455, 7.4.1.
enum class CloseCode {
  kNormal = 1000,
  kGoingAway = 1001,
  kInvalidMessage = 1007,
  kPolicy = 1008,
  kInternal = 1011,
};

// One that is open. One receive() and one send() at a time, side by side; close() and recheck() at
// any time. Nothing is queued: whoever sends waits until the client has taken what came before, and
// a client that sends waits for receive().
class WebSocket {
 public:
  virtual ~WebSocket() = default;

  // Nothing: it is over, whoever ended it.
  virtual Task<std::optional<WebSocketMessage>> receive() = 0;
  // False: it is over.
  virtual Task<bool> send(WebSocketMessage message) = 0;
  // Says so and waits for the client's word, for a while. Once is enough.
  virtual Task<> close(CloseCode code, std::string_view reason) = 0;
  virtual void recheck() = 0;  // may_go_on is asked soon
};

// What a handler answers with to take a connection over, which ends with it.
struct WebSocketUpgrade {
  std::string key;  // of web_socket_key()
  // Over when this returns.
  std::function<Task<>(WebSocket&)> converse;
  // Asked every so often, and after recheck(): false closes it with kPolicy. None: goes on.
  std::function<Task<bool>()> may_go_on;
  std::chrono::milliseconds check_every = limits::kStreamHeartbeat;
  std::size_t message_bytes = limits::kWebSocketMessageBytes;  // a longer one closes it with 1009
  std::chrono::milliseconds idle = limits::kWebSocketIdle;
};

// The key of a client's opening handshake (RFC 6455, 4.2.1), or kInvalid with what is wrong in it.
Result<std::string> web_socket_key(const Request& request);

}  // namespace berth::http
