#include "api/allow_list.hpp"

#include <boost/asio/ip/address.hpp>
#include <algorithm>
#include <charconv>

namespace berth::api {

// IPv4 written as IPv6 (::ffff:10.0.0.1, from a socket for both) counts as IPv4. Empty when it is no address.
std::vector<unsigned char> AllowList::to_bytes(std::string_view text) {
  boost::system::error_code error;
  auto address = boost::asio::ip::make_address(std::string(text), error);
  if (error) return {};
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    address = boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6());
  }
  if (address.is_v4()) {
    const auto bytes = address.to_v4().to_bytes();
    return {bytes.begin(), bytes.end()};
  }
  const auto bytes = address.to_v6().to_bytes();
  return {bytes.begin(), bytes.end()};
}

Result<AllowList> AllowList::parse(const std::vector<std::string>& networks) {
  AllowList list;
  for (const std::string& text : networks) {
    const auto slash = text.find('/');
    Network network{to_bytes(std::string_view(text).substr(0, slash))};
    network.prefix = static_cast<unsigned>(network.bytes.size() * 8);
    bool is_good = !network.bytes.empty();
    if (is_good && slash != std::string::npos) {
      unsigned prefix = 0;
      const char* end = text.data() + text.size();
      auto [stop, error] = std::from_chars(text.data() + slash + 1, end, prefix);
      is_good = error == std::errc() && stop == end && prefix <= network.prefix;
      network.prefix = prefix;
    }
    if (!is_good) return fail(ErrorCode::kInvalid, "allow: \"" + text + "\" is no network such as 10.0.0.0/8");
    list.networks_.push_back(std::move(network));
  }
  return list;
}

bool AllowList::allows(std::string_view peer) const {
  if (networks_.empty()) return true;
  const auto bytes = to_bytes(peer);
  return std::ranges::any_of(networks_, [&](const Network& network) {
    if (bytes.empty() || bytes.size() != network.bytes.size()) return false;
    for (unsigned bit = 0; bit < network.prefix; ++bit) {
      const unsigned mask = 0x80u >> (bit % 8);
      if ((bytes[bit / 8] & mask) != (network.bytes[bit / 8] & mask)) return false;
    }
    return true;
  });
}

}  // namespace berth::api
