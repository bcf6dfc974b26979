#pragma once

#include <string>
#include <string_view>

namespace berth::secrets {

// A tar archive (POSIX ustar) with one regular file of root's. `path` is relative and at most 100
// bytes; `mode` like 0600.
std::string tar_with_file(std::string_view path, std::string_view content, unsigned mode);

}  // namespace berth::secrets
