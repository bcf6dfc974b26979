#include "cli/doctor.hpp"

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <sstream>

#include "cli/check_devices.hpp"
#include "cli/table.hpp"
#include "core/matlab_names.hpp"
#include "engine/docker/docker_engine.hpp"
#include "host/gpus.hpp"

namespace berth::cli {
namespace {

constexpr std::uintmax_t kLittleDisk = 10ull << 30;

using Version = std::array<int, 3>;

// The leading "a.b.c" of a version text.
Version parse_version(const std::string& text) {
  Version version{};
  std::istringstream in(text);
  char dot = 0;
  in >> version[0] >> dot >> version[1] >> dot >> version[2];
  return version;
}

std::string read_line(const char* path) {
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  return line;
}

struct EngineLook {
  Result<EngineInfo> info = fail(ErrorCode::kUnavailable, "not asked");
  bool has_workspace = false;
  bool has_matlab = false;
};

// An engine in the settings, and what it must have.
struct Asked {
  std::string prefix;  // of the findings: "gpu2 "; empty for this machine
  std::string docker_host;
  std::string certificates;
  bool with_matlab = false;
};

std::vector<Asked> engines_of(const Settings& settings) {
  std::vector<Asked> all{{"", settings.device.docker_host, "", settings.matlab.enabled}};
  for (const Settings::OtherDevice& device : settings.devices)
    all.push_back({device.name + " ", device.docker_host, device.certificates, false});
  return all;
}

Task<EngineLook> look_at_engine(boost::asio::io_context& io, const Settings& settings,
                                Asked asked) {
  docker::EngineOptions options{.certificates = asked.certificates};
  docker::DockerEngine engine(io, asked.docker_host, std::move(options));
  EngineLook look;
  look.info = co_await engine.info();  // not in the braces: g++ 12 frees it twice
  if (!look.info) co_return look;
  look.has_workspace = (co_await engine.inspect_image(settings.image.workspace)).has_value();
  if (asked.with_matlab)
    look.has_matlab = (co_await engine.inspect_image(settings.matlab.image)).has_value();
  co_return look;
}

// All at once: one that does not answer takes its time.
std::vector<EngineLook> ask_engines(const Settings& settings, const std::vector<Asked>& all) {
  boost::asio::io_context io(1);
  std::vector<EngineLook> looks(all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    boost::asio::co_spawn(io, look_at_engine(io, settings, all[i]),
                          [&looks, i](std::exception_ptr error, EngineLook seen) {
                            if (!error) looks[i] = std::move(seen);
                          });
  }
  io.run();
  return looks;
}

Finding judge_image(const char* subject, const std::string& image, bool is_there) {
  if (is_there) return {Verdict::kGood, subject, image + " is there"};
  return {Verdict::kBad, subject, "the engine has no " + image + "; script/images builds it"};
}

std::string why(const Error& error) {
  return error.details.empty() ? error.message : error.message + ": " + error.details;
}

void judge_engine(const Settings& settings, const Asked& asked, const EngineLook& look,
                  std::vector<Finding>& findings) {
  const std::size_t first = findings.size();
  if (look.info) {
    findings.push_back(
        {Verdict::kGood, "engine", asked.docker_host + " answers, API " + look.info->api_version});
    findings.push_back(judge_engine_version(look.info->version));
    findings.push_back(judge_runc_version(look.info->runc_version));
    findings.push_back(
        judge_image("workspace image", settings.image.workspace, look.has_workspace));
    if (asked.with_matlab)
      findings.push_back(judge_image("MATLAB image", settings.matlab.image, look.has_matlab));
  } else {
    const bool is_here = asked.prefix.empty();
    findings.push_back({Verdict::kBad, "engine",
                        asked.docker_host + " does not answer: " + why(look.info.error()) +
                            (is_here ? "; script/engine installs and starts one" : "")});
  }
  for (std::size_t i = first; i < findings.size(); ++i)
    findings[i].subject = asked.prefix + findings[i].subject;
}

void judge_engines(const Settings& settings, std::vector<Finding>& findings) {
  if (auto r = check_devices(settings); !r)
    findings.push_back({Verdict::kBad, "settings", r.error().message});
  const auto all = engines_of(settings);
  const auto looks = ask_engines(settings, all);
  for (std::size_t i = 0; i < all.size(); ++i) judge_engine(settings, all[i], looks[i], findings);
}

Finding judge_disk(const std::string& folder) {
  std::filesystem::path at = folder;
  std::error_code error;
  while (!std::filesystem::exists(at, error) && at.has_relative_path()) at = at.parent_path();
  const auto space = std::filesystem::space(at, error);
  if (error) return {Verdict::kWarning, "disk", folder + ": " + error.message()};
  const std::string left = std::to_string(space.available >> 30) + " GiB left for " + folder;
  return {space.available < kLittleDisk ? Verdict::kWarning : Verdict::kGood, "disk", left};
}

Finding judge_gpus() {
  const auto gpus = find_gpus();
  if (!gpus)
    return {Verdict::kBad, "GPUs", "nvidia-smi is there and fails: " + gpus.error().message};
  if (gpus->empty()) return {Verdict::kGood, "GPUs", "none found by nvidia-smi"};
  return {Verdict::kGood, "GPUs",
          std::to_string(gpus->size()) + " found, first: " + gpus->front().model};
}

Finding judge_dmesg() {
  if (read_line("/proc/sys/kernel/dmesg_restrict") != "0")
    return {Verdict::kGood, "kernel log", "hidden from users"};
  return {Verdict::kWarning, "kernel log",
          "containers can read the host's kernel log; `sysctl kernel.dmesg_restrict=1` hides it"};
}

const char* word(Verdict verdict) {
  switch (verdict) {
    case Verdict::kGood:
      return "ok";
    case Verdict::kWarning:
      return "warning";
    case Verdict::kBad:
      return "bad";
  }
  return "bad";
}

void print(const std::vector<Finding>& findings, bool json) {
  std::vector<std::vector<std::string>> rows;
  boost::json::array list;
  for (const Finding& finding : findings) {
    rows.push_back({word(finding.verdict), finding.subject, finding.text});
    list.push_back(
        {{"verdict", word(finding.verdict)}, {"subject", finding.subject}, {"text", finding.text}});
  }
  if (json) {
    std::cout << boost::json::serialize(boost::json::object{{"findings", std::move(list)}}) << '\n';
  } else {
    std::cout << format_table({"", "WHAT", "FINDING"}, rows);
  }
}

}  // namespace

// CVE-2024-41110 (authorization skipped) is mended in 20.10.24 as Debian ships it, 23.0.15, 26.1.5
// and 27.1.1.
Finding judge_engine_version(const std::string& text) {
  const Version version = parse_version(text);
  if (version >= Version{27, 1, 1} || text.find("+dfsg") != std::string::npos) {
    return {Verdict::kGood, "engine version", text};
  }
  if (version < Version{20, 10, 0})
    return {Verdict::kBad, "engine version", text + " is too old; 20.10 or newer"};
  return {Verdict::kWarning, "engine version",
          text + " may have known holes (CVE-2024-41110); 27.1.1 or newer has not"};
}

// CVE-2024-21626 is mended in 1.1.12, and by Debian in its 1.1.5; CVE-2025-31133, -52565 and -52881
// in 1.2.8 and 1.3.3.
Finding judge_runc_version(const std::string& text) {
  if (text.empty()) return {Verdict::kWarning, "runc version", "the engine does not tell"};
  const Version version = parse_version(text);
  const bool is_mended =
      version >= Version{1, 3, 3} || (version >= Version{1, 2, 8} && version < Version{1, 3, 0});
  if (is_mended) return {Verdict::kGood, "runc version", text};
  return {Verdict::kWarning, "runc version",
          text +
              " may have known ways out of a container (CVE-2025-31133, -52565, -52881); 1.2.8 or "
              "1.3.3 has not, and "
              "your distribution may have mended its own"};
}

Finding judge_port_range(const std::string& ephemeral_range, int first, int last,
                         bool with_matlab) {
  int low = 32768;
  int high = 60999;
  std::istringstream(ephemeral_range) >> low >> high;
  const auto overlaps = [&](int from, int to) { return from <= high && to >= low; };
  const bool is_bad = overlaps(first, last) ||
                      (with_matlab && overlaps(matlab_names::http_port(1),
                                               matlab_names::ws_port(matlab_names::kSlots)));
  const std::string range = std::to_string(low) + "-" + std::to_string(high);
  if (!is_bad) return {Verdict::kGood, "ports", "apart from the kernel's own " + range};
  return {Verdict::kWarning, "ports",
          "published ports lie in the kernel's own range " + range +
              ": an outgoing connection can take one; move port_first/port_last or set "
              "net.ipv4.ip_local_reserved_ports"};
}

int doctor(const Settings& settings, bool json) {
  std::vector<Finding> findings;
  judge_engines(settings, findings);
  findings.push_back(judge_port_range(read_line("/proc/sys/net/ipv4/ip_local_port_range"),
                                      static_cast<int>(settings.device.port_first),
                                      static_cast<int>(settings.device.port_last),
                                      settings.matlab.enabled));
  findings.push_back(judge_gpus());
  findings.push_back(judge_disk(settings.device.data_dir));
  findings.push_back(judge_dmesg());
  print(findings, json);
  for (const Finding& finding : findings) {
    if (finding.verdict == Verdict::kBad) return 1;
  }
  return 0;
}

}  // namespace berth::cli
