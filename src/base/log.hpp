#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace berth {

enum class LogLevel { kDebug, kInfo, kWarn, kError };

// One `key=value` of a log line. Values are quoted and escaped so that no user text can start a
// line or a terminal sequence. Never pass a password, a token or a hash.
struct LogField {
  LogField(std::string_view k, std::string_view v) : key(k), value(v) {}
  LogField(std::string_view k, const char* v) : key(k), value(v) {}
  LogField(std::string_view k, const std::string& v) : key(k), value(v) {}
  LogField(std::string_view k, std::int64_t v) : key(k), value(std::to_string(v)) {}
  LogField(std::string_view k, int v) : key(k), value(std::to_string(v)) {}
  LogField(std::string_view k, std::size_t v) : key(k), value(std::to_string(v)) {}

  std::string_view key;
  std::string value;
};

// Writes `2026-01-02T03:04:05.678Z info event key="value"` to standard error. Never blocks on a
// slow reader for long and never throws.
void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});

// For callers that would have to work to make the fields.
bool log_enabled(LogLevel level);

// "debug", "info", "warn" or "error"; false when it is none of them.
bool set_log_level(std::string_view name);

// The escaped form of one value: printable UTF-8 stays, control and format characters become \xNN
// or \u{NNNN}.
std::string escape_log_value(std::string_view value);

}  // namespace berth
