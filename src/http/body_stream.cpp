#include "http/body_stream.hpp"

#include <utility>

namespace berth::http {

bool BodyStream::push(std::string piece) {
  if (is_closed_) return false;
  if (pieces_.size() >= options_.most_pieces || bytes_ + piece.size() > options_.most_bytes) {
    close();
    return false;
  }
  bytes_ += piece.size();
  pieces_.push_back(std::move(piece));
  wake();
  return true;
}

void BodyStream::close() {
  if (std::exchange(is_closed_, true)) return;
  wake();
  // Moved out first: it may drop the last owner of this object's maker.
  if (auto callback = std::move(on_closed_)) callback();
}

void BodyStream::recheck() {
  wants_recheck_ = true;
  wake();
}

std::string BodyStream::take() {
  std::string all;
  all.reserve(bytes_);
  for (const std::string& piece : pieces_) all += piece;
  pieces_.clear();
  bytes_ = 0;
  return all;
}

}  // namespace berth::http
