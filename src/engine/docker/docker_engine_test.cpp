#include "engine/docker/docker_engine.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes/canned_server.hpp"
#include "fakes/run.hpp"

namespace berth::docker {
namespace {

using namespace std::chrono_literals;
using testing::CannedAnswer;
using ::testing::HasSubstr;
using testing::http_answer;
using ::testing::StartsWith;
using Then = CannedAnswer::Then;

const std::string kId(64, 'a');
const std::string kVersion = R"({"ApiVersion":"1.41","MinAPIVersion":"1.12"})";

ContainerSpec small_spec() {
  ContainerSpec spec;
  spec.name = "berth-1";
  spec.image = "base:1";
  spec.cpu_cores = 1;
  spec.memory_mb = 64;
  return spec;
}

// An engine that tells its version properly and gives to all else the answer of the test.
class DockerEngineTest : public ::testing::Test {
 protected:
  DockerEngineTest()
      : server(io, [this](std::string_view request) { return answer(request); }),
        engine(io, server.endpoint()) {}

  CannedAnswer answer(std::string_view request) {
    if (request.starts_with("GET /version ")) return version;
    if (script.empty()) return otherwise;
    auto next = script.front();
    script.erase(script.begin());
    return next;
  }
  void reply(int status, std::string_view body) { script.push_back({http_answer(status, body)}); }
  const std::string& last_request() { return server.requests().back(); }

  template <class T>
  T run(Task<T> task) {
    return testing::run(io, std::move(task));
  }
  template <class T>
  ErrorCode code_of(Task<Result<T>> task) {
    auto result = run(std::move(task));
    EXPECT_FALSE(result);
    return result ? ErrorCode::kInvalid : result.error().code;
  }

  boost::asio::io_context io;
  CannedAnswer version{http_answer(200, kVersion)};
  CannedAnswer otherwise{http_answer(500, R"({"message":"no script"})")};
  std::vector<CannedAnswer> script;
  testing::CannedServer server;
  DockerEngine engine;
};

TEST_F(DockerEngineTest, EachCallSaysWhatItMeans) {
  reply(201, R"({"Id":")" + kId + "\"}");
  EXPECT_EQ(run(engine.create(small_spec())).value(), kId);
  EXPECT_THAT(last_request(),
              StartsWith("POST /v1.41/containers/create?name=berth-1 HTTP/1.1\r\n"));
  EXPECT_THAT(last_request(), HasSubstr("Content-Type: application/json\r\n"));
  reply(200, "");
  EXPECT_TRUE(run(engine.put_archive("c", "/a b", "TAR")));
  EXPECT_THAT(last_request(),
              StartsWith("PUT /v1.41/containers/c/archive?path=%2Fa%20b HTTP/1.1\r\n"));
  EXPECT_THAT(last_request(), HasSubstr("\r\n\r\nTAR"));
  reply(204, "");
  EXPECT_TRUE(run(engine.stop("c", 7s)));
  EXPECT_THAT(last_request(), StartsWith("POST /v1.41/containers/c/stop?t=7 "));
  reply(204, "");
  EXPECT_TRUE(run(engine.restart("c", 7s)));
  EXPECT_THAT(last_request(), StartsWith("POST /v1.41/containers/c/restart?t=7 "));
  reply(204, "");
  EXPECT_TRUE(run(engine.remove("c")));
  EXPECT_THAT(last_request(), StartsWith("DELETE /v1.41/containers/c?force=true&v=true "));
  reply(201, R"({"Id":"sha256:)" + kId + "\"}");
  EXPECT_EQ(run(engine.commit("c", "berth/x:7", {"CMD [\"a b\"]", "LABEL k=v&w"})).value(),
            "sha256:" + kId);
  EXPECT_THAT(
      last_request(),
      StartsWith(
          "POST /v1.41/commit?container=c&repo=berth%2Fx&tag=7&pause=true&changes=CMD%20%5B%22a%20"
          "b%22%5D&changes=LABEL%20k%3Dv%26w "));
  EXPECT_THAT(last_request(), HasSubstr("\r\n\r\n{}"));
  reply(200, "[]");
  EXPECT_TRUE(run(engine.list("berth.cid=7")));
  EXPECT_THAT(last_request(),
              HasSubstr("?all=true&filters=%7B%22label%22%3A%5B%22berth.cid%3D7%22%5D%7D "));
}

