#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

namespace berth::testing {

// An authority of a test's own, and the certificates that it signs; in a folder that goes with it.
class Authority {
 public:
  Authority();
  ~Authority();

  // The files ca.pem, cert.pem and key.pem in a new folder `name`. `alternative`, such as
  // "IP:127.0.0.1" or "DNS:gpu1", is whom the certificate is made out to; a negative life is one
  // that has ended.
  std::filesystem::path issue(const std::string& name, const std::string& alternative = {},
                              std::chrono::seconds life = std::chrono::hours(1));

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace berth::testing
