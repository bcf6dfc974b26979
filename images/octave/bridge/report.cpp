#include "report.hpp"

#include <boost/json.hpp>
#include <limits>
#include <utility>

namespace bridge::report {

namespace json = boost::json;

std::optional<json::object> parse(std::string_view line) {
  boost::system::error_code failure;
  json::value parsed = json::parse(line, failure);
  if (failure || !parsed.is_object()) return std::nullopt;
  return std::move(parsed.get_object());
}

std::optional<std::string> text(const json::object& report, std::string_view key) {
  const auto* value = report.if_contains(key);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string(value->get_string());
}

std::optional<std::uint64_t> number(const json::object& report, std::string_view key) {
  const auto* value = report.if_contains(key);
  if (value == nullptr) return std::nullopt;
  boost::system::error_code failure;
  const auto number = value->to_number<std::uint64_t>(failure);
  return failure ? std::nullopt : std::optional(number);
}

std::optional<std::uint16_t> port(const json::object& report) {
  const auto given = number(report, "port");
  if (!given || *given == 0 || *given > std::numeric_limits<std::uint16_t>::max())
    return std::nullopt;
  return static_cast<std::uint16_t>(*given);
}

std::vector<std::string> figures(const json::object& report) {
  std::vector<std::string> paths;
  const auto* list = report.if_contains("figures");
  if (list == nullptr || !list->is_array()) return paths;
  for (const auto& path : list->get_array()) {
    if (path.is_string()) paths.emplace_back(path.get_string());
  }
  return paths;
}

}  // namespace bridge::report
