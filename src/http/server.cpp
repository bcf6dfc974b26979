#include "http/server.hpp"

#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <cstring>

#include "http/listen_socket.hpp"
#include "http/session.hpp"
#include "http/tls_context.hpp"

namespace berth::http {
namespace {

namespace asio = boost::asio;

constexpr auto kToken = asio::as_tuple(asio::use_awaitable);
constexpr int kAcceptsAtOnce = 64;  // then those who are already here get their turn

template <class Stream>
Task<> run_session(std::shared_ptr<SessionContext> context, Stream stream, std::string peer) {
  Session<Stream> session(std::move(context), std::move(stream), std::move(peer));
  co_await session.run();
}

// Handlers' exceptions end in ask_handler(): what comes here is out of memory, and costs this
// connection only.
void report_lost_session(std::exception_ptr error) {
  if (!error) return;
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& e) {
    log(LogLevel::kError, "connection lost", {{"error", e.what()}});
  }
}

}  // namespace

class Server::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(asio::io_context& io, ListenOptions options, Handler handler)
      : io_(io),
        options_(std::move(options)),
        context_(std::make_shared<SessionContext>(FramingLimits{.body_bytes = options_.body_bytes},
                                                  std::move(handler), options_.refuse,
                                                  Connections(options_.deadlines))),
        acceptable_(io),
        sweep_timer_(io),
        changed_(io) {
    context_->connections.on_removed([this] { changed_.cancel(); });
  }

  // Sessions whose handler still runs outlive the server.
  ~Impl() { context_->connections.on_removed({}); }

  Result<> listen() {
    if (options_.tls) {
      auto tls = make_tls_context(*options_.tls);
      if (!tls) return std::unexpected(tls.error());
      tls_ = std::move(*tls);
    }
    auto opened = ListenSocket::open(options_.address);
    if (!opened) return std::unexpected(opened.error());
    listener_ = std::move(*opened);
    acceptable_.assign(listener_->fd());
    asio::co_spawn(io_, accept_all(shared_from_this()), report_lost_session);
    return ok();
  }

  std::uint16_t port() const { return listener_ ? listener_->port() : 0; }

  void stop_accepting() {
    is_stopping_ = true;
    if (acceptable_.is_open()) acceptable_.release();
    listener_.reset();
    changed_.cancel();
  }

  void close_all() { context_->connections.close_all(); }

  Task<> drain() {
    stop_accepting();
    context_->connections.drain();
    const auto deadline = std::chrono::steady_clock::now() + options_.deadlines.drain;
    while (context_->connections.count() > 0 && std::chrono::steady_clock::now() < deadline) {
      changed_.expires_at(deadline);
      co_await changed_.async_wait(kToken);
    }
    close_all();
  }

 private:
  static Task<> accept_all(std::shared_ptr<Impl> self) {
    while (!self->is_stopping_) {
      co_await self->await_room();
      if (self->is_stopping_) break;
      auto [error] =
          co_await self->acceptable_.async_wait(asio::posix::stream_descriptor::wait_read, kToken);
      if (self->is_stopping_) break;
      if (!error && !self->accept_some()) co_await self->pause();
    }
  }

  bool has_room() const { return context_->connections.count() < options_.connections; }

  Task<> await_room() {
    while (!is_stopping_ && !has_room()) {
      changed_.expires_at(std::chrono::steady_clock::time_point::max());
      co_await changed_.async_wait(kToken);
    }
  }

  // Out of descriptors or memory: accepting again at once would spin. Whoever waits stays in the
  // kernel's queue.
  Task<> pause() {
    log(LogLevel::kWarn, "accepting paused",
        {{"address", options_.address}, {"error", std::strerror(accept_error_)}});
    changed_.expires_after(limits::kAcceptPause);
    co_await changed_.async_wait(kToken);
  }

  // False: the system has nothing left to give.
  bool accept_some() {
    for (int i = 0; i < kAcceptsAtOnce && has_room(); ++i) {
      auto accepted = listener_->accept();
      if (!accepted) {
        accept_error_ = accepted.error();
        return accept_error_ != EMFILE && accept_error_ != ENFILE && accept_error_ != ENOBUFS &&
               accept_error_ != ENOMEM;
      }
      start_session(std::move(*accepted));
    }
    return true;
  }

  void start_session(AcceptedSocket accepted) {
    Socket socket(io_);
    boost::system::error_code error;
    socket.assign(asio::generic::stream_protocol(listener_family_of(accepted), 0), accepted.fd,
                  error);
    if (error) {
      ::close(accepted.fd);
      return;
    }
    socket.non_blocking(true, error);
    if (tls_) {
      spawn(TlsStream(std::move(socket), *tls_), std::move(accepted.peer));
    } else {
      spawn(std::move(socket), std::move(accepted.peer));
    }
    arm_sweep();
  }

  static int listener_family_of(const AcceptedSocket& accepted) {
    if (accepted.peer == "unix") return AF_UNIX;
    return accepted.peer.contains(':') ? AF_INET6 : AF_INET;
  }

  template <class Stream>
  void spawn(Stream stream, std::string peer) {
    asio::co_spawn(io_, run_session(context_, std::move(stream), std::move(peer)),
                   report_lost_session);
  }

  void arm_sweep() {
    if (is_sweeping_) return;
    is_sweeping_ = true;
    sweep_timer_.expires_after(context_->connections.sweep_interval());
    sweep_timer_.async_wait([self = shared_from_this()](boost::system::error_code) {
      self->is_sweeping_ = false;
      self->context_->connections.sweep(std::chrono::steady_clock::now());
      if (self->context_->connections.count() > 0) self->arm_sweep();
    });
  }

  asio::io_context& io_;
  ListenOptions options_;
  std::shared_ptr<SessionContext> context_;
  std::unique_ptr<asio::ssl::context> tls_;
  std::optional<ListenSocket> listener_;
  asio::posix::stream_descriptor acceptable_;  // watches listener_'s descriptor, does not own it
  asio::steady_timer sweep_timer_;
  asio::steady_timer changed_;  // woken when a connection leaves and when accepting ends
  bool is_stopping_ = false;
  bool is_sweeping_ = false;
  int accept_error_ = 0;
};

Server::Server(asio::io_context& io, ListenOptions options, Handler handler)
    : impl_(std::make_shared<Impl>(io, std::move(options), std::move(handler))) {}

Server::~Server() {
  impl_->stop_accepting();
  impl_->close_all();
}

Result<> Server::listen() { return impl_->listen(); }
std::uint16_t Server::port() const { return impl_->port(); }
Task<> Server::drain() { return impl_->drain(); }

}  // namespace berth::http
