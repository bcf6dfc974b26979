#pragma once

#include <boost/system/error_code.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "async/task.hpp"
#include "base/result.hpp"

namespace boost::asio {
class io_context;
}

namespace berth::http {

struct Transferred {
  boost::system::error_code error;
  std::size_t bytes = 0;
};

// A stream of bytes to a server: a unix socket or tcp today; TLS over tcp and the pipes of `ssh
// HOST docker system dial-stdio` have their place here. One read and one write at a time, side by
// side; never throws. What its destruction finds pending is dropped.
class Transport {
 public:
  virtual ~Transport() = default;

  virtual Task<boost::system::error_code> connect() = 0;
  // Reads once; the end of the stream is an error like any other.
  virtual Task<Transferred> read_some(char* into, std::size_t size) = 0;
  // Writes all; on an error `bytes` says how many went out before.
  virtual Task<Transferred> write(std::string_view bytes) = 0;

  // Ends whatever is pending, and all that follows, with an error. May be called at any time, more
  // than once.
  virtual void close() = 0;
  // Open, and nothing has come that nobody asked for: fit for another exchange.
  virtual bool is_quiet() = 0;
};

// A server's address as this layer reads it: unix:///path or tcp://host:port.
struct Address {
  bool is_unix = false;
  std::string path;
  std::string host;
  std::uint16_t port = 0;
};
Result<Address> parse_address(std::string_view endpoint);

std::shared_ptr<Transport> make_transport(boost::asio::io_context& io, const Address& address);

}  // namespace berth::http
