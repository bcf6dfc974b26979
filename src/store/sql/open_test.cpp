#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <fstream>

#include "fakes/run.hpp"
#include "store/sql/migrate.hpp"
#include "store/sql/session.hpp"
#include "store/sql/sql_store.hpp"
#include "store/sql/sqlite.hpp"
#include "store/sql/test_folder.hpp"

namespace berth::sql {
namespace {

namespace fs = std::filesystem;
using testing::run;

class OpenTest : public ::testing::Test {
 protected:
  Result<std::unique_ptr<Store>> open() { return open_sqlite(io_, {.path = path_}); }

  // The reason without the path in front of it.
  std::string refusal() {
    auto store = open();
    if (store) return "";
    const std::string prefix = "database " + path_ + ": ";
    EXPECT_TRUE(store.error().message.starts_with(prefix)) << store.error().message;
    return store.error().message.substr(std::min(prefix.size(), store.error().message.size()));
  }

  void make_database() { ASSERT_TRUE(open()); }

  void write_at(std::streamoff place, const std::string& bytes) {
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(place);
    file << bytes;
  }

  void run_sql(const std::string& text) { run_script(*connect(path_, Access::kReadWrite), text); }

  Result<> set(Store& store, const std::string& key) {
    return run(io_, store.write([key](Transaction& tx) -> Result<> {
      return tx.set_meta(key, "value"), ok();
    }));
  }

  boost::asio::io_context io_;
  TestFolder folder_;
  std::string path_ = folder_.database();
};

mode_t mode_of(const fs::path& path) {
  struct stat found{};
  EXPECT_EQ(::stat(path.c_str(), &found), 0) << path;
  return found.st_mode & 0777;
}

TEST_F(OpenTest, MakesFilesThatOnlyTheirOwnerReads) {
  const mode_t old_mask = ::umask(0);
  auto store = open();
  ASSERT_TRUE(store);
  ASSERT_TRUE(set(**store, "key"));
  ::umask(old_mask);
  for (const auto& entry : fs::directory_iterator(folder_.path()))
    EXPECT_EQ(mode_of(entry.path()), 0600);
}

TEST_F(OpenTest, TightensAFileThatOthersCouldRead) {
  make_database();
  fs::permissions(path_, fs::perms(0644));
  make_database();
  EXPECT_EQ(mode_of(path_), 0600);
}

TEST_F(OpenTest, WaitsForTheDiskAtEveryCommitAndGuardsReferences) {
  auto session = connect(path_, Access::kReadWrite);
  configure(*session, Access::kReadWrite);
  EXPECT_EQ(session->value<std::string>("pragma journal_mode"), "wal");
  EXPECT_EQ(session->value<int>("pragma synchronous"), 2);
  EXPECT_EQ(session->value<int>("pragma foreign_keys"), 1);
}

TEST_F(OpenTest, TakesAPathWithSpaces) {
  const fs::path spacious = folder_.path() / "a b  c";
  fs::create_directory(spacious);
  path_ = spacious / "berth data.db";
  make_database();
  EXPECT_TRUE(fs::exists(path_));
}

TEST_F(OpenTest, RefusesAMissingFolder) {
  path_ = folder_.path() / "nowhere" / "berth.db";
  EXPECT_EQ(refusal(), "the folder " + (folder_.path() / "nowhere").string() + " does not exist");
}

TEST_F(OpenTest, RefusesASecondBerthOnTheSameFile) {
  auto first = open();
  ASSERT_TRUE(first);
  EXPECT_EQ(refusal(), "is in use by another Berth");
  first->reset();
  EXPECT_EQ(refusal(), "");
}

TEST_F(OpenTest, RefusesAFileThatIsNoDatabase) {
  std::ofstream(path_) << "these are my shopping notes, not a database at all\n"
                       << std::string(5000, 'x');
  EXPECT_EQ(refusal(), "is damaged or not a database: file is not a database");
  EXPECT_EQ(fs::file_size(path_), 5051u) << "left as it was";
}

TEST_F(OpenTest, RefusesADatabaseWithDamagedPages) {
  make_database();
  write_at(4096 + 8, std::string(2000, '\xff'));
  const std::string why = refusal();
  EXPECT_TRUE(why.starts_with("is damaged or not a database: ")) << why;
}

TEST_F(OpenTest, RefusesATruncatedDatabase) {
  make_database();
  fs::resize_file(path_, fs::file_size(path_) / 2);
  const std::string why = refusal();
  EXPECT_TRUE(why.starts_with("is damaged or not a database: ")) << why;
}

TEST_F(OpenTest, RefusesToStartEmptyWhereALogOfTheOldOneIsLeft) {
  std::ofstream(path_ + "-wal") << "frames";
  EXPECT_TRUE(refusal().starts_with("the file is missing or empty, but its log "));
  EXPECT_FALSE(fs::exists(path_));
  std::ofstream(path_).close();
  EXPECT_TRUE(refusal().starts_with("the file is missing or empty, but its log "));
}

TEST_F(OpenTest, RefusesADatabaseOfANewerBerth) {
  make_database();
  run_sql("insert into schema_version values (9999, 'of the future')");
  EXPECT_EQ(refusal(), "was written by a newer Berth (schema 9999, this one knows " +
                           std::to_string(migrations().back().number) + ")");
}

TEST_F(OpenTest, RefusesADatabaseOfAnotherProgram) {
  run_sql("create table cookies (x)");
  EXPECT_EQ(refusal(), "is a database of another program");
}

TEST_F(OpenTest, RefusesAFolder) {
  fs::create_directory(path_);
  EXPECT_EQ(refusal(), "cannot be written: Is a directory");
}

// Root may write anywhere, so root becomes somebody else for these two.
class AsNobody {
 public:
  AsNobody() { was_root_ = ::geteuid() == 0 && ::seteuid(65534) == 0; }
  ~AsNobody() {
    if (was_root_ && ::seteuid(0) != 0) std::abort();
  }

