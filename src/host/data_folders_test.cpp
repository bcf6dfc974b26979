#include "host/data_folders.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace berth {
namespace {

namespace fs = std::filesystem;

constexpr char kStartup[] = "berth_websocket(8889);\n";

class DataFoldersTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "berth-data-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    root_ = name;
    // Only root may give folders away.
    owner_ = ::geteuid() == 0 ? FolderOwner{1000, 1000} : FolderOwner{::geteuid(), ::getegid()};
  }
  void TearDown() override { fs::remove_all(root_); }

  Result<> make(int user = 1) {
    return make_matlab_folders((root_ / "matlab").string(), user, owner_, kStartup);
  }
  fs::path home(int user = 1) const { return root_ / "matlab" / ("user_" + std::to_string(user)); }

  static struct stat status(const fs::path& path) {
    struct stat found{};
    EXPECT_EQ(::lstat(path.c_str(), &found), 0) << path;
    return found;
  }
  static std::string read(const fs::path& path) {
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }

  fs::path root_;
  FolderOwner owner_;
};

TEST_F(DataFoldersTest, MakesAWorkspacesFolderOnce) {
  const std::string data_dir = (root_ / "a/b/data").string();
  ASSERT_TRUE(make_workspace_folder(data_dir, "x-7"));
  EXPECT_EQ(status(data_dir + "/x-7").st_mode & 07777, 0700u);
  std::ofstream(data_dir + "/x-7/file") << "kept";
  ASSERT_TRUE(make_workspace_folder(data_dir, "x-7"));
  EXPECT_EQ(read(data_dir + "/x-7/file"), "kept");
  EXPECT_EQ(std::distance(fs::directory_iterator(data_dir), {}), 1);
}

TEST_F(DataFoldersTest, KnowsAFolderThatSomebodyHasFilesIn) {
  const std::string data_dir = (root_ / "data").string();
  EXPECT_TRUE(check_workspace_unused(data_dir, "x-7"));
  ASSERT_TRUE(make_workspace_folder(data_dir, "x-7"));
  EXPECT_TRUE(check_workspace_unused(data_dir, "x-7"));
  std::ofstream(data_dir + "/x-7/file") << "a thesis";
  const auto used = check_workspace_unused(data_dir, "x-7");
  ASSERT_FALSE(used);
  EXPECT_EQ(used.error().code, ErrorCode::kRefused);
  fs::create_symlink("/etc", data_dir + "/x-8");
  EXPECT_FALSE(check_workspace_unused(data_dir, "x-8"));
}

TEST_F(DataFoldersTest, TheUmaskOpensNothing) {
  const mode_t before = ::umask(0);
  EXPECT_TRUE(make_workspace_folder((root_ / "data").string(), "x-7"));
  ::umask(before);
  EXPECT_EQ(status(root_ / "data").st_mode & 07777, 0755u);
  EXPECT_EQ(status(root_ / "data/x-7").st_mode & 07777, 0700u);
}

TEST_F(DataFoldersTest, AWorkspacesFolderIsNeverALink) {
  fs::create_directories(root_ / "data");
  fs::create_directory_symlink("/etc", root_ / "data/x-7");
  const auto made = make_workspace_folder((root_ / "data").string(), "x-7");
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error(), (Error{ErrorCode::kConflict, "x-7 is not a folder", ""}));
}

TEST_F(DataFoldersTest, MakesAllMatlabFoldersAndTheStartupFile) {
  ASSERT_TRUE(make(100));
  for (const char* name : {"", "commands", "results", "scripts", "logs", "command_queue", "models",
                           "Documents", "Documents/MATLAB"}) {
    const auto found = status(home(100) / name);
    EXPECT_TRUE(S_ISDIR(found.st_mode)) << name;
    EXPECT_EQ(found.st_mode & 07777, 0700u) << name;
    EXPECT_EQ(found.st_uid, owner_.uid) << name;
  }
  EXPECT_EQ(read(home(100) / "Documents/MATLAB/startup.m"), kStartup);
  EXPECT_EQ(status(home(100) / "Documents/MATLAB/startup.m").st_uid, owner_.uid);
  for (const auto& entry : fs::recursive_directory_iterator(root_))
    EXPECT_NE(entry.path().filename(), ".berth-new");
}

