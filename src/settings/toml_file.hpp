#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.hpp"

namespace berth {

struct OtherKind {};  // a date, a fraction, a table: no setting has one
using SettingValue =
    std::variant<OtherKind, bool, std::int64_t, std::string, std::vector<std::string>>;

struct SettingLine {
  std::string key;  // dotted: platform.listen
  SettingValue value;
  std::string where;  // berth.toml:12
  int item = 0;       // of an array of tables, from 1: which; a line with its name alone begins it
};

// Every key of a TOML text, in its order there. toml++ stays behind this function: it is slow to
// compile.
Result<std::vector<SettingLine>> read_setting_lines(std::string_view text, const std::string& file);

}  // namespace berth
