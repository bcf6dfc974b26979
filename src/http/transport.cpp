#include "http/transport.hpp"

#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <charconv>
#include <tuple>

namespace berth::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr auto kUse = asio::as_tuple(asio::use_awaitable);

template <class Socket>
class SocketTransport : public Transport {
 public:
  explicit SocketTransport(asio::io_context& io) : socket_(io) {}

  Task<Transferred> read_some(char* into, std::size_t size) override {
    auto [error, bytes] = co_await socket_.async_read_some(asio::buffer(into, size), kUse);
    co_return Transferred{error, bytes};
  }

  Task<Transferred> write(std::string_view bytes) override {
    auto [error, sent] =
        co_await asio::async_write(socket_, asio::buffer(bytes.data(), bytes.size()), kUse);
    co_return Transferred{error, sent};
  }

  void close() override {
    error_code ignored;
    socket_.close(ignored);
  }

  bool is_quiet() override {
    if (!socket_.is_open()) return false;
    char byte = 0;
    const auto got = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  }

 protected:
  Socket socket_;
};

class UnixTransport final : public SocketTransport<asio::local::stream_protocol::socket> {
 public:
  UnixTransport(asio::io_context& io, std::string path)
      : SocketTransport(io), path_(std::move(path)) {}

  Task<error_code> connect() override {
    auto [error] =
        co_await socket_.async_connect(asio::local::stream_protocol::endpoint(path_), kUse);
    co_return error;
  }

 private:
  std::string path_;
};

class TcpTransport final : public SocketTransport<asio::ip::tcp::socket> {
 public:
  TcpTransport(asio::io_context& io, std::string host, std::uint16_t port)
      : SocketTransport(io), resolver_(io), host_(std::move(host)), port_(port) {}

  Task<error_code> connect() override {
    error_code error;
    auto places = numeric_places(error);
    if (error) {
      std::tie(error, places) =
          co_await resolver_.async_resolve(host_, std::to_string(port_), kUse);
    }
    if (error) co_return error;
    if (closed_) co_return asio::error::operation_aborted;
    // It opens the socket anew for each address: without this it would go on after close().
    const auto still_wanted = [this](const error_code&, const asio::ip::tcp::endpoint&) {
      return !closed_;
    };
    std::tie(error, std::ignore) =
        co_await asio::async_connect(socket_, places, still_wanted, kUse);
    if (!error) set_options();
    co_return error;
  }

  void close() override {
    closed_ = true;
    resolver_.cancel();
    SocketTransport::close();
  }

 private:
  using Places = asio::ip::tcp::resolver::results_type;

  // Without the resolver and its thread.
  Places numeric_places(error_code& error) const {
    const auto address = asio::ip::make_address(host_, error);
    if (error) return {};
    return Places::create(asio::ip::tcp::endpoint(address, port_), host_, std::to_string(port_));
  }

  // A stream that may be silent for hours notices a peer that is gone.
  void set_options() {
    error_code ignored;
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    socket_.set_option(asio::socket_base::keep_alive(true), ignored);
  }

  asio::ip::tcp::resolver resolver_;
  std::string host_;
  std::uint16_t port_;
  bool closed_ = false;
};

}  // namespace

Result<Address> parse_address(std::string_view endpoint) {
  constexpr std::size_t kLongestPath = 107;
  constexpr std::string_view kUnix = "unix://";
  constexpr std::string_view kTcp = "tcp://";
  if (endpoint.starts_with(kUnix)) {
    const auto path = endpoint.substr(kUnix.size());
    if (path.empty() || path.size() > kLongestPath)
      return fail(ErrorCode::kInvalid, "no such unix socket can exist");
    return Address{.is_unix = true, .path = std::string(path)};
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
  if (address.is_unix) return std::make_shared<UnixTransport>(io, address.path);
  return std::make_shared<TcpTransport>(io, address.host, address.port);
}

}  // namespace berth::http
