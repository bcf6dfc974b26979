#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "desk.hpp"
#include "session.hpp"

namespace bridge {

// Which pages of other sites may open a WebSocket here. Programs send no Origin header and are not
// asked.
struct OriginRule {
  bool anyone = false;
  std::vector<std::string> allowed;  // as in the header: https://lab.example.org

  bool admits(std::string_view origin, std::string_view host) const;
};

// What a port serves. The console: a page at /, its WebSocket at /ws. The service: a WebSocket at
// any path. Both: /healthz.
struct Site {
  std::string page;  // empty for the service
  OriginRule origins;
};

// One listening port. Lives as long as the program.
class Server {
 public:
  // Throws boost::system::system_error where the port cannot be had.
  Server(boost::asio::any_io_executor executor, std::uint16_t port, Site site, Desk& desk);

 private:
  using Request = Session::Request;

  boost::asio::awaitable<void> accept();
  boost::asio::awaitable<void> serve(boost::beast::tcp_stream stream);
  boost::asio::awaitable<void> upgrade(boost::beast::tcp_stream stream, Request request);
  std::string health() const;
  boost::beast::http::response<boost::beast::http::string_body> answer(
      const Request& request) const;

  boost::asio::ip::tcp::acceptor acceptor_;
  Site site_;
  Desk& desk_;
  std::size_t connections_ = 0;
};

}  // namespace bridge
