#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

// One target a file: what libFuzzer calls with each input. docs/reliability.md says how they run.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace berth::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// An oracle's word. What is untrue ends the program, and libFuzzer keeps the input.
inline void require(bool is_true, std::string_view what,
                    std::source_location at = std::source_location::current()) {
  if (is_true) return;
  std::cerr << at.file_name() << ":" << at.line() << ": UNTRUE: " << what << std::endl;
  std::abort();
}

// Takes the first line off `text`, without its end: targets whose input has more than one part keep
// it readable by giving each a line.
inline std::string_view take_line(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(line.size() < text.size() ? line.size() + 1 : line.size());
  return line;
}

// Chance that follows from the input alone (FNV-1a, then xorshift): a corpus stays plain text, and
// an input always does the same.
class Chance {
 public:
  explicit Chance(std::string_view input) {
    for (const char c : input) state_ = (state_ ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    if (state_ == 0) state_ = 1;
  }
  std::size_t below(std::size_t bound) {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return static_cast<std::size_t>(state_ % bound);
  }

 private:
  std::uint64_t state_ = 0xcbf29ce484222325;
};

// `text` as a network may deliver it: in pieces, mostly short ones.
inline std::vector<std::string_view> pieces_of(std::string_view text) {
  Chance chance(text);
  std::vector<std::string_view> pieces;
  while (!text.empty()) {
    const std::size_t longest = chance.below(4) == 0 ? text.size() : 8;
    const std::string_view piece = text.substr(0, 1 + chance.below(longest));
    pieces.push_back(piece);
    text.remove_prefix(piece.size());
  }
  return pieces;
}

}  // namespace berth::fuzz
