#include "http/request_text.hpp"

#include <algorithm>

namespace berth::http {
namespace {

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](unsigned char c) { return c < ' ' || c == 0x7f; });
}

bool is_token(std::string_view text) {
  return !text.empty() && !has_control(text) && text.find_first_of(" :") == text.npos;
}

bool is_sound_target(std::string_view target) {
  return target.starts_with('/') && !has_control(target) && target.find(' ') == target.npos;
}

bool has_length(const ClientRequest& request) {
  return !request.body.empty() || request.method == "POST" || request.method == "PUT";
}

}  // namespace

bool is_sound(const ClientRequest& request) {
  return is_token(request.method) && is_sound_target(request.target) &&
         !has_control(request.content_type) &&
         std::all_of(request.headers.begin(), request.headers.end(), [](const auto& header) {
           return is_token(header.first) && !has_control(header.second);
         });
}

std::string to_text(const ClientRequest& request, std::string_view host) {
  std::string text = request.method + ' ' + request.target + " HTTP/1.1\r\nHost: ";
  text += host;
  text += "\r\nUser-Agent: berth/" BERTH_VERSION "\r\n";
  for (const auto& [name, value] : request.headers) text += name + ": " + value + "\r\n";
  if (!request.content_type.empty()) text += "Content-Type: " + request.content_type + "\r\n";
  if (has_length(request))
    text += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
  text += "\r\n";
  text += request.body;
  return text;
}

}  // namespace berth::http
