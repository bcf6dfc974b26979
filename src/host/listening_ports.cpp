#include "host/listening_ports.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <string>

#include "host/small_file.hpp"

namespace berth {
namespace {

constexpr std::string_view kListening = "0A";

std::string_view take_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  const std::string_view word = line.substr(0, line.find(' '));
  line.remove_prefix(word.size());
  return word;
}

// 0: none.
int parse_port(std::string_view address) {
  const std::size_t colon = address.rfind(':');
  std::uint16_t port = 0;
  if (colon == address.npos) return port;
  std::from_chars(address.data() + colon + 1, address.data() + address.size(), port, 16);
  return port;
}

}  // namespace

std::set<int> parse_listening_ports(std::string_view proc_net_tcp) {
  std::set<int> ports;
  while (!proc_net_tcp.empty()) {
    std::string_view line = take_line(proc_net_tcp);
    take_word(line);  // its number
    const std::string_view local = take_word(line);
    take_word(line);  // the remote address
    if (take_word(line) == kListening) ports.insert(parse_port(local));
  }
  ports.erase(0);
  return ports;
}

std::set<int> read_listening_ports() {
  std::set<int> ports;
  for (const char* file : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    std::ifstream lines(file);
    std::string line;
    std::getline(lines, line);  // the heading
    // Who listens comes first; of connections, which follow, there may be a hundred thousand.
    while (std::getline(lines, line)) {
      auto found = parse_listening_ports(line);
      if (found.empty()) break;
      ports.merge(found);
    }
  }
  return ports;
}

}  // namespace berth
