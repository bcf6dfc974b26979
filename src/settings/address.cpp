#include "settings/address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

namespace berth {
namespace {

// 4 or 16 bytes in network order; nothing when it is no address.
std::optional<std::vector<unsigned char>> address_bytes(const std::string& text) {
  std::array<unsigned char, 16> bytes{};
  if (text.contains('\0')) return std::nullopt;  // where inet_pton() would take the end to be
  if (inet_pton(AF_INET, text.c_str(), bytes.data()) == 1)
    return std::vector(bytes.begin(), bytes.begin() + 4);
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return std::nullopt;
  constexpr std::array<unsigned char, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  if (std::equal(kMapped.begin(), kMapped.end(), bytes.begin()))
    return std::vector(bytes.begin() + 12, bytes.end());
  return std::vector(bytes.begin(), bytes.end());
}

std::optional<int> parse_decimal(std::string_view text, int max) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || text[0] == '-' || number > max)
    return std::nullopt;
  return number;
}

bool same_first_bits(const std::vector<unsigned char>& a, const std::vector<unsigned char>& b,
                     int bits) {
  for (std::size_t i = 0; bits > 0; ++i, bits -= 8) {
    const int shift = bits >= 8 ? 0 : 8 - bits;
    if ((a[i] >> shift) != (b[i] >> shift)) return false;
  }
  return true;
}

}  // namespace

bool is_ip_address(const std::string& text) { return address_bytes(text).has_value(); }

bool is_loopback_address(const std::string& ip) {
  const auto bytes = address_bytes(ip);
  if (!bytes) return false;
  if (bytes->size() == 4) return bytes->front() == 127;
  return bytes->back() == 1 &&
         std::all_of(bytes->begin(), bytes->end() - 1, [](unsigned char b) { return b == 0; });
}

std::optional<ListenAddress> parse_listen_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = parse_decimal(text.substr(colon + 1), 65'535);
  std::string_view ip = text.substr(0, colon);
  const bool bracketed = ip.size() >= 2 && ip.front() == '[' && ip.back() == ']';
  if (bracketed) ip = ip.substr(1, ip.size() - 2);
  const bool is_v6 = ip.find(':') != std::string_view::npos;
  if (!port || bracketed != is_v6 || !is_ip_address(std::string(ip))) return std::nullopt;
  return ListenAddress{std::string(ip), static_cast<std::uint16_t>(*port)};
}

std::optional<Network> parse_network(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string ip(text.substr(0, slash));
  const auto bytes = address_bytes(ip);
  if (!bytes) return std::nullopt;
  const int most = static_cast<int>(bytes->size()) * 8;
  if (slash == std::string_view::npos) return Network{ip, most};
  const auto prefix = parse_decimal(text.substr(slash + 1), most);
  if (!prefix) return std::nullopt;
  return Network{ip, *prefix};
}

bool contains(const Network& network, const std::string& ip) {
  const auto base = address_bytes(network.ip);
  const auto address = address_bytes(ip);
  return base && address && base->size() == address->size() &&
         same_first_bits(*base, *address, network.prefix);
}

}  // namespace berth
