#include "host/counter_file.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace berth {

std::optional<CounterFile> CounterFile::open(const std::filesystem::path& file) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (fd < 0) return std::nullopt;
  return CounterFile(fd);
}

CounterFile::~CounterFile() {
  if (fd_ >= 0) ::close(fd_);
}

// One call: the kernel makes the whole text anew for a read from its beginning.
std::optional<std::string_view> CounterFile::read(Text& text) const {
  const ssize_t count = ::pread(fd_, text.data(), text.size(), 0);
  if (count < 0) return std::nullopt;
  return std::string_view(text.data(), static_cast<std::size_t>(count));
}

}  // namespace berth
