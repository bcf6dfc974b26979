#include "engine/docker/answers.hpp"

#include <gtest/gtest.h>

#include <random>

namespace berth::docker {
namespace {

const std::string kId(64, 'a');
const std::string kInspect =
    R"({"Id": ")" + kId + R"(", "Name": "/berth-1", "Image": "sha256:)" + kId +
    R"(", "State": {"Status": "exited", "ExitCode": 137, "OOMKilled": true, "Pid": 0,
                             "StartedAt": "2026-01-02T03:04:05Z"}, "Config": {"Labels": {"berth.cid": "7"}}})";

template <class T>
ErrorCode code_of(const Result<T>& result) {
  return result ? ErrorCode::kInvalid : result.error().code;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(AnswersTest, Inspect) {
  const auto seen = parse_inspect(kInspect).value();
  EXPECT_EQ(seen.id, kId);
  EXPECT_EQ(seen.name, "berth-1");
  EXPECT_EQ(seen.state, EngineState::kExited);
  EXPECT_EQ(seen.exit_code, 137);
  EXPECT_TRUE(seen.oom_killed);
  EXPECT_EQ(seen.started_at, "2026-01-02T03:04:05Z");
  EXPECT_EQ(seen.image_id, "sha256:" + kId);
  EXPECT_EQ(seen.labels.at("berth.cid"), "7");
  EXPECT_TRUE(
      parse_inspect(replaced(kInspect, R"({"berth.cid": "7"})", "null")).value().labels.empty());
}

TEST(AnswersTest, WrongKindsAreUnknownAndNameTheField) {
  const std::pair<std::string_view, std::string_view> changes[] = {
      {"\"Pid\": 0", "\"Pid\": \"0\""},
      {"\"Pid\": 0", "\"Pid\": 1.5"},
      {"\"Pid\": 0", "\"Pid\": 18446744073709551615"},
      {"\"Pid\": 0", "\"Pid\": 99999999999999999999999"},
      {"\"Pid\": 0", "\"Pid\": 1e999"},
      {"\"OOMKilled\": true", "\"OOMKilled\": 1"},
      {"\"exited\"", "\"levitating\""},
      {"\"exited\"", "null"},
      {"\"/berth-1\"", "[]"},
      {"\"/berth-1\"", "\"\""},
      {"\"/berth-1\"", "\"a\\u0000b\""},
      {"\"7\"", "7"},
      {"{\"berth.cid\": \"7\"}", "[]"},
      {kId, "../../etc/passwd"},
      {kId, std::string_view("")},
      {"sha256:", "md5:"},
  };
  for (const auto& [from, to] : changes) {
    auto seen = parse_inspect(replaced(kInspect, from, to));
    ASSERT_EQ(code_of(seen), ErrorCode::kUnknown) << from << " -> " << to;
    EXPECT_FALSE(seen.error().details.empty());
  }
  EXPECT_EQ(parse_inspect(replaced(kInspect, "\"Pid\": 0", "\"Pid\": \"0\"")).error().details,
            "Pid: not a whole number");
}

TEST(AnswersTest, WhatIsNoJsonIsUnknown) {
  const std::string deep(1'000'000, '[');
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
  for (const std::string& body :
       {std::string(), std::string("null"), std::string("[]"), std::string("\"x\""),
        std::string("{"), deep, objects, std::string("{\"Id\": \"\xff\"}"),
        std::string("{\"Id\": \"\\ud800\"}"), std::string("{} {}"), std::string("<html>"),
        std::string(1, '\0')}) {
    EXPECT_EQ(code_of(parse_created(body)), ErrorCode::kUnknown);
    EXPECT_EQ(code_of(parse_committed(body)), ErrorCode::kUnknown);
    EXPECT_EQ(code_of(parse_inspect(body)), ErrorCode::kUnknown);
    EXPECT_EQ(code_of(parse_image(body)), ErrorCode::kUnknown);
    EXPECT_EQ(code_of(parse_event(body)), ErrorCode::kUnknown);
    EXPECT_EQ(code_of(parse_version(body)), ErrorCode::kUnknown);
    EXPECT_EQ(code_of(parse_info(body)), ErrorCode::kUnknown);
    if (body == "[]") continue;
    EXPECT_EQ(code_of(parse_list(body)), ErrorCode::kUnknown);
    EXPECT_EQ(code_of(parse_tags(body)), ErrorCode::kUnknown);
    EXPECT_EQ(code_of(parse_stats(body)), ErrorCode::kUnknown);
  }
}

TEST(AnswersTest, CreatedAndCommitted) {
  EXPECT_EQ(parse_created(R"({"Id": ")" + kId + R"(", "Warnings": []})").value(), kId);
  EXPECT_EQ(parse_committed(R"({"Id": "sha256:)" + kId + "\"}").value(), "sha256:" + kId);
  EXPECT_EQ(parse_committed(R"({"Id": ")" + kId + "\"}").value(), "sha256:" + kId);
  for (const std::string& id :
       {std::string("abc"), "/../" + kId, kId + "\\n", std::string(64, 'A')}) {
    EXPECT_EQ(code_of(parse_created(R"({"Id": ")" + id + "\"}")), ErrorCode::kUnknown) << id;
  }
}

TEST(AnswersTest, ListAndTags) {
  const auto all =
      parse_list(R"([{"Id": ")" + kId +
                 R"(", "Names": ["/a", "/b/a"], "State": "running", "Labels": {"k": "v"}},
                              {"Id": ")" +
                 kId + R"(", "Names": null, "State": "removing", "Labels": null}])")
          .value();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].name, "a");
  EXPECT_EQ(all[0].labels.at("k"), "v");
  EXPECT_EQ(all[1].name, "");
  EXPECT_EQ(all[1].state, "removing");
  EXPECT_EQ(code_of(parse_list("[1]")), ErrorCode::kUnknown);
  EXPECT_EQ(
      parse_tags(
          R"([{"RepoTags": ["a:1", "b:2"]}, {"RepoTags": null}, {"RepoTags": ["<none>:<none>"]}])")
          .value(),
      (std::vector<std::string>{"a:1", "b:2"}));
}

