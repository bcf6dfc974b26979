#include "secrets/tar.hpp"

#include <array>
#include <cassert>
#include <cstring>
#include <numeric>

namespace berth::secrets {
namespace {

constexpr std::size_t kBlock = 512;

// The header of POSIX.1-1988: text fields, numbers in octal.
struct Header {
  char name[100];
  char mode[8];
  char uid[8];
  char gid[8];
  char size[12];
  char mtime[12];
  char checksum[8];
  char type;
  char link_name[100];
  char magic[6];
  char version[2];
  char user[32];
  char group[32];
  char dev_major[8];
  char dev_minor[8];
  char prefix[155];
  char padding[12];
};
static_assert(sizeof(Header) == kBlock);

// N - 1 digits with leading zeros, and the NUL that is there.
template <std::size_t N>
void put_octal(char (&field)[N], std::size_t value) {
  for (std::size_t i = N - 1; i-- > 0; value /= 8) field[i] = static_cast<char>('0' + value % 8);
  assert(value == 0);
}

unsigned sum_of(const Header& header) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(&header);
  return std::accumulate(bytes, bytes + kBlock, 0u);
}

std::string tar_with(char type, std::string_view path, std::string_view content, unsigned mode) {
  Header header{};
  assert(!path.empty() && path.size() <= sizeof header.name && path.front() != '/');
  std::memcpy(header.name, path.data(), path.size());
  put_octal(header.mode, mode);
  put_octal(header.uid, 0);
  put_octal(header.gid, 0);
  put_octal(header.size, content.size());
  put_octal(header.mtime, 0);
  header.type = type;
  std::memcpy(header.magic, "ustar", sizeof header.magic);
  std::memcpy(header.version, "00", sizeof header.version);
  std::memset(header.checksum, ' ', sizeof header.checksum);
  const unsigned sum = sum_of(header);  // taken with spaces in its own place
  put_octal(header.checksum, sum);

  std::string tar(reinterpret_cast<const char*>(&header), kBlock);
  tar += content;
  tar.resize((tar.size() + kBlock - 1) / kBlock * kBlock);
  tar.append(2 * kBlock, '\0');
  return tar;
}

}  // namespace

std::string tar_with_file(std::string_view path, std::string_view content, unsigned mode) {
  return tar_with('0', path, content, mode);
}

std::string tar_with_folder(std::string_view path, unsigned mode) {
  return tar_with('5', path, {}, mode);
}

}  // namespace berth::secrets
