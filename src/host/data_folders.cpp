#include "host/data_folders.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cassert>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <utility>

#include "base/log.hpp"

namespace berth {
namespace {

constexpr mode_t kAdminMode = 0755;  // of missing folders above the tenants' own
constexpr mode_t kTenantMode = 0700;
constexpr mode_t kFileMode = 0644;
constexpr char kDraft[] = ".berth-new";  // what is being made; of a crash, when it is there before

class Fd {
 public:
  explicit Fd(int fd = -1) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_;
};

std::unexpected<Error> failed(std::string_view what, const std::string& name, int error) {
  log(LogLevel::kError, "data folder failed",
      {{"step", what}, {"name", name}, {"error", std::strerror(error)}});
  return fail(ErrorCode::kUnavailable,
              "the data folder cannot be made: " + std::string(std::strerror(error)));
}

// One name beneath `parent`, and no link of any kind on the way.
Fd open_folder(int parent, const std::string& name) {
  open_how how{};
  how.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  return Fd(static_cast<int>(::syscall(SYS_openat2, parent, name.c_str(), &how, sizeof how)));
}

bool is_there(int parent, const std::string& name) {
  struct stat status{};
  return ::fstatat(parent, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
}

// 0 or errno's value. Replaces nothing, except on file systems that cannot promise it (NFS), where
// it was looked at first.
int move_into_place(int parent, const std::string& draft, const std::string& name) {
  if (::renameat2(parent, draft.c_str(), parent, name.c_str(), RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return errno;
  if (is_there(parent, name)) return EEXIST;
  return ::renameat(parent, draft.c_str(), parent, name.c_str()) == 0 ? 0 : errno;
}

int give_to(const Fd& made, FolderOwner owner) {
  struct stat status{};
  if (::fstat(made.get(), &status) != 0) return errno;
  if (status.st_uid == owner.uid && status.st_gid == owner.gid) return 0;
  return ::fchown(made.get(), owner.uid, owner.gid) == 0 ? 0 : errno;
}

// The folder `name`, made and given to `owner` where there was nothing. kConflict: something else
// has that name.
Result<Fd> put_folder(const Fd& parent, const std::string& name, FolderOwner owner) {
  if (Fd there = open_folder(parent.get(), name)) return there;
  if (errno != ENOENT) {
    if (errno == ELOOP || errno == ENOTDIR)
      return fail(ErrorCode::kConflict, name + " is not a folder");
    return failed("open", name, errno);
  }
  ::unlinkat(parent.get(), kDraft, AT_REMOVEDIR);
  if (::mkdirat(parent.get(), kDraft, kTenantMode) != 0) return failed("make", name, errno);
  Fd made = open_folder(parent.get(), kDraft);
  if (!made) return failed("open new", name, errno);
  if (int error = give_to(made, owner)) return failed("chown", name, error);
  const int error = move_into_place(parent.get(), kDraft, name);
  if (error == EEXIST) {
    ::unlinkat(parent.get(), kDraft, AT_REMOVEDIR);
    return put_folder(parent, name, owner);
  }
  if (error != 0) return failed("rename", name, error);
  ::fsync(parent.get());
  return made;
}

Result<> write_all(const Fd& file, std::string_view content) {
  while (!content.empty()) {
    const ssize_t count = ::write(file.get(), content.data(), content.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed("write", "startup.m", errno);
    content.remove_prefix(static_cast<std::size_t>(count));
  }
  return ok();
}

Result<> put_file(const Fd& parent, const std::string& name, std::string_view content,
                  FolderOwner owner) {
  if (is_there(parent.get(), name)) return ok();
  ::unlinkat(parent.get(), kDraft, 0);
  Fd file(::openat(parent.get(), kDraft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                   kFileMode));
  if (!file) return failed("make", name, errno);
  if (auto r = write_all(file, content); !r) return r;
  if (int error = give_to(file, owner)) return failed("chown", name, error);
  if (::fsync(file.get()) != 0) return failed("sync", name, errno);
  const int error = move_into_place(parent.get(), kDraft, name);
  if (error != 0) ::unlinkat(parent.get(), kDraft, 0);
  if (error != 0 && error != EEXIST) return failed("rename", name, error);
  return ok();
}

// A folder of the admin's, links and all, with what is missing above it.
Result<Fd> open_admin_folder(const std::string& path) {
  for (std::size_t slash = path.find('/', 1); slash != path.npos;
       slash = path.find('/', slash + 1)) {
    ::mkdir(path.substr(0, slash).c_str(), kAdminMode);
  }
  if (::mkdir(path.c_str(), kAdminMode) != 0 && errno != EEXIST) return failed("make", path, errno);
  Fd folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return failed("open", path, errno);
  return folder;
}

// What the tenant has put in our way is the tenant's business.
Result<> pass_over_conflict(Result<Fd> folder) {
  if (folder || folder.error().code == ErrorCode::kConflict) return ok();
  return std::unexpected(folder.error());
}

Result<> make_documents(const Fd& home, FolderOwner owner, std::string_view startup) {
  auto documents = put_folder(home, "Documents", owner);
  if (!documents) return pass_over_conflict(std::move(documents));
  auto matlab = put_folder(*documents, "MATLAB", owner);
  if (!matlab) return pass_over_conflict(std::move(matlab));
  return put_file(*matlab, "startup.m", startup, owner);
}

}  // namespace

Result<> make_workspace_folder(const std::string& data_dir, const std::string& folder) {
  assert(!folder.empty() && folder.find('/') == folder.npos && folder[0] != '.');
  auto parent = open_admin_folder(data_dir);
  if (!parent) return std::unexpected(parent.error());
  auto made = put_folder(*parent, folder, {::geteuid(), ::getegid()});
  if (!made) return std::unexpected(made.error());
  return ok();
}

Result<> check_workspace_unused(const std::string& data_dir, const std::string& folder) {
  auto parent = open_admin_folder(data_dir);
  if (!parent) return std::unexpected(parent.error());
  Fd there = open_folder(parent->get(), folder);
  if (!there) return errno == ENOENT ? ok() : failed("open", folder, errno);
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(::fdopendir(::dup(there.get())), &::closedir);
  if (!entries) return failed("read", folder, errno);
  while (true) {
    errno = 0;
    const dirent* entry = ::readdir(entries.get());
    if (entry == nullptr) return errno == 0 ? ok() : failed("read", folder, errno);
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    log(LogLevel::kError, "data folder of another container", {{"name", folder}});
    return fail(ErrorCode::kRefused, "its folder has the files of another container already");
  }
}

Result<> make_matlab_folders(const std::string& root, int user, FolderOwner owner,
                             std::string_view startup) {
  auto parent = open_admin_folder(root);
  if (!parent) return std::unexpected(parent.error());
  auto home = put_folder(*parent, "user_" + std::to_string(user), owner);
  if (!home) return std::unexpected(home.error());
  for (const char* name : {"commands", "results", "scripts", "logs", "command_queue", "models"}) {
    if (auto r = pass_over_conflict(put_folder(*home, name, owner)); !r) return r;
  }
  return make_documents(*home, owner, startup);
}

}  // namespace berth
