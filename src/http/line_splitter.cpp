#include "http/line_splitter.hpp"

namespace berth::http {

bool LineSplitter::put(std::string_view bytes,
                       const std::function<bool(std::string_view)>& on_line) {
  for (;;) {
    const auto end = bytes.find('\n');
    const auto piece = bytes.substr(0, end);
    if (begun_.size() + piece.size() > longest_) return false;
    begun_ += piece;
    if (end == bytes.npos) return true;
    bytes.remove_prefix(end + 1);
    if (begun_.ends_with('\r')) begun_.pop_back();
    if (!begun_.empty() && !on_line(begun_)) return false;
    begun_.clear();
  }
}

}  // namespace berth::http
