#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <deque>
#include <memory>
#include <string>

#include "desk.hpp"

namespace bridge {

// One WebSocket client. It hears answers in the order of its commands; one that reads too slowly is
// cut off.
class Session : public Client, public std::enable_shared_from_this<Session> {
 public:
  using Request = boost::beast::http::request<boost::beast::http::string_body>;

  Session(boost::beast::tcp_stream stream, Desk& desk);

  // Answers the upgrade, then serves until the client leaves.
  boost::asio::awaitable<void> serve(Request upgrade);

  void send(std::string message) override;
  bool keeps_up() const override;

 private:
  void write_next();
  void cut_off();

  boost::beast::websocket::stream<boost::beast::tcp_stream> stream_;
  Desk& desk_;
  std::deque<std::string> unsent_;
  std::size_t unsent_bytes_ = 0;
};

}  // namespace bridge
