#include "http/client.hpp"

#include <array>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "async/semaphore.hpp"
#include "http/answer_parser.hpp"
#include "http/connection_pool.hpp"
#include "http/line_splitter.hpp"
#include "http/request_text.hpp"
#include "http/transport.hpp"

namespace berth::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using SteadyTime = std::chrono::steady_clock::time_point;
using Connection = std::shared_ptr<Transport>;

constexpr std::size_t kReadBytes = 16 * 1024;
constexpr std::size_t kRefusalBytes = 64 * 1024;

// Closes the connection when time is up, which ends whatever waits on it. Closing, not cancelling:
// between two reads there is nothing to cancel.
class Deadline {
 public:
  Deadline(asio::io_context& io, SteadyTime at, Connection connection)
      : timer_(io, at), state_(std::make_shared<State>(State{std::move(connection)})) {
    timer_.async_wait([state = state_](error_code error) {
      if (error || !state->connection) return;
      state->passed = true;
      state->connection->close();
    });
  }
  // The handler may be on its way already: it must not close a connection that is back in the pool.
  ~Deadline() { state_->connection.reset(); }
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  bool has_passed() const { return state_->passed; }

 private:
  struct State {
    Connection connection;
    bool passed = false;
  };
  asio::steady_timer timer_;
  std::shared_ptr<State> state_;
};

std::string host_header(const Address& address) {
  if (address.kind != Address::Kind::kTcp) return "localhost";
  const bool is_v6 = address.host.find(':') != std::string::npos;
  return (is_v6 ? '[' + address.host + ']' : address.host) + ':' + std::to_string(address.port);
}

// How one exchange on one connection went.
struct Attempt {
  Result<> result;
  bool sent = false;         // at least one byte of the request went out
  bool answered = false;     // at least one byte of an answer came
  bool ended_by_us = false;  // time was up, or the caller was cancelled
};

// What the connection itself knows says more than the system's word for it.
std::string details_of(Transport& connection, error_code error) {
  std::string known = connection.explain();
  if (!known.empty() || !error) return known;
  return error.message();
}

Error lost(Transport& connection, const Deadline& deadline, error_code error) {
  if (deadline.has_passed())
    return {ErrorCode::kUnknown, "no answer came in time", connection.explain()};
  return {ErrorCode::kUnknown, "the connection ended before the answer was complete",
          details_of(connection, error)};
}

// Reads once. After an error nothing more may be awaited here: the caller may have been cancelled.
Task<error_code> read_more(Transport& connection, AnswerParser& parser, Result<>& understood) {
  std::array<char, kReadBytes> buffer;
  const auto [error, bytes] = co_await connection.read_some(buffer.data(), buffer.size());
  if (error == asio::error::eof) {
    understood = parser.put_eof();
  } else if (!error) {
    understood = parser.put({buffer.data(), bytes});
  }
  co_return error;
}

// Until the answer is complete, or only its head.
Task<Attempt> read_answer(Transport& connection, AnswerParser& parser, const Deadline& deadline,
                          bool head_only) {
  Attempt attempt{.sent = true};
  while (attempt.result && !parser.is_done() && !(head_only && parser.is_head_done())) {
    const auto error = co_await read_more(connection, parser, attempt.result);
    if (!error || error == asio::error::eof) continue;
    attempt.result = std::unexpected(lost(connection, deadline, error));
    attempt.ended_by_us = deadline.has_passed() || error == asio::error::operation_aborted;
  }
  attempt.answered = parser.has_begun();
  co_return attempt;
}

// A server that refuses early may close before it has read all: its answer counts even where the
// write failed.
Task<Attempt> exchange(Transport& connection, const std::string& text, AnswerParser& parser,
                       const Deadline& deadline, bool head_only) {
  const auto [error, bytes] = co_await connection.write(text);
  const bool ended_by_us = deadline.has_passed() || error == asio::error::operation_aborted;
  if (error && (bytes == 0 || ended_by_us)) {
    co_return Attempt{.result = std::unexpected(lost(connection, deadline, error)),
                      .sent = bytes > 0,
                      .ended_by_us = ended_by_us};
  }
  co_return co_await read_answer(connection, parser, deadline, head_only);
}