TEST_F(DockerEngineTest, DoingItTwiceIsSuccess) {
  reply(304, "");
  EXPECT_TRUE(run(engine.start("c")));
  reply(304, "");
  EXPECT_TRUE(run(engine.stop("c", 1s)));
  reply(404, R"({"message":"No such container: c"})");
  EXPECT_TRUE(run(engine.remove("c")));
  reply(404, R"({"message":"No such image: x:1"})");
  EXPECT_TRUE(run(engine.remove_image("x:1")));
}

TEST_F(DockerEngineTest, ARemovalUnderWayIsAwaited) {
  for (int i = 0; i < 2; ++i)
    reply(409, R"({"message":"removal of container c is already in progress"})");
  reply(404, R"({"message":"No such container: c"})");
  EXPECT_TRUE(run(engine.remove("c")));
  EXPECT_EQ(server.requests().size(), 4u);
}

TEST_F(DockerEngineTest, UnpauseOfARunningContainerIsSuccess) {
  const auto inspect = [](std::string state) {
    return R"({"Id":")" + kId + R"(","Name":"/c","Image":"sha256:)" + kId +
           R"(","State":{"Status":")" + state + "\"}}";
  };
  reply(500, R"({"message":"Container c is not paused"})");
  reply(200, inspect("running"));
  EXPECT_TRUE(run(engine.unpause("c")));
  reply(500, R"({"message":"Container c is not paused"})");
  reply(200, inspect("exited"));
  EXPECT_EQ(code_of(engine.unpause("c")), ErrorCode::kRefused);
}

TEST_F(DockerEngineTest, NamesThatCouldReachElsewhereAreNeverSent) {
  for (std::string name : {"", "../x", "a/b", "a?force=1", "a b", "a\r\nX: y"}) {
    EXPECT_EQ(code_of(engine.start(name)), ErrorCode::kInvalid);
    EXPECT_EQ(code_of(engine.remove(name)), ErrorCode::kInvalid);
    EXPECT_EQ(code_of(engine.inspect(name)), ErrorCode::kInvalid);
    EXPECT_EQ(code_of(engine.stats(name)), ErrorCode::kInvalid);
    EXPECT_EQ(code_of(engine.put_archive(name, "/", "")), ErrorCode::kInvalid);
  }
  EXPECT_EQ(code_of(engine.inspect_image("../x")), ErrorCode::kInvalid);
  EXPECT_EQ(code_of(engine.commit("c", "x:1", {"CMD a\nENV b=c"})), ErrorCode::kInvalid);
  EXPECT_EQ(code_of(engine.list("a\"]}")), ErrorCode::kInvalid);
  EXPECT_TRUE(server.requests().empty());
}

TEST_F(DockerEngineTest, HostileAnswersAreUnknownAndLeaveNoMark) {
  const auto created = http_answer(201, R"({"Id":")" + kId + "\"}");
  std::string deep = http_answer(201, std::string(1'000'000, '['));
  const CannedAnswer hostile[] = {
      {created.substr(0, 20), Then::kClose},                  // cut in the header
      {created.substr(0, created.size() - 5), Then::kClose},  // cut in the body
      {"", Then::kClose},                                     // nothing at all
      {"HTTP/1.1 201 Created\r\nContent-Length: 10\r\n\r\n" + std::string("{\"Id\":\"abcdef\"}"),
       Then::kClose},
      {"HTTP/1.1 201 Created\r\nContent-Length: 10\r\nTransfer-Encoding: chunked\r\n\r\n{}",
       Then::kHold},
      {"HTTP/1.1 201 Created\r\nX: " + std::string(10'000'000, 'x'), Then::kHold},
      {"HTTP/1.1 201 Created\r\nContent-Length: 1000000000\r\n\r\n{", Then::kHold},
      {"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n{", Then::kHold},
      {"\x16\x03\x01 rubbish \r\n\r\n", Then::kHold},
      {http_answer(201, R"({"Id":5})")},
      {http_answer(201, R"({"Id":"/../../etc"})")},
      {http_answer(201, "{}")},
      {http_answer(201, "[]")},
      {http_answer(201, "")},
      {http_answer(201, "{\"Id\":\"\xff\xfe\"}")},
      {http_answer(201, R"({"Id":"\u0000"})")},
      {http_answer(200, R"({"Id":")" + kId + "\"}")},  // the wrong success
      {deep},
  };
  for (const auto& answer : hostile) {
    script = {answer};
    EXPECT_EQ(code_of(engine.create(small_spec())), ErrorCode::kUnknown)
        << answer.bytes.substr(0, 100);
    script.clear();
    reply(201, R"({"Id":")" + kId + "\"}");
    ASSERT_TRUE(run(engine.create(small_spec()))) << answer.bytes.substr(0, 100);
  }
}

