#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace berth::api {

// Networks that may call a face; an empty list allows everybody. "10.0.0.0/8", "fd00::/8", or one address.
class AllowList {
 public:
  static Result<AllowList> parse(const std::vector<std::string>& networks);

  bool allows(std::string_view peer) const;  // an address as the server sees it; anything else is refused

 private:
  struct Network {
    std::vector<unsigned char> bytes;
    unsigned prefix = 0;
  };
  static std::vector<unsigned char> to_bytes(std::string_view address);

  std::vector<Network> networks_;
};

}  // namespace berth::api
