#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace berth::http {

// Cuts a stream of bytes into lines of at most `longest` bytes. Empty lines are left out.
class LineSplitter {
 public:
  explicit LineSplitter(std::size_t longest) : longest_(longest) {}

  // False: a line is too long, or `on_line` said so. Lines before it were given.
  bool put(std::string_view bytes, const std::function<bool(std::string_view)>& on_line);

 private:
  std::size_t longest_;
  std::string begun_;
};

}  // namespace berth::http
