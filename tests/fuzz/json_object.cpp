// A request body against Boost.JSON's own values: we take a part of what it takes, and read it the
// same.
#include <boost/json.hpp>

#include "base/limits.hpp"
#include "fuzz.hpp"
#include "json/decode.hpp"

namespace berth::fuzz {
namespace {

namespace bj = boost::json;

constexpr std::int64_t kLeast = INT64_MIN;
constexpr std::int64_t kMost = INT64_MAX;

bool reads_as_list(const bj::value& value) {
  const auto* list = value.if_array();
  if (list == nullptr) return value.is_int64();
  std::set<std::int64_t> seen;
  for (const auto& item : *list) {
    if (!item.is_int64() || !seen.insert(item.get_int64()).second) return false;
  }
  return true;
}

void check_member(const json::Object& object, std::string_view name, const bj::value& value) {
  json::Fields number(object);
  const auto as_int = number.optional_int(name, kLeast, kMost);
  require(as_int.has_value() == value.is_int64(), "a whole number");
  require(!as_int || *as_int == value.get_int64(), "its value");
  require(number.finish().has_value() == (value.is_int64() || value.is_null()), "its refusal");

  json::Fields text(object);
  const auto as_text = text.optional_string(name);
  require(as_text.has_value() == value.is_string(), "a string");
  require(!as_text || *as_text == std::string_view(value.get_string()), "its bytes");

  json::Fields flag(object);
  const auto as_bool = flag.optional_bool(name);
  require(as_bool.has_value() == value.is_bool(), "true or false");
  require(!as_bool || *as_bool == value.get_bool(), "which");

  json::Fields list(object);
  const auto as_list = list.optional_int_or_list(name, kLeast, kMost, 1'000'000);
  require(as_list.has_value() == reads_as_list(value), "a list of different numbers");
  require(json::Fields(object).has(name) == !value.is_null(), "null is absent");
}

void check(std::string_view input) {
  const auto ours = json::parse_object(input);
  boost::system::error_code error;
  bj::parse_options options;
  options.max_depth = limits::kJsonDepth;
  const bj::value theirs =
      bj::parse(bj::string_view(input.data(), input.size()), error, {}, options);
  if (!ours) {
    const std::string& why = ours.error().message;
    const bool is_ours = why.contains("there twice") || why.contains("NUL");
    require(ours.error().code == ErrorCode::kInvalid && !why.empty(), "why");
    require(error || !theirs.is_object() || is_ours, "what they take and we do not");
    return;
  }
  require(!error && theirs.is_object(), "what we take they take");
  json::Fields strict(*ours);
  for (const auto& [key, value] : theirs.get_object()) {
    check_member(*ours, std::string_view(key), value);
    strict.has(std::string_view(key));
  }
  require(strict.finish_strictly().has_value(), "every member was asked for");
  json::Fields missing(*ours);
  missing.required_int("\x01never", 0, 1);
  require(!missing.finish(), "what is required is missed");
}

}  // namespace
}  // namespace berth::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  berth::fuzz::check(berth::fuzz::text_of(data, size));
  return 0;
}
