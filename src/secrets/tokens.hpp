#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace berth::secrets {

// 256 random bits as 43 characters of base64url: what a log-in cookie carries.
std::string make_token();

// SHA-256 as 64 hex digits: what the store keeps of a token. A plain hash is enough for 256 random
// bits.
std::string hash_token(std::string_view token);

// Random ASCII letters and digits, each equally likely (5.95 bits a character).
std::string make_password(std::size_t length);

// `bytes` random bytes as twice as many lower-case hex digits.
std::string random_hex(std::size_t bytes);

std::uint64_t random_u64();

// Takes as long wherever the two differ; only their lengths show.
bool equal_in_constant_time(std::string_view a, std::string_view b);

// Overwrites a secret that is not needed any more.
void wipe(std::string& secret);

}  // namespace berth::secrets
