#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "async/task.hpp"

namespace berth::testing {

struct CannedAnswer {
  enum class Then {
    kKeep,
    kClose,
    kHold
  };  // next request, close, or keep open and never speak again
  std::string bytes;
  Then then = Then::kKeep;
  std::size_t piece = 0;                 // 0 = all at once
  std::chrono::milliseconds between{0};  // pieces
};

// A server on a unix socket of its own that answers each request with whatever bytes the test
// likes.
class CannedServer {
 public:
  using Answerer = std::function<CannedAnswer(std::string_view request)>;

  CannedServer(boost::asio::io_context& io, Answerer answerer);
  ~CannedServer();

  std::string endpoint() const;
  const std::vector<std::string>& requests() const;
  int connections() const;
  // Closes every connection that it has; goes on listening.
  void drop_connections();
  // Nobody answers any more.
  void stop_listening();

 private:
  struct State;
  static Task<> accept_loop(std::shared_ptr<State> state);
  static Task<> serve(std::shared_ptr<State> state,
                      std::shared_ptr<boost::asio::local::stream_protocol::socket> socket);

  std::shared_ptr<State> state_;
};

// A whole answer with the right length.
std::string http_answer(int status, std::string_view body);

}  // namespace berth::testing
