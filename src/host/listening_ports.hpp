#pragma once

#include <set>
#include <string_view>

namespace berth {

// The TCP ports in /proc/net/tcp or tcp6 that somebody listens on.
std::set<int> parse_listening_ports(std::string_view proc_net_tcp);

// Of this machine, whoever has them; empty where /proc does not tell.
std::set<int> read_listening_ports();

}  // namespace berth