TEST_F(DockerEngineTest, NobodyThereIsUnavailableAndLaterItWorks) {
  DockerEngine nowhere(io, "unix:///nonexistent/docker.sock");
  EXPECT_EQ(code_of(nowhere.start("c")), ErrorCode::kUnavailable);
  EXPECT_EQ(code_of(nowhere.info()), ErrorCode::kUnavailable);
  version = {"", Then::kClose};
  EXPECT_EQ(code_of(engine.start("c")), ErrorCode::kUnavailable);  // only its version was asked
  version = {http_answer(200, kVersion)};
  reply(204, "");
  EXPECT_TRUE(run(engine.start("c")));
}

TEST_F(DockerEngineTest, SpeaksAVersionThatTheEngineHas) {
  version = {http_answer(200, R"({"ApiVersion":"1.52","MinAPIVersion":"1.44"})")};
  reply(204, "");
  EXPECT_TRUE(run(engine.start("c")));
  EXPECT_THAT(last_request(), StartsWith("POST /v1.44/containers/c/start "));
}

TEST_F(DockerEngineTest, RefusesAnEngineThatIsTooOld) {
  version = {http_answer(200, R"({"ApiVersion":"1.39","MinAPIVersion":"1.12"})")};
  auto started = run(engine.start("c"));
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, ErrorCode::kRefused);
  EXPECT_THAT(started.error().message, HasSubstr("too old"));
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST_F(DockerEngineTest, AtMostSoManyStartsAtOnceInOrder) {
  otherwise = {http_answer(204, ""), Then::kKeep, 20, 2ms};
  DockerEngine narrow(io, server.endpoint(), {.starts_at_once = 2});
  std::vector<Task<Result<>>> starts;
  for (int i = 0; i < 12; ++i) starts.push_back(narrow.start("c" + std::to_string(i)));
  for (const auto& started : testing::run_all(io, std::move(starts))) EXPECT_TRUE(started);
  std::vector<std::string> order;
  for (const auto& request : server.requests()) {
    if (request.starts_with("POST")) order.push_back(request.substr(0, request.find(" HTTP")));
  }
  ASSERT_EQ(order.size(), 12u);
  for (int i = 0; i < 12; i += 2) {
    EXPECT_THAT(order[i] + order[i + 1], HasSubstr("/c" + std::to_string(i) + "/start"));
  }
  EXPECT_LE(server.connections(), 2);
}

TEST_F(DockerEngineTest, FollowsEventsUntilTheyEndOrMakeNoSense) {
  const std::string event =
      R"({"Type":"container","Action":"die","Actor":{"ID":")" + kId + "\"}}\n";
  for (const std::string& tail : {std::string(), std::string("{\"Type\":5}\n")}) {
    script = {{"HTTP/1.1 200 OK\r\n\r\n" + event + event + tail, Then::kClose}};
    int opened = 0;
    int events = 0;
    auto ended = run(engine.follow_events(
        [&] { ++opened; }, [&](EngineEvent seen) { events += seen.action == "die"; }));
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().code, tail.empty() ? ErrorCode::kUnavailable : ErrorCode::kUnknown);
    EXPECT_EQ(opened, 1);
    EXPECT_EQ(events, 2);
  }
  reply(400, R"({"message":"bad filter"})");
  auto refused = run(engine.follow_events([] {}, [](EngineEvent) {}));
  EXPECT_EQ(refused.error().code, ErrorCode::kRefused);
  EXPECT_EQ(refused.error().details, "bad filter");
}

