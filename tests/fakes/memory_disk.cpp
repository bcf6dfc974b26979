#include "fakes/memory_disk.hpp"

#include <algorithm>
#include <cstring>
#include <new>

namespace berth::testing {
namespace {

constexpr std::size_t kSector = 512;

}  // namespace

struct MemoryDisk::Handle {
  sqlite3_file base{};  // first: SQLite knows it by this
  MemoryDisk* disk = nullptr;
  std::shared_ptr<File> file;

  static Handle& of(sqlite3_file* file) { return *reinterpret_cast<Handle*>(file); }
};

struct MemoryDisk::Methods {
  static MemoryDisk& disk(sqlite3_vfs* vfs) { return *static_cast<MemoryDisk*>(vfs->pAppData); }

  static int close(sqlite3_file* file) {
    Handle::of(file).~Handle();
    return SQLITE_OK;
  }

  static int read(sqlite3_file* file, void* into, int size, sqlite3_int64 place) {
    const std::string& bytes = Handle::of(file).file->now;
    const auto from = std::min(static_cast<std::size_t>(place), bytes.size());
    const auto there = std::min(static_cast<std::size_t>(size), bytes.size() - from);
    std::memcpy(into, bytes.data() + from, there);
    if (there == static_cast<std::size_t>(size)) return SQLITE_OK;
    std::memset(static_cast<char*>(into) + there, 0, static_cast<std::size_t>(size) - there);
    return SQLITE_IOERR_SHORT_READ;
  }

  static int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 place) {
    Handle& handle = Handle::of(file);
    bool after_half = false;
    const int code = handle.disk->ask("write", &after_half);
    if (code != SQLITE_OK) size = after_half ? size / 2 : 0;
    if (size > 0) {
      change(*handle.file, {static_cast<std::size_t>(place),
                            std::string(static_cast<const char*>(data), static_cast<std::size_t>(size))});
    }
    return code;
  }

  static int truncate(sqlite3_file* file, sqlite3_int64 size) {
    Handle& handle = Handle::of(file);
    if (const int code = handle.disk->ask("truncate"); code != SQLITE_OK) return code;
    change(*handle.file, {static_cast<std::size_t>(size), "", true});
    return SQLITE_OK;
  }

  static int sync(sqlite3_file* file, int) {
    Handle& handle = Handle::of(file);
    if (const int code = handle.disk->ask("sync"); code != SQLITE_OK) return code;
    File& bytes = *handle.file;
    for (const Change& each : bytes.unsynced) apply(bytes.synced, each, each.bytes.size());
    bytes.unsynced.clear();
    return SQLITE_OK;
  }

  static int size(sqlite3_file* file, sqlite3_int64* size) {
    *size = static_cast<sqlite3_int64>(Handle::of(file).file->now.size());
    return SQLITE_OK;
  }

  static int lock(sqlite3_file*, int) { return SQLITE_OK; }
  static int is_reserved(sqlite3_file*, int* is_reserved) {
    *is_reserved = 0;
    return SQLITE_OK;
  }
  static int control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
  static int sector(sqlite3_file*) { return static_cast<int>(kSector); }
  static int traits(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

  static int map_shared(sqlite3_file* file, int page, int size, int, void volatile** into) {
    auto& shared = Handle::of(file).file->shared;
    while (shared.size() <= static_cast<std::size_t>(page))
      shared.push_back(std::make_unique<std::string>(static_cast<std::size_t>(size), '\0'));
    *into = shared[static_cast<std::size_t>(page)]->data();
    return SQLITE_OK;
  }
  static int lock_shared(sqlite3_file*, int, int, int) { return SQLITE_OK; }
  static void barrier(sqlite3_file*) {}
  static int unmap_shared(sqlite3_file* file, int) {
    Handle::of(file).file->shared.clear();
    return SQLITE_OK;
  }

  static const sqlite3_io_methods* table() {
    static const sqlite3_io_methods kTable = [] {
      sqlite3_io_methods table{};
      table.iVersion = 2;
      table.xClose = &close;
      table.xRead = &read;
      table.xWrite = &write;
      table.xTruncate = &truncate;
      table.xSync = &sync;
      table.xFileSize = &size;
      table.xLock = &lock;
      table.xUnlock = &lock;
      table.xCheckReservedLock = &is_reserved;
      table.xFileControl = &control;
      table.xSectorSize = &sector;
      table.xDeviceCharacteristics = &traits;
      table.xShmMap = &map_shared;
      table.xShmLock = &lock_shared;
      table.xShmBarrier = &barrier;
      table.xShmUnmap = &unmap_shared;
      return table;
    }();
    return &kTable;
  }

  static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out) {
    MemoryDisk& disk = Methods::disk(vfs);
    file->pMethods = nullptr;
    if (disk.ask("open") != SQLITE_OK) return SQLITE_CANTOPEN;
    std::shared_ptr<File> found;
    if (name == nullptr) {
      found = std::make_shared<File>();
    } else {
      const auto known = disk.files_.find(std::string_view(name));
      if (known == disk.files_.end() && (flags & SQLITE_OPEN_CREATE) == 0) return SQLITE_CANTOPEN;
      found = known != disk.files_.end() ? known->second
                                         : disk.files_.emplace(name, std::make_shared<File>())
                                               .first->second;
    }
    auto* handle = new (file) Handle{{}, &disk, std::move(found)};
    handle->base.pMethods = table();
    if (out != nullptr) *out = flags;
    return SQLITE_OK;
  }

