#pragma once

namespace berth::secrets {

// libsodium, ready to use. Cheap after the first call; ends the program when the system has no
// randomness to give.
void ensure_sodium();

}  // namespace berth::secrets
