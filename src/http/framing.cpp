#include "http/framing.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>

#include "http/tokens.hpp"

namespace berth::http {
namespace {

// The last four no path takes: known all the same, so that the router says which ones it does.
constexpr std::array<std::string_view, 9> kMethods{"GET",   "HEAD",    "POST",  "PUT",  "DELETE",
                                                   "PATCH", "OPTIONS", "TRACE", "QUERY"};
// Room in the request line for all but the target: a method, two spaces, the version, CR LF.
constexpr std::size_t kRequestLineRest = 64;
constexpr std::size_t kHostBytes = 255 + 6;

bool is_visible_ascii(char c) { return c > 0x20 && c < 0x7F; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// host[:port] of RFC 3986 by its characters: letters, digits, dots, an address in brackets. No
// user, no list, no path.
bool is_host(std::string_view value) {
  const auto is_host_char = [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view(".-_:[]").contains(c);
  };
  return !value.empty() && value.size() <= kHostBytes && std::ranges::all_of(value, is_host_char);
}

}  // namespace

bool HeadScanner::scan(std::string_view received) {
  while (!is_complete_ && refusal_.status == 0) {
    const std::string_view rest = received.substr(next_line_);
    const std::size_t line_feed = rest.find('\n');
    const bool is_whole = line_feed != std::string_view::npos;
    const std::size_t line_bytes = is_whole ? line_feed + 1 : rest.size();
    // Before anything else, for a whole line as for a part of one, so that splitting changes
    // nothing.
    check_first_byte(rest);
    if (refusal_.status == 0) check_room(line_bytes);
    if (refusal_.status != 0) break;
    if (!is_whole) return false;
    next_line_ += line_bytes;
    scan_line(rest.substr(0, line_bytes));
  }
  return true;
}

HeadResult HeadScanner::take_result() {
  assert(is_complete_ || refusal_.status != 0);
  if (refusal_.status != 0) return refusal_;
  head_.bytes = next_line_;
  return std::move(head_);
}

// Somebody who speaks TLS or SSH to us never sends a line feed: told at once.
void HeadScanner::check_first_byte(std::string_view rest) {
  if (next_line_ == 0 && !rest.empty() && !is_token(rest.substr(0, 1))) {
    refuse(400, "this is not an HTTP request");
  }
}

void HeadScanner::check_room(std::size_t line_bytes) {
  if (!has_request_line_ && line_bytes > limits_.target_bytes + kRequestLineRest) {
    return refuse(414, "the request target is too long");
  }
  if (next_line_ + line_bytes > limits_.header_bytes) return refuse(431, "the header is too large");
}

void HeadScanner::scan_line(std::string_view line) {
  if (!line.ends_with("\r\n")) return refuse(400, "a header line must end with CR LF");
  line.remove_suffix(2);
  if (!has_request_line_) return scan_request_line(line);
  return line.empty() ? check_whole() : scan_field(line);
}

void HeadScanner::scan_request_line(std::string_view line) {
  const std::size_t method_end = std::min(line.find(' '), line.size());
  const std::size_t target_end = line.rfind(' ');
  if (method_end == line.size() || target_end == method_end)
    return refuse(400, "malformed request line");
  const std::string_view method = line.substr(0, method_end);
  const std::string_view target = line.substr(method_end + 1, target_end - method_end - 1);
  const std::string_view version = line.substr(target_end + 1);
  if (!is_token(method) || target.empty() || !std::ranges::all_of(target, is_visible_ascii)) {
    return refuse(400, "malformed request line");
  }
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    const bool is_other = version.size() == 8 && version.starts_with("HTTP/") &&
                          is_digit(version[5]) && version[6] == '.' && is_digit(version[7]);
    return is_other ? refuse(505, "HTTP/1.1 is spoken here")
                    : refuse(400, "malformed request line");
  }
  if (target.size() > limits_.target_bytes) return refuse(414, "the request target is too long");
  if (std::ranges::find(kMethods, method) == kMethods.end())
    return refuse(501, "no such method here");
  head_.method = method;
  head_.target = target;
  is_http_10_ = version == "HTTP/1.0";
  head_.keep_alive = !is_http_10_;
  has_request_line_ = true;
}

void HeadScanner::scan_field(std::string_view line) {
  if (head_.headers.size() == limits_.header_fields) return refuse(431, "too many header fields");
  if (line[0] == ' ' || line[0] == '\t')
    return refuse(400, "a header field must stand on one line");
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return refuse(400, "a header field without a colon");
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = trim_blanks(line.substr(colon + 1));
  if (!is_token(name)) return refuse(400, "malformed header name");
  if (!is_field_value(value)) return refuse(400, "control characters in a header value");
  head_.headers.emplace_back(lower_case(name), value);
  return note_field(head_.headers.back().first, value);
}

void HeadScanner::note_field(const std::string& name, std::string_view value) {
  if (name == "host") return note_host(value);
  if (name == "content-length") return note_content_length(value);
  if (name == "connection") return note_connection();
  if (name == "expect") return note_expect(value);
  if (name == "transfer-encoding") return refuse(411, "a body needs Content-Length here");
}

void HeadScanner::note_host(std::string_view value) {
  if (has_host_) return refuse(400, "two Host fields");
  if (!is_host(value)) return refuse(400, "malformed Host field");
  has_host_ = true;
}

// A leading zero is legal, but some take it for octal.
void HeadScanner::note_content_length(std::string_view value) {
  if (has_length_) return refuse(400, "two Content-Length fields");
  if (value.empty() || !std::ranges::all_of(value, is_digit) ||
      (value[0] == '0' && value.size() > 1)) {
    return refuse(400, "malformed Content-Length field");
  }
  const auto read =
      std::from_chars(value.data(), value.data() + value.size(), head_.content_length);
  if (read.ec != std::errc{} || head_.content_length > limits_.body_bytes) {
    return refuse(413, "the body is too large");
  }
  has_length_ = true;
}

// "close" wins over "keep-alive", in whatever order they come.
void HeadScanner::note_connection() {
  bool wants_close = false;
  bool wants_more = !is_http_10_;
  for (const auto& [name, value] : head_.headers) {
    if (name != "connection") continue;
    wants_close = wants_close || list_contains(value, "close");
    wants_more = wants_more || list_contains(value, "keep-alive");
  }
  head_.keep_alive = wants_more && !wants_close;
}

void HeadScanner::note_expect(std::string_view value) {
  if (!equal_ignoring_case(value, "100-continue")) return refuse(417, "no such expectation here");
  head_.expects_continue = !is_http_10_;  // a 1.0 client would not know what to do with a 100
}

void HeadScanner::check_whole() {
  if (!is_http_10_ && !has_host_) return refuse(400, "no Host field");
  is_complete_ = true;
}

void HeadScanner::refuse(int status, std::string_view reason) { refusal_ = {status, reason}; }

HeadResult scan_head(std::string_view received, FramingLimits limits) {
  HeadScanner scanner(limits);
  if (!scanner.scan(received)) return {};
  return scanner.take_result();
}

}  // namespace berth::http
