#pragma once

#include <string>
#include <vector>

namespace berth::cli {

// Rows under a heading, in columns as wide as their widest cell. Width is counted in terminal
// columns: a CJK character takes two.
std::string format_table(const std::vector<std::string>& heading,
                         const std::vector<std::vector<std::string>>& rows);

}  // namespace berth::cli
