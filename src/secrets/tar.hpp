#pragma once

#include <string>
#include <string_view>

namespace berth::secrets {

// Tar archives (POSIX ustar) with one thing of root's. `path` is relative and at most 100 bytes;
// `mode` like 0600. Unpacked over a folder that is there, the second only changes whose it is and
// who may enter.
std::string tar_with_file(std::string_view path, std::string_view content, unsigned mode);
std::string tar_with_folder(std::string_view path, unsigned mode);

}  // namespace berth::secrets