// The engine changes the protocol before it has made the process: it has no size to change at
// first.
TEST_F(DockerEngineTest, ATerminalIsAnExecWithALineOfItsOwn) {
  const std::string created = R"({"Id":")" + kId + "\"}";
  reply(201, created);
  script.push_back({"HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\n\r\nhello", Then::kHold});
  reply(500, R"({"message":"no such exec"})");
  reply(200, R"({"Running":false,"ExitCode":null})");
  reply(200, "");
  auto opened = run(engine.open_terminal("c", {.command = {"sh", "-l"}, .size = {100, 30}}));
  ASSERT_TRUE(opened) << opened.error().message << opened.error().details;
  const auto terminal = *opened;
  const auto& sent = server.requests();
  ASSERT_EQ(sent.size(), 6u);  // with that for the version
  EXPECT_THAT(sent[1], StartsWith("POST /v1.41/containers/c/exec "));
  EXPECT_THAT(sent[1], HasSubstr(R"("Cmd":["sh","-l"])"));
  EXPECT_THAT(sent[1], HasSubstr(R"("Tty":true)"));
  EXPECT_THAT(sent[2], StartsWith("POST /v1.41/exec/" + kId + "/start "));
  EXPECT_THAT(sent[2], HasSubstr("\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n"));
  EXPECT_THAT(sent[5], StartsWith("POST /v1.41/exec/" + kId + "/resize?h=30&w=100 "));
  EXPECT_EQ(run(terminal->read()), "hello");
  // It runs: only a process inside can end it.
  const auto mark_at = sent[1].find("BERTH_TERMINAL=");
  ASSERT_NE(mark_at, std::string::npos);
  const std::string mark = sent[1].substr(mark_at, sent[1].find('"', mark_at) - mark_at);
  reply(200, R"({"Running":true,"ExitCode":null})");
  reply(201, created);
  reply(200, "");
  EXPECT_TRUE(run(terminal->hang_up()));
  ASSERT_EQ(sent.size(), 9u);
  EXPECT_THAT(sent[7], HasSubstr('"' + mark + '"'));
  EXPECT_THAT(sent[8], HasSubstr(R"({"Detach":true})"));
  EXPECT_TRUE(run(terminal->hang_up()));
  EXPECT_EQ(sent.size(), 9u) << "once is enough";
}

TEST_F(DockerEngineTest, ATerminalIsRefusedInTheEnginesWords) {
  reply(409, R"({"message":"Container c is not running"})");
  EXPECT_EQ(code_of(engine.open_terminal("c", {.command = {"sh"}})), ErrorCode::kConflict);
  reply(404, R"({"message":"No such container: c"})");
  EXPECT_EQ(code_of(engine.open_terminal("c", {.command = {"sh"}})), ErrorCode::kNotFound);
  reply(201, R"({"Id":")" + kId + "\"}");
  reply(409, R"({"message":"it is paused"})");
  auto refused = run(engine.open_terminal("c", {.command = {"sh"}}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kRefused);
  EXPECT_EQ(refused.error().details, "it is paused");
}

// Whether it began is not known, so it is ended.
TEST_F(DockerEngineTest, ATerminalWhoseAnswerIsLostIsHungUp) {
  const std::string created = R"({"Id":")" + kId + "\"}";
  reply(201, created);
  script.push_back({"HTTP/1.1 1", Then::kClose});
  reply(200, R"({"Running":true,"ExitCode":null})");
  reply(201, created);
  reply(200, "");
  EXPECT_EQ(code_of(engine.open_terminal("c", {.command = {"sh"}})), ErrorCode::kUnknown);
  EXPECT_THAT(last_request(), HasSubstr(R"({"Detach":true})"));
}

}  // namespace
}  // namespace berth::docker
