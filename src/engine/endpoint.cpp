#include "engine/endpoint.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace berth {
namespace {

constexpr std::size_t kLongestSocketPath = 107;  // sockaddr_un.sun_path with its closing zero
constexpr std::size_t kLongestHost = 253;
constexpr std::size_t kLongestUser = 32;

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

template <class Allowed>
bool all_of(std::string_view text, Allowed allowed) {
  return std::all_of(text.begin(), text.end(), allowed);
}

bool is_name(std::string_view text, std::size_t longest, std::string_view marks) {
  if (text.empty() || text.size() > longest || !is_letter_or_digit(text.front())) return false;
  return all_of(text, [&](char c) { return is_letter_or_digit(c) || marks.find(c) != marks.npos; });
}

bool is_ipv6_like(std::string_view text) {
  return text.size() >= 2 && text.size() <= 45 && text.find(':') != text.npos &&
         all_of(text, [](char c) {
           return std::string_view("0123456789abcdefABCDEF:.").find(c) != std::string_view::npos;
         });
}

std::optional<int> parse_port(std::string_view text) {
  int port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port < 1 || port > 65'535)
    return std::nullopt;
  return port;
}

Result<Endpoint> invalid(std::string message) {
  return fail(ErrorCode::kInvalid, std::move(message));
}

Result<Endpoint> parse_unix(std::string_view path) {
  if (path.empty() || path.front() != '/')
    return invalid("unix:// needs an absolute path, as in unix:///var/run/docker.sock");
  if (path.size() > kLongestSocketPath)
    return invalid("the path of a unix socket has at most 107 bytes");
  if (!all_of(path, [](char c) { return c > ' ' && c < 0x7f; })) {
    return invalid("the path of a unix socket has printable characters only, no spaces");
  }
  return Endpoint{.path = std::string(path)};
}

// `authority` is host, host:port, [v6] or [v6]:port.
Result<Endpoint> parse_host(EndpointKind kind, std::string_view authority) {
  Endpoint endpoint{.kind = kind};
  std::string_view rest;
  if (authority.starts_with('[')) {
    const auto close = authority.find(']');
    if (close == authority.npos)
      return invalid("an IPv6 address stands in brackets, as in tcp://[::1]:2375");
    endpoint.host = authority.substr(1, close - 1);
    rest = authority.substr(close + 1);
    if (!is_ipv6_like(endpoint.host)) return invalid("in brackets stands an IPv6 address");
  } else {
    const auto colon = authority.find(':');
    endpoint.host = authority.substr(0, colon);
    rest = colon == authority.npos ? std::string_view{} : authority.substr(colon);
    if (!is_name(endpoint.host, kLongestHost, ".-"))
      return invalid("the host is a name or an address");
  }
  if (rest.empty()) return endpoint;
  const auto port = rest.front() == ':' ? parse_port(rest.substr(1)) : std::nullopt;
  if (!port) return invalid("the port is a number from 1 to 65535");
  endpoint.port = *port;
  return endpoint;
}

Result<Endpoint> parse_tcp(std::string_view authority) {
  if (authority.ends_with('/')) authority.remove_suffix(1);
  auto endpoint = parse_host(EndpointKind::kTcp, authority);
  if (endpoint && endpoint->port == 0)
    return invalid("tcp:// needs a port, as in tcp://127.0.0.1:2375");
  return endpoint;
}

Result<Endpoint> parse_ssh(std::string_view authority) {
  const auto at = authority.find('@');
  const auto user = at == authority.npos ? std::string_view{} : authority.substr(0, at);
  if (at != authority.npos && !is_name(user, kLongestUser, "._-"))
    return invalid("the user of ssh:// is a plain name");
  auto endpoint =
      parse_host(EndpointKind::kSsh, at == authority.npos ? authority : authority.substr(at + 1));
  if (endpoint) endpoint->user = user;
  return endpoint;
}

}  // namespace

Result<Endpoint> parse_endpoint(std::string_view text) {
  const auto scheme_end = text.find("://");
  const auto scheme = text.substr(0, scheme_end == text.npos ? 0 : scheme_end);
  const auto rest = scheme.empty() ? std::string_view{} : text.substr(scheme_end + 3);
  if (scheme == "unix") return parse_unix(rest);
  if (scheme == "tcp") return parse_tcp(rest);
  if (scheme == "ssh") return parse_ssh(rest);
  return invalid("an engine's address starts with unix://, tcp:// or ssh://");
}

Result<> check_secured(const Endpoint& endpoint, bool has_certificates) {
  if (has_certificates && endpoint.kind != EndpointKind::kTcp)
    return fail(ErrorCode::kInvalid, "certificates are for tcp:// only");
  if (endpoint.kind == EndpointKind::kTcp && !has_certificates && !is_loopback(endpoint.host)) {
    return fail(ErrorCode::kInvalid,
                "tcp:// without TLS is refused except on this machine, since whoever reaches that "
                "port is root there: set certificates, or use ssh://");
  }
  return ok();
}

bool is_local(const Endpoint& endpoint) {
  return endpoint.kind == EndpointKind::kUnix ||
         (endpoint.kind == EndpointKind::kTcp && is_loopback(endpoint.host));
}

bool is_loopback(std::string_view host) {
  if (host == "localhost" || host == "::1") return true;
  if (!host.starts_with("127.")) return false;
  return std::count(host.begin(), host.end(), '.') == 3 &&
         all_of(host, [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
}

std::string to_string(const Endpoint& endpoint) {
  if (endpoint.kind == EndpointKind::kUnix) return "unix://" + endpoint.path;
  std::string text = endpoint.kind == EndpointKind::kTcp ? "tcp://" : "ssh://";
  if (!endpoint.user.empty()) text += endpoint.user + '@';
  text += endpoint.host.find(':') == std::string::npos ? endpoint.host : '[' + endpoint.host + ']';
  if (endpoint.port != 0) text += ':' + std::to_string(endpoint.port);
  return text;
}

}  // namespace berth
