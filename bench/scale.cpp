// scale FOLDER DEVICES CONTAINERS USERS: the platform's face over the whole control layer and a
// database on disk, as large as asked, with an engine in memory for each device, which answers
// after a millisecond. User N of 1..USERS is logged in with the token "token-N". Prints "ready
// PORT" once it has looked at every container for the first time, and serves until it is ended.
#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

#include "api/answers.hpp"
#include "api/faces.hpp"
#include "api/platform/platform.hpp"
#include "base/limits.hpp"
#include "control/control.hpp"
#include "fakes/lab.hpp"
#include "http/server.hpp"
#include "secrets/tokens.hpp"
#include "store/sql/sql_store.hpp"

namespace berth {
namespace {

constexpr char kImage[] = "workspace:bench";
constexpr int kFirstPort = 10'000;
constexpr auto kAnswer = 1ms;  // of an engine, to anything

struct Size {
  int devices = 0;
  int containers = 0;
  int users = 0;
};

template <class T>
T must(Result<T> result) {
  if (result) return std::move(*result);
  std::fprintf(stderr, "scale: %s %s\n", result.error().message.c_str(),
               result.error().details.c_str());
  std::exit(1);
}

// Every container runs, and every device has room for as many again.
class Rows {
 public:
  Rows(Size size, const Naming& naming, const secrets::Sealer& sealer)
      : size_(size), naming_(naming), sealer_(sealer) {}

  Result<std::vector<ContainerRow>> fill(Transaction& tx) const {
    for (int i = 1; i <= size_.users; ++i) insert_user(tx, i);
    for (int i = 1; i <= size_.devices; ++i) insert_device(tx, i);
    std::vector<ContainerRow> rows;
    for (int i = 0; i < size_.containers; ++i) rows.push_back(insert_container(tx, i));
    return rows;
  }

 private:
  static void insert_user(Transaction& tx, int number) {
    const std::string name = "user" + std::to_string(number);
    const UserId uid = tx.insert_user({.name = name, .email = name}).value();
    const WallTime now = SystemClock().now();
    const std::string hash = secrets::hash_token("token-" + std::to_string(number));
    tx.insert_session({hash, uid, now, now, now + 24h});
  }

