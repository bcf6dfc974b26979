#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "interpreter.hpp"

namespace bridge {

// An interpreter that runs elsewhere in the container and connects to us: MATLAB, whose base
// product can open a TCP connection but not listen for one. Each way one JSON object in each line:
//   to us    {"event":"websocket","port":8889}    {"event":"ready"}
//   {"number":1,"stdout":"","error":null,"figures":[]} from us  {"number":1,"code":"x=1"}
// A newer connection takes the place of an older one. There is no way to interrupt or restart
// through it.
class Link : public Interpreter {
 public:
  // Listens on the loopback address only. Throws boost::system::system_error where the port cannot
  // be had.
  Link(boost::asio::any_io_executor executor, std::uint16_t port);

  void start() override;
  void evaluate(std::string_view code) override;
  bool interrupt() override { return false; }
  bool restart() override { return false; }
  void stop() override;

 private:
  struct Peer;

  boost::asio::awaitable<void> accept();
  boost::asio::awaitable<void> hear(std::shared_ptr<Peer> peer);
  void handle_line(std::string_view line);
  void drop(const std::shared_ptr<Peer>& peer, const std::string& why);
  void write_next(std::shared_ptr<Peer> peer);

  boost::asio::ip::tcp::acceptor acceptor_;
  std::shared_ptr<Peer> peer_;
  std::uint64_t number_ = 0;
};

}  // namespace bridge
