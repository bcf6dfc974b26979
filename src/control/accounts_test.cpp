#include "control/accounts.hpp"

#include <gtest/gtest.h>

#include "fakes/lab.hpp"

namespace berth {
namespace {

using testing::Lab;
using testing::run;

Task<bool> deny(Accounts& accounts, Actor actor) {
  co_await accounts.note_denied(actor, "DELETE /containers/7");
  co_return true;
}

TEST(AccountsTest, NobodyFillsTheAuditLogWithRefusedChanges) {
  Lab lab;
  Accounts& accounts = lab.control->accounts;
  const auto denials_of = [&](const Actor& actor) {
    auto work = [uid = actor.uid](Transaction& tx) -> Result<std::vector<std::string>> {
      std::vector<std::string> subjects;
      for (const AuditRow& row : tx.audit(5'000)) {
        if (row.actor == uid && row.action == "denied") subjects.push_back(row.subject);
      }
      return subjects;
    };
    return run(lab.io, lab.store->read(work)).value();
  };
  for (int i = 0; i < Accounts::kDenialsPerHour + 5; ++i) run(lab.io, deny(accounts, lab.ann));
  run(lab.io, deny(accounts, lab.bob));
  const auto of_ann = denials_of(lab.ann);
  ASSERT_EQ(of_ann.size(), static_cast<std::size_t>(Accounts::kDenialsPerHour));
  EXPECT_EQ(of_ann.front(), "DELETE /containers/7 (no more are kept this hour)");
  EXPECT_EQ(of_ann.back(), "DELETE /containers/7");
  EXPECT_EQ(denials_of(lab.bob).size(), 1u);
}

}  // namespace
}  // namespace berth
