#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

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

struct ListenOptions {
  // "127.0.0.1:5000", "[::1]:5000", "0.0.0.0:0" (port 0 = any free one), or "unix:/path" (mode 0600).
  std::string address;
  std::optional<TlsFiles> tls;
  std::size_t body_bytes = 0;  // 0 = limits::kBodyBytes
};

// One listener with its connections: strict framing, keep-alive, deadlines and bounds of base/limits.hpp; knows nothing
// of what it serves. All on one io_context, one thread.
class Server {
 public:
  Server(boost::asio::io_context& io, ListenOptions options, Handler handler);
  ~Server();

  // Binds and listens; kInvalid for a bad address, kConflict when it is taken, kForbidden when not permitted.
  Result<> listen();
  // Port that was bound, for address ":0".
  std::uint16_t port() const;
  // Stops accepting, lets requests in flight finish for at most limits::kDrainDeadline, then closes all.
  Task<> drain();

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace berth::http
