#include "control/api_tokens.hpp"

#include <gtest/gtest.h>

#include "base/limits.hpp"
#include "fakes/lab.hpp"

namespace berth {
namespace {

using namespace std::chrono_literals;
using testing::Lab;
using testing::run;

constexpr char kHere[] = "10.0.0.1";

class ApiTokensTest : public ::testing::Test {
 protected:
  std::string make(const Actor& actor, ApiTokenScopes scopes = {.read = true}, int days = 30) {
    auto made = run(lab.io, tokens.add(actor, {"script", scopes, days}));
    EXPECT_TRUE(made) << (made ? "" : made.error().message);
    return made ? made->token : "";
  }
  Result<ApiTokenUser> ask(const std::string& token, const std::string& peer = kHere) {
    return run(lab.io, tokens.authenticate(token, peer));
  }
  ErrorCode refusal(const std::string& token, const std::string& peer = kHere) {
    auto asked = ask(token, peer);
    return asked ? ErrorCode::kInternal : asked.error().code;
  }
  std::vector<ApiTokenRow> list(const Actor& actor) {
    return run(lab.io, tokens.list(actor)).value();
  }
  void change_ann(std::function<void(UserRow&)> change) {
    auto work = [change, uid = lab.ann.uid](Transaction& tx) -> Result<> {
      auto user = *tx.user(uid);
      change(user);
      tx.update_user(user);
      return ok();
    };
    ASSERT_TRUE(run(lab.io, lab.store->write(work)));
  }
  std::vector<std::string> audited() {
    auto work = [](Transaction& tx) -> Result<std::vector<std::string>> {
      std::vector<std::string> lines;
      for (const AuditRow& row : tx.audit(10)) lines.push_back(row.action + " " + row.subject);
      return lines;
    };
    return run(lab.io, lab.store->read(work)).value();
  }

