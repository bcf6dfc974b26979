#include "http/router.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

namespace berth::http {
namespace {

// Answers with its own name and what its {names} matched.
Handler say(std::string name) {
  return [name](Request request) -> Task<Response> {
    Response response{.body = name};
    for (const auto& [key, value] : request.params) response.body += " " + key + "=" + value;
    return [](Response made) -> Task<Response> { co_return made; }(std::move(response));
  };
}

Router make_router() {
  return Router({{"GET", "/", "public", say("root")},
                 {"GET", "/images/public", "user", say("public")},
                 {"GET", "/images/{iid}", "user", say("one")},
                 {"DELETE", "/images/{iid}", "user", say("remove")},
                 {"GET", "/images/{iid}/layers/{lid}", "user", say("layer")},
                 {"GET", "/images/public/list", "user", say("list")},
                 {"POST", "/login", "public", say("login")}},
                refuse_plainly);
}

Response ask(std::string method, std::string path) {
  const Router router = make_router();
  boost::asio::io_context io;
  auto answer = boost::asio::co_spawn(
      io, router.handle({.method = std::move(method), .path = std::move(path)}),
      boost::asio::use_future);
  io.run();
  return answer.get();
}

TEST(RouterTest, MatchesWholeSegmentsLiteralFirst) {
  EXPECT_EQ(ask("GET", "/").body, "root");
  EXPECT_EQ(ask("GET", "/images/public").body, "public");
  EXPECT_EQ(ask("GET", "/images/7").body, "one iid=7");
  EXPECT_EQ(ask("DELETE", "/images/7").body, "remove iid=7");
  EXPECT_EQ(ask("GET", "/images/public/list").body, "list");
}

TEST(RouterTest, GoesBackToANameWhereTheLiteralLeadsNowhere) {
  EXPECT_EQ(ask("GET", "/images/public/layers/3").body, "layer iid=public lid=3");
}

TEST(RouterTest, SendsHeadToGet) {
  EXPECT_EQ(ask("HEAD", "/images/7").body, "one iid=7");
  EXPECT_EQ(ask("HEAD", "/login").status, 405);
}

TEST(RouterTest, AnswersUnknownPathsWith404) {
  for (const char* path : {"/images", "/images/", "/Images/7", "/images/7/", "/images/7/layers",
                           "/login/", "/x", "/images/7/layers/3/4", "/images//layers/3"}) {
    EXPECT_EQ(ask("GET", path).status, 404) << path;
  }
}

TEST(RouterTest, AnswersOtherMethodsWith405AndAllow) {
  const Response response = ask("POST", "/images/7");
  EXPECT_EQ(response.status, 405);
  ASSERT_EQ(response.headers.size(), 1u);
  EXPECT_EQ(response.headers[0],
            (std::pair<std::string, std::string>("Allow", "DELETE, GET, HEAD")));
}

TEST(RouterDeathTest, DoesNotBuildWithoutAccessOrWithTwoAlike) {
  EXPECT_DEATH(Router({{"GET", "/", "", say("x")}}, refuse_plainly), "authorization matrix");
  EXPECT_DEATH(Router({{"GET", "/{a}", "user", say("x")}, {"GET", "/{b}", "user", say("y")}},
                      refuse_plainly),
               "two routes match the same");
}

}  // namespace
}  // namespace berth::http