  void insert_device(Transaction& tx, int number) const {
    const int each = size_.containers / size_.devices;
    const DeviceId did = tx.insert_device({.name = "device" + std::to_string(number),
                                           .endpoint = "memory",
                                           .cpu_cores = 2 * each + 100,
                                           .memory_mb = 128 * (2 * each + 100),
                                           .cpu_name = "simulated",
                                           .ip = "127.0.0.1",
                                           .data_dir = "/data",
                                           .port_first = kFirstPort,
                                           .port_last = 60'000});
    tx.insert_image({.did = did, .name = "workspace", .is_public = true, .reference = kImage});
  }

  ContainerRow insert_container(Transaction& tx, int number) const {
    const int device = number % size_.devices;
    const int port = kFirstPort + 3 * (number / size_.devices);
    ContainerRow row{
        .owner = UserId{number % size_.users + 1},
        .did = DeviceId{device + 1},
        .iid = ImageId{device + 1},
        .name = "bench",
        .cpu_cores = 1,
        .memory_mb = 64,
        .ports = {{kSshPort, port}, {kJupyterPort, port + 1}, {kTensorboardPort, port + 2}},
        .state = State::kRunning,
        .start_pending = false,
        .made = true,
        .created_at = SystemClock().now(),
        .started_at = SystemClock().now()};
    row.cid = tx.insert_container(row);
    row.sealed_password = sealer_.seal("0123456789abcdef", naming_.data_folder(row.cid));
    tx.update_container(row);
    return row;
  }

  Size size_;
  const Naming& naming_;
  const secrets::Sealer& sealer_;
};

// What cli/ builds for the real program, with engines of another kind.
class ScaledLab {
 public:
  ScaledLab(boost::asio::io_context& io, const std::string& folder, Size size)
      : io_(io),
        sealer_(must(secrets::Sealer::open_or_create(folder + "/seal.key"))),
        file_(must(open_sqlite(io, {.path = folder + "/berth.db"}))),
        control_({io.get_executor(), *file_, host_, clock_, timers_, sealer_},
                 {.installation = "bench"}),
        answers_(control_.store, clock_, limits::kRememberedAnswers),
        services_{control_.accounts, control_.containers, control_.devices, control_.images,
                  answers_} {
    fill(size);
  }

  Result<> serve() {
    api::PlatformRoutes routes{.contract = api::platform::routes(services_)};
    server_ = std::make_unique<http::Server>(
        io_, http::ListenOptions{.address = "127.0.0.1:0", .refuse = api::refusal},
        api::platform_face(std::move(routes)));
    if (auto r = server_->listen(); !r) return r;
    std::vector<DeviceId> all;
    for (const auto& [did, engine] : engines_) all.push_back(did);
    control_.start(all);
    control_.background.start("say when ready", say_when_ready());
    return ok();
  }

 private:
  // The last thing that a round of reconciliation asks an engine.
  bool was_looked_at() const {
    return std::ranges::all_of(
        engines_, [](const auto& one) { return one.second->calls("list_images") > 0; });
  }

  Task<> say_when_ready() {
    while (!was_looked_at()) co_await timers_.sleep(100ms);
    std::printf("ready %d\n", server_->port());
    std::fflush(stdout);
  }

  void fill(Size size) {
    const Rows rows(size, control_.driver.naming(), sealer_);
    auto work = [&rows](Transaction& tx) { return rows.fill(tx); };
    const auto made = must(testing::run(io_, file_->write(work)));
    for (int i = 1; i <= size.devices; ++i) add_engine(DeviceId{i});
    for (const ContainerRow& row : made) add_to_engine(row);
  }

  void add_engine(DeviceId did) {
    const auto seed = static_cast<std::uint64_t>(did.value);
    auto engine = std::make_shared<testing::FakeEngine>(
        clock_, timers_, memory::MachineOptions{.cpus = 1000, .seed = seed});
    engine->machine.add_image(kImage);
    engine->fault = [](std::string_view) { return testing::Fault{.delay = kAnswer}; };
    control_.devices.attach(did, engine);
    engines_.emplace_back(did, engine);
  }

  void add_to_engine(const ContainerRow& row) {
    const SpecRows rows{.container = row, .device = {.data_dir = "/data"}, .image = kImage};
    auto& machine = engines_[static_cast<std::size_t>(row.did.value - 1)].second->machine;
    const std::string id = must(machine.create(make_spec(rows, control_.driver.naming(), {}, 1)));
    if (auto r = machine.start(id); !r) std::fprintf(stderr, "%s\n", r.error().message.c_str());
  }

  boost::asio::io_context& io_;
  SystemClock clock_;
  SystemTimers timers_;
  testing::FakeHost host_;
  secrets::Sealer sealer_;
  std::unique_ptr<Store> file_;
  Control control_;
  Remembered<std::string> answers_;
  api::platform::Services services_;
  std::vector<std::pair<DeviceId, std::shared_ptr<testing::FakeEngine>>> engines_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace
}  // namespace berth

int main(int count, char** words) {
  if (count != 5) return std::fprintf(stderr, "scale FOLDER DEVICES CONTAINERS USERS\n"), 2;
  boost::asio::io_context io(1);
  berth::ScaledLab lab(io, words[1],
                       {std::atoi(words[2]), std::atoi(words[3]), std::atoi(words[4])});
  if (auto r = lab.serve(); !r) return std::fprintf(stderr, "%s\n", r.error().message.c_str()), 1;
  boost::asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([](const boost::system::error_code&, int) { std::quick_exit(0); });
  io.restart();
  io.run();
}