TEST(AnswersTest, EventsWithoutCommandLines) {
  const auto event =
      parse_event(R"({"Type": "container", "Action": "exec_create: chpasswd root:secret",
      "Actor": {"ID": "abc", "Attributes": {"exitCode": "1"}}})")
          .value();
  EXPECT_EQ(event.action, "exec_create");
  EXPECT_EQ(event.id, "abc");
  EXPECT_EQ(event.attributes.at("exitCode"), "1");
  EXPECT_EQ(code_of(parse_event(R"({"Type": "container"})")), ErrorCode::kUnknown);
}

TEST(AnswersTest, StatsAsDockerStatsPrintsThem) {
  const std::string v1 = R"({"cpu_stats": {"cpu_usage": {"total_usage": 5}},
      "memory_stats": {"usage": 100, "limit": 1000, "stats": {"total_inactive_file": 30, "inactive_file": 1}}})";
  EXPECT_EQ(parse_stats(v1).value()->memory_bytes, 70);
  EXPECT_EQ(parse_stats(v1).value()->cpu_ns, 5);
  EXPECT_EQ(parse_stats(v1).value()->memory_limit_bytes, 1000);
  const std::string v2 = R"({"memory_stats": {"usage": 100, "stats": {"inactive_file": 101}}})";
  EXPECT_EQ(parse_stats(v2).value()->memory_bytes, 0);
  EXPECT_FALSE(parse_stats(R"({"read": "0001-01-01T00:00:00Z", "memory_stats": {}})").value());
}

TEST(AnswersTest, VersionAndInfo) {
  const auto version = parse_version(R"({"ApiVersion": "1.41", "MinAPIVersion": "1.12",
      "Components": [{"Name": "Engine", "Version": "20"}, {"Name": "runc", "Version": "1.1.5"}]})")
                           .value();
  EXPECT_EQ(version.newest, (ApiVersion{1, 41}));
  EXPECT_EQ(version.oldest, (ApiVersion{1, 12}));
  EXPECT_EQ(version.runc, "1.1.5");
  EXPECT_EQ(code_of(parse_version(R"({"ApiVersion": "new"})")), ErrorCode::kUnknown);
  const auto info = parse_info(R"({"ID": "X", "ServerVersion": "20", "NCPU": 2, "MemTotal": 5,
      "SecurityOptions": ["name=seccomp"]})")
                        .value();
  EXPECT_EQ(info.cgroup_version, "1");
  EXPECT_EQ(info.cpus, 2);
  EXPECT_EQ(info.security_options.size(), 1u);
}

TEST(AnswersTest, Messages) {
  EXPECT_EQ(parse_message(R"({"message": "no such thing"})"), "no such thing");
  EXPECT_EQ(parse_message("{\"message\": \"a\\u001b[31m\\nb\"}"), "a [31m b");
  EXPECT_EQ(parse_message("404 page not found\n"), "404 page not found ");
  EXPECT_EQ(parse_message(""), "");
  EXPECT_LE(parse_message(std::string(1'000'000, 'x')).size(), 2'048u);
}

TEST(AnswersTest, NoBytesEndTheProgram) {
  const auto seed = std::random_device{}();
  std::mt19937 random(seed);
  const std::string_view splices[] = {"null", "[]", "{}", "-1",      "\"\"", ",",
                                      ":",    "[",  "}",  "\\u0000", "1e5"};
  for (int i = 0; i < 20'000; ++i) {
    std::string body = kInspect;
    for (int n = 0; n < 3; ++n) {
      const auto at = random() % body.size();
      if (random() % 2 == 0)
        body[at] = static_cast<char>(random());
      else
        body.replace(at, random() % 5, splices[random() % std::size(splices)]);
    }
    SCOPED_TRACE(seed);
    if (auto seen = parse_inspect(body)) {
      EXPECT_EQ(seen->id.size(), 64u);
    }
    (void)parse_event(body);
    (void)parse_list("[" + body + "]");
    (void)parse_message(body);
  }
}

TEST(AnswersTest, ReadsWhatAContainerChanged) {
  const auto changes =
      parse_changes(
          R"([{"Path":"/etc","Kind":0},{"Path":"/a b","Kind":1},{"Path":"/gone","Kind":2}])")
          .value();
  const decltype(changes.files) expected{{"/a b", FileChange::kAdded},
                                         {"/etc", FileChange::kChanged},
                                         {"/gone", FileChange::kDeleted}};
  EXPECT_EQ(changes.files, expected);
  EXPECT_TRUE(parse_changes("null\n").value().files.empty());
  EXPECT_FALSE(parse_changes(R"([{"Path":"/x","Kind":7}])"));
  EXPECT_EQ(parse_written_bytes(R"({"SizeRw":12})").value(), 12);
  EXPECT_EQ(parse_written_bytes("{}").value(), std::nullopt);
}

TEST(AnswersTest, AnExecRunsOrHasEnded) {
  EXPECT_TRUE(parse_exec(R"({"Running":true,"ExitCode":null})").value().is_running);
  EXPECT_EQ(parse_exec(R"({"Running":true,"ExitCode":null})").value().exit_code, std::nullopt);
  EXPECT_EQ(parse_exec(R"({"Running":false,"ExitCode":7})").value().exit_code, 7);
  EXPECT_FALSE(parse_exec(R"({"Running":"no"})"));
}

}  // namespace
}  // namespace berth::docker
