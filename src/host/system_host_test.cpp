#include "host/system_host.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace berth {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

TEST(SystemHostTest, NewUsersGetTheStartupFileOfTheImage) {
  std::string root = (fs::temp_directory_path() / "berth-host-XXXXXX").string();
  ASSERT_NE(::mkdtemp(root.data()), nullptr);
  SystemHost host({::geteuid(), ::getegid()});
  ASSERT_TRUE(host.make_matlab_folders(root, 3));
  const std::string made = read(fs::path(root) / "user_3/Documents/MATLAB/startup.m");
  EXPECT_FALSE(made.empty());
  EXPECT_EQ(made, read(fs::path(BERTH_SOURCE_DIR) / "images/octave/startup.m"));
  fs::remove_all(root);
}

}  // namespace
}  // namespace berth
