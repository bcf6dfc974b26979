#pragma once

#include <sys/socket.h>

#include <string_view>

#include "base/result.hpp"

namespace berth::http {

struct ListenAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  int family() const { return storage.ss_family; }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

// "127.0.0.1:5000", "[::1]:5000" or "unix:/absolute/path"; kInvalid for anything else, names
// included.
Result<ListenAddress> parse_listen_address(std::string_view text);

}  // namespace berth::http
