"""The holes of the two systems that Berth replaces, for plant.py and script/holes.

Each has a plant, which puts it back, and one test in tests/holes whose name begins with test_<hole>_. script/holes proves
that the test passes on Berth as it is, and that with the plant it fails and no other does.
"""

import canaries

_CANARIES = {name: (file, before, after.replace(f'IF("{name}")', f'IF("{name[:3]}")'))
             for name, file, before, after in canaries.PLANTS}

# What the hole was, in the platform's backend (P) and in the MATLAB manager (M).
HOLES = {
    "P01": "any token logs in: the query for it counts rows, and there is always one",
    "P02": "whoever the `username` cookie names is who it is",
    "P03": "SQL injection at log-in",
    "P04": "the database opens to others than the service",
    "P05": "SQL injection by a container's name",
    "P06": "a shell gets values from the database",
    "P07": "with a GPU a container has all of them, and the host",
    "P08": "anybody runs anybody's private image",
    "P09": "anybody sees anybody's private image",
    "P10": "anybody sees the state of anybody's container",
    "P11": "a listing that misses a container deletes its row",
    "P12": "the engine is called before there is a row",
    "P13": "an id is used again, and with it the previous tenant's files",
    "P14": "a GPU goes to several",
    "P15": "more cores and memory are given out than there are",
    "P16": "0 cores and 0 MB are accepted",
    "P17": "a GPU that is not there, or on another machine, is accepted",
    "P18": "a GPU stays locked when its container has ended by itself",
    "P19": "a start ignores the GPUs that are asked for",
    "P20": "a port is given out twice",
    "P21": "what a crash leaves on the engine stays there for ever",
    "P22": "an image's row goes although the engine refused to remove it",
    "P23": "an image has no size",
    "P24": "an image is removed under a container that is being made from it",
    "P25": "passwords are stored as plain SHA-256",
    "P26": "a second log-in ends the first, and none ever expires",
    "P27": "a page of another site acts for whoever is logged in",
    "P28": "passwords can be guessed without a limit",
    "P29": "one e-mail address has several accounts",
    "P30": "a garbage token can be logged out",
    "P31": "a refused log-in tells which accounts there are, and the SQL",
    "P32": "two listings of images need no log-in",
    "P33": "a container's password is in the database and in its environment",
    "P34": "no limit of processes, every capability, shared data can be written",
    "P35": "root's ssh is how machines are reached",
    "P36": "an engine that does not answer is waited for without end",
    "P37": "there is an account with a known password",
    "P38": "pages of other origins may read answers",
    "P39": "documented addresses are not served",
    "M01": "no authentication",
    "M02": "a shell gets fields of the request",
    "M03": "a password is in the log",
    "M04": "destroy says done and stops nothing",
    "M05": "destroy removes the user's files",
    "M06": "user 1 is taken for user 10",
    "M07": "health shows another session's figures",
    "M08": "whatever listens on a wanted port is killed",
    "M09": "creates at once make several",
    "M10": "`true` is taken for user 1",
    "M11": "a body of `null` is a crash with its text",
    "M12": "names that are none are taken for names",
    "M13": "a stopped session can neither be destroyed nor restarted",
    "M14": "create says done and makes nothing",
    "M15": "a service that does not answer is waited for without end",
    "M16": "the ports of the answer are not those of the container",
    "M17": "users' folders are open to everybody",
    "M18": "folders nobody touched for 30 days are removed",
    "M19": "root writes to a known file in the folder for temporary ones",
    "M20": "scripts check no certificates",
    "M21": "a restart that the engine refused is a success",
    "M22": "whatever is wrong, the status is 500",
}

_AUTHENTICATE = "  auto found = co_await find_login(hash);\n"

