#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/limits.hpp"
#include "base/result.hpp"
#include "http/message.hpp"

namespace boost::asio {
class io_context;
}

namespace berth::http {

struct TlsFiles {
  std::string certificate_chain;  // PEM
  std::string private_key;        // PEM
};

// Each for a whole phase, not for one read. Handlers have their own.
struct Deadlines {
  std::chrono::milliseconds header =
      limits::kHeaderDeadline;  // from its first byte; also for a TLS handshake
  std::chrono::milliseconds body = limits::kBodyDeadline;
  std::chrono::milliseconds write = limits::kWriteDeadline;
  std::chrono::milliseconds idle = limits::kIdleDeadline;
  std::chrono::milliseconds drain = limits::kDrainDeadline;
  std::chrono::milliseconds linger = limits::kLingerDeadline;
};

struct ListenOptions {
  // "127.0.0.1:5000", "[::1]:5000", "0.0.0.0:0" (port 0 = any free one), or "unix:/path" (mode
  // 0600).
  std::string address;
  std::optional<TlsFiles> tls;
  std::size_t body_bytes = limits::kBodyBytes;
  std::size_t connections = limits::kConnections;  // at once; more wait to be accepted
  Deadlines deadlines;
  Refuse refuse =
      refuse_plainly;  // makes the answers to broken requests and the 500 of a handler that throws
};

// One listener with its connections: strict framing, keep-alive, deadlines and bounds of
// base/limits.hpp; knows nothing of what it serves. All on one io_context, one thread. A client
// that goes away does not end its handler: what was begun is finished.
class Server {
 public:
  Server(boost::asio::io_context& io, ListenOptions options, Handler handler);
  ~Server();

  // Binds and listens; kInvalid for a bad address, kConflict when it is taken, kForbidden when not
  // permitted.
  Result<> listen();
  // Port that was bound, for address ":0".
  std::uint16_t port() const;
  // Stops accepting, lets requests in flight finish for at most limits::kDrainDeadline, then closes
  // all.
  Task<> drain();

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace berth::http
