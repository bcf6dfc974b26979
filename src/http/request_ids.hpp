#pragma once

#include <cstdint>
#include <string>

namespace berth::http {

// "9f86d081-2a": which run of the server, which request of it. For finding a request in the log,
// not a secret.
class RequestIds {
 public:
  RequestIds();
  std::string next();

 private:
  std::string run_;
  std::uint64_t count_ = 0;
};

}  // namespace berth::http
