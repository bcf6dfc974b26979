#include "api/same_origin.hpp"

#include <algorithm>
#include <array>

namespace berth::api {
namespace {

// A WebSocket begins with a GET, and what is said on it then changes things.
bool may_change_something(const http::Request& request) {
  const bool only_reads = request.method == "GET" || request.method == "HEAD";
  return !only_reads || !request.header("upgrade").empty();
}

// "http://host:port" -> "host:port"
std::string_view host_of_origin(std::string_view origin) {
  const auto scheme = origin.find("://");
  return scheme == std::string_view::npos ? std::string_view() : origin.substr(scheme + 3);
}

bool is_json(std::string_view content_type) {
  const std::string_view type = content_type.substr(0, content_type.find(';'));
  const auto end = type.find_last_not_of(' ');
  constexpr std::string_view kJson = "application/json";
  return std::ranges::equal(type.substr(0, end == std::string_view::npos ? 0 : end + 1), kJson, {},
                            [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
}

std::string_view without_port(std::string_view host) {
  const auto colon = host.rfind(':');
  if (colon == std::string_view::npos || host.back() == ']') return host;
  return host.substr(0, colon);
}

}  // namespace

std::optional<CrossSiteRefusal> refuse_cross_site(const http::Request& request) {
  if (!may_change_something(request)) return std::nullopt;
  const std::string_view site = request.header("sec-fetch-site");
  if (!site.empty() && site != "same-origin" && site != "none") {
    return CrossSiteRefusal{403, "a page of another site may not do this"};
  }
  const std::string_view origin = request.header("origin");
  if (!origin.empty() && host_of_origin(origin) != request.header("host")) {
    return CrossSiteRefusal{403, "a page of another site may not do this"};
  }
  if (!request.body.empty() && !is_json(request.header("content-type"))) {
    return CrossSiteRefusal{415, "the body must be sent as Content-Type: application/json"};
  }
  return std::nullopt;
}

bool is_own_host(const http::Request& request, std::string_view listen_address) {
  const std::string_view host = without_port(request.header("host"));
  constexpr std::array<std::string_view, 3> kLoopback{"localhost", "127.0.0.1", "[::1]"};
  return std::ranges::find(kLoopback, host) != kLoopback.end() ||
         host == without_port(listen_address);
}

}  // namespace berth::api
