#include "engine/docker/address.hpp"

#include <algorithm>

#include "engine/endpoint.hpp"

namespace berth::docker {

Result<http::Address> to_address(std::string_view endpoint, const std::string& certificates) {
  using Kind = http::Address::Kind;
  auto parsed = parse_endpoint(endpoint);
  if (!parsed) return std::unexpected(parsed.error());
  http::Address address{.path = parsed->path,
                        .user = parsed->user,
                        .host = parsed->host,
                        .port = static_cast<std::uint16_t>(parsed->port)};
  switch (parsed->kind) {
    case EndpointKind::kUnix:
      address.kind = Kind::kUnix;
      break;
    case EndpointKind::kTcp:
      address.kind = Kind::kTcp;
      address.certificates = certificates;
      break;
    case EndpointKind::kSsh:
      address.kind = Kind::kSsh;
      address.command = {"docker", "system", "dial-stdio"};
      break;
  }
  return address;
}

http::ClientOptions client_options(const Result<http::Address>& address) {
  http::ClientOptions options{.greeting = "/_ping"};
  if (address && address->kind == http::Address::Kind::kSsh)
    options.connections = std::min(options.connections, limits::kSshConnections);
  return options;
}

}  // namespace berth::docker
