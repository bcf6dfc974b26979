#include "control/matlab.hpp"

#include "async/together.hpp"
#include "base/limits.hpp"
#include "base/log.hpp"
#include "control/audit.hpp"
#include "core/matlab_names.hpp"

namespace berth {
namespace {

constexpr auto kProbeFresh = std::chrono::milliseconds(2'000);
constexpr auto kProbeForBoard = std::chrono::milliseconds(10'000);
constexpr auto kProbeKnown = std::chrono::milliseconds(60'000);
constexpr auto kCreatePatience = std::chrono::minutes(10);

std::unexpected<Error> not_found() { return fail(ErrorCode::kNotFound, "Container not found"); }

std::string subject(int user) { return matlab_names::container_id(user); }

bool is_there(const std::optional<ContainerRow>& row) {
  return row && row->wanted != Wanted::kGone;
}

}  // namespace

Matlab::Matlab(Store& store, Devices& devices, Driver& driver, Sampler& sampler, Host& host,
               Clock& clock, MatlabRules rules)
    : store_(store),
      devices_(devices),
      driver_(driver),
      sampler_(sampler),
      host_(host),
      clock_(clock),
      rules_(rules),
      creating_(rules.creates_at_once) {}

Task<Result<std::optional<ContainerRow>>> Matlab::find(int user) {
  auto work = [user](Transaction& tx) -> Result<std::optional<ContainerRow>> {
    return tx.matlab_session(user);
  };
  co_return co_await store_.read(work);
}

Task<Result<ContainerRow>> Matlab::find_session(int user) {
  auto row = co_await find(user);
  if (!row) co_return std::unexpected(row.error());
  if (!is_there(*row)) co_return not_found();
  co_return **row;
}

Task<Result<MatlabSession>> Matlab::reserve(int user, std::string session_id) {
  const WallTime now = clock_.now();
  auto work = [=, rules = rules_](Transaction& tx) -> Result<MatlabSession> {
    auto row = tx.matlab_session(user);
    if (row && row->state == State::kRunning && row->wanted == Wanted::kRunning &&
        !row->start_pending) {
      return MatlabSession{*row, MatlabOutcome::kAlreadyRunning};
    }
    if (auto device = tx.device(rules.device)) {
      if (auto r = check_takes_new(*device); !r) return std::unexpected(r.error());
    }
    if (row) {
      const bool is_new = !row->made;
      row->wanted = Wanted::kRunning;
      row->start_pending = true;
      row->session_id = session_id;
      tx.update_container(*row);
      audit(tx, now, {}, "matlab.start", subject(user));
      return MatlabSession{*row, is_new ? MatlabOutcome::kCreated : MatlabOutcome::kStarted};
    }
    ContainerRow made{.kind = ContainerKind::kMatlab,
                      .did = rules.device,
                      .slot = user,
                      .session_id = session_id,
                      .name = matlab_names::container_id(user),
                      .cpu_cores = rules.cpu_cores,
                      .memory_mb = rules.memory_mb,
                      .ports = {{kMatlabHttpPort, matlab_names::http_port(user)},
                                {kMatlabWsPort, matlab_names::ws_port(user)}},
                      .holds = false,
                      .created_at = now};
    made.cid = tx.insert_container(made);
    audit(tx, now, {}, "matlab.create", subject(user));
    return MatlabSession{made, MatlabOutcome::kCreated};
  };
  co_return co_await store_.write(work);
}

Task<Result<MatlabSession>> Matlab::create(int user, std::string session_id) {
  auto slot = co_await slots_.acquire(user);
  log(LogLevel::kInfo, "matlab create", {{"user", user}, {"session", session_id}});
  auto before = co_await find(user);
  if (!before) co_return std::unexpected(before.error());
  const auto permit = co_await creating_.acquire(kCreatePatience);
  if (!permit) co_return std::unexpected(permit.error());
  if (*before) {
    // What is true now, also when it ended a moment ago or is still on its way out.
    if (auto r = co_await driver_.settle((*before)->cid); !r) co_return std::unexpected(r.error());
  }
  auto session = co_await reserve(user, std::move(session_id));
  if (!session || session->outcome == MatlabOutcome::kAlreadyRunning) co_return session;
  const ContainerId cid = session->container.cid;
  auto made = co_await driver_.settle(cid);
  if (!made) {
    Result<> taken_back = ok();
    if (session->outcome == MatlabOutcome::kCreated) taken_back = co_await driver_.take_back(cid);
    co_return std::unexpected(taken_back ? made.error() : taken_back.error());
  }
  auto row = co_await find(user);
  if (!row) co_return std::unexpected(row.error());
  if (!*row)
    co_return fail(ErrorCode::kRefused, "docker run failed",
                   "it was removed while it was being made");
  session->container = **row;
  co_return session;
}

Task<Result<>> Matlab::destroy(int user) {
  auto slot = co_await slots_.acquire(user);
  auto row = co_await find(user);
  if (!row) co_return std::unexpected(row.error());
  if (!is_there(*row)) co_return not_found();
  const ContainerId cid = (*row)->cid;
  auto guard = co_await driver_.hold(cid);
  const WallTime now = clock_.now();
  auto work = [cid, user, now](Transaction& tx) -> Result<> {
    auto container = tx.container(cid);
    if (!is_there(container)) return not_found();
    container->wanted = Wanted::kGone;
    container->start_pending = false;
    tx.update_container(*container);
    audit(tx, now, {}, "matlab.destroy", subject(user));
    return ok();
  };
  auto marked = co_await store_.write(work);
  if (!marked) co_return marked;
  probed_.erase(cid);
  co_return co_await driver_.settle_held(cid);
}

Task<Result<>> Matlab::restart(int user) {
  auto slot = co_await slots_.acquire(user);
  auto row = co_await find(user);
  if (!row) co_return std::unexpected(row.error());
  if (!is_there(*row)) co_return not_found();
  const ContainerId cid = (*row)->cid;
  auto engine = devices_.reachable_engine((*row)->did);
  if (!engine) co_return std::unexpected(engine.error());
  auto guard = co_await driver_.hold(cid);
  const WallTime now = clock_.now();
  auto work = [cid, user, now](Transaction& tx) -> Result<> {
    auto container = tx.container(cid);
    if (!is_there(container)) return not_found();
    container->wanted = Wanted::kRunning;
    container->start_pending = true;
    tx.update_container(*container);
    audit(tx, now, {}, "matlab.restart", subject(user));
    return ok();
  };
  auto marked = co_await store_.write(work);
  if (!marked) co_return marked;
  probed_.erase(cid);
  auto restarted = co_await (*engine)->restart(
      driver_.naming().container(**row, (*row)->generation), limits::kEngineStopGrace);
  auto settled = co_await driver_.settle_held(cid);
  if (!restarted && restarted.error().code != ErrorCode::kNotFound) co_return restarted;
  if (!settled) co_return settled;
  auto after = co_await find(user);
  if (after && !is_there(*after)) co_return not_found();
  co_return ok();
}

Task<Result<MatlabHealth>> Matlab::health(int user) {
  auto row = co_await find(user);
  if (!row) co_return std::unexpected(row.error());
  if (!is_there(*row)) co_return not_found();
  if (!devices_.is_reachable((*row)->did)) {
    if (auto r = co_await driver_.settle((*row)->cid); !r) co_return std::unexpected(r.error());
    row = co_await find(user);
    if (!row) co_return std::unexpected(row.error());
    if (!is_there(*row)) co_return not_found();
  }
  MatlabHealth health{.container = **row};
  if (health.container.state != State::kRunning) co_return health;
  health.usage = sampler_.usage(health.container.cid);
  const Probed probed = co_await probe(health.container);
  health.web = probed.web;
  health.websocket = probed.websocket;
  co_return health;
}

// Real answers, not older than two seconds, however many people ask.
Task<Matlab::Probed> Matlab::probe(ContainerRow row) {
  const auto now = clock_.steady();
  auto known = probed_.find(row.cid);
  if (known != probed_.end() && now - known->second.at < kProbeFresh) co_return known->second;
  Probed probed;
  auto web = probe_web(row, probed);
  co_await together(std::move(web), probe_websocket(row, probed));
  probed.at = clock_.steady();
  if (probed_.size() > limits::kMatlabSlots) probed_.clear();
  probed_[row.cid] = probed;
  co_return probed;
}

Task<> Matlab::probe_web(const ContainerRow& row, Probed& into) {
  into.web = co_await host_.answers_http(rules_.probe_ip, host_port(row, kMatlabHttpPort));
}

Task<> Matlab::probe_websocket(const ContainerRow& row, Probed& into) {
  into.websocket = co_await host_.answers_websocket(rules_.probe_ip, host_port(row, kMatlabWsPort));
}

Task<Result<std::vector<Matlab::OnBoard>>> Matlab::board(Background& background, Changes& changes) {
  auto rows = co_await list();
  if (!rows) co_return std::unexpected(rows.error());
  const auto now = clock_.steady();
  std::vector<OnBoard> all;
  for (const ContainerRow& row : *rows) {
    OnBoard one{.container = row};
    if (row.state == State::kRunning) {
      one.usage = sampler_.usage(row.cid);
      auto known = probed_.find(row.cid);
      if (known != probed_.end() && now - known->second.at < kProbeKnown) {
        one.web = known->second.web;
        one.websocket = known->second.websocket;
      }
      const bool is_old = known == probed_.end() || now - known->second.at >= kProbeForBoard;
      if (is_old && being_probed_.insert(row.cid).second) {
        background.start("probe MATLAB", probe_again(row, changes));
      }
    }
    all.push_back(std::move(one));
  }
  co_return all;
}

Task<> Matlab::probe_again(ContainerRow row, Changes& changes) {
  auto known = probed_.find(row.cid);
  std::optional<Probed> before;
  if (known != probed_.end()) before = known->second;
  const Probed after = co_await probe(row);
  being_probed_.erase(row.cid);
  if (before && before->web == after.web && before->websocket == after.websocket) co_return;
  changes.publish({.kind = Change::Kind::kMatlab, .id = row.slot});
}

Task<Result<std::vector<ContainerRow>>> Matlab::list() {
  co_return co_await store_.read([](Transaction& tx) -> Result<std::vector<ContainerRow>> {
    std::vector<ContainerRow> there;
    for (const ContainerRow& row : tx.matlab_sessions(limits::kMatlabSlots)) {
      if (row.wanted != Wanted::kGone) there.push_back(row);
    }
    return there;
  });
}

}  // namespace berth
