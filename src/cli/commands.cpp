#include "cli/commands.hpp"

#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <cctype>
#include <iostream>

#include "cli/table.hpp"

namespace berth::cli {
namespace {

namespace json = boost::json;

std::string cell(const json::value& value) {
  if (value.is_string()) return std::string(value.as_string());
  if (value.is_bool()) return value.as_bool() ? "yes" : "no";
  if (value.is_null()) return "";
  if (!value.is_array()) return json::serialize(value);
  std::string joined;
  for (const json::value& item : value.as_array()) {
    const bool is_gpu = item.is_object() && item.as_object().contains("type");
    joined += (joined.empty() ? "" : ", ") +
              (is_gpu ? cell(item.at("gid")) + ":" + cell(item.at("type")) : cell(item));
  }
  return joined.empty() ? "-" : joined;
}

std::string heading(std::string name) {
  std::ranges::transform(name, name.begin(),
                         [](unsigned char c) { return c == '_' ? ' ' : std::toupper(c); });
  return name;
}

// Turns the terminal's echo off while it lives.
class QuietTerminal {
 public:
  QuietTerminal() {
    tcgetattr(STDIN_FILENO, &before_);
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
  }
  ~QuietTerminal() { tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_); }

 private:
  termios before_{};
};

std::string ask(const char* prompt) {
  std::cerr << prompt << std::flush;
  std::string line;
  std::getline(std::cin, line);
  std::cerr << '\n';
  return line;
}

}  // namespace

Exit Commands::refuse(const Error& error) const {
  if (json_) {
    json::object answer{{"status", -1}, {"error", error.message}};
    if (!error.details.empty()) answer["details"] = error.details;
    std::cout << json::serialize(answer) << '\n';
  }
  std::cerr << "berth: " << error.message << (error.details.empty() ? "" : ": " + error.details)
            << '\n';
  return error.code == ErrorCode::kUnavailable ? Exit::kNoServer : Exit::kRefused;
}

Exit Commands::list(const std::string& target, const Listing& listing) const {
  auto answer = client_.call("GET", target);
  if (!answer) return refuse(answer.error());
  if (json_) {
    std::cout << json::serialize(*answer) << '\n';
    return Exit::kOk;
  }
  std::vector<std::string> headings;
  for (const std::string& column : listing.columns) headings.push_back(heading(column));
  std::vector<std::vector<std::string>> rows;
  for (const json::value& item : answer->at(listing.key).as_array()) {
    std::vector<std::string> row;
    for (const std::string& column : listing.columns) row.push_back(cell(item.at(column)));
    rows.push_back(std::move(row));
  }
  std::cout << format_table(headings, rows);
  return Exit::kOk;
}

Exit Commands::show(const std::string& target, const std::string& key) const {
  auto answer = client_.call("GET", target);
  if (!answer) return refuse(answer.error());
  if (json_) {
    std::cout << json::serialize(*answer) << '\n';
    return Exit::kOk;
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& member : answer->at(key).as_object())
    rows.push_back({member.key(), cell(member.value())});
  std::cout << format_table({"FIELD", "VALUE"}, rows);
  return Exit::kOk;
}

Exit Commands::change(const std::string& method, const std::string& target,
                      const json::object& body, const std::string& done) const {
  auto answer = client_.call(method, target, body);
  if (!answer) return refuse(answer.error());
  if (json_) {
    std::cout << json::serialize(*answer) << '\n';
    return Exit::kOk;
  }
  std::string sentence = done;
  for (const auto& member : *answer) {
    const std::string name = "{" + std::string(member.key()) + "}";
    if (auto at = sentence.find(name); at != std::string::npos)
      sentence.replace(at, name.size(), cell(member.value()));
  }
  std::cout << sentence << '\n';
  return Exit::kOk;
}

Result<std::string> read_new_password(bool from_stdin) {
  if (from_stdin || isatty(STDIN_FILENO) == 0) {
    std::string line;
    std::getline(std::cin, line);
    return line;
  }
  const QuietTerminal quiet;
  const std::string first = ask("New password: ");
  if (ask("Once more: ") != first) return fail(ErrorCode::kInvalid, "the two passwords differ");
  return first;
}

}  // namespace berth::cli
