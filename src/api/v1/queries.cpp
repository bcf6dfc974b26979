#include "api/v1/queries.hpp"

#include <algorithm>
#include <charconv>

#include "base/limits.hpp"
#include "base/time_text.hpp"
#include "http/target.hpp"

namespace berth::api::v1 {

Query::Query(const http::Request& request) {
  std::string_view rest = request.query;
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    auto name = http::decode_percent(pair.substr(0, equals));
    const std::string_view raw = equals == std::string_view::npos ? "" : pair.substr(equals + 1);
    auto value = http::decode_percent(raw);
    if (!name || !value) {
      keep("query", "is not percent-encoded as it must be");
    } else if (!values_.emplace(*name, *value).second) {
      keep(*name, "is there twice");
    }
  }
}

void Query::keep(std::string_view name, std::string_view rule) {
  if (!first_)
    first_ = Error{ErrorCode::kInvalid, std::string(name) + ": " + std::string(rule), {}};
}

std::optional<std::string> Query::take(std::string_view name) {
  auto found = values_.find(name);
  if (found == values_.end()) return std::nullopt;
  std::string value = std::move(found->second);
  values_.erase(found);
  return value;
}

std::optional<std::int64_t> Query::number(std::string_view name, std::int64_t min,
                                          std::int64_t max) {
  const auto text = take(name);
  if (!text) return std::nullopt;
  std::int64_t number = 0;
  const char* end = text->data() + text->size();
  auto [stop, error] = std::from_chars(text->data(), end, number);
  if (text->empty() || error != std::errc() || stop != end || number < min || number > max) {
    keep(name,
         "must be a whole number between " + std::to_string(min) + " and " + std::to_string(max));
    return std::nullopt;
  }
  return number;
}

std::optional<std::string> Query::word(std::string_view name,
                                       std::initializer_list<std::string_view> known) {
  auto text = take(name);
  if (!text || std::ranges::find(known, *text) != known.end()) return text;
  std::string rule = "must be one of";
  for (std::string_view one : known) rule.append(" ").append(one);
  keep(name, rule);
  return std::nullopt;
}

std::optional<WallTime> Query::time(std::string_view name) {
  const auto text = take(name);
  if (!text) return std::nullopt;
  auto at = parse_rfc3339(*text);
  if (!at) keep(name, "must be a time such as 2026-01-02T03:04:05Z");
  return at;
}

Result<> Query::finish() const {
  if (first_) return std::unexpected(*first_);
  if (values_.empty()) return ok();
  return fail(ErrorCode::kInvalid, values_.begin()->first + ": is not known here");
}

PageAsked read_page(Query& query) {
  const auto limit = query.number("limit", 1, limits::kPage);
  const auto after = query.number("after", 1, limits::kLargestId);
  return {static_cast<std::size_t>(limit.value_or(limits::kPage)), after.value_or(0)};
}

}  // namespace berth::api::v1