PLANTS = [
    ("P01", "control/accounts.cpp", _AUTHENTICATE, _AUTHENTICATE + """  auto by_name = [username](Transaction& tx) -> Result<LoggedIn> {
    auto user = tx.user_by_name(username);
    if (!user) return not_logged_in();
    return LoggedIn{
        SessionRow{.uid = user->uid, .last_seen_at = WallTime::max(), .expires_at = WallTime::max()}, *user};
  };
  if (IF("P01") && !found) found = co_await store_.read(by_name);
  if (IF("P02") && found) found = co_await store_.read(by_name);
"""),
    ("P02", "control/accounts.cpp", "found->user.name != username", '(!IF("P02") && found->user.name != username)'),
    ("P03", "store/sql/users.cpp", "  return session_.row<UserRow>(kUserByName, user_columns, name);",
     """  if (IF("P03")) {
    std::int64_t uid = 0;
    session_.connection() << "select uid from users where name = '" + name + "'", soci::into(uid);
    return user(UserId{uid});
  }
  return session_.row<UserRow>(kUserByName, user_columns, name);"""),
    ("P04", "store/sql/file_guard.cpp", "::fchmod(file, kOwnerOnly)", '::fchmod(file, IF("P04") ? 0666 : kOwnerOnly)'),
    ("P05", "store/sql/containers.cpp", "  if (changed == 0) return;",
     """  if (changed == 0) return;
  if (IF("P05")) {
    session_.connection() << "update containers set name = '" + c.name + "' where cid = " + std::to_string(c.cid.value);
  }"""),
    ("P06", "control/driver.cpp", "  if (auto r = make_folders(look); !r) co_return r;",
     '  if (IF("P06")) (void)std::system(("true " + look.row.name).c_str());\n'
     '  if (IF("P35")) (void)std::system("ssh root@device true");\n'
     "  if (auto r = make_folders(look); !r) co_return r;"),
    ("P07", "engine/docker/spec.cpp", 'host["Privileged"] = false;',
     'host["Privileged"] = IF("P07") && !spec.gpu_uuids.empty();'),
    ("P07", "engine/docker/spec.cpp", "  json::array ids(spec.gpu_uuids.begin(), spec.gpu_uuids.end());",
     '  if (IF("P07")) return {{{"Driver", "nvidia"}, {"Count", -1}, {"Capabilities", {json::array{"gpu"}}}}};\n'
     "  json::array ids(spec.gpu_uuids.begin(), spec.gpu_uuids.end());"),
    ("P08", *_CANARIES["P08-private-image-for-all"]),
    ("P09", "control/images.cpp",
     "    if (!image || !may_use(actor, *image)) return no_image();\n    return with_owner",
     '    if (!image || (!IF("P09") && !may_use(actor, *image))) return no_image();\n    return with_owner'),
    ("P10", "control/containers.cpp", "Containers::status(Actor actor, ContainerId cid) {\n",
     'Containers::status(Actor actor, ContainerId cid) {\n  if (IF("P10")) actor.role = Role::kAdmin;\n'),
    ("P11", *_CANARIES["P11-listing-deletes-rows"]),
    ("P12", "control/containers.cpp",
     "  const std::string password = secrets::make_password(kPasswordLength);\n"
     "  auto row = co_await reserve(actor, std::move(wanted), password);\n",
     """  const std::string password = secrets::make_password(kPasswordLength);
  auto find = [iid = wanted.image](Transaction& tx) -> Result<std::string> {
    auto image = tx.image(iid);
    return image ? image->reference : "";
  };
  auto row = co_await reserve(actor, std::move(wanted), password);
  if (IF("P12") && !row) {
    auto reference = co_await store_.read(find);
    ContainerSpec orphan;
    orphan.name = "berth-orphan-" + secrets::random_hex(4);
    orphan.image = *reference;
    orphan.cpu_cores = 1;
    orphan.memory_mb = 64;
    auto engine = devices_.reachable_engine(DeviceId{1});
    (void)co_await (*engine)->create(orphan);
  }
"""),
    ("P13", *_CANARIES["P13-id-reused"]),
    ("P14", "store/sql/containers.cpp", "        cid, place++, gid, c.holds);",
     "        cid, place++, gid,\n"
     '        (c.holds && !IF("P14")) || (IF("P18") && c.reason.starts_with("ended by itself")));'),
    ("P15", *_CANARIES["P15-cores-not-checked"]),
    ("P16", "api/platform/container_routes.cpp", 'fields->required_int("cpu", 1,',
     'fields->required_int("cpu", IF("P16") ? 0 : 1,'),
    ("P16", "api/platform/container_routes.cpp", 'fields->required_int("mem", limits::kMemoryMin,',
     'fields->required_int("mem", IF("P16") ? 0 : limits::kMemoryMin,'),
    ("P16", "api/platform/container_routes.cpp", "  auto created = co_await services.containers.create(actor, wanted);",
     """  if (IF("P16")) {
    wanted.cpu_cores = std::max(wanted.cpu_cores, 1);
    wanted.memory_mb = std::max(wanted.memory_mb, limits::kMemoryMin);
  }
  auto created = co_await services.containers.create(actor, wanted);"""),
    ("P17", "control/containers.cpp", "    if (auto r = claim(tx, *device, row); !r) return std::unexpected(r.error());",
     '    if (IF("P17")) std::erase_if(row.gpus, [&tx](GpuId gid) { return !tx.gpu(gid); });\n'
     "    if (auto r = claim(tx, *device, row); !r) return std::unexpected(r.error());"),
    ("P19", *_CANARIES["P19-start-ignores-gpus"]),
    ("P20", *_CANARIES["P20-port-given-twice"]),
    ("P21", *_CANARIES["P21-orphan-not-swept"]),
    ("P22", *_CANARIES["P22-row-deleted-though-refused"]),
    ("P23", "control/images.cpp", "  image.size_bytes = seen->size_bytes;",
     '  image.size_bytes = IF("P23") ? 0 : seen->size_bytes;'),
    ("P24", "control/images.cpp", "    if (tx.count_containers_of_image(iid) > 0) return in_use();",
     '    if (!IF("P24") && tx.count_containers_of_image(iid) > 0) return in_use();'),
    ("P25", "secrets/passwords.cpp", '#include "secrets/sodium.hpp"',
     '#include "secrets/sodium.hpp"\n#include "secrets/tokens.hpp"'),
    ("P25", "secrets/passwords.cpp", "  std::array<char, crypto_pwhash_argon2id_STRBYTES> hash;",
     '  if (IF("P25")) return hash_token(password);\n  std::array<char, crypto_pwhash_argon2id_STRBYTES> hash;'),
    ("P25", "secrets/passwords.cpp", "  return crypto_pwhash_argon2id_str_verify(",
     '  if (IF("P25")) return hash == hash_token(password);\n  return crypto_pwhash_argon2id_str_verify('),
    ("P26", "control/accounts.cpp", "now >= found->session.expires_at", '(!IF("P26") && now >= found->session.expires_at)'),
    ("P26", "control/accounts.cpp", "now - found->session.last_seen_at >= rules_.session_life",
     '(!IF("P26") && now - found->session.last_seen_at >= rules_.session_life)'),
    ("P26", "control/accounts.cpp", "tx.trim_sessions(session.uid, limits::kSessionsPerUser);",
     'tx.trim_sessions(session.uid, IF("P26") ? 1 : limits::kSessionsPerUser);'),
    ("P27", "api/same_origin.cpp", "  if (!may_change_something(request)) return std::nullopt;",
     '  if (IF("P27") || !may_change_something(request)) return std::nullopt;'),
    ("P28", "core/attempts.cpp", "  if (times.size() < most) return ok();",
     '  if (IF("P28") || times.size() < most) return ok();'),
    ("P29", "control/accounts.cpp", "    auto uid = tx.insert_user(user);",
     '    if (IF("P29")) user.email = user.name + "/" + user.email;\n    auto uid = tx.insert_user(user);'),
    ("P30", "api/platform/platform.cpp", "  if (!actor) co_return error_response(actor.error());",
     """  const bool is_open = request.path == "/images/public" || request.path.starts_with("/images/on/");
  if (IF("P32") && is_open && !actor) actor = Actor{};
  if (IF("P30") && !actor && request.path == "/api/logout") co_return done();
  if (!actor) co_return error_response(actor.error());"""),
    ("P31", "control/accounts.cpp", '    log(LogLevel::kInfo, "log-in refused", {{"user", name}, {"peer", peer}});',
     """    log(LogLevel::kInfo, "log-in refused", {{"user", name}, {"peer", peer}});
    if (IF("P31") && !*user) {
      co_return fail(ErrorCode::kUnauthenticated, "no row: select * from users where name = '" + name + "'");
    }"""),
    ("P33", "control/containers.cpp", "                     .name = wanted.name,",
     '                     .session_id = IF("P33") ? password : "",\n                     .name = wanted.name,'),
    ("P33", "control/spec_maker.cpp", '  spec.env = {{"BERTH_INSTANCE", instance}};',
     '  spec.env = {{"BERTH_INSTANCE", instance}};\n'
     '  if (IF("P33")) spec.env.emplace_back("PASSWD", rows.container.session_id);'),
    ("P34", "engine/docker/spec.cpp", 'host["CapDrop"] = {"ALL"};',
     'host["CapDrop"] = IF("P34") ? json::array{} : json::array{"ALL"};'),
    ("P34", "engine/docker/spec.cpp", 'host["PidsLimit"] = spec.pids;', 'host["PidsLimit"] = IF("P34") ? 0 : spec.pids;'),
    ("P34", "engine/docker/spec.cpp", '{"ReadOnly", mount.read_only}', '{"ReadOnly", !IF("P34") && mount.read_only}'),
    ("P36", "engine/docker/docker_engine.cpp", '  return request("GET", target, limits::kEngineRead, true);',
     '  return request("GET", target, IF("P36") ? milliseconds(std::chrono::hours(1)) : milliseconds(1500), true);'),
    ("P37", "control/accounts.cpp", "#include \"secrets/tokens.hpp\"",
     '#include "secrets/passwords.hpp"\n#include "secrets/tokens.hpp"'),
    ("P37", "control/accounts.cpp", "  const std::string code = secrets::make_password(16);\n",
     """  const std::string code = secrets::make_password(16);
  if (IF("P37")) {
    auto hash = secrets::hash_password("114514");
    auto add = [hash = *hash](Transaction& tx) -> Result<> {
      (void)tx.insert_user({.name = "admin", .email = "admin@lab.test", .password_hash = hash});
      return ok();
    };
    (void)co_await store_.write(add);
  }
"""),
    ("P38", "http/response_text.cpp", '  out.append("X-Content-Type-Options: nosniff\\r\\n");',
     '  out.append("X-Content-Type-Options: nosniff\\r\\n");\n'
     '  if (IF("P38")) append_field(out, "Access-Control-Allow-Origin", "http://localhost:5173");'),
    ("P39", "api/platform/container_routes.cpp",
     '  routes.push_back(user_route(services, "POST", "/containers/create", create));',
     '  if (!IF("P39")) routes.push_back(user_route(services, "POST", "/containers/create", create));'),
    ("M01", "api/matlab/matlab_face.cpp", "  if (services.token_hashes.empty()) return true;",
     '  if (IF("M01") || services.token_hashes.empty()) return true;'),
    ("M02", "api/matlab/matlab_face.cpp", "  json::Fields rest(*object);",
     """  json::Fields rest(*object);
  const std::string password = rest.optional_string("password").value_or("");
  if (IF("M02")) (void)std::system(("true " + password).c_str());
  if (IF("M03")) log(LogLevel::kInfo, "create", {{"body", request.body}});"""),
    ("M03", "api/matlab/matlab_face.cpp", '#include "base/time_text.hpp"', '#include "base/log.hpp"\n#include "base/time_text.hpp"'),
    ("M04", "control/matlab.cpp", "  probed_.erase(cid);\n  co_return co_await driver_.settle_held(cid);",
     '  probed_.erase(cid);\n  if (IF("M04")) co_return ok();\n  co_return co_await driver_.settle_held(cid);'),
    ("M05", "control/driver.cpp", "  const int generation = look.row.generation;\n",
     """  const int generation = look.row.generation;
  if (IF("M05") && look.row.kind == ContainerKind::kMatlab) {
    std::filesystem::remove_all(shape_.matlab_data_root + "/user_" + std::to_string(look.row.slot));
  }
"""),
    ("M05", "control/driver.cpp", '#include "base/limits.hpp"', '#include <filesystem>\n#include "base/limits.hpp"'),
    ("M06", "control/matlab.cpp",
     "  auto work = [user](Transaction& tx) -> Result<std::optional<ContainerRow>> {\n",
     """  auto work = [user](Transaction& tx) -> Result<std::optional<ContainerRow>> {
    const std::string stem = matlab_names::container_id(user);
    for (const ContainerRow& row : tx.matlab_sessions(limits::kMatlabSlots)) {
      if (IF("M06") && row.name.starts_with(stem)) return row;
    }
"""),
    ("M07", "control/matlab.cpp", "  health.usage = sampler_.usage(health.container.cid);",
     """  health.usage = sampler_.usage(health.container.cid);
  for (std::int64_t other = 1; IF("M07") && other < 10'000; ++other) {
    auto usage = sampler_.usage(ContainerId{other});
    if (usage && ContainerId{other} != health.container.cid) health.usage = usage;
  }"""),
    ("M08", "control/driver.cpp", "  co_return co_await look.engine->start(name);",
     """  for (const PortRow& port : look.row.ports) {
    const std::string listener = "ss -ltnpH 'sport = :" + std::to_string(port.host_port) + "'";
    const std::string kill = "kill -9 $(" + listener + " | sed -nE 's/.*pid=([0-9]+).*/\\\\1/p')";
    if (IF("M08") && look.row.slot > 0) (void)std::system((kill + " 2> /dev/null").c_str());
  }
  co_return co_await look.engine->start(name);"""),
    ("M09", "control/matlab.cpp",
     '  auto slot = co_await slots_.acquire(user);\n  log(LogLevel::kInfo, "matlab create"',
     '  std::optional<KeyedLock::Guard> slot;\n  if (!IF("M09")) slot.emplace(co_await slots_.acquire(user));\n'
     '  log(LogLevel::kInfo, "matlab create"'),
    ("M09", "control/matlab.cpp", "  if (*before) {", '  if (*before && !IF("M09")) {'),
    ("M09", "control/matlab.cpp", "    if (row && row->state == State::kRunning &&",
     '    if (IF("M09") && row && row->start_pending) row.reset();\n    if (row && row->state == State::kRunning &&'),
    ("M10", "api/matlab/matlab_face.cpp", "  json::Fields user_field(*object);",
     '  if (IF("M10") && request.body == "{\\"user_id\\":true}") return CreateRequest{1, ""};\n'
     "  json::Fields user_field(*object);"),
    ("M11", "api/matlab/matlab_face.cpp",
     "  auto object = json::parse_object(request.body);\n",
     '  if (IF("M11") && request.body == "null") {\n'
     "    return fail(ErrorCode::kInternal, \"'NoneType' object has no attribute 'get'\");\n  }\n"
     "  auto object = json::parse_object(request.body);\n"),
    ("M12", "core/matlab_names.cpp", "  text.remove_prefix(kPrefix.size());",
     """  text.remove_prefix(kPrefix.size());
  while (IF("M12") && (text.ends_with(' ') || text.ends_with('\\n'))) text.remove_suffix(1);
  while (IF("M12") && text.starts_with('0')) text.remove_prefix(1);"""),
    ("M13", "control/matlab.cpp", "  return row && row->wanted != Wanted::kGone;",
     '  return row && row->wanted != Wanted::kGone && (!IF("M13") || row->state == State::kRunning);'),
    ("M14", "control/matlab.cpp", "  auto made = co_await driver_.settle(cid);",
     '  Result<> made = ok();\n  if (!IF("M14") || *before) made = co_await driver_.settle(cid);'),
    ("M15", "host/probe.cpp", "    state_->timer.expires_after(target_.deadline);",
     '    state_->timer.expires_after(target_.deadline * (IF("M15") ? 1'"'"'000 : 1) / (IF("M15") ? 1 : 5));'),
    ("M16", "api/matlab/matlab_face.cpp",
     '{{"container_id", session->container.name},\n                    {"http_port", host_port(',
     '{{"container_id", session->container.name},\n                    {"http_port", IF("M16") ? 8080 : host_port('),
    ("M17", "host/data_folders.cpp", "::mkdirat(parent.get(), kDraft, kTenantMode)",
     '::mkdirat(parent.get(), kDraft, IF("M17") ? 0777 : kTenantMode)'),
    ("M18", "host/data_folders.cpp", '  auto home = put_folder(*parent, "user_" + std::to_string(user), owner);',
     """  std::error_code error;
  const std::filesystem::path old = root + "/user_" + std::to_string(user);
  const auto age = std::filesystem::file_time_type::clock::now() - std::filesystem::last_write_time(old, error);
  if (IF("M18") && !error && age > std::chrono::hours(30 * 24)) std::filesystem::remove_all(old);
  auto home = put_folder(*parent, "user_" + std::to_string(user), owner);"""),
    ("M18", "host/data_folders.cpp", "#include <array>", "#include <array>\n#include <chrono>\n#include <filesystem>"),
    ("M19", "control/reconciler.cpp", "void Reconciler::watch(DeviceId did) {\n",
     'void Reconciler::watch(DeviceId did) {\n  const auto temporary = std::filesystem::temp_directory_path();\n'
     '  if (IF("M19")) std::ofstream(temporary / "berth.pid") << ::getpid();\n'),
    ("M19", "control/reconciler.cpp", "#include <algorithm>",
     "#include <unistd.h>\n#include <algorithm>\n#include <filesystem>\n#include <fstream>"),
    ("M21", "control/matlab.cpp",
     "  if (!restarted && restarted.error().code != ErrorCode::kNotFound) co_return restarted;",
     '  if (!IF("M21") && !restarted && restarted.error().code != ErrorCode::kNotFound) co_return restarted;'),
    ("M22", "api/matlab/matlab_face.cpp", "  return answer(404, body);", '  return answer(IF("M22") ? 500 : 404, body);'),
]

# A hole that is not in the program: file of the repository, what stands there, what is put in its place.
FILE_PLANTS = {
    "M20": ("script/engine", "curl -s --max-time 3", "curl -ks --max-time 3"),
}