Task<Result<>> read_lines(Transport& connection, AnswerParser& parser,
                          std::function<bool(std::string_view)> on_line) {
  LineSplitter lines(limits::kEngineLineBytes);
  for (;;) {
    if (!lines.put(parser.take_body(), on_line))
      co_return fail(ErrorCode::kInternal,
                     "a line of the stream is too long or cannot be understood");
    if (parser.is_done()) co_return fail(ErrorCode::kUnavailable, "the server ended the stream");
    Result<> understood;
    const auto error = co_await read_more(connection, parser, understood);
    if (!understood && understood.error().code == ErrorCode::kInternal) co_return understood;
    if (error) {
      co_return fail(ErrorCode::kUnavailable, "the stream broke", details_of(connection, error));
    }
  }
}

}  // namespace

class Client::Impl {
 public:
  Impl(asio::io_context& io, Result<Address> address, ClientOptions options)
      : io_(io),
        address_(std::move(address)),
        turns_(options.connections),
        pool_(options.keep_idle) {
    if (!address_ || options.greeting.empty()) return;
    greeting_ = to_text({.target = options.greeting}, host_header(*address_));
  }

  Result<std::string> text_of(const ClientRequest& request) const {
    if (!address_) return std::unexpected(address_.error());
    if (!is_sound(request))
      return fail(ErrorCode::kInvalid, "the request cannot be written as HTTP");
    return to_text(request, host_header(*address_));
  }

  auto acquire_turn(std::chrono::milliseconds patience) { return turns_.acquire(patience); }
  Connection take_kept() { return pool_.take(); }

  Task<Result<Connection>> open(SteadyTime until) {
    auto connection = make_transport(io_, *address_);
    const bool by_ssh = address_->kind == Address::Kind::kSsh;
    const auto patience = by_ssh ? limits::kSshConnect : limits::kEngineConnect;
    Deadline deadline(io_, std::min(until, std::chrono::steady_clock::now() + patience),
                      connection);
    const auto error = co_await connection->connect();
    if (deadline.has_passed())
      co_return fail(ErrorCode::kUnavailable, "nobody answered in time", connection->explain());
    if (error)
      co_return fail(ErrorCode::kUnavailable, "nobody answers", details_of(*connection, error));
    if (connection->is_proven_by_connect() || greeting_.empty()) co_return connection;
    auto greeted = co_await greet(*connection, deadline);
    if (!greeted) co_return std::unexpected(greeted.error());
    co_return connection;
  }

  Task<Attempt> attempt(Connection connection, const std::string& text, AnswerParser& parser,
                        SteadyTime until) {
    Deadline deadline(io_, until, connection);
    auto attempt = co_await exchange(*connection, text, parser, deadline, false);
    if (attempt.result && parser.is_reusable()) pool_.give(std::move(connection));
    co_return attempt;
  }

  // The head of a stream or an upgrade that was accepted, or the refusal.
  Task<Result<>> open_stream(Connection connection, std::string text, AnswerParser& parser,
                             SteadyTime until) {
    Deadline deadline(io_, until, connection);
    auto head = co_await exchange(*connection, text, parser, deadline, true);
    if (!head.result && !head.sent)
      co_return fail(ErrorCode::kUnavailable, head.result.error().message);
    if (!head.result || parser.status() == 200 || parser.is_upgraded()) co_return head.result;
    std::string refusal = parser.take_body();
    while (head.result && !parser.is_done() && refusal.size() < kRefusalBytes) {
      if (co_await read_more(*connection, parser, head.result)) break;
      refusal += parser.take_body();
    }
    co_return fail(ErrorCode::kRefused, "the server answers " + std::to_string(parser.status()),
                   std::move(refusal));
  }

 private:
  Task<Result<>> greet(Transport& connection, const Deadline& deadline) {
    AnswerParser parser;
    auto greeted = co_await exchange(connection, greeting_, parser, deadline, false);
    if (greeted.result && parser.is_reusable()) co_return ok();
    Error error{ErrorCode::kUnavailable, "nobody answers", connection.explain()};
    if (deadline.has_passed()) error.message = "nobody answered in time";
    if (error.details.empty() && !greeted.result) {
      const Error& why = greeted.result.error();
      error.details = why.details.empty() ? why.message : why.details;
    }
    co_return std::unexpected(std::move(error));
  }

  asio::io_context& io_;
  Result<Address> address_;
  std::string greeting_;  // as it goes on the wire
  Semaphore turns_;
  ConnectionPool pool_;
};

