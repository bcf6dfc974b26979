#include "http/ssh_transport.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>

#include <boost/asio/steady_timer.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "fakes/run.hpp"
#include "http/client.hpp"

namespace berth::http {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;
using ::testing::ElementsAre;

// Answers every request that has no body.
constexpr char kAnswers[] = R"sh(
while read -r line; do
  [ "$line" = "$(printf '\r')" ] && printf 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'
done
)sh";

// In PATH before the real one stands a script of the test's own.
class SshTransportTest : public ::testing::Test {
 protected:
  SshTransportTest() : path_before_(::getenv("PATH")) {
    char name[] = "/tmp/berth-ssh-XXXXXX";
    folder = ::mkdtemp(name);
    ::setenv("PATH", (folder.string() + ":" + path_before_).c_str(), 1);
  }
  ~SshTransportTest() override {
    ::setenv("PATH", path_before_.c_str(), 1);
    fs::remove_all(folder);
  }

  void ssh_does(const std::string& script) {
    std::ofstream(folder / "ssh") << "#!/bin/sh\nprintf '%s\\n' \"$@\" > " << folder.string()
                                  << "/arguments\necho $$ >> " << folder.string() << "/started\n"
                                  << script;
    fs::permissions(folder / "ssh", fs::perms::owner_all);
  }
  std::vector<std::string> lines_of(const char* file) {
    std::ifstream in(folder / file);
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
  }
  Error error_of(ClientRequest request = {.method = "POST"}) {
    Client client(io, address, {.greeting = "/ping"});
    auto result = testing::run(io, client.send(std::move(request)));
    EXPECT_FALSE(result);
    return result ? Error{} : result.error();
  }

  fs::path folder;
  boost::asio::io_context io;
  Address address{.kind = Address::Kind::kSsh,
                  .user = "berth",
                  .host = "gpu1",
                  .port = 2222,
                  .command = {"docker", "system", "dial-stdio"}};

 private:
  std::string path_before_;
};

TEST_F(SshTransportTest, OneProgramServesManyCalls) {
  ssh_does(kAnswers);
  Client client(io, address, {.greeting = "/ping"});
  for (int i = 0; i < 5; ++i) {
    auto answer = testing::run(io, client.send({}));
    ASSERT_TRUE(answer) << answer.error().details;
    EXPECT_EQ(answer->body, "hello");
  }
  EXPECT_EQ(lines_of("started").size(), 1u);
}

TEST_F(SshTransportTest, HandsOverArgumentsThatNothingCanTurn) {
  ssh_does(kAnswers);
  Client client(io, address, {.greeting = "/ping"});
  ASSERT_TRUE(testing::run(io, client.send({})));
  EXPECT_THAT(
      lines_of("arguments"),
      ElementsAre("-T", "-a", "-x", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes", "-o",
                  "ConnectTimeout=10", "-o", "ServerAliveInterval=15", "-o",
                  "ServerAliveCountMax=3", "-o", "ClearAllForwardings=yes", "-o", "LogLevel=ERROR",
                  "-o", "ControlMaster=no", "-o", "ControlPath=none", "-o", "PermitLocalCommand=no",
                  "-l", "berth", "-p", "2222", "--", "gpu1", "docker", "system", "dial-stdio"));
}

TEST_F(SshTransportTest, WhatItComplainsAboutIsTheErrorAndNothingWasSent) {
  ssh_does("echo 'berth@gpu1: Permission denied\r' >&2; echo '(publickey).' >&2; exit 255");
  const Error error = error_of();
  EXPECT_EQ(error.code, ErrorCode::kUnavailable);
  EXPECT_EQ(error.details, "berth@gpu1: Permission denied (publickey).");
}

TEST_F(SshTransportTest, ComplaintsWithoutEndAreReadAndTheBeginningKept) {
  ssh_does("head -c 300000 /dev/zero | tr '\\0' x >&2; " + std::string(kAnswers));
  Client client(io, address, {.greeting = "/ping"});
  EXPECT_TRUE(testing::run(io, client.send({})));
  ssh_does("head -c 300000 /dev/zero | tr '\\0' x >&2; exit 1");
  EXPECT_EQ(error_of().details.size(), 1024u);
}

TEST_F(SshTransportTest, AWordInFrontOfTheAnswerIsNotHttp) {
  ssh_does("echo 'Welcome!'; " + std::string(kAnswers));
  EXPECT_EQ(error_of().code, ErrorCode::kUnavailable);
}

TEST_F(SshTransportTest, OneThatSaysNothingIsGivenUpAndEnded) {
  ssh_does("echo waiting >&2; exec sleep 1000");
  EXPECT_EQ(error_of({.deadline = 300ms}).code, ErrorCode::kUnavailable);
  io.restart();
  io.run();  // until it is reaped
  const auto started = lines_of("started");
  ASSERT_EQ(started.size(), 1u);
  EXPECT_NE(::kill(std::stoi(started[0]), 0), 0);
}

TEST_F(SshTransportTest, EndsWithWhatItStartedWhenItIsNotWantedAnyMore) {
  ssh_does("sleep 1000 & echo $! >> " + folder.string() + "/started\n" + kAnswers);
  {
    Client client(io, address, {.greeting = "/ping"});
    ASSERT_TRUE(testing::run(io, client.send({})));
  }
  io.restart();
  io.run();
  for (const std::string& pid : lines_of("started")) {
    std::ifstream state("/proc/" + pid + "/stat");
    std::string line;
    std::getline(state, line);
    EXPECT_TRUE(line.empty() || line.find(") Z ") != std::string::npos) << line;
  }
}

TEST_F(SshTransportTest, SaysSoWhereThereIsNoSsh) {
  ::setenv("PATH", folder.c_str(), 1);
  EXPECT_EQ(error_of().details, "ssh cannot be run on this machine");
}

}  // namespace
}  // namespace berth::http
