#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>

namespace berth {

// A file of the kernel's counters, held open and read again and again: opening it costs several
// times as much. Once its control group is gone it reads as nothing.
class CounterFile {
 public:
  // What such a file holds at most; memory.stat is the largest, about 1 KiB.
  using Text = std::array<char, 16 * 1024>;

  static std::optional<CounterFile> open(const std::filesystem::path& file);

  CounterFile(CounterFile&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  CounterFile& operator=(CounterFile&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~CounterFile();

  // Into `text`, which the view is of.
  std::optional<std::string_view> read(Text& text) const;

 private:
  explicit CounterFile(int fd) : fd_(fd) {}

  int fd_ = -1;
};

}  // namespace berth
