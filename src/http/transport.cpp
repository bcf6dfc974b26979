#include "http/transport.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <charconv>
#include <tuple>

#include "http/socket_transport.hpp"
#include "http/ssh_transport.hpp"
#include "http/tls_transport.hpp"

namespace berth::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

class UnixTransport final : public SocketTransport<asio::local::stream_protocol::socket> {
 public:
  UnixTransport(asio::io_context& io, std::string path)
      : SocketTransport(io), path_(std::move(path)) {}

  Task<error_code> connect() override {
    auto [error] = co_await socket_.async_connect(asio::local::stream_protocol::endpoint(path_),
                                                  kTransportToken);
    co_return error;
  }

 private:
  std::string path_;
};

}  // namespace

TcpTransport::TcpTransport(asio::io_context& io, std::string host, std::uint16_t port)
    : SocketTransport(io), resolver_(io), host_(std::move(host)), port_(port) {}

Task<error_code> TcpTransport::connect() {
  error_code error;
  auto places = numeric_places(error);
  if (error) {
    std::tie(error, places) =
        co_await resolver_.async_resolve(host_, std::to_string(port_), kTransportToken);
  }
  if (error) co_return error;
  if (closed_) co_return asio::error::operation_aborted;
  // It opens the socket anew for each address: without this it would go on after close().
  const auto still_wanted = [this](const error_code&, const asio::ip::tcp::endpoint&) {
    return !closed_;
  };
  std::tie(error, std::ignore) =
      co_await asio::async_connect(socket_, places, still_wanted, kTransportToken);
  if (!error) set_options();
  co_return error;
}

void TcpTransport::close() {
  closed_ = true;
  resolver_.cancel();
  SocketTransport::close();
}

// Without the resolver and its thread.
TcpTransport::Places TcpTransport::numeric_places(error_code& error) const {
  const auto address = asio::ip::make_address(host_, error);
  if (error) return {};
  return Places::create(asio::ip::tcp::endpoint(address, port_), host_, std::to_string(port_));
}

// A stream that may be silent for hours notices a peer that is gone.
void TcpTransport::set_options() {
  error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket_.set_option(asio::socket_base::keep_alive(true), ignored);
  // A machine that lost its power says nothing: after half a minute it is not there.
  const auto set = [this](int what, int value) {
    (void)::setsockopt(socket_.native_handle(), IPPROTO_TCP, what, &value, sizeof value);
  };
  set(TCP_KEEPIDLE, 15);
  set(TCP_KEEPINTVL, 5);
  set(TCP_KEEPCNT, 3);
}

Result<Address> parse_address(std::string_view endpoint) {
  constexpr std::size_t kLongestPath = 107;
  constexpr std::string_view kUnix = "unix://";
  constexpr std::string_view kTcp = "tcp://";
  if (endpoint.starts_with(kUnix)) {
    const auto path = endpoint.substr(kUnix.size());
    if (path.empty() || path.size() > kLongestPath)
      return fail(ErrorCode::kInvalid, "no such unix socket can exist");
    return Address{.kind = Address::Kind::kUnix, .path = std::string(path)};
  }
  if (endpoint.starts_with(kTcp)) {
    auto authority = endpoint.substr(kTcp.size());
    if (authority.ends_with('/')) authority.remove_suffix(1);
    const auto colon = authority.rfind(':');
    auto host = authority.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    const auto port = colon == authority.npos ? std::string_view{} : authority.substr(colon + 1);
    Address address{.host = std::string(host)};
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
    if (!host.empty() && error == std::errc{} && end == port.data() + port.size() &&
        address.port != 0)
      return address;
  }
  return fail(ErrorCode::kInvalid, "an address is unix:///path or tcp://host:port");
}

std::shared_ptr<Transport> make_transport(asio::io_context& io, const Address& address) {
  switch (address.kind) {
    case Address::Kind::kUnix:
      return std::make_shared<UnixTransport>(io, address.path);
    case Address::Kind::kSsh:
      return make_ssh_transport(io, address);
    case Address::Kind::kTcp:
      break;
  }
  if (!address.certificates.empty()) return make_tls_transport(io, address);
  return std::make_shared<TcpTransport>(io, address.host, address.port);
}

}  // namespace berth::http
