#include "http/listen_socket.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace berth::http {
namespace {

constexpr int kBacklog = 4096;
// Of each connection, which inherits it (the kernel doubles it). Left alone, Linux keeps up to 4
// MiB for a client that never reads, and we would make as many answers for it.
constexpr int kSendBufferBytes = 128 * 1024;

std::unexpected<Error> explain(std::string_view what, int error) {
  const ErrorCode code = error == EADDRINUSE                  ? ErrorCode::kConflict
                         : error == EACCES || error == EPERM  ? ErrorCode::kForbidden
                         : error == EMFILE || error == ENFILE ? ErrorCode::kExhausted
                                                              : ErrorCode::kInvalid;
  return fail(code, std::string(what) + ": " + std::strerror(error));
}

const char* unix_path(const ListenAddress& address) {
  return reinterpret_cast<const sockaddr_un*>(&address.storage)->sun_path;
}

bool is_answered(const ListenAddress& address) {
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (probe < 0) return true;
  const bool is_refused =
      ::connect(probe, address.get(), address.size) != 0 && errno == ECONNREFUSED;
  ::close(probe);
  return !is_refused;
}

// What a killed process left behind. A socket that somebody answers on, and any other kind of file,
// stays.
void remove_stale_file(const ListenAddress& address) {
  struct stat info{};
  if (::lstat(unix_path(address), &info) != 0 || !S_ISSOCK(info.st_mode)) return;
  if (!is_answered(address)) ::unlink(unix_path(address));
}

std::string peer_name(const sockaddr_storage& peer) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (peer.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(peer);
    ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
  } else if (peer.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(peer);
    // The same person by IPv4 through a dual-stack socket must not look like somebody else.
    const bool is_mapped = IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr);
    const void* bytes = is_mapped ? &v6.sin6_addr.s6_addr[12] : v6.sin6_addr.s6_addr;
    ::inet_ntop(is_mapped ? AF_INET : AF_INET6, bytes, text.data(), text.size());
  } else {
    return "unix";
  }
  return text.data();
}

}  // namespace

Result<ListenSocket> ListenSocket::open(std::string_view text) {
  const auto address = parse_listen_address(text);
  if (!address) return std::unexpected(address.error());
  ListenSocket made(::socket(address->family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (made.fd_ < 0) return explain("cannot open a socket", errno);
  if (auto bound = made.bind_and_listen(*address); !bound) {
    bound.error().message = "cannot listen on " + std::string(text) + ": " + bound.error().message;
    return std::unexpected(bound.error());
  }
  return made;
}

Result<> ListenSocket::bind_and_listen(const ListenAddress& address) {
  const bool is_unix = address.family() == AF_UNIX;
  const int one = 1;
  if (is_unix) {
    remove_stale_file(address);
    ::fchmod(fd_, 0600);  // before bind(), which gives this mode to the file: there is no moment
                          // with another one
  } else {
    ::setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDBUF, &kSendBufferBytes, sizeof kSendBufferBytes);
  }
  if (::bind(fd_, address.get(), address.size) != 0) return explain("bind", errno);
  if (is_unix) note_unix_file(address);
  if (::listen(fd_, kBacklog) != 0) return explain("listen", errno);
  return ok();
}

void ListenSocket::note_unix_file(const ListenAddress& address) {
  struct stat info{};
  if (::lstat(unix_path(address), &info) != 0) return;
  unix_path_ = unix_path(address);
  unix_inode_ = info.st_ino;
}

ListenSocket::ListenSocket(ListenSocket&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      unix_path_(std::exchange(other.unix_path_, {})),
      unix_inode_(other.unix_inode_) {}

ListenSocket& ListenSocket::operator=(ListenSocket&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(unix_path_, other.unix_path_);
  std::swap(unix_inode_, other.unix_inode_);
  return *this;
}

void ListenSocket::close() {
  if (fd_ < 0) return;
  struct stat info{};
  if (!unix_path_.empty() && ::lstat(unix_path_.c_str(), &info) == 0 &&
      info.st_ino == unix_inode_) {
    ::unlink(unix_path_.c_str());
  }
  ::close(std::exchange(fd_, -1));
}

std::uint16_t ListenSocket::port() const {
  ListenAddress bound;
  bound.size = sizeof bound.storage;
  if (::getsockname(fd_, reinterpret_cast<sockaddr*>(&bound.storage), &bound.size) != 0) return 0;
  if (bound.family() == AF_INET)
    return ntohs(reinterpret_cast<sockaddr_in&>(bound.storage).sin_port);
  if (bound.family() == AF_INET6)
    return ntohs(reinterpret_cast<sockaddr_in6&>(bound.storage).sin6_port);
  return 0;
}

std::expected<AcceptedSocket, int> ListenSocket::accept() const {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  const int fd =
      ::accept4(fd_, reinterpret_cast<sockaddr*>(&peer), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) return std::unexpected(errno);
  if (size < sizeof(sa_family_t)) peer.ss_family = AF_UNIX;
  const int one = 1;
  if (peer.ss_family != AF_UNIX) ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  return AcceptedSocket{fd, peer_name(peer)};
}

}  // namespace berth::http
