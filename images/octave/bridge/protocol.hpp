#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "interpreter.hpp"

// What clients and the bridge say to each other over a WebSocket, one JSON object in each message.
// Pure.
//   {"id":1,"code":"x = 1"}  ->  {"id":1,"stream":"stdout","text":"x = 1\n"} while it runs, then
//                                {"id":1,"stdout":"x = 1\n","stderr":"","error":null,"ms":0.6}
//   {"op":"interrupt"}, {"op":"restart"}, {"op":"ping"}, each with an optional "id"
namespace bridge {

struct Command {
  boost::json::value id;
  std::string code;
};

enum class Op { kInterrupt, kRestart, kPing };

struct Control {
  boost::json::value id;
  Op op = Op::kPing;
};

struct Refusal {
  boost::json::value id;
  std::string error;
};

std::variant<Command, Control, Refusal> parse_message(std::string_view message);

struct Answer {
  boost::json::value id;
  std::string out;
  std::string err;
  std::optional<std::string> error;
  double milliseconds = 0;
  bool truncated = false;            // stdout, stderr or the figures went over their limits
  std::vector<std::string> figures;  // PNG bytes
};

std::string write_answer(const Answer& answer);
std::string write_refusal(const Refusal& refusal);
std::string write_live_text(const boost::json::value& id, Stream stream, std::string_view text);
std::string write_done(const boost::json::value& id, std::string_view op, bool ready);

}  // namespace bridge