  static int remove(sqlite3_vfs* vfs, const char* name, int) {
    MemoryDisk& disk = Methods::disk(vfs);
    if (const int code = disk.ask("delete"); code != SQLITE_OK) return code;
    return disk.files_.erase(name) > 0 ? SQLITE_OK : SQLITE_IOERR_DELETE_NOENT;
  }

  static int access(sqlite3_vfs* vfs, const char* name, int, int* is_there) {
    *is_there = Methods::disk(vfs).files_.contains(std::string_view(name)) ? 1 : 0;
    return SQLITE_OK;
  }

  static int full_name(sqlite3_vfs*, const char* name, int size, char* into) {
    sqlite3_snprintf(size, into, "%s", name);
    return SQLITE_OK;
  }

  // The same in every run.
  static int randomness(sqlite3_vfs*, int size, char* into) {
    std::memset(into, 7, static_cast<std::size_t>(size));
    return size;
  }
};

MemoryDisk::MemoryDisk() {
  // As the store does it, which is too late once there is a file system of ours.
  sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
  before_ = sqlite3_vfs_find(nullptr);
  vfs_ = *before_;
  vfs_.zName = "memory-disk";
  vfs_.szOsFile = sizeof(Handle);
  vfs_.pAppData = this;
  vfs_.xOpen = &Methods::open;
  vfs_.xDelete = &Methods::remove;
  vfs_.xAccess = &Methods::access;
  vfs_.xFullPathname = &Methods::full_name;
  vfs_.xRandomness = &Methods::randomness;
  sqlite3_vfs_register(&vfs_, 1);
}

MemoryDisk::~MemoryDisk() {
  sqlite3_vfs_unregister(&vfs_);
  sqlite3_vfs_register(before_, 1);
}

int MemoryDisk::ask(std::string_view call, bool* after_half) const {
  if (!fault) return SQLITE_OK;
  const Fault plan = fault(call);
  if (after_half != nullptr) *after_half = plan.after_half;
  return plan.code;
}

void MemoryDisk::apply(std::string& bytes, const Change& change, std::size_t size) {
  if (change.truncates) {
    bytes.resize(std::min(bytes.size(), change.place));
    return;
  }
  if (bytes.size() < change.place + size) bytes.resize(change.place + size);
  std::memcpy(bytes.data() + change.place, change.bytes.data(), size);
}

void MemoryDisk::change(File& file, Change change) {
  apply(file.now, change, change.bytes.size());
  file.unsynced.push_back(std::move(change));
}

void MemoryDisk::cut_power(const std::function<int()>& draw) {
  for (auto& [name, file] : files_) {
    for (const Change& change : file->unsynced) {
      const int left = draw();
      const std::size_t whole = change.bytes.size();
      const std::size_t torn = whole / 2 / kSector * kSector;
      if (left != 0) apply(file->synced, change, left == 2 ? torn : whole);
    }
    file->unsynced.clear();
    file->now = file->synced;
    file->shared.clear();
  }
}

}  // namespace berth::testing
