#pragma once

#include <soci/soci.h>

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "store/store.hpp"

// How the house's types lie in the database: no id as null, times as milliseconds, enums as their
// names, bool as 0 or 1.

namespace berth::sql {

// Specialised for each enum: its names in the order of its values.
template <class Enum>
struct Names;

template <>
struct Names<Role> {
  static constexpr std::string_view kAll[] = {"user", "admin"};
};
template <>
struct Names<ImageState> {
  static constexpr std::string_view kAll[] = {"saving", "ready", "removing"};
};
template <>
struct Names<ContainerKind> {
  static constexpr std::string_view kAll[] = {"workspace", "matlab"};
};
template <>
struct Names<Wanted> {
  static constexpr std::string_view kAll[] = {"running", "stopped", "gone"};
};
template <>
struct Names<State> {
  static constexpr std::string_view kAll[] = {"creating", "running", "paused", "stopped"};
};

template <class T>
concept Named = requires { Names<T>::kAll; };

template <Named Enum>
std::string_view name_of(Enum value) {
  return Names<Enum>::kAll[static_cast<std::size_t>(value)];
}

template <Named Enum>
Enum value_of(std::string_view name) {
  for (std::size_t i = 0; i < std::size(Names<Enum>::kAll); ++i) {
    if (Names<Enum>::kAll[i] == name) return static_cast<Enum>(i);
  }
  throw std::runtime_error("unknown value in the database: " + std::string(name));
}

}  // namespace berth::sql

namespace soci {

template <class Tag>
struct type_conversion<berth::Id<Tag>> {
  using base_type = long long;
  static void from_base(long long value, indicator ind, berth::Id<Tag>& id) {
    id.value = ind == i_null ? 0 : value;
  }
  static void to_base(const berth::Id<Tag>& id, long long& value, indicator& ind) {
    value = id.value;
    ind = id ? i_ok : i_null;
  }
};

template <>
struct type_conversion<berth::WallTime> {
  using base_type = long long;
  static void from_base(long long value, indicator, berth::WallTime& at) {
    at = berth::from_unix_ms(value);
  }
  static void to_base(const berth::WallTime& at, long long& value, indicator& ind) {
    value = berth::to_unix_ms(at);
    ind = i_ok;
  }
};

template <>
struct type_conversion<bool> {
  using base_type = int;
  static void from_base(int value, indicator, bool& flag) { flag = value != 0; }
  static void to_base(const bool& flag, int& value, indicator& ind) {
    value = flag ? 1 : 0;
    ind = i_ok;
  }
};

template <berth::sql::Named Enum>
struct type_conversion<Enum> {
  using base_type = std::string;
  static void from_base(const std::string& name, indicator, Enum& value) {
    value = berth::sql::value_of<Enum>(name);
  }
  static void to_base(const Enum& value, std::string& name, indicator& ind) {
    name = berth::sql::name_of(value);
    ind = i_ok;
  }
};

}  // namespace soci
