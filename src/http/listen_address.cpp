#include "http/listen_address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace berth::http {
namespace {

Result<ListenAddress> refuse(std::string_view text) {
  return fail(ErrorCode::kInvalid,
              "'" + std::string(text) +
                  "' is no address to listen on: 127.0.0.1:5000, [::1]:5000 or unix:/path");
}

template <class Native>
ListenAddress wrap(const Native& native) {
  ListenAddress address;
  std::memcpy(&address.storage, &native, sizeof native);
  address.size = sizeof native;
  return address;
}

Result<ListenAddress> parse_unix(std::string_view text) {
  const std::string_view path = text.substr(5);
  sockaddr_un native{};
  native.sun_family = AF_UNIX;
  if (!path.starts_with('/') || path.size() >= sizeof native.sun_path || path.contains('\0'))
    return refuse(text);
  std::ranges::copy(path, native.sun_path);
  return wrap(native);
}

Result<ListenAddress> parse_ipv6(std::string_view text, const std::string& host,
                                 std::uint16_t port) {
  sockaddr_in6 native{};
  native.sin6_family = AF_INET6;
  native.sin6_port = htons(port);
  if (::inet_pton(AF_INET6, host.c_str(), &native.sin6_addr) != 1) return refuse(text);
  return wrap(native);
}

Result<ListenAddress> parse_ipv4(std::string_view text, const std::string& host,
                                 std::uint16_t port) {
  sockaddr_in native{};
  native.sin_family = AF_INET;
  native.sin_port = htons(port);
  if (::inet_pton(AF_INET, host.c_str(), &native.sin_addr) != 1) return refuse(text);
  return wrap(native);
}

}  // namespace

Result<ListenAddress> parse_listen_address(std::string_view text) {
  if (text.starts_with("unix:")) return parse_unix(text);
  const std::size_t colon = text.rfind(':');
  // A zero byte is where inet_pton() would take the end to be.
  if (colon == std::string_view::npos || text.contains('\0')) return refuse(text);
  const std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (read.ec != std::errc{} || read.ptr != digits.data() + digits.size()) return refuse(text);
  if (!host.starts_with('[')) return parse_ipv4(text, std::string(host), port);
  if (!host.ends_with(']')) return refuse(text);
  return parse_ipv6(text, std::string(host.substr(1, host.size() - 2)), port);
}

}  // namespace berth::http