namespace {

Result<ClientResponse> conclude(const Attempt& attempt, bool sent, AnswerParser& parser) {
  if (attempt.result) return ClientResponse{.status = parser.status(), .body = parser.take_body()};
  auto error = attempt.result.error();
  if (error.code == ErrorCode::kUnknown && !sent) error.code = ErrorCode::kUnavailable;
  return std::unexpected(std::move(error));
}

// A kept connection may have died since it was last used: then once more on a fresh one, if nothing
// went out, or if it may be sent twice.
template <class Impl>
Task<Result<ClientResponse>> send_through(std::shared_ptr<Impl> impl, ClientRequest request) {
  const auto until = std::chrono::steady_clock::now() + request.deadline;
  const auto text = impl->text_of(request);
  if (!text) co_return std::unexpected(text.error());
  auto turn = co_await impl->acquire_turn(request.deadline);
  if (!turn) co_return std::unexpected(turn.error());

  using To = AnswerParser::To;
  AnswerParser parser({}, request.method == "HEAD" ? To::kHead : To::kAny);
  bool sent = false;
  if (auto kept = impl->take_kept()) {
    const auto attempt = co_await impl->attempt(std::move(kept), *text, parser, until);
    sent = attempt.sent;
    const bool was_dead = !attempt.result && !attempt.answered && !attempt.ended_by_us;
    if (!was_dead || (sent && !request.repeatable)) co_return conclude(attempt, sent, parser);
  }
  auto fresh = co_await impl->open(until);
  if (!fresh) {
    fresh.error().code = sent ? ErrorCode::kUnknown : ErrorCode::kUnavailable;
    co_return std::unexpected(fresh.error());
  }
  const auto attempt = co_await impl->attempt(std::move(*fresh), *text, parser, until);
  co_return conclude(attempt, sent || attempt.sent, parser);
}

template <class Impl>
Task<Result<>> stream_through(std::shared_ptr<Impl> impl, ClientRequest request,
                              std::function<void()> on_open,
                              std::function<bool(std::string_view)> on_line) {
  const auto until = std::chrono::steady_clock::now() + request.deadline;
  auto text = impl->text_of(request);
  if (!text) co_return std::unexpected(text.error());
  auto connection = co_await impl->open(until);
  if (!connection) co_return std::unexpected(connection.error());
  AnswerParser parser({.body_bytes = std::nullopt});
  auto head = co_await impl->open_stream(*connection, std::move(*text), parser, until);
  if (!head) co_return head;
  on_open();
  co_return co_await read_lines(**connection, parser, std::move(on_line));
}

template <class Impl>
Task<Result<Upgraded>> upgrade_through(std::shared_ptr<Impl> impl, ClientRequest request) {
  const auto until = std::chrono::steady_clock::now() + request.deadline;
  auto text = impl->text_of(request);
  if (!text) co_return std::unexpected(text.error());
  auto connection = co_await impl->open(until);
  if (!connection) co_return std::unexpected(connection.error());
  AnswerParser parser({}, AnswerParser::To::kUpgrade);
  auto head = co_await impl->open_stream(*connection, std::move(*text), parser, until);
  if (!head) co_return std::unexpected(head.error());
  if (!parser.is_upgraded())
    co_return fail(ErrorCode::kRefused, "the server does not change the protocol");
  co_return Upgraded{std::move(*connection), parser.take_rest()};
}

}  // namespace

Client::Client(asio::io_context& io, Result<Address> address, ClientOptions options)
    : impl_(std::make_shared<Impl>(io, std::move(address), std::move(options))) {}
Client::Client(asio::io_context& io, const std::string& endpoint, ClientOptions options)
    : Client(io, parse_address(endpoint), std::move(options)) {}
Client::~Client() = default;

Task<Result<ClientResponse>> Client::send(ClientRequest request) {
  return send_through(impl_, std::move(request));
}

Task<Result<>> Client::stream_lines(ClientRequest request, std::function<void()> on_open,
                                    std::function<bool(std::string_view)> on_line) {
  return stream_through(impl_, std::move(request), std::move(on_open), std::move(on_line));
}

Task<Result<Upgraded>> Client::upgrade(ClientRequest request, std::string protocol) {
  request.headers.emplace_back("Connection", "Upgrade");
  request.headers.emplace_back("Upgrade", std::move(protocol));
  return upgrade_through(impl_, std::move(request));
}

}  // namespace berth::http
