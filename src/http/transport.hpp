#pragma once

#include <boost/system/error_code.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

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

// A stream of bytes to a server: a unix socket, tcp, TLS over tcp, or what an `ssh` of ours reads
// and writes. One read and one write at a time, side by side; never throws. What its destruction
// finds pending is dropped.
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

  // That connect() went well says that the server takes us. Not so behind ssh, nor with TLS 1.3,
  // where a refusal of our certificate comes as an error of the first read.
  virtual bool is_proven_by_connect() const { return true; }
  // What is known of a failure beyond its code, in words for a person; empty: nothing.
  virtual std::string explain() { return {}; }
};

// Where a server is and how it is reached.
struct Address {
  enum class Kind { kUnix, kTcp, kSsh };

  Kind kind = Kind::kTcp;
  std::string path;  // of a unix socket
  std::string user;  // ssh: empty = as the settings of ssh say
  std::string host;
  std::uint16_t port = 0;            // ssh: 0 = as the settings of ssh say
  std::string certificates;          // tcp: the folder of load_client_tls(); empty = no TLS
  std::vector<std::string> command;  // ssh: what is run there, to speak for the server
};

// Plain ones only: unix:///path or tcp://host:port.
Result<Address> parse_address(std::string_view endpoint);

std::shared_ptr<Transport> make_transport(boost::asio::io_context& io, const Address& address);

}  // namespace berth::http
