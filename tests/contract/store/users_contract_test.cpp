#include <algorithm>

#include "store_contract.hpp"

namespace berth {
namespace {

SessionRow make_session(const std::string& hash, UserId uid, std::int64_t at) {
  return {hash, uid, from_unix_ms(at), from_unix_ms(at), from_unix_ms(at + 1000)};
}

ApiTokenRow make_api_token(const std::string& hash, UserId uid) {
  return {.uid = uid,
          .name = "script",
          .token_hash = hash,
          .prefix = "berth_abcd",
          .scopes = {.read = true},
          .created_at = from_unix_ms(1000),
          .expires_at = from_unix_ms(2000)};
}

}  // namespace

TEST_P(StoreContract, AUserComesBackAsItWasSaved) {
  UserRow saved{.name = "Ann",
                .email = "ann@lab.cn",
                .password_hash = "$argon2id$x",
                .role = Role::kAdmin,
                .disabled = true,
                .created_at = from_unix_ms(1'764'000'000'123)};
  saved.uid = commit([&](Transaction& tx) { return tx.insert_user(saved).value(); });
  EXPECT_EQ(words(look([&](Transaction& tx) { return tx.user(saved.uid).value(); })), words(saved));
  EXPECT_EQ(words(look([&](Transaction& tx) { return tx.user_by_name("ANN").value(); })),
            words(saved));
  EXPECT_FALSE(look([&](Transaction& tx) { return tx.user({99}); }));
  EXPECT_FALSE(look([&](Transaction& tx) { return tx.user_by_name("bob"); }));
}

TEST_P(StoreContract, NamesAndEmailsAreUniqueWhateverTheCase) {
  add_user("ann");
  for (const UserRow& row :
       {UserRow{.name = "ANN", .email = "other"}, UserRow{.name = "bob", .email = "Ann@LAB"}}) {
    const auto refused =
        write([row](Transaction& tx) -> Result<UserId> { return tx.insert_user(row); });
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
  }
  EXPECT_EQ(look([](Transaction& tx) { return tx.count_users(); }), 1);
}

TEST_P(StoreContract, OfSixtyFourRegistrationsOfOneNameOneWins) {
  std::vector<Task<Result<UserId>>> tasks;
  for (int i = 0; i < 64; ++i) {
    const UserRow row{.name = i % 2 == 0 ? "ann" : "ANN", .email = std::to_string(i) + "@lab"};
    tasks.push_back(
        store_->write([row](Transaction& tx) -> Result<UserId> { return tx.insert_user(row); }));
  }
  const auto results = run_all(std::move(tasks));
  EXPECT_EQ(std::ranges::count_if(results, [](const auto& r) { return r.has_value(); }), 1);
  EXPECT_EQ(
      std::ranges::count_if(
          results, [](const auto& r) { return !r && r.error().code == ErrorCode::kConflict; }),
      63);
  EXPECT_EQ(look([](Transaction& tx) { return tx.count_users(); }), 1);
}

TEST_P(StoreContract, UpdateUserChangesHashRoleAndDisabledOnly) {
  const UserId uid = add_user("ann");
  UserRow row = look([&](Transaction& tx) { return tx.user(uid).value(); });
  UserRow changed = row;
  changed.name = "bob";
  changed.email = "bob@lab";
  changed.password_hash = row.password_hash = "new";
  changed.role = row.role = Role::kAdmin;
  changed.disabled = row.disabled = true;
  commit([&](Transaction& tx) { tx.update_user(changed); });
  EXPECT_EQ(words(look([&](Transaction& tx) { return tx.user(uid).value(); })), words(row));
}

TEST_P(StoreContract, UsersComeInTheOrderOfTheirIdsAndBounded) {
  for (int i = 0; i < 5; ++i) add_user("u" + std::to_string(i));
  const auto users = look([](Transaction& tx) { return tx.users(3); });
  ASSERT_EQ(users.size(), 3u);
  EXPECT_EQ(users[0].name, "u0");
  EXPECT_EQ(users[2].name, "u2");
  EXPECT_TRUE(look([](Transaction& tx) { return tx.users(0); }).empty());
}

TEST_P(StoreContract, ASessionIsFoundTouchedAndDeleted) {
  const UserId uid = add_user("ann");
  commit([&](Transaction& tx) { tx.insert_session(make_session("hash", uid, 1000)); });
  commit([&](Transaction& tx) { tx.touch_session("hash", from_unix_ms(5000)); });
  const SessionRow found = look([](Transaction& tx) { return tx.session("hash").value(); });
  EXPECT_EQ(found.uid, uid);
  EXPECT_EQ(to_unix_ms(found.created_at), 1000);
  EXPECT_EQ(to_unix_ms(found.last_seen_at), 5000);
  EXPECT_EQ(to_unix_ms(found.expires_at), 2000);
  commit([&](Transaction& tx) { tx.delete_session("hash"); });
  EXPECT_FALSE(look([](Transaction& tx) { return tx.session("hash"); }));
}

TEST_P(StoreContract, SessionTokensAreComparedExactly) {
  const UserId uid = add_user("ann");
  commit([&](Transaction& tx) { tx.insert_session(make_session("abc", uid, 1)); });
  EXPECT_FALSE(look([](Transaction& tx) { return tx.session("ABC"); }));
}

TEST_P(StoreContract, DeletingTheSessionsOfOneUserLeavesTheOthers) {
  const UserId ann = add_user("ann");
  const UserId bob = add_user("bob");
  commit([&](Transaction& tx) {
    tx.insert_session(make_session("a1", ann, 1));
    tx.insert_session(make_session("a2", ann, 1));
    tx.insert_session(make_session("b1", bob, 1));
    tx.delete_sessions_of(ann);
  });
  EXPECT_FALSE(look([](Transaction& tx) { return tx.session("a2"); }));
  EXPECT_TRUE(look([](Transaction& tx) { return tx.session("b1"); }));
}

TEST_P(StoreContract, TrimmingKeepsTheNewestSessionsOfThatUser) {
  const UserId ann = add_user("ann");
  const UserId bob = add_user("bob");
  commit([&](Transaction& tx) {
    tx.insert_session(make_session("b1", bob, 0));
    for (const char* hash : {"z", "y", "x"}) tx.insert_session(make_session(hash, ann, 7));
    tx.trim_sessions(ann, 2);
  });
  EXPECT_FALSE(look([](Transaction& tx) { return tx.session("z"); }));
  EXPECT_TRUE(look([](Transaction& tx) { return tx.session("y"); }));
  EXPECT_TRUE(look([](Transaction& tx) { return tx.session("x"); }));
  EXPECT_TRUE(look([](Transaction& tx) { return tx.session("b1"); }));
}

TEST_P(StoreContract, ExpiredAndIdleSessionsAreSwept) {
  const UserId uid = add_user("ann");
  commit([&](Transaction& tx) {
    tx.insert_session({"expired", uid, from_unix_ms(0), from_unix_ms(900), from_unix_ms(1000)});
    tx.insert_session({"idle", uid, from_unix_ms(0), from_unix_ms(499), from_unix_ms(9000)});
    tx.insert_session({"alive", uid, from_unix_ms(0), from_unix_ms(500), from_unix_ms(1001)});
  });
  EXPECT_EQ(commit([](Transaction& tx) {
              return tx.delete_expired_sessions(from_unix_ms(1000), from_unix_ms(500));
            }),
            2);
  EXPECT_TRUE(look([](Transaction& tx) { return tx.session("alive"); }));
}

TEST_P(StoreContract, AnApiTokenComesBackAsItWasSaved) {
  ApiTokenRow saved = make_api_token("hash", add_user("ann"));
  saved.scopes = {.read = true, .admin = true};
  saved.tid = commit([&](Transaction& tx) { return tx.insert_api_token(saved); });
  EXPECT_EQ(words(look([](Transaction& tx) { return tx.api_token("hash").value(); })),
            words(saved));
  commit([&](Transaction& tx) { tx.touch_api_token(saved.tid, from_unix_ms(7000)); });
  saved.last_used_at = from_unix_ms(7000);
  EXPECT_EQ(words(look([&](Transaction& tx) { return tx.api_tokens_of(saved.uid, 9).at(0); })),
            words(saved));
  EXPECT_FALSE(look([](Transaction& tx) { return tx.api_token("HASH"); }));
}

TEST_P(StoreContract, ApiTokensAreListedAndDeletedByTheirOwnerAlone) {
  const UserId ann = add_user("ann");
  const UserId bob = add_user("bob");
  std::vector<ApiTokenId> tids;
  commit([&](Transaction& tx) {
    tids.clear();
    for (const char* hash : {"a1", "a2", "a3"})
      tids.push_back(tx.insert_api_token(make_api_token(hash, ann)));
    tx.insert_api_token(make_api_token("b1", bob));
  });
  EXPECT_EQ(look([&](Transaction& tx) { return tx.api_tokens_of(ann, 2); }).size(), 2u);
  EXPECT_FALSE(commit([&](Transaction& tx) { return tx.delete_api_token(bob, tids[0]); }));
  EXPECT_TRUE(commit([&](Transaction& tx) { return tx.delete_api_token(ann, tids[0]); }));
  EXPECT_FALSE(commit([&](Transaction& tx) { return tx.delete_api_token(ann, tids[0]); }));
  commit([&](Transaction& tx) { tx.delete_api_tokens_of(ann); });
  EXPECT_TRUE(look([&](Transaction& tx) { return tx.api_tokens_of(ann, 9); }).empty());
  EXPECT_TRUE(look([](Transaction& tx) { return tx.api_token("b1"); }));
  EXPECT_GT(commit([&](Transaction& tx) { return tx.insert_api_token(make_api_token("a4", ann)); }),
            tids[2])
      << "an id is never used again";
}

TEST_P(StoreContract, ApiTokensThatExpiredBeforeATimeAreSwept) {
  const UserId ann = add_user("ann");
  commit([&](Transaction& tx) {
    tx.insert_api_token(make_api_token("hash", ann));  // expires at 2000
  });
  const auto sweep = [&](std::int64_t before) {
    return commit(
        [=](Transaction& tx) { return tx.delete_api_tokens_expired(from_unix_ms(before)); });
  };
  EXPECT_EQ(sweep(2000), 0);
  EXPECT_EQ(sweep(2001), 1);
}

TEST_P(StoreContract, TextOfEveryKindComesBackByteForByte) {
  for (const std::string& text :
       {std::string("'; drop table users; --"), std::string("\xE5\xAE\x9E\xE9\xAA\x8C"),
        std::string(), std::string(10'000, 'x'), std::string("a\nb\tc\"$(id)")}) {
    commit([&](Transaction& tx) { tx.set_meta("key", text); });
    EXPECT_EQ(look([](Transaction& tx) { return tx.meta("key").value(); }), text);
  }
}

TEST_P(StoreContract, MetaIsSetReplacedAndDeleted) {
  EXPECT_FALSE(look([](Transaction& tx) { return tx.meta("key"); }));
  commit([](Transaction& tx) { tx.set_meta("key", "one"); });
  commit([](Transaction& tx) { tx.set_meta("key", "two"); });
  EXPECT_EQ(look([](Transaction& tx) { return tx.meta("key").value(); }), "two");
  commit([](Transaction& tx) { tx.delete_meta("key"); });
  EXPECT_FALSE(look([](Transaction& tx) { return tx.meta("key"); }));
}

TEST_P(StoreContract, AuditComesNewestFirstAndBounded) {
  for (std::int64_t i = 0; i < 5; ++i) {
    commit([i](Transaction& tx) {
      tx.append_audit(
          {from_unix_ms(i), UserId{i}, "container.create", "cid " + std::to_string(i), "ok"});
    });
  }
  const auto entries = look([](Transaction& tx) { return tx.audit(2); });
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].subject, "cid 4");
  EXPECT_EQ(entries[1].actor, UserId{3});
  const auto all = look([](Transaction& tx) { return tx.audit(100); });
  EXPECT_EQ(all.size(), 5u);
  EXPECT_EQ(all.back().actor, UserId{}) << "the system";
}

TEST_P(StoreContract, AuditIsReadOnFromWhereOneStopped) {
  for (std::int64_t i = 0; i < 6; ++i) {
    commit([i](Transaction& tx) {
      tx.append_audit(
          {from_unix_ms(i), {}, "container.stop", "cid " + std::to_string(i % 2), "ok"});
    });
  }
  const auto first = look([](Transaction& tx) { return tx.audit_before(0, "cid 1", 2); });
  ASSERT_EQ(first.size(), 2u);
  EXPECT_EQ(to_unix_ms(first[0].at), 5);
  const auto rest =
      look([end = first[1].id](Transaction& tx) { return tx.audit_before(end, "cid 1", 10); });
  ASSERT_EQ(rest.size(), 1u);
  EXPECT_EQ(to_unix_ms(rest[0].at), 1);
  EXPECT_EQ(look([](Transaction& tx) { return tx.audit_before(3, "", 10); }).size(), 2u);
}

}  // namespace berth
