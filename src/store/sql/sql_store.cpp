#include "store/sql/sql_store.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cassert>
#include <memory>
#include <optional>
#include <utility>

#include "base/log.hpp"
#include "store/sql/committer.hpp"
#include "store/sql/file_guard.hpp"
#include "store/sql/migrate.hpp"
#include "store/sql/session.hpp"
#include "store/sql/sqlite.hpp"
#include "store/sql/writer.hpp"

namespace berth {
namespace {

namespace asio = boost::asio;
using sql::Session;
using std::chrono::steady_clock;

constexpr char kInMemory[] = ":memory:";

// Looks at the file now and then; once it is not ours any more, nothing is read or written.
class FileWatch {
 public:
  FileWatch(sql::FileGuard guard, std::chrono::milliseconds every)
      : guard_(std::move(guard)), every_(every) {}

  Result<> check() {
    if (!is_lost_ && steady_clock::now() >= next_) look();
    if (!is_lost_) return ok();
    return fail(ErrorCode::kUnavailable,
                "the database file was replaced or deleted; Berth must be restarted");
  }

 private:
  void look() {
    next_ = steady_clock::now() + every_;
    is_lost_ = !guard_.is_same_file();
    if (is_lost_) log(LogLevel::kError, "the database file was replaced or deleted");
  }

  sql::FileGuard guard_;
  std::chrono::milliseconds every_;
  steady_clock::time_point next_{};
  bool is_lost_ = false;
};

// Once a commit's outcome is not known nothing is read or written any more.
class Alarm {
 public:
  explicit Alarm(std::function<void()> ring) : ring_(std::move(ring)) {}

  void hear(const Result<>& committed) {
    if (committed || committed.error() != sql::outcome_unknown() || has_failed_) return;
    has_failed_ = true;
    if (ring_) ring_();
  }

  Result<> check() const {
    if (!has_failed_) return ok();
    return std::unexpected(sql::disk_failed());
  }

 private:
  std::function<void()> ring_;
  bool has_failed_ = false;
};

// Hands a work to the writer and brings its result back to the coroutine's own executor.
struct SubmitTo {
  sql::Writer* writer;

  template <class Handler>
  void operator()(Handler handler, std::function<Result<>(Transaction&)> body) const {
    auto executor = asio::get_associated_executor(handler);
    auto work = asio::make_work_guard(executor);
    writer->submit(std::move(body), [handler = std::move(handler),
                                     work = std::move(work)](Result<> result) mutable {
      auto resume = [handler = std::move(handler), result = std::move(result)]() mutable {
        std::move(handler)(std::move(result));
      };
      asio::post(work.get_executor(), std::move(resume));
    });
  }
};

// On disk: a session that reads on the I/O thread, and a writer with its own session and thread.
class ThreadedStore final : public Store {
 public:
  ThreadedStore(FileWatch watch, std::unique_ptr<Session> reader, std::unique_ptr<Session> writer,
                SqliteOptions options)
      : watch_(std::move(watch)),
        alarm_(std::make_shared<Alarm>(std::move(options.on_disk_failure))),
        reader_(std::move(reader)),
        writer_(std::move(writer), options.most_waiting_writes) {}

 private:
  Task<Result<>> run_read(Body body) override {
    if (auto r = check(); !r) co_return r;
    co_return sql::read_once(*reader_, body);
  }

  Task<Result<>> run_write(Body body) override {
    if (auto r = check(); !r) co_return r;
    if (writer_.is_full())
      co_return fail(ErrorCode::kUnavailable, "the database is busy, try again");
    auto alarm = alarm_;  // a write that waits when the store closes comes back after it
    auto done = co_await asio::async_initiate<const asio::use_awaitable_t<>&, void(Result<>)>(
        SubmitTo{&writer_}, asio::use_awaitable, std::move(body));
    alarm->hear(done);
    co_return done;
  }

  Result<> check() {
    if (auto r = alarm_->check(); !r) return r;
    return watch_.check();
  }

  FileWatch watch_;
  std::shared_ptr<Alarm> alarm_;
  std::unique_ptr<Session> reader_;
  sql::Writer writer_;
};

// One session for all, on the caller's thread. In memory there is no file to watch.
class InlineStore final : public Store {
 public:
  InlineStore(std::optional<FileWatch> watch, std::unique_ptr<Session> session,
              std::function<void()> on_disk_failure)
      : watch_(std::move(watch)),
        alarm_(std::move(on_disk_failure)),
        committer_(std::move(session)) {}

 private:
  Task<Result<>> run_read(Body body) override {
    if (auto r = check(); !r) co_return r;
    co_return sql::read_once(committer_.session(), body);
  }

  Task<Result<>> run_write(Body body) override {
    if (auto r = check(); !r) co_return r;
    sql::Work work{std::move(body)};
    sql::Work* works[] = {&work};
    committer_.commit_together(works);
    alarm_.hear(work.result);
    co_return std::move(work.result);
  }

  Result<> check() {
    if (auto r = alarm_.check(); !r) return r;
    return watch_ ? watch_->check() : ok();
  }

  std::optional<FileWatch> watch_;
  Alarm alarm_;
  sql::Committer committer_;
};

// The session that writes, on a database that is sound and up to date.
Result<std::unique_ptr<Session>> open_checked(const std::string& path) {
  auto refuse = [&](const Error& why) {
    return fail(why.code, "database " + path + ": " + why.message);
  };
  try {
    auto session = sql::connect(path, sql::Access::kReadWrite);
    if (auto r = sql::check_sound(*session); !r) return refuse(r.error());
    sql::configure(*session, sql::Access::kReadWrite);
    if (auto r = sql::migrate(*session, migrations()); !r) return refuse(r.error());
    return session;
  } catch (const std::exception& failure) {
    return refuse(sql::to_error(failure));
  }
}

Result<std::unique_ptr<Session>> open_reader(const std::string& path) {
  try {
    auto session = sql::connect(path, sql::Access::kReadOnly);
    sql::configure(*session, sql::Access::kReadOnly);
    return session;
  } catch (const std::exception& failure) {
    const Error why = sql::to_error(failure);
    return fail(why.code, "database " + path + ": " + why.message);
  }
}

Result<std::unique_ptr<Store>> open_in_memory() {
  auto session = open_checked(kInMemory);
  if (!session) return std::unexpected(session.error());
  return std::make_unique<InlineStore>(std::nullopt, std::move(*session), nullptr);
}

}  // namespace

Result<std::unique_ptr<Store>> open_sqlite(asio::io_context&, SqliteOptions options) {
  if (options.path == kInMemory) {
    assert(options.inline_writes);
    return open_in_memory();
  }
  auto guard = sql::FileGuard::take(options.path);
  if (!guard) return std::unexpected(guard.error());
  FileWatch watch(std::move(*guard), options.file_check_every);
  auto writer = open_checked(options.path);
  if (!writer) return std::unexpected(writer.error());
  if (options.inline_writes)
    return std::make_unique<InlineStore>(std::move(watch), std::move(*writer),
                                         std::move(options.on_disk_failure));
  auto reader = open_reader(options.path);
  if (!reader) return std::unexpected(reader.error());
  return std::make_unique<ThreadedStore>(std::move(watch), std::move(*reader), std::move(*writer),
                                         std::move(options));
}

}  // namespace berth
