#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "async/task.hpp"
#include "base/limits.hpp"
#include "base/result.hpp"
#include "http/transport.hpp"

namespace boost::asio {
class io_context;
}

namespace berth::http {

// In a coroutine give it a name before it is sent: g++ 12 frees an aggregate twice that is built in
// braces inside a co_await expression (ASan shows it).
struct ClientRequest {
  std::string method = "GET";
  std::string target = "/";
  std::string content_type;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  std::chrono::milliseconds deadline{10'000};  // for the whole exchange, not for one read
  bool repeatable = false;  // may be sent again when a kept-alive connection turns out to be dead
};

struct ClientResponse {
  int status = 0;
  std::string body;
};

// A connection that carries no HTTP any more, and what came on it right behind the answer.
struct Upgraded {
  std::shared_ptr<Transport> connection;
  std::string first;
};

struct ClientOptions {
  std::size_t connections =
      limits::kEngineConnections;  // at once; further exchanges wait within their deadline
  std::chrono::milliseconds keep_idle =
      limits::kEngineIdle;  // a connection unused for longer is not used again
  // Asked for first on a new connection of a kind that may yet turn out not to have come about
  // (Transport::is_proven_by_connect), so that "nothing was sent" stays true of what fails there.
  // Empty: no such call.
  std::string greeting;
};

// Keep-alive connections to one HTTP server, pooled. kUnavailable: could not connect, nothing was
// sent. kUnknown: sent, no complete answer in time. kInternal: the answer broke a bound or the
// protocol; kInvalid: the request or the endpoint can't be put on the wire. An HTTP status is never
// an error here. For one thread; exchanges may outlive the client.
class Client {
 public:
  // An address that cannot be understood is an error of every call.
  Client(boost::asio::io_context& io, Result<Address> address, ClientOptions options = {});
  // Of unix:///path or tcp://host:port, without TLS.
  Client(boost::asio::io_context& io, const std::string& endpoint, ClientOptions options = {});
  ~Client();

  Task<Result<ClientResponse>> send(ClientRequest request);
  // A body that does not end: gives each line to `on_line` until the server closes (kUnavailable),
  // a bound breaks, or `on_line` says false: it cannot be understood (both kInternal). The deadline
  // is for the answer's head: a stream may be silent for hours. `on_open` runs once a 200 has been
  // read. Any other status ends it with kRefused and the body as details.
  Task<Result<>> stream_lines(ClientRequest request, std::function<void()> on_open,
                              std::function<bool(std::string_view)> on_line);
  // Asks for `protocol` on a connection of its own; the deadline is for the answer. Anything but a
  // 101 is kRefused with the body as details.
  Task<Result<Upgraded>> upgrade(ClientRequest request, std::string protocol);

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace berth::http
