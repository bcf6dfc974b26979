#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <string_view>

#include "store/sql/session.hpp"
#include "store/sql/sql_transaction.hpp"

namespace berth::sql {
namespace {

constexpr Literal kContainer =
    "select cid, kind, owner, did, iid, slot, session_id, name, cpu_cores, memory_mb, wanted, "
    "state, start_pending, "
    "holds, made, rebuild, generation, sealed_password, reason, created_at, started_at, ports, "
    "gpus "
    "from whole_containers ";
constexpr auto kContainerByCid = kContainer + "where cid = :cid";
constexpr auto kMatlabBySlot = kContainer + "where kind = 'matlab' and slot = :slot";
constexpr auto kContainers = kContainer + "order by cid limit :most";
constexpr auto kContainersOfOwner = kContainer + "where owner = :owner order by cid limit :most";
constexpr auto kContainersOnDevice = kContainer + "where did = :did order by cid limit :most";
constexpr auto kMatlabSessions = kContainer + "where kind = 'matlab' order by slot limit :most";

// A row as the view has it: ports and GPUs still as text, "22:30001 8888:30002" and "3 1".
struct Found {
  ContainerRow row;
  std::string ports;
  std::string gpus;
};

auto found_columns(Found& f) {
  ContainerRow& c = f.row;
  return std::tie(c.cid, c.kind, c.owner, c.did, c.iid, c.slot, c.session_id, c.name, c.cpu_cores,
                  c.memory_mb, c.wanted, c.state, c.start_pending, c.holds, c.made, c.rebuild,
                  c.generation, c.sealed_password, c.reason, c.created_at, c.started_at, f.ports,
                  f.gpus);
}

template <class Number>
Number take_number(std::string_view& text) {
  Number number = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
  if (end.ec != std::errc())
    throw std::runtime_error("ports or gpus of a container are unreadable");
  text.remove_prefix(static_cast<std::size_t>(end.ptr - text.data()));
  if (!text.empty()) text.remove_prefix(1);  // the mark between two numbers
  return number;
}

ContainerRow complete(Found found) {
  for (std::string_view text = found.ports; !text.empty();) {
    const int inside = take_number<int>(text);
    found.row.ports.push_back({inside, take_number<int>(text)});
  }
  for (std::string_view text = found.gpus; !text.empty();) {
    found.row.gpus.push_back({take_number<std::int64_t>(text)});
  }
  return std::move(found.row);
}

template <class... In>
std::optional<ContainerRow> find_one(Session& session, Text sql, const In&... in) {
  auto found = session.row<Found>(sql, found_columns, in...);
  if (!found) return std::nullopt;
  return complete(std::move(*found));
}

template <class... In>
std::vector<ContainerRow> find_all(Session& session, Text sql, const In&... in) {
  std::vector<ContainerRow> rows;
  for (Found& found : session.rows<Found>(sql, found_columns, in...))
    rows.push_back(complete(std::move(found)));
  return rows;
}

void insert_ports(Session& session, ContainerId cid, const ContainerRow& c) {
  int place = 0;
  for (const PortRow& port : c.ports) {
    session.run(
        "insert into container_ports (cid, place, did, container_port, host_port) "
        "values (:cid, :place, :did, :container_port, :host_port)",
        cid, place++, c.did, port.container_port, port.host_port);
  }
}

// A row changes often and its ports hardly ever, which with their indexes cost more to write than
// the row.
bool has_ports(Session& session, const ContainerRow& c) {
  const auto columns = [](PortRow& p) { return std::tie(p.container_port, p.host_port); };
  const auto known = session.rows<PortRow>(
      "select container_port, host_port from container_ports where cid = :cid order by place",
      columns, c.cid);
  return std::ranges::equal(known, c.ports, [](const PortRow& a, const PortRow& b) {
    return a.container_port == b.container_port && a.host_port == b.host_port;
  });
}

void insert_gpus(Session& session, ContainerId cid, const ContainerRow& c) {
  int place = 0;
  for (GpuId gid : c.gpus) {
    session.run(
        "insert into container_gpus (cid, place, gid, holds) values (:cid, :place, :gid, :holds)",
        cid, place++, gid, c.holds);
  }
}

}  // namespace

ContainerId SqlTransaction::insert_container(const ContainerRow& c) {
  session_.run(
      "insert into containers (kind, owner, did, iid, slot, session_id, name, cpu_cores, "
      "memory_mb, wanted, state, "
      "start_pending, holds, made, rebuild, generation, sealed_password, reason, created_at, "
      "started_at) "
      "values (:kind, :owner, :did, :iid, :slot, :session_id, :name, :cpu_cores, :memory_mb, "
      ":wanted, :state, "
      ":start_pending, :holds, :made, :rebuild, :generation, :sealed_password, :reason, "
      ":created_at, :started_at)",
      c.kind, c.owner, c.did, c.iid, c.slot, c.session_id, c.name, c.cpu_cores, c.memory_mb,
      c.wanted, c.state, c.start_pending, c.holds, c.made, c.rebuild, c.generation,
      c.sealed_password, c.reason, c.created_at, c.started_at);
  // Not "returning", for which SQLite makes and drops a table of its own each time.
  const auto cid = *session_.value<ContainerId>("select last_insert_rowid()");
  insert_ports(session_, cid, c);
  insert_gpus(session_, cid, c);
  return cid;
}

std::optional<ContainerRow> SqlTransaction::container(ContainerId cid) {
  return find_one(session_, kContainerByCid, cid);
}

std::optional<ContainerRow> SqlTransaction::matlab_session(int slot) {
  return find_one(session_, kMatlabBySlot, slot);
}

std::vector<ContainerRow> SqlTransaction::containers(std::size_t limit) {
  return find_all(session_, kContainers, limit);
}

std::vector<ContainerRow> SqlTransaction::containers_of(UserId owner, std::size_t limit) {
  return find_all(session_, kContainersOfOwner, owner, limit);
}

std::vector<ContainerRow> SqlTransaction::containers_on(DeviceId did, std::size_t limit) {
  return find_all(session_, kContainersOnDevice, did, limit);
}

std::vector<ContainerRow> SqlTransaction::matlab_sessions(std::size_t limit) {
  return find_all(session_, kMatlabSessions, limit);
}

void SqlTransaction::update_container(const ContainerRow& c) {
  const bool keeps_ports = has_ports(session_, c);
  if (!keeps_ports) session_.run("delete from container_ports where cid = :cid", c.cid);
  session_.run("delete from container_gpus where cid = :cid", c.cid);
  const auto changed = session_.run(
      "update containers set session_id = :session_id, name = :name, cpu_cores = :cpu_cores, "
      "memory_mb = :memory_mb, "
      "wanted = :wanted, state = :state, start_pending = :start_pending, holds = :holds, made = "
      ":made, "
      "rebuild = :rebuild, generation = :generation, sealed_password = :sealed_password, reason = "
      ":reason, "
      "started_at = :started_at where cid = :cid",
      c.session_id, c.name, c.cpu_cores, c.memory_mb, c.wanted, c.state, c.start_pending, c.holds,
      c.made, c.rebuild, c.generation, c.sealed_password, c.reason, c.started_at, c.cid);
  if (changed == 0) return;
  if (!keeps_ports) insert_ports(session_, c.cid, c);
  insert_gpus(session_, c.cid, c);
}

void SqlTransaction::delete_container(ContainerId cid) {
  session_.run("delete from containers where cid = :cid", cid);
}

std::int64_t SqlTransaction::count_containers_of(UserId owner) {
  return *session_.value<std::int64_t>("select count(*) from containers where owner = :owner",
                                       owner);
}

std::vector<int> SqlTransaction::used_ports(DeviceId did) {
  return session_.rows<int>(
      "select host_port from container_ports where did = :did order by host_port",
      [](int& port) { return std::tie(port); }, did);
}

}  // namespace berth::sql
