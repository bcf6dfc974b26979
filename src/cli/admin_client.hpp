#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "base/result.hpp"

namespace berth::cli {

// One call to the running server over its local socket, from start to end. kUnavailable when no
// server runs there; else the server's own refusal.
class AdminClient {
 public:
  explicit AdminClient(std::string socket_path) : socket_path_(std::move(socket_path)) {}

  Result<boost::json::object> call(const std::string& method, const std::string& target,
                                   const boost::json::object& body = {}) const;

 private:
  std::string socket_path_;
};

// For a name inside a path.
std::string percent_encode(std::string_view text);

}  // namespace berth::cli
