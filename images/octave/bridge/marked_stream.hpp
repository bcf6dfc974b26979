#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace bridge {

// Tells an interpreter's output apart from the marks that end each command's share of it. A mark is
// "\x1e" TAG "-" NUMBER "\n"; the tag is random, so that nothing a person prints is one by
// accident.
class MarkedStream {
 public:
  struct Events {
    std::function<void(std::string_view text)> text;  // valid UTF-8
    std::function<void(std::uint64_t number)> mark;
  };

  MarkedStream(std::string tag, Events events);

  void feed(std::string_view bytes);
  // The pipe has been closed: what is left is text.
  void finish();

 private:
  bool take_mark();
  bool may_become_mark() const;
  void give_text(std::size_t length, bool at_end);

  std::string opening_;  // "\x1e" TAG "-"
  Events events_;
  std::string pending_;
};

}  // namespace bridge
