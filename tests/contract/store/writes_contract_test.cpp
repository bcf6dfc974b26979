#include <boost/asio/co_spawn.hpp>
#include <stdexcept>

#include "store_contract.hpp"

namespace berth {
namespace {

std::string key_of(int i) { return "k" + std::to_string(i); }

// Every 7th is refused after it has written, every 11th breaks.
bool is_refused(int i) { return i % 7 == 0; }
bool is_breaking(int i) { return i % 11 == 0; }

Result<int> work_number(Transaction& tx, int i) {
  tx.set_meta(key_of(i), "value");
  if (is_refused(i)) return fail(ErrorCode::kForbidden, "number " + std::to_string(i));
  if (is_breaking(i)) throw std::runtime_error("a bug");
  return i;
}

}  // namespace

TEST_P(StoreContract, OfAThousandWritesAtOnceThoseThatFailRollBackAlone) {
  std::vector<Task<Result<int>>> tasks;
  for (int i = 0; i < 1000; ++i) {
    tasks.push_back(
        store_->write([i](Transaction& tx) -> Result<int> { return work_number(tx, i); }));
  }
  const auto results = run_all(std::move(tasks));
  for (int i = 0; i < 1000; ++i) {
    const auto& result = results[static_cast<std::size_t>(i)];
    const bool is_there = look([i](Transaction& tx) { return tx.meta(key_of(i)).has_value(); });
    if (is_refused(i)) {
      EXPECT_EQ(result.error(), (Error{ErrorCode::kForbidden, "number " + std::to_string(i), ""}));
    } else if (is_breaking(i)) {
      EXPECT_EQ(result.error(), (Error{ErrorCode::kInternal, "internal error", ""}));
    } else {
      EXPECT_EQ(result.value(), i);
    }
    EXPECT_EQ(is_there, !is_refused(i) && !is_breaking(i)) << i;
  }
}

TEST_P(StoreContract, ARefusalRollsBackAndComesBackAsItIs) {
  const auto refused = write([](Transaction& tx) -> Result<> {
    tx.set_meta("key", "value");
    return fail(ErrorCode::kExhausted, "cpu or memory not enough", "details");
  });
  EXPECT_EQ(refused.error(), (Error{ErrorCode::kExhausted, "cpu or memory not enough", "details"}));
  EXPECT_FALSE(look([](Transaction& tx) { return tx.meta("key"); }));
}

TEST_P(StoreContract, AReadSeesWhatWasCommittedBefore) {
  for (int i = 0; i < 100; ++i) {
    commit([i](Transaction& tx) { tx.set_meta("key", std::to_string(i)); });
    ASSERT_EQ(look([](Transaction& tx) { return tx.meta("key").value(); }), std::to_string(i));
  }
}

TEST_P(StoreContract, AReadCannotWrite) {
  const auto refused = read([](Transaction& tx) -> Result<> {
    tx.set_meta("key", "value");
    return ok();
  });
  EXPECT_FALSE(refused);
  EXPECT_FALSE(look([](Transaction& tx) { return tx.meta("key"); }));
  commit([](Transaction& tx) { tx.set_meta("key", "a write still can"); });
}

TEST_P(StoreContract, AReadThatIsRefusedOrBreaksDoesNoHarm) {
  EXPECT_EQ(read([](Transaction&) -> Result<> { return fail(ErrorCode::kNotFound, "no"); })
                .error()
                .message,
            "no");
  EXPECT_EQ(read([](Transaction&) -> Result<> { throw std::runtime_error("a bug"); }).error().code,
            ErrorCode::kInternal);
  EXPECT_FALSE(look([](Transaction& tx) { return tx.meta("key"); }));
}

TEST_P(StoreContract, AWorkSeesItsOwnChanges) {
  EXPECT_EQ(commit([](Transaction& tx) {
              tx.set_meta("key", "mine");
              return tx.meta("key").value();
            }),
            "mine");
}

TEST_P(KeptStoreContract, ReopeningKeepsEverything) {
  const DeviceId did = add_device();
  ContainerRow row = make_container(did, add_user("ann"), add_image(did));
  row.gpus = {add_gpu(did, "GPU-1")};
  row.ports = {{22, 30000}};
  row.cid = commit([&](Transaction& tx) { return tx.insert_container(row); });
  reopen();
  EXPECT_EQ(words(look([&](Transaction& tx) { return tx.container(row.cid).value(); })),
            words(row));
}

TEST_P(KeptStoreContract, WritesThatWaitWhenItClosesAreStillDone) {
  for (int i = 0; i < 20; ++i) {
    boost::asio::co_spawn(io_, store_->write([i](Transaction& tx) -> Result<int> {
      return tx.set_meta(key_of(i), "v"), i;
    }),
                          [](std::exception_ptr, Result<int>) {});
  }
  io_.restart();
  io_.poll();
  reopen();
  EXPECT_EQ(look([](Transaction& tx) { return tx.meta(key_of(19)).value(); }), "v");
}

}  // namespace berth
