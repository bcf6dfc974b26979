// What a container has printed, framed or plain: whatever the bytes, lines without ends, and no
// byte of a line that was not in the input.
#include "base/time_text.hpp"
#include "engine/docker/log_frames.hpp"
#include "fuzz.hpp"

namespace berth::fuzz {
namespace {

std::string frame(unsigned char stream, std::string_view text) {
  std::string framed{static_cast<char>(stream), 0, 0, 0};
  for (int shift = 24; shift >= 0; shift -= 8)
    framed += static_cast<char>(text.size() >> shift & 0xFF);
  return framed.append(text);
}

void check(std::string_view input) {
  const auto lines = docker::parse_logs(input);
  require(lines.has_value(), "lines, whatever the bytes");
  std::size_t bytes = 0;
  for (const EngineLogLine& line : *lines) {
    require(!line.text.contains('\n') && !line.at.contains(' '), "one line");
    bytes += line.text.size() + line.at.size();
    parse_rfc3339(line.at);
  }
  require(bytes <= input.size(), "nothing is made up");
  require(lines->size() <= input.size(), "no more lines than bytes");

  const auto framed = docker::parse_logs(frame(2, input) + frame(1, "out\n"));
  require(framed && !framed->empty() && framed->back() == EngineLogLine{{}, false, "out"},
          "a frame ends where it says");
  for (std::size_t i = 0; i + 1 < framed->size(); ++i)
    require((*framed)[i].is_error, "and is of its stream");
}

}  // namespace
}  // namespace berth::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  berth::fuzz::check(berth::fuzz::text_of(data, size));
  return 0;
}
