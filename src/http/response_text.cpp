#include "http/response_text.hpp"

#include <algorithm>
#include <array>

#include "base/log.hpp"
#include "http/tokens.hpp"

namespace berth::http {
namespace {

struct Phrase {
  int status;
  std::string_view text;
};

constexpr std::array<Phrase, 37> kPhrases{{
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
}};

bool is_ours(std::string_view name) {
  constexpr std::string_view kOurs[] = {
      "content-length", "connection", "transfer-encoding", "content-type", "date",
      "server",         "keep-alive", "trailer",           "upgrade",      "x-request-id"};
  return std::ranges::any_of(
      kOurs, [name](std::string_view ours) { return equal_ignoring_case(ours, name); });
}

bool has_header(const Response& response, std::string_view name) {
  return std::ranges::any_of(response.headers,
                             [name](const auto& h) { return equal_ignoring_case(h.first, name); });
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

void append_handler_fields(std::string& out, const Response& response,
                           std::string_view request_id) {
  for (const auto& [name, value] : response.headers) {
    if (is_token(name) && is_field_value(value) && !is_ours(name)) {
      append_field(out, name, value);
    } else {
      log(LogLevel::kError, "response header dropped", {{"request", request_id}, {"name", name}});
    }
  }
}

bool has_no_body(int status) { return status == 204 || status == 304; }

void append_body_fields(std::string& out, const Response& response, bool is_stream) {
  if (has_no_body(response.status)) return;
  if (!response.content_type.empty() && is_field_value(response.content_type)) {
    append_field(out, "Content-Type", response.content_type);
  }
  if (!is_stream) append_field(out, "Content-Length", std::to_string(response.body.size()));
}

}  // namespace

std::string_view reason_phrase(int status) {
  const auto found = std::ranges::find(kPhrases, status, &Phrase::status);
  return found == kPhrases.end() ? "Unknown" : found->text;
}

std::string write_response(const Response& response, const ResponseFrame& frame) {
  constexpr std::size_t kHeadBytes = 384;
  std::string out;
  out.reserve(kHeadBytes + response.body.size());
  out.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
  out.append(reason_phrase(response.status)).append("\r\nServer: berth\r\n");
  append_field(out, "Date", frame.date);
  append_body_fields(out, response, frame.is_stream);
  append_field(out, "X-Request-Id", frame.request_id);
  out.append("X-Content-Type-Options: nosniff\r\n");
  if (response.content_type == "application/json" && !has_header(response, "cache-control")) {
    out.append("Cache-Control: no-store\r\n");
  }
  append_handler_fields(out, response, frame.request_id);
  out.append(frame.keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n");
  if (!frame.is_head && !has_no_body(response.status)) out.append(response.body);
  return out;
}

}  // namespace berth::http
