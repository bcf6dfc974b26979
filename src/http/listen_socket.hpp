#pragma once

#include <sys/types.h>

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "http/listen_address.hpp"

namespace berth::http {

struct AcceptedSocket {
  int fd = -1;       // non-blocking; the caller's
  std::string peer;  // address without port, or "unix"
};

// A bound, listening, non-blocking socket; closing it also removes a unix socket's file, if it is
// still ours.
class ListenSocket {
 public:
  // kInvalid: no such address here. kConflict: somebody listens there. kForbidden: not permitted.
  static Result<ListenSocket> open(std::string_view address);

  ListenSocket(ListenSocket&& other) noexcept;
  ListenSocket& operator=(ListenSocket&& other) noexcept;
  ~ListenSocket() { close(); }

  int fd() const { return fd_; }
  std::uint16_t port() const;  // 0 for a unix socket

  // The next connection; otherwise errno: EAGAIN when nobody waits.
  std::expected<AcceptedSocket, int> accept() const;
  void close();

 private:
  explicit ListenSocket(int fd) : fd_(fd) {}
  Result<> bind_and_listen(const ListenAddress& address);
  void note_unix_file(const ListenAddress& address);

  int fd_ = -1;
  std::string unix_path_;
  ino_t unix_inode_ = 0;
};

}  // namespace berth::http
