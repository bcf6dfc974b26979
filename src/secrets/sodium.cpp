#include "secrets/sodium.hpp"

#include <sodium.h>

#include <cstdlib>

namespace berth::secrets {

void ensure_sodium() {
  static const bool kReady = sodium_init() >= 0;
  if (!kReady) std::abort();
}

}  // namespace berth::secrets
