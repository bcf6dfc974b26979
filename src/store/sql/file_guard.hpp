#pragma once

#include <sys/types.h>

#include <string>

#include "base/result.hpp"

namespace berth::sql {

// The database's file as ours alone: locked against a second Berth (PATH.lock, for as long as this
// lives), readable by its owner only, and watched for being replaced or deleted.
class FileGuard {
 public:
  // Makes an empty file where there is none. kUnavailable with a sentence for the admin.
  static Result<FileGuard> take(const std::string& path);

  FileGuard(FileGuard&& other) noexcept;
  FileGuard& operator=(FileGuard&&) = delete;
  ~FileGuard();

  // One stat call.
  bool is_same_file() const;

 private:
  FileGuard(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}

  std::string path_;
  int lock_ = -1;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace berth::sql
