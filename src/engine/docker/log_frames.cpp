#include "engine/docker/log_frames.hpp"

#include <algorithm>

namespace berth::docker {
namespace {

constexpr std::size_t kHeader = 8;

// 0, 1 or 2 and three zeros: no text begins like that.
bool is_header(std::string_view body) {
  return body.size() >= kHeader && static_cast<unsigned char>(body[0]) <= 2 &&
         body.substr(1, 3) == std::string_view("\0\0\0", 3);
}

std::size_t length_of(std::string_view header) {
  std::size_t length = 0;
  for (std::size_t i = 4; i < kHeader; ++i)
    length = length << 8 | static_cast<unsigned char>(header[i]);
  return length;
}

// "2026-01-02T03:04:05.678901234Z text"
EngineLogLine split_time(std::string_view line, bool is_error) {
  const auto blank = line.find(' ');
  const std::string_view first = line.substr(0, blank);
  const bool is_time = first.size() >= 20 && first[4] == '-' && first[10] == 'T';
  if (!is_time) return {{}, is_error, std::string(line)};
  const std::string_view text = blank == std::string_view::npos ? "" : line.substr(blank + 1);
  return {std::string(first), is_error, std::string(text)};
}

void add_lines(std::vector<EngineLogLine>& lines, std::string_view text, bool is_error) {
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(split_time(line, is_error));
  }
}

}  // namespace

Result<std::vector<EngineLogLine>> parse_logs(std::string_view body) {
  std::vector<EngineLogLine> lines;
  while (is_header(body)) {
    const bool is_error = body[0] == 2;
    const std::size_t length = std::min(length_of(body), body.size() - kHeader);
    add_lines(lines, body.substr(kHeader, length), is_error);
    body.remove_prefix(kHeader + length);
  }
  add_lines(lines, body, false);
  return lines;
}

}  // namespace berth::docker
