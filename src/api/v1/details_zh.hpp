#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace berth::api::v1 {

// In Chinese, what a problem's `detail` says: the rules that the page's forms meet, and what is
// counted or waited for. Nothing for other words, such as an engine's own.
std::optional<std::string> detail_zh(std::string_view detail);

}  // namespace berth::api::v1
