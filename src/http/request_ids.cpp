#include "http/request_ids.hpp"

#include <array>
#include <charconv>
#include <random>

namespace berth::http {
namespace {

std::string hex(std::uint64_t value) {
  std::array<char, 16> text;
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value, 16).ptr};
}

}  // namespace

RequestIds::RequestIds() : run_(hex(std::random_device{}()) + "-") {}

std::string RequestIds::next() { return run_ + hex(++count_); }

}  // namespace berth::http
