#include <gtest/gtest.h>
#include <sqlite3.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <map>

#include "fakes/run.hpp"
#include "store/sql/sql_store.hpp"
#include "store/sql/test_folder.hpp"

namespace berth::sql {
namespace {

// A disk that fails on demand: SQLite's own file system, with the writes and syncs of every file
// led through here.
class FaultyDisk {
 public:
  FaultyDisk() {
    real_ = sqlite3_vfs_find(nullptr);
    faulty_ = *real_;
    faulty_.zName = "faulty";
    faulty_.xOpen = &open;
    sqlite3_vfs_register(&faulty_, 1);
  }
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;
  ~FaultyDisk() {
    heal();
    sqlite3_vfs_unregister(&faulty_);
    sqlite3_vfs_register(real_, 1);
  }

  // From the nth write on, until it is healed.
  void fail_writes(int code, int nth = 1) {
    write_code_ = code;
    good_writes_ = nth - 1;
  }
  void fail_next_sync() { bad_syncs_ = 1; }
  void heal() {
    write_code_ = SQLITE_OK;
    bad_syncs_ = 0;
  }

 private:
  struct Patched {
    sqlite3_io_methods methods;  // first, so that a file's methods lead back here
    const sqlite3_io_methods* original;
  };

  static const sqlite3_io_methods* original(sqlite3_file* file) {
    return reinterpret_cast<const Patched*>(file->pMethods)->original;
  }

  static int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
    const int result = real_->xOpen(real_, name, file, flags, out_flags);
    if (file->pMethods == nullptr) return result;
    auto [entry, is_new] =
        patched_.try_emplace(file->pMethods, Patched{*file->pMethods, file->pMethods});
    entry->second.methods.xWrite = &write;
    entry->second.methods.xSync = &sync;
    file->pMethods = &entry->second.methods;
    return result;
  }

  static int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 place) {
    if (write_code_ != SQLITE_OK && good_writes_-- <= 0) return write_code_;
    return original(file)->xWrite(file, data, size, place);
  }

  static int sync(sqlite3_file* file, int flags) {
    if (bad_syncs_ > 0 && bad_syncs_-- > 0) return SQLITE_IOERR_FSYNC;
    return original(file)->xSync(file, flags);
  }

  static inline sqlite3_vfs* real_ = nullptr;
  static inline sqlite3_vfs faulty_{};
  static inline std::map<const sqlite3_io_methods*, Patched> patched_;
  static inline std::atomic<int> write_code_ = SQLITE_OK;
  static inline std::atomic<int> good_writes_ = 0;
  static inline std::atomic<int> bad_syncs_ = 0;
};

class DiskFaultTest : public ::testing::Test {
 protected:
  DiskFaultTest() { reopen(); }

  void reopen() {
    store_.reset();
    store_ = std::move(
        open_sqlite(io_, {.path = folder_.database(), .on_disk_failure = [this] { ++alarms_; }})
            .value());
  }

  Task<Result<>> set(const std::string& key) {
    return store_->write([key](Transaction& tx) -> Result<> {
      return tx.set_meta(key, std::string(3000, 'v')), ok();
    });
  }

  Result<bool> find(const std::string& key) {
    return testing::run(io_, store_->read([key](Transaction& tx) -> Result<bool> {
      return tx.meta(key).has_value();
    }));
  }
  bool has(const std::string& key) { return find(key).value(); }

  boost::asio::io_context io_;
  FaultyDisk disk_;
  TestFolder folder_;
  std::unique_ptr<Store> store_;
  int alarms_ = 0;
};

TEST_F(DiskFaultTest, AFullDiskAtAnyWriteChangesNothingAndGoesOnOnceThereIsRoom) {
  int failures = 0;
  for (int nth = 1; nth <= 20; ++nth) {
    const std::string key = "k" + std::to_string(nth);
    disk_.fail_writes(SQLITE_FULL, nth);
    const auto result = testing::run(io_, set(key));
    if (!result) {
      ++failures;
      EXPECT_EQ(result.error(),
                (Error{ErrorCode::kUnavailable, "the disk of the database is full", ""}));
    }
    EXPECT_EQ(has(key), result.has_value());
    disk_.heal();
    EXPECT_TRUE(testing::run(io_, set(key))) << nth;
    EXPECT_TRUE(has(key));
  }
  EXPECT_GE(failures, 2);
  EXPECT_LT(failures, 20) << "some had room enough";
}

TEST_F(DiskFaultTest, WhenTheCommonCommitFailsNoneOfThemIsSaved) {
  disk_.fail_writes(SQLITE_FULL);
  std::vector<Task<Result<>>> tasks;
  for (int i = 0; i < 64; ++i) tasks.push_back(set("k" + std::to_string(i)));
  for (const auto& result : testing::run_all(io_, std::move(tasks))) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::kUnavailable);
  }
  for (int i = 0; i < 64; ++i) EXPECT_FALSE(has("k" + std::to_string(i)));
  disk_.heal();
  EXPECT_TRUE(testing::run(io_, set("after")));
}

TEST_F(DiskFaultTest, AfterAFailedSyncNothingIsReadOrWrittenUntilARestart) {
  ASSERT_TRUE(testing::run(io_, set("before")));
  disk_.fail_next_sync();
  const auto result = testing::run(io_, set("lost?"));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kUnknown) << "it may be there after a restart";
  EXPECT_EQ(alarms_, 1);
  const Error failed{ErrorCode::kUnavailable,
                     "the disk of the database failed; Berth must be restarted", ""};
  EXPECT_EQ(testing::run(io_, set("refused")).error(), failed);
  EXPECT_EQ(find("before").error(), failed) << "what is read now may be untrue after the restart";
  EXPECT_EQ(alarms_, 1);
  reopen();
  EXPECT_TRUE(has("before"));
  EXPECT_FALSE(has("refused"));
  EXPECT_TRUE(testing::run(io_, set("after")));
}

}  // namespace
}  // namespace berth::sql
