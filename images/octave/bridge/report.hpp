#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Reading the lines of JSON that an interpreter reports with. Whoever runs code in the session can
// write such lines as well, so nothing about them is taken for granted.
namespace bridge::report {

std::optional<boost::json::object> parse(std::string_view line);
std::optional<std::string> text(const boost::json::object& report, std::string_view key);
std::optional<std::uint64_t> number(const boost::json::object& report, std::string_view key);
std::optional<std::uint16_t> port(const boost::json::object& report);
std::vector<std::string> figures(const boost::json::object& report);

}  // namespace bridge::report
