#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace berth {

// Takes one code point off the front of `rest`. Nothing, and `rest` unchanged, when what stands
// there is not well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF) or
// `rest` is empty.
std::optional<char32_t> take_code_point(std::string_view& rest);

// How many code points; nothing when `text` is not well-formed.
std::optional<std::size_t> count_code_points(std::string_view text);

// `text` with every byte that belongs to no well-formed sequence replaced by U+FFFD.
std::string repair_utf8(std::string_view text);

}  // namespace berth
