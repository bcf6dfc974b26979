#include "host/listening_ports.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

namespace berth {
namespace {

TEST(ListeningPortsTest, ReadsPortsThatAreListenedOnAndNoOthers) {
  const char* text =
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
      "inode\n"
      "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 "
      "1 1\n"
      "   1: 0100007F:1F91 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 "
      "2 1\n"
      "  10: 00000000000000000000000001000000:0016 00000000000000000000000000000000:0000 0A 0:0 "
      "0:0 0 0 0 3\n";
  EXPECT_EQ(parse_listening_ports(text), (std::set<int>{0x1F90, 22}));
}

TEST(ListeningPortsTest, NonsenseIsNoPort) {
  EXPECT_TRUE(parse_listening_ports("").empty());
  EXPECT_TRUE(parse_listening_ports("a b c 0A\n\n0A 0A 0A 0A\n").empty());
  EXPECT_TRUE(parse_listening_ports("1: 0:FFFFF 0:0 0A\n2: 0:-1 0:0 0A\n").empty());
}

TEST(ListeningPortsTest, SeesAPortOfThisMachine) {
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t size = sizeof(address);
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(listener, 1), 0);
  ASSERT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  const int port = ntohs(address.sin_port);
  EXPECT_TRUE(read_listening_ports().contains(port));
  ::close(listener);
  EXPECT_FALSE(read_listening_ports().contains(port));
}

}  // namespace
}  // namespace berth
