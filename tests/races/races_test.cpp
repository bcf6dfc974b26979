// Threads for real: the database's writer, those that hash passwords, the one of I/O, and many
// clients at once over HTTP. script/gate runs them under ThreadSanitizer.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <filesystem>
#include <thread>

#include "../http/wire_fixture.hpp"
#include "fakes/house.hpp"

namespace berth {
namespace {

using http::wire::RawClient;

constexpr int kClients = 12;

struct Reply {
  int status = 0;
  std::string text;
};

// A server of its own, with a database on disk.
class RacesTest : public ::testing::Test {
 protected:
  RacesTest()
      : folder_(make_folder()),
        house_(testing::LabOptions{.database = folder_ / "berth.db"}),
        server_(house_.lab.io, {.address = "127.0.0.1:0"}, house_.platform_face) {
    if (!server_.listen()) throw std::runtime_error("does not listen");
    house_.lab.io.restart();
    thread_ = std::thread([this] { house_.lab.io.run(); });
  }

  ~RacesTest() override {
    end();
    std::filesystem::remove_all(folder_);
  }

  // After this only the test's own thread is left: what it finds is the truth.
  void end() {
    if (!thread_.joinable()) return;
    boost::asio::co_spawn(house_.lab.io, server_.drain(), boost::asio::use_future).get();
    guard_.reset();
    house_.lab.io.stop();
    thread_.join();
    house_.lab.settle();
  }

  Reply ask(std::string_view method, std::string_view path, std::string_view cookie,
            std::string_view body = "") {
    std::string text = std::string(method) + " " + std::string(path) +
                       " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
    if (!cookie.empty()) text += "Cookie: " + std::string(cookie) + "\r\n";
    text += "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
            "\r\n\r\n" + std::string(body);
    RawClient client(server_.port());
    client.send(text);
    Reply reply{0, client.read_until([](std::string_view) { return false; })};
    const auto found = http::wire::statuses(reply.text);
    if (found.size() == 1) reply.status = found.front();
    return reply;
  }

  Reply register_as(const std::string& name) {
    return ask(
        "POST", "/api/register", "",
        R"({"username":")" + name + R"(","password":"secret9","email":")" + name + R"(@lab"})");
  }

  static std::string cookie_of(const std::string& name, const Reply& reply) {
    constexpr std::string_view kToken = "Set-Cookie: user_token=";
    const auto at = reply.text.find(kToken);
    if (at == std::string::npos) return "";
    const auto begin = at + kToken.size();
    return "username=" + name +
           "; user_token=" + reply.text.substr(begin, reply.text.find(';', begin) - begin);
  }

  // Each on a thread of its own; statuses in the order of the clients.
  template <class Call>
  std::vector<int> all_at_once(Call call) {
    std::vector<int> statuses(kClients);
    std::vector<std::jthread> threads;
    for (int i = 0; i < kClients; ++i) {
      threads.emplace_back([&statuses, &call, i] { statuses[i] = call(i); });
    }
    threads.clear();
    return statuses;
  }

  const std::filesystem::path folder_;
  testing::House house_;

 private:
  static std::filesystem::path make_folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "berth-races-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    return pattern;
  }

  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_{
      house_.lab.io.get_executor()};
  http::Server server_;
  std::thread thread_;
};

TEST_F(RacesTest, OneNameIsGivenToOneOfMany) {
  const auto statuses = all_at_once([&](int) { return register_as("eve").status; });
  EXPECT_EQ(std::ranges::count(statuses, 200), 1);
  EXPECT_EQ(std::ranges::count(statuses, 409), kClients - 1);
}

TEST_F(RacesTest, TheLastGpuGoesToOneOfMany) {
  std::vector<std::string> cookies(kClients);
  all_at_once([&](int i) {
    const std::string name = "user" + std::to_string(i);
    const Reply reply = register_as(name);
    cookies[i] = cookie_of(name, reply);
    return reply.status;
  });
  const std::string wanted = R"({"iid":1,"name":"n","cpu":1,"mem":64,"gid":1})";
  const auto statuses =
      all_at_once([&](int i) { return ask("POST", "/containers", cookies[i], wanted).status; });
  end();
  EXPECT_EQ(std::ranges::count(statuses, 200), 1);
  EXPECT_EQ(std::ranges::count(statuses, 409), kClients - 1);
  EXPECT_EQ(house_.lab.engine->calls("create"), 1) << "losers touch no engine";
  EXPECT_EQ(house_.lab.complaints(), "");
}

TEST_F(RacesTest, OneContainerIsStartedStoppedAndDeletedAtOnce) {
  const std::string cookie = cookie_of("eve", register_as("eve"));
  const std::string wanted = R"({"iid":1,"name":"n","cpu":1,"mem":64,"gid":1})";
  for (int cid = 1; cid <= 8; ++cid) {
    const std::string path = "/containers/" + std::to_string(cid);
    ASSERT_EQ(ask("POST", "/containers", cookie, wanted).status, 200);
    const auto statuses = all_at_once([&](int i) {
      if (i % 4 == 0) return ask("DELETE", path, cookie).status;
      if (i % 4 == 1) return ask("PUT", path, cookie, R"({"cmd":"start"})").status;
      if (i % 4 == 2) return ask("PUT", path, cookie, R"({"cmd":"stop"})").status;
      return ask("GET", "/containers/status/" + std::to_string(cid), cookie).status;
    });
    for (int status : statuses) EXPECT_TRUE(status == 200 || status == 404 || status == 409);
    EXPECT_EQ(ask("GET", "/containers/status/" + std::to_string(cid), cookie).status, 404);
  }
  end();
  EXPECT_TRUE(house_.lab.rows().empty());
  EXPECT_EQ(house_.lab.complaints(), "");
}

}  // namespace
}  // namespace berth
