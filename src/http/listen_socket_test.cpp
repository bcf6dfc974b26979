#include "http/listen_socket.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace berth::http {
namespace {

TEST(ListenSocketTest, TellsATakenPortFromABadAddress) {
  const auto first = ListenSocket::open("127.0.0.1:0");
  ASSERT_TRUE(first);
  ASSERT_NE(first->port(), 0);
  const auto second = ListenSocket::open("127.0.0.1:" + std::to_string(first->port()));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kConflict);
  EXPECT_EQ(ListenSocket::open("203.0.113.1:0").error().code, ErrorCode::kInvalid);
}

TEST(ListenSocketTest, NobodyWaitingIsEagain) {
  const auto socket = ListenSocket::open("127.0.0.1:0");
  ASSERT_TRUE(socket);
  EXPECT_EQ(socket->accept().error(), EAGAIN);
}

class UnixSocketTest : public testing::Test {
 protected:
  UnixSocketTest()
      : folder_(std::filesystem::temp_directory_path() / ("berth-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
  }
  ~UnixSocketTest() override { std::filesystem::remove_all(folder_); }

  std::string path() const { return folder_ / "s"; }
  std::string address() const { return "unix:" + path(); }

  std::filesystem::path folder_;
};

TEST_F(UnixSocketTest, IsForItsOwnerAloneAndGoesAwayWhenClosed) {
  {
    const auto socket = ListenSocket::open(address());
    ASSERT_TRUE(socket) << socket.error().message;
    struct stat info{};
    ASSERT_EQ(::lstat(path().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600u);
  }
  EXPECT_FALSE(std::filesystem::exists(path()));
}

TEST_F(UnixSocketTest, LeavesASocketThatSomebodyAnswersOn) {
  const auto first = ListenSocket::open(address());
  ASSERT_TRUE(first);
  const auto second = ListenSocket::open(address());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kConflict);
  EXPECT_TRUE(std::filesystem::exists(path()));
}

TEST_F(UnixSocketTest, ReplacesWhatAKilledProcessLeft) {
  const auto made = parse_listen_address(address());
  const int left = ::socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(::bind(left, made->get(), made->size), 0);
  ::close(left);
  ASSERT_TRUE(std::filesystem::exists(path()));
  EXPECT_TRUE(ListenSocket::open(address()));
}

TEST_F(UnixSocketTest, NeverRemovesAnotherKindOfFile) {
  std::ofstream(path()) << "precious";
  EXPECT_EQ(ListenSocket::open(address()).error().code, ErrorCode::kConflict);
  EXPECT_TRUE(std::filesystem::is_regular_file(path()));
}

TEST_F(UnixSocketTest, LeavesTheFileOfASuccessor) {
  auto first = ListenSocket::open(address());
  ASSERT_TRUE(first);
  std::filesystem::remove(path());
  const auto second = ListenSocket::open(address());
  ASSERT_TRUE(second);
  first->close();
  EXPECT_TRUE(std::filesystem::exists(path()));
}

}  // namespace
}  // namespace berth::http
