#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace berth {

// Where to listen: "127.0.0.1:5000", "[::1]:5000", "0.0.0.0:80".
struct ListenAddress {
  std::string ip;
  std::uint16_t port = 0;  // 0 = any free one

  bool operator==(const ListenAddress&) const = default;
};

// Numbers only: a name could mean another address tomorrow.
std::optional<ListenAddress> parse_listen_address(std::string_view text);

bool is_ip_address(const std::string& text);      // IPv4 or IPv6
bool is_loopback_address(const std::string& ip);  // 127.0.0.0/8 or ::1

// "10.0.0.0/8", "fd00::/8"; a bare address is a network of one.
struct Network {
  std::string ip;
  int prefix = 0;

  bool operator==(const Network&) const = default;
};
std::optional<Network> parse_network(std::string_view text);

// Whether `ip` lies in it. An IPv4 address that comes as ::ffff:a.b.c.d counts as IPv4.
bool contains(const Network& network, const std::string& ip);

}  // namespace berth