TEST_F(DataFoldersTest, TouchesNothingThatIsThere) {
  ASSERT_TRUE(make());
  const fs::path startup = home() / "Documents/MATLAB/startup.m";
  std::ofstream(startup) << "mine";
  fs::permissions(home() / "commands", fs::perms(0750));
  fs::remove(home() / "logs");
  ASSERT_TRUE(make());
  EXPECT_EQ(read(startup), "mine");
  EXPECT_EQ(status(home() / "commands").st_mode & 07777, 0750u);
  EXPECT_TRUE(fs::is_directory(home() / "logs"));
}

TEST_F(DataFoldersTest, FollowsNoLinkThatATenantMade) {
  ASSERT_TRUE(make());
  const fs::path victim = root_ / "victim";
  fs::create_directories(victim / "MATLAB");
  fs::remove_all(home() / "Documents");
  fs::create_directory_symlink(victim, home() / "Documents");
  fs::remove(home() / "commands");
  fs::create_directory_symlink(victim, home() / "commands");
  const uid_t uid = status(victim).st_uid;
  ASSERT_TRUE(make());
  EXPECT_TRUE(fs::is_empty(victim / "MATLAB"));
  EXPECT_EQ(status(victim).st_uid, uid);
  EXPECT_TRUE(fs::is_symlink(home() / "commands"));
}

TEST_F(DataFoldersTest, LeavesADanglingLinkInPlaceOfTheStartupFile) {
  ASSERT_TRUE(make());
  const fs::path startup = home() / "Documents/MATLAB/startup.m";
  fs::remove(startup);
  fs::create_symlink(root_ / "made-by-root", startup);
  ASSERT_TRUE(make());
  EXPECT_FALSE(fs::exists(root_ / "made-by-root"));
}

TEST_F(DataFoldersTest, PipesAndFilesInTheWayStopNothing) {
  ASSERT_TRUE(make());
  fs::remove(home() / "models");
  ASSERT_EQ(::mkfifo((home() / "models").c_str(), 0600), 0);
  fs::remove(home() / "logs");
  std::ofstream(home() / "logs") << "a file";
  fs::remove(home() / "scripts");
  ASSERT_TRUE(make());
  EXPECT_TRUE(fs::is_directory(home() / "scripts"));
}

TEST_F(DataFoldersTest, AUsersFolderThatIsALinkIsRefused) {
  fs::create_directories(root_ / "matlab");
  fs::create_directory_symlink("/etc", home());
  const auto made = make();
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().message, "user_1 is not a folder");
}

TEST_F(DataFoldersTest, GoesOnWhereACrashLeftIt) {
  ASSERT_TRUE(make());
  fs::remove(home() / "commands");
  fs::create_directory(home() / ".berth-new");
  fs::remove(home() / "Documents/MATLAB/startup.m");
  std::ofstream(home() / "Documents/MATLAB/.berth-new") << "half";
  ASSERT_TRUE(make());
  EXPECT_TRUE(fs::is_directory(home() / "commands"));
  EXPECT_EQ(read(home() / "Documents/MATLAB/startup.m"), kStartup);
  EXPECT_FALSE(fs::exists(home() / ".berth-new"));
}

TEST_F(DataFoldersTest, AFailureCarriesNoPath) {
  std::ofstream(root_ / "file") << "";
  const auto made = make_workspace_folder((root_ / "file/data").string(), "x-7");
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(made.error().message.find(root_.string()), std::string::npos) << made.error().message;
}

}  // namespace
}  // namespace berth
