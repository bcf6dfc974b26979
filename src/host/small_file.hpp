#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace berth {

// A file of /proc or of a cgroup, read whole; nothing when it cannot be read or is larger than 1
// MiB.
std::optional<std::string> read_small_file(const std::filesystem::path& file);

// Takes the first line off `text`, without its end.
std::string_view take_line(std::string_view& text);

// Without blanks at both ends.
std::string_view trim(std::string_view text);

}  // namespace berth
