#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace berth::docker {

class Fields;

// The JSON of one engine answer, at most limits::kEngineJsonDepth deep. Reading goes on after the
// first field of a wrong kind and gives empty values; `problem` then says which it was, and nothing
// that was read may be used.
class Document {
 public:
  explicit Document(std::string_view text);

  Fields object();
  std::vector<Fields> array();
  bool is_sound() const { return problem_.empty(); }

  // `read`, unless a field was not as expected: then kUnknown, since what the engine did is not
  // known.
  template <class T>
  Result<T> finish(T read) const {
    if (!is_sound())
      return fail(ErrorCode::kUnknown, "the engine's answer could not be understood", problem_);
    return read;
  }

 private:
  friend class Fields;
  void note(std::string_view problem);

  boost::json::value value_;
  std::string problem_;
};

// Typed access to one JSON object. A member that is absent or null reads as empty, and as a problem
// where the name says `required`. Strings with a zero byte are a problem: no honest engine sends
// one.
class Fields {
 public:
  Fields(Document& document, const boost::json::object* object)
      : document_(&document), object_(object) {}

  std::string string(std::string_view key) const;
  std::string required_string(std::string_view key) const;
  std::string container_id(std::string_view key) const;  // 64 hex digits
  std::string image_id(
      std::string_view key) const;  // sha256: and 64 of them; the prefix is added where it lacks
  std::int64_t integer(std::string_view key) const;
  std::int64_t count(std::string_view key) const;  // of anything: never negative
  bool boolean(std::string_view key) const;
  Fields object(std::string_view key) const;
  std::vector<Fields> objects(std::string_view key) const;
  std::vector<std::string> strings(std::string_view key) const;
  std::map<std::string, std::string> texts(std::string_view key) const;  // an object of strings
  bool has(std::string_view key) const { return find(key) != nullptr; }

  void note(std::string_view key, std::string_view what) const;

 private:
  const boost::json::value* find(std::string_view key) const;
  std::string text_of(std::string_view key, const boost::json::value& value) const;

  Document* document_;
  const boost::json::object* object_;  // null: nothing in it
};

}  // namespace berth::docker