 private:
  bool was_root_ = false;
};

TEST_F(OpenTest, RefusesAFolderThatCannotBeWritten) {
  fs::permissions(folder_.path(), fs::perms(0555));
  const AsNobody nobody;
  EXPECT_EQ(refusal(), "cannot write beside it: Permission denied");
}

TEST_F(OpenTest, RefusesAFileThatCannotBeWritten) {
  make_database();
  fs::permissions(folder_.path(), fs::perms(0777));
  fs::permissions(path_ + ".lock", fs::perms(0666));
  fs::permissions(path_, fs::perms(0444));
  const AsNobody nobody;
  EXPECT_EQ(refusal(), "cannot be written: Permission denied");
}

TEST_F(OpenTest, StopsAllWorkOnceTheFileIsDeletedOrReplaced) {
  auto store = open_sqlite(io_, {.path = path_, .file_check_every = 0ms});
  ASSERT_TRUE(store);
  ASSERT_TRUE(set(**store, "key"));
  fs::rename(path_, path_ + ".old");
  const auto refused = set(**store, "key");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(refused.error().message,
            "the database file was replaced or deleted; Berth must be restarted");
  fs::rename(path_ + ".old", path_);
  EXPECT_FALSE(set(**store, "key")) << "nobody knows what happened meanwhile";
  auto read = run(io_, (*store)->read([](Transaction&) -> Result<> { return ok(); }));
  EXPECT_FALSE(read);
}

TEST_F(OpenTest, ChecksTheFileNowAndThenOnly) {
  auto store = open_sqlite(io_, {.path = path_, .file_check_every = 1h});
  ASSERT_TRUE(set(**store, "key"));
  fs::rename(path_, path_ + ".old");
  EXPECT_TRUE(set(**store, "key"));
}

TEST_F(OpenTest, ABusyDatabaseIsSaidToBeBusyAndRecovers) {
  auto store = open();
  ASSERT_TRUE(store);
  auto other = connect(path_, Access::kReadWrite);
  begin_write(*other);
  const auto refused = set(**store, "key");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(),
            (Error{ErrorCode::kUnavailable, "the database is busy, try again", ""}));
  EXPECT_TRUE(run(io_, (*store)->read([](Transaction&) -> Result<> { return ok(); })))
      << "reads go on";
  roll_back(*other);
  EXPECT_TRUE(set(**store, "key"));
}

TEST_F(OpenTest, RefusesWritesBeyondTheQueueAndDoesTheRest) {
  auto store = open_sqlite(io_, {.path = path_, .most_waiting_writes = 10});
  ASSERT_TRUE(store);
  auto other = connect(path_, Access::kReadWrite);
  begin_write(*other);
  std::vector<Task<Result<int>>> tasks;
  for (int i = 0; i < 30; ++i) {
    tasks.push_back((*store)->write([i, &other](Transaction& tx) -> Result<int> {
      tx.set_meta(std::to_string(i), "v");
      return i;
    }));
  }
  tasks.push_back(
      (*store)->read([&other](Transaction&) -> Result<int> { return roll_back(*other), 0; }));
  std::size_t refused = 0;
  for (const auto& result : testing::run_all(io_, std::move(tasks))) {
    if (result) continue;
    EXPECT_EQ(result.error(),
              (Error{ErrorCode::kUnavailable, "the database is busy, try again", ""}));
    ++refused;
  }
  EXPECT_GE(refused, 1u);
  EXPECT_LE(refused, 20u) << "ten wait, and what the writer has taken already";
}

}  // namespace
}  // namespace berth::sql
