#pragma once

#include <algorithm>
#include <cstddef>

namespace berth::sql {

// SQL made of literals, joined while compiling: `kUser + "where uid = :uid"`.
template <std::size_t Size>
struct Literal {
  char chars[Size]{};

  consteval Literal() = default;
  consteval Literal(const char (&text)[Size]) { std::copy_n(text, Size, chars); }
};

template <std::size_t Left, std::size_t Right>
consteval Literal<Left + Right - 1> operator+(const Literal<Left>& left,
                                              const char (&right)[Right]) {
  Literal<Left + Right - 1> joined;
  std::copy_n(left.chars, Left - 1, joined.chars);
  std::copy_n(right, Right, joined.chars + Left - 1);
  return joined;
}

// The only form in which a session takes SQL. It can be made while compiling only, so that no value
// can ever become part of it: values are bound.
class Text {
 public:
  consteval Text(const char* text) : chars_(text) {}
  template <std::size_t Size>
  consteval Text(const Literal<Size>& text) : chars_(text.chars) {}

  const char* chars() const { return chars_; }

 private:
  const char* chars_;
};

}  // namespace berth::sql
