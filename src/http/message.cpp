#include "http/message.hpp"

#include <algorithm>

namespace berth::http {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

std::string_view find_value(const Pairs& pairs, std::string_view name) {
  const auto found = std::ranges::find(pairs, name, &Pairs::value_type::first);
  return found == pairs.end() ? std::string_view{} : std::string_view{found->second};
}

}  // namespace

std::string_view Request::header(std::string_view name) const { return find_value(headers, name); }
std::string_view Request::param(std::string_view name) const { return find_value(params, name); }

// Reasons are literals of this folder: nothing in them needs escaping.
Response refuse_plainly(int status, std::string_view reason) {
  return {.status = status, .body = "{\"error\":\"" + std::string(reason) + "\"}\n"};
}

}  // namespace berth::http