  Lab lab;
  ApiTokens tokens{*lab.store, lab.clock};
  Actor boss{lab.ann.uid, "ann", Role::kAdmin};
};

TEST_F(ApiTokensTest, SaysWhoseItIsAndWhatItMay) {
  const std::string token = make(lab.ann, {.write = true});
  const auto asked = ask(token);
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->actor.uid, lab.ann.uid);
  EXPECT_EQ(asked->actor.name, "ann");
  EXPECT_EQ(asked->scopes, (ApiTokenScopes{.write = true}));
}

TEST_F(ApiTokensTest, KeepsOnlyItsHashAndHowItBegins) {
  const std::string token = make(lab.ann);
  EXPECT_TRUE(token.starts_with("berth_"));
  EXPECT_GE(token.size(), 6 + 43u) << "256 bits";
  const auto row = list(lab.ann).at(0);
  EXPECT_EQ(row.prefix, token.substr(0, 10));
  EXPECT_EQ(row.token_hash.find(token.substr(10)), std::string::npos);
  EXPECT_EQ(row.token_hash.size(), 64u);
  EXPECT_NE(make(lab.ann), token);
}

TEST_F(ApiTokensTest, AnAdminsTokenIsAnAdminOnlyWithThatScopeAndAsLongAsHeIsOne) {
  change_ann([](UserRow& user) { user.role = Role::kAdmin; });
  const std::string all = make(boss, {.admin = true});
  const std::string less = make(boss, {.read = true, .write = true});
  EXPECT_TRUE(ask(all)->actor.is_admin());
  EXPECT_FALSE(ask(less)->actor.is_admin());
  change_ann([](UserRow& user) { user.role = Role::kUser; });
  EXPECT_FALSE(ask(all)->actor.is_admin());
}

TEST_F(ApiTokensTest, RefusesAnAdminsScopeToOthersAndBoundsTheRest) {
  auto add = [&](NewApiToken wanted) {
    auto made = run(lab.io, tokens.add(lab.ann, wanted));
    return made ? std::string() : made.error().message;
  };
  EXPECT_EQ(add({"n", {.read = true, .admin = true}, 1}), "only an admin may do this");
  EXPECT_EQ(add({"n", {}, 1}), "scopes: must name at least one");
  EXPECT_TRUE(add({"n", {.read = true}, 0}).starts_with("expires_days: "));
  EXPECT_TRUE(add({"n", {.read = true}, 366}).starts_with("expires_days: "));
  EXPECT_TRUE(add({"", {.read = true}, 1}).starts_with("name: "));
  for (std::size_t i = 0; i < limits::kApiTokensPerUser; ++i) EXPECT_EQ(add({"n", {true}, 1}), "");
  EXPECT_EQ(add({"n", {true}, 1}), "you have too many tokens, revoke one first");
  ASSERT_TRUE(run(lab.io, tokens.revoke(lab.ann, list(lab.ann).at(7).tid)));
  EXPECT_EQ(add({"n", {true}, 1}), "");
}

TEST_F(ApiTokensTest, EndsWhenItIsRevokedByItsOwner) {
  const std::string token = make(lab.ann);
  const ApiTokenId tid = list(lab.ann).at(0).tid;
  EXPECT_EQ(run(lab.io, tokens.revoke(lab.bob, tid)).error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(ask(token));
  EXPECT_TRUE(run(lab.io, tokens.revoke(lab.ann, tid)));
  EXPECT_EQ(refusal(token), ErrorCode::kUnauthenticated);
  EXPECT_EQ(run(lab.io, tokens.revoke(lab.ann, tid)).error().code, ErrorCode::kNotFound);
  const std::string subject = "tid " + std::to_string(tid.value);
  EXPECT_EQ(audited(),
            (std::vector<std::string>{"token.revoke " + subject, "token.add " + subject}));
}

TEST_F(ApiTokensTest, EndsToTheMillisecondWhenItExpires) {
  const std::string token = make(lab.ann, {.read = true}, 1);
  lab.clock.advance(24h - 1ms);
  EXPECT_TRUE(ask(token));
  lab.clock.advance(1ms);
  EXPECT_EQ(refusal(token), ErrorCode::kUnauthenticated);
}

TEST_F(ApiTokensTest, IsForgottenAMonthAfterItExpired) {
  make(lab.ann, {.read = true}, 1);
  make(lab.ann, {.read = true}, 40);
  lab.clock.advance(24h * 31);
  EXPECT_EQ(run(lab.io, tokens.delete_long_expired()).value(), 0);
  lab.clock.advance(1ms);
  EXPECT_EQ(run(lab.io, tokens.delete_long_expired()).value(), 1);
  EXPECT_EQ(list(lab.ann).size(), 1u);
}

TEST_F(ApiTokensTest, RestsWhileItsOwnerIsDisabled) {
  const std::string token = make(lab.ann);
  change_ann([](UserRow& user) { user.disabled = true; });
  EXPECT_EQ(refusal(token), ErrorCode::kUnauthenticated);
  change_ann([](UserRow& user) { user.disabled = false; });
  EXPECT_TRUE(ask(token));
}

TEST_F(ApiTokensTest, WritesDownItsUseOnceAMinute) {
  const std::string token = make(lab.ann);
  EXPECT_EQ(list(lab.ann).at(0).last_used_at, WallTime{});
  const WallTime first = lab.clock.now();
  ASSERT_TRUE(ask(token));
  lab.clock.advance(59s);
  ASSERT_TRUE(ask(token));
  EXPECT_EQ(list(lab.ann).at(0).last_used_at, first);
  lab.clock.advance(1s);
  ASSERT_TRUE(ask(token));
  EXPECT_EQ(list(lab.ann).at(0).last_used_at, first + 60s);
}

TEST_F(ApiTokensTest, GuessesCostAsMuchAsAtALogInAndLockNobodyOut) {
  const std::string token = make(lab.ann);
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(refusal("berth_guess" + std::to_string(i)), ErrorCode::kUnauthenticated);
  EXPECT_EQ(refusal("berth_guess5"), ErrorCode::kTooMany);
  EXPECT_TRUE(ask(token)) << "from the same address";
  EXPECT_EQ(refusal("berth_guess6", "10.0.0.2"), ErrorCode::kUnauthenticated);
  lab.clock.advance(15min);
  EXPECT_EQ(refusal("berth_guess7"), ErrorCode::kUnauthenticated);
}

TEST_F(ApiTokensTest, OneThatHasEndedIsNoGuess) {
  const std::string token = make(lab.ann, {.read = true}, 1);
  lab.clock.advance(24h);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(refusal(token), ErrorCode::kUnauthenticated);
}

TEST_F(ApiTokensTest, WhatIsNearlyItIsNotIt) {
  const std::string token = make(lab.ann);
  const std::string nearly = token.substr(0, token.size() - 1);
  for (const std::string& other :
       {nearly, token + "x", std::string("berth_"), std::string(), std::string(4096, 'x')})
    EXPECT_NE(refusal(other), ErrorCode::kInternal) << other.substr(0, 60);
}

}  // namespace
}  // namespace berth
