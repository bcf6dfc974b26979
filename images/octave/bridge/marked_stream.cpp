#include "marked_stream.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "utf8.hpp"

namespace bridge {
namespace {

constexpr char kMarkByte = '\x1e';
constexpr std::size_t kNumberDigits = 20;

}  // namespace

MarkedStream::MarkedStream(std::string tag, Events events)
    : opening_(kMarkByte + std::move(tag) + "-"), events_(std::move(events)) {}

void MarkedStream::feed(std::string_view bytes) {
  pending_ += bytes;
  while (!pending_.empty()) {
    const std::size_t at = pending_.find(kMarkByte);
    if (at == std::string::npos) return give_text(pending_.size(), false);
    if (at > 0) {
      give_text(at, true);
    } else if (!take_mark()) {
      if (may_become_mark()) return;
      give_text(1, true);
    }
  }
}

void MarkedStream::finish() { give_text(pending_.size(), true); }

bool MarkedStream::take_mark() {
  const std::size_t end = pending_.find('\n');
  if (end == std::string::npos || !pending_.starts_with(opening_)) return false;
  const char* last = pending_.data() + end;
  std::uint64_t number = 0;
  const auto [stop, failure] = std::from_chars(pending_.data() + opening_.size(), last, number);
  if (failure != std::errc() || stop != last) return false;
  pending_.erase(0, end + 1);
  events_.mark(number);
  return true;
}

bool MarkedStream::may_become_mark() const {
  if (pending_.find('\n') != std::string::npos) return false;
  if (pending_.size() > opening_.size() + kNumberDigits) return false;
  const std::size_t known = std::min(pending_.size(), opening_.size());
  return pending_.compare(0, known, opening_, 0, known) == 0;
}

// Takes that much text from the front; a character still on its way waits for its other half.
void MarkedStream::give_text(std::size_t length, bool at_end) {
  const std::string_view front(pending_.data(), length);
  const std::size_t whole = at_end ? length : whole_characters(front);
  if (whole == 0) return;
  const std::string text = to_valid_utf8(front.substr(0, whole));
  pending_.erase(0, whole);
  events_.text(text);
}

}  // namespace bridge
