#include "store/sql/file_guard.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

namespace berth::sql {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kOwnerOnly = 0600;

std::unexpected<Error> refuse(const std::string& path, const std::string& why) {
  return fail(ErrorCode::kUnavailable, "database " + path + ": " + why);
}

std::string last_error() { return std::generic_category().message(errno); }

Result<> check_folder(const std::string& path) {
  const fs::path folder = fs::absolute(path).parent_path();
  std::error_code ignored;
  if (fs::is_directory(folder, ignored)) return ok();
  return refuse(path, "the folder " + folder.string() + " does not exist");
}

// An empty database must never take the place of one that was there: its log file tells.
Result<> check_not_emptied(const std::string& path) {
  std::error_code ignored;
  const bool is_empty = !fs::exists(path, ignored) || fs::file_size(path, ignored) == 0;
  const std::string wal = path + "-wal";
  if (!is_empty || !fs::exists(wal, ignored) || fs::file_size(wal, ignored) == 0) return ok();
  return refuse(path, "the file is missing or empty, but its log " + wal +
                          " is there; put the file back, or move the log away to start anew");
}

// The file's identity, or why it cannot be used.
Result<struct stat> prepare_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kOwnerOnly);
  if (file < 0) return refuse(path, "cannot be written: " + last_error());
  struct stat found{};
  const bool is_ours = ::fstat(file, &found) == 0 && ::fchmod(file, kOwnerOnly) == 0;
  const std::string error = last_error();
  ::close(file);
  if (!is_ours) return refuse(path, "cannot be made readable by its owner only: " + error);
  if (!S_ISREG(found.st_mode)) return refuse(path, "is not a file");
  return found;
}

}  // namespace

Result<FileGuard> FileGuard::take(const std::string& path) {
  if (path.find('"') != std::string::npos)
    return refuse(path, "the path contains a quotation mark");
  if (auto r = check_folder(path); !r) return std::unexpected(r.error());
  const std::string lock_path = path + ".lock";
  const int lock = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kOwnerOnly);
  if (lock < 0) return refuse(path, "cannot write beside it: " + last_error());
  FileGuard guard(path, lock);
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) return refuse(path, "is in use by another Berth");
  if (auto r = check_not_emptied(path); !r) return std::unexpected(r.error());
  auto file = prepare_file(path);
  if (!file) return std::unexpected(file.error());
  guard.device_ = file->st_dev;
  guard.inode_ = file->st_ino;
  return guard;
}

FileGuard::FileGuard(FileGuard&& other) noexcept
    : path_(std::move(other.path_)),
      lock_(std::exchange(other.lock_, -1)),
      device_(other.device_),
      inode_(other.inode_) {}

FileGuard::~FileGuard() {
  if (lock_ >= 0) ::close(lock_);
}

bool FileGuard::is_same_file() const {
  struct stat found{};
  return ::stat(path_.c_str(), &found) == 0 && found.st_dev == device_ && found.st_ino == inode_;
}

}  // namespace berth::sql
