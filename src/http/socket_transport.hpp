#pragma once

#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <string>
#include <utility>

#include "http/transport.hpp"

// What the transports have in common.
namespace berth::http {

inline constexpr auto kTransportToken = boost::asio::as_tuple(boost::asio::use_awaitable);

template <class Socket>
class SocketTransport : public Transport {
 public:
  explicit SocketTransport(boost::asio::io_context& io) : socket_(io) {}

  Task<Transferred> read_some(char* into, std::size_t size) override {
    auto [error, bytes] =
        co_await socket_.async_read_some(boost::asio::buffer(into, size), kTransportToken);
    co_return Transferred{error, bytes};
  }

  Task<Transferred> write(std::string_view bytes) override {
    auto [error, sent] = co_await boost::asio::async_write(
        socket_, boost::asio::buffer(bytes.data(), bytes.size()), kTransportToken);
    co_return Transferred{error, sent};
  }

  void close() override {
    boost::system::error_code ignored;
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

class TcpTransport : public SocketTransport<boost::asio::ip::tcp::socket> {
 public:
  TcpTransport(boost::asio::io_context& io, std::string host, std::uint16_t port);

  Task<boost::system::error_code> connect() override;
  void close() override;

 protected:
  const std::string& host() const { return host_; }

 private:
  using Places = boost::asio::ip::tcp::resolver::results_type;

  Places numeric_places(boost::system::error_code& error) const;
  void set_options();

  boost::asio::ip::tcp::resolver resolver_;
  std::string host_;
  std::uint16_t port_;
  bool closed_ = false;
};

}  // namespace berth::http
