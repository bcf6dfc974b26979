#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace berth {

enum class EndpointKind { kUnix, kTcp, kSsh };

// Where an engine listens: `unix:///path`, `tcp://host:port` or `ssh://[user@]host[:port]`.
struct Endpoint {
  EndpointKind kind = EndpointKind::kUnix;
  std::string path;  // unix: absolute
  std::string user;  // ssh: empty = as the settings of ssh say
  std::string host;  // a name, an IPv4 address, or an IPv6 address without its brackets
  int port = 0;      // ssh: 0 = as the settings of ssh say

  bool operator==(const Endpoint&) const = default;
};

// Pure, and total: any text gives an endpoint or kInvalid with the rule that it breaks. Nothing in
// an accepted endpoint can be read as an option, a second argument or a path segment by what it is
// handed to.
Result<Endpoint> parse_endpoint(std::string_view text);

// kInvalid for tcp without TLS to anywhere but this machine, where everybody who can reach the port
// is root, and for certificates where they are of no use.
Result<> check_secured(const Endpoint& endpoint, bool has_certificates);
// The engine of this very machine, as far as an address can tell.
bool is_local(const Endpoint& endpoint);

bool is_loopback(std::string_view host);
// The text that parses to the same endpoint.
std::string to_string(const Endpoint& endpoint);

}  // namespace berth
