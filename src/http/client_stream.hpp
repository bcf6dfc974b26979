#pragma once

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <concepts>
#include <string>
#include <string_view>
#include <utility>

#include "async/task.hpp"
#include "base/limits.hpp"
#include "http/connections.hpp"

namespace berth::http {

// TCP and unix sockets alike. Their executor is that of the coroutines: mixing a concrete one with
// any_io_executor sends every completion through the slow way (handler_work.hpp of Asio 1.81).
using Socket = boost::asio::basic_stream_socket<boost::asio::generic::stream_protocol>;
using TlsStream = boost::asio::ssl::stream<Socket>;

// Plain sockets are read at once when they are readable, into the one buffer of their server: an
// idle connection has none of its own.
using ReadBuffer = std::array<char, 16 * 1024>;

// Bytes to and from one client, plain or TLS, under the deadlines of its connection.
template <class Stream>
class ClientStream {
 public:
  static constexpr bool kIsTls = std::same_as<Stream, TlsStream>;

  ClientStream(Stream stream, Connections& all, ReadBuffer& shared)
      : stream_(std::move(stream)),
        shared_(shared),
        connection_(all, stream_.lowest_layer().native_handle()) {}

  Connection& connection() { return connection_; }
  Stream& stream() { return stream_; }
  // The client cannot be reached any more.
  bool is_gone() const { return is_gone_; }
  void give_up() { is_gone_ = true; }

  Task<bool> handshake() {
    if constexpr (kIsTls) {
      connection_.enter(Phase::kHandshake);
      auto [error] =
          co_await stream_.async_handshake(boost::asio::ssl::stream_base::server, kToken);
      is_gone_ = static_cast<bool>(error);
    }
    co_return !is_gone_;
  }

  // Appends what comes next. False: nothing more will come in this phase.
  Task<bool> read_into(std::string& input) {
    if constexpr (kIsTls) {
      std::array<char, 4096> piece;
      auto [error, bytes] = co_await stream_.async_read_some(boost::asio::buffer(piece), kToken);
      input.append(piece.data(), bytes);
      co_return !error && !connection_.is_expired();
    } else {
      const std::size_t bytes = co_await read_ready();
      input.append(shared_.data(), bytes);
      co_return bytes > 0;
    }
  }

  Task<bool> write(std::string bytes) {
    connection_.enter(Phase::kWrite);
    boost::asio::const_buffer rest = boost::asio::buffer(bytes);
    boost::system::error_code failed;
    // Nearly always this is all of it, without a wait.
    if constexpr (!kIsTls) rest += stream_.write_some(rest, failed);
    if (failed == boost::asio::error::would_block) failed = {};
    if (!failed && rest.size() > 0) {
      auto [error, written] = co_await boost::asio::async_write(stream_, rest, kToken);
      failed = error;
    }
    is_gone_ = is_gone_ || failed;
    co_return !failed;
  }

  // Closing at once with bytes unread would reset the connection, and the client would lose our
  // last answer: what still comes is taken and dropped, for a while.
  Task<> close_gently() {
    connection_.enter(Phase::kLinger);
    if constexpr (kIsTls) co_await stream_.async_shutdown(kToken);
    boost::system::error_code ignored;
    socket().shutdown(Socket::shutdown_send, ignored);
    std::size_t dropped = 0;
    std::size_t bytes = 1;
    while (bytes > 0 && dropped < limits::kLingerBytes) {
      bytes = co_await read_ready();
      dropped += bytes;
    }
  }

 private:
  static constexpr auto kToken = boost::asio::as_tuple(boost::asio::use_awaitable);

  Socket& socket() {
    if constexpr (kIsTls) {
      return stream_.next_layer();
    } else {
      return stream_;
    }
  }

  // Fills the shared buffer; 0: closed, or too late. Nothing may wait between this and the use of
  // it.
  Task<std::size_t> read_ready() {
    boost::system::error_code error = boost::asio::error::would_block;
    std::size_t bytes = 0;
    while (error == boost::asio::error::would_block) {
      auto [failed] = co_await socket().async_wait(Socket::wait_read, kToken);
      if (failed || connection_.is_expired()) co_return 0;
      bytes = socket().read_some(boost::asio::buffer(shared_), error);
    }
    co_return error ? 0 : bytes;
  }

  Stream stream_;
  ReadBuffer& shared_;
  Connection connection_;  // leaves before the socket closes: its descriptor's number may be
                           // another's then
  bool is_gone_ = false;
};

}  // namespace berth::http
