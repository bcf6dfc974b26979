#include "engine/docker/fields.hpp"

#include "base/limits.hpp"
#include "engine/arguments.hpp"

namespace berth::docker {

namespace json = boost::json;

Document::Document(std::string_view text) {
  json::parse_options options;
  options.max_depth = limits::kEngineJsonDepth;
  boost::system::error_code error;
  value_ = json::parse(json::string_view(text.data(), text.size()), error, {}, options);
  if (error) note(error.message());
}

void Document::note(std::string_view problem) {
  if (problem_.empty()) problem_ = problem;
}

Fields Document::object() {
  const auto* object = value_.if_object();
  if (object == nullptr) note("not an object");
  return {*this, object};
}

std::vector<Fields> Document::array() {
  std::vector<Fields> all;
  const auto* array = value_.if_array();
  if (array == nullptr) {
    note("not an array");
    return all;
  }
  for (const auto& value : *array) {
    if (!value.is_object()) note("an array of something else than objects");
    all.emplace_back(*this, value.if_object());
  }
  return all;
}

void Fields::note(std::string_view key, std::string_view what) const {
  document_->note(std::string(key) + ": " + std::string(what));
}

const json::value* Fields::find(std::string_view key) const {
  if (object_ == nullptr) return nullptr;
  const auto* value = object_->if_contains(json::string_view(key.data(), key.size()));
  return value == nullptr || value->is_null() ? nullptr : value;
}

std::string Fields::text_of(std::string_view key, const json::value& value) const {
  const auto* text = value.if_string();
  if (text == nullptr || text->find('\0') != json::string::npos) {
    note(key, "not a string");
    return {};
  }
  return std::string(text->data(), text->size());
}

std::string Fields::string(std::string_view key) const {
  const auto* value = find(key);
  return value == nullptr ? std::string() : text_of(key, *value);
}

std::string Fields::required_string(std::string_view key) const {
  auto text = string(key);
  if (text.empty()) note(key, "missing");
  return text;
}

std::string Fields::container_id(std::string_view key) const {
  auto id = string(key);
  if (is_hex_id(id)) return id;
  note(key, "not an id");
  return {};
}

std::string Fields::image_id(std::string_view key) const {
  auto id = string(key);
  if (is_hex_id(id)) return "sha256:" + id;
  if (is_image_id(id)) return id;
  note(key, "not an image id");
  return {};
}

std::int64_t Fields::integer(std::string_view key) const {
  const auto* value = find(key);
  if (value == nullptr) return 0;
  boost::system::error_code error;
  if (!value->is_double()) {
    const auto number = value->to_number<std::int64_t>(error);
    if (!error) return number;
  }
  note(key, "not a whole number");
  return 0;
}

std::int64_t Fields::count(std::string_view key) const {
  const std::int64_t number = integer(key);
  if (number >= 0) return number;
  note(key, "negative");
  return 0;
}

bool Fields::boolean(std::string_view key) const {
  const auto* value = find(key);
  if (value == nullptr) return false;
  if (const auto* truth = value->if_bool()) return *truth;
  note(key, "not true or false");
  return false;
}

Fields Fields::object(std::string_view key) const {
  const auto* value = find(key);
  if (value != nullptr && !value->is_object()) note(key, "not an object");
  return {*document_, value == nullptr ? nullptr : value->if_object()};
}

std::vector<Fields> Fields::objects(std::string_view key) const {
  std::vector<Fields> all;
  const auto* value = find(key);
  if (value == nullptr) return all;
  const auto* array = value->if_array();
  if (array == nullptr) {
    note(key, "not an array");
    return all;
  }
  for (const auto& element : *array) {
    if (!element.is_object()) note(key, "an array of something else than objects");
    all.emplace_back(*document_, element.if_object());
  }
  return all;
}

std::vector<std::string> Fields::strings(std::string_view key) const {
  std::vector<std::string> all;
  const auto* value = find(key);
  if (value == nullptr) return all;
  const auto* array = value->if_array();
  if (array == nullptr) {
    note(key, "not an array");
    return all;
  }
  for (const auto& element : *array) all.push_back(text_of(key, element));
  return all;
}

std::map<std::string, std::string> Fields::texts(std::string_view key) const {
  std::map<std::string, std::string> all;
  const auto* value = find(key);
  if (value == nullptr) return all;
  const auto* object = value->if_object();
  if (object == nullptr) {
    note(key, "not an object");
    return all;
  }
  for (const auto& field : *object) all[std::string(field.key())] = text_of(key, field.value());
  return all;
}

}  // namespace berth::docker
