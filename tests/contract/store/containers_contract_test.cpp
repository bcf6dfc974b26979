#include <algorithm>

#include "store_contract.hpp"

namespace berth {
namespace {

std::vector<std::int64_t> ids(const std::vector<ContainerRow>& rows) {
  std::vector<std::int64_t> found;
  for (const ContainerRow& row : rows) found.push_back(row.cid.value);
  return found;
}

}  // namespace

TEST_P(StoreContract, AContainerComesBackAsItWasSavedAndChanged) {
  const DeviceId did = add_device();
  ContainerRow row = make_container(did, add_user("ann"), add_image(did));
  row.gpus = {add_gpu(did, "GPU-1"), add_gpu(did, "GPU-2")};
  std::swap(row.gpus[0], row.gpus[1]);
  row.ports = {{8888, 30001}, {22, 30000}};
  row.cid = commit([&](Transaction& tx) { return tx.insert_container(row); });
  EXPECT_EQ(words(look([&](Transaction& tx) { return tx.container(row.cid).value(); })),
            words(row));

  row.session_id = "s";
  row.name = "renamed";
  row.cpu_cores = 1;
  row.memory_mb = 64;
  row.gpus.pop_back();
  row.ports = {{22, 30005}};
  row.wanted = Wanted::kGone;
  row.state = State::kPaused;
  row.start_pending = false;
  row.holds = false;
  row.made = true;
  row.rebuild = true;
  row.generation = 3;
  row.sealed_password = "other";
  row.reason = "exit code 137";
  row.started_at = from_unix_ms(1'764'000'009'999);
  commit([&](Transaction& tx) { tx.update_container(row); });
  EXPECT_EQ(words(look([&](Transaction& tx) { return tx.container(row.cid).value(); })),
            words(row));
}

TEST_P(StoreContract, UpdateContainerKeepsKindOwnerDeviceImageSlotAndBirth) {
  const DeviceId did = add_device();
  ContainerRow row = make_container(did, add_user("ann"), add_image(did));
  row.cid = commit([&](Transaction& tx) { return tx.insert_container(row); });
  ContainerRow changed = row;
  changed.owner = add_user("bob");
  changed.iid = add_image(did);
  changed.created_at = {};
  commit([&](Transaction& tx) { tx.update_container(changed); });
  EXPECT_EQ(words(look([&](Transaction& tx) { return tx.container(row.cid).value(); })),
            words(row));
}

TEST_P(StoreContract, UpdatingAContainerThatIsGoneLeavesNothingBehind) {
  const DeviceId did = add_device();
  ContainerRow row = make_container(did, add_user("ann"), add_image(did));
  row.cid = {55};
  row.ports = {{22, 30000}};
  commit([&](Transaction& tx) { tx.update_container(row); });
  EXPECT_TRUE(look([&](Transaction& tx) { return tx.used_ports(did); }).empty());
}

TEST_P(StoreContract, ContainersAreListedByOwnerDeviceAndSlot) {
  const DeviceId one = add_device("a");
  const DeviceId two = add_device("b");
  const UserId ann = add_user("ann");
  const UserId bob = add_user("bob");
  const ImageId iid = add_image(one);
  auto add = [&](ContainerRow row, int port) {
    row.ports = {{22, port}, {8888, port + 1}};
    return commit([&](Transaction& tx) { return tx.insert_container(row); }).value;
  };
  const auto c1 = add(make_container(one, ann, iid), 30000);
  const auto m9 = add(make_matlab(one, 9), 30010);
  const auto c2 = add(make_container(two, ann, iid), 30000);
  const auto m3 = add(make_matlab(one, 3), 30020);
  const auto c3 = add(make_container(one, bob, iid), 30030);
  using Ids = std::vector<std::int64_t>;
  EXPECT_EQ(ids(look([](Transaction& tx) { return tx.containers(99); })),
            (Ids{c1, m9, c2, m3, c3}));
  EXPECT_EQ(ids(look([](Transaction& tx) { return tx.containers(2); })), (Ids{c1, m9}));
  EXPECT_EQ(ids(look([&](Transaction& tx) { return tx.containers_of(ann, 99); })), (Ids{c1, c2}));
  EXPECT_EQ(ids(look([&](Transaction& tx) { return tx.containers_of(ann, 1); })), (Ids{c1}));
  EXPECT_EQ(ids(look([&](Transaction& tx) { return tx.containers_on(one, 99); })),
            (Ids{c1, m9, m3, c3}));
  EXPECT_EQ(ids(look([](Transaction& tx) { return tx.matlab_sessions(99); })), (Ids{m3, m9}));
  EXPECT_EQ(look([](Transaction& tx) { return tx.matlab_session(9).value(); }).cid.value, m9);
  EXPECT_FALSE(look([](Transaction& tx) { return tx.matlab_session(4); }));
  EXPECT_FALSE(look([](Transaction& tx) { return tx.matlab_session(0); }))
      << "workspaces have no slot";
  EXPECT_EQ(look([&](Transaction& tx) { return tx.count_containers_of(ann); }), 2);
  for (const ContainerRow& row : look([](Transaction& tx) { return tx.containers(99); })) {
    EXPECT_EQ(row.ports.size(), 2u) << "lists have complete rows";
  }
}

TEST_P(KeptStoreContract, IdsAreNeverUsedAgain) {
  const DeviceId did = add_device();
  const UserId ann = add_user("ann");
  const ImageId iid = add_image(did);
  const ContainerRow row = make_container(did, ann, iid);
  const auto first = commit([&](Transaction& tx) { return tx.insert_container(row); });
  commit([&](Transaction& tx) { tx.delete_container(first); });
  reopen();
  const auto second = commit([&](Transaction& tx) { return tx.insert_container(row); });
  EXPECT_GT(second, first);
  commit([&](Transaction& tx) { tx.delete_container(second); });
  commit([&](Transaction& tx) { tx.delete_image(iid); });
  EXPECT_GT(add_image(did), iid);
}

TEST_P(StoreContract, DeletingAContainerFreesItsPortsAndCards) {
  const DeviceId did = add_device();
  ContainerRow row = make_container(did, add_user("ann"), add_image(did));
  row.gpus = {add_gpu(did, "GPU-1")};
  row.ports = {{22, 30000}};
  const auto cid = commit([&](Transaction& tx) { return tx.insert_container(row); });
  commit([&](Transaction& tx) { tx.delete_container(cid); });
  commit([&](Transaction& tx) { tx.delete_container(cid); });
  EXPECT_TRUE(look([&](Transaction& tx) { return tx.used_ports(did); }).empty());
  commit([&](Transaction& tx) { return tx.insert_container(row); });
}

TEST_P(StoreContract, ACardIsHeldByOneContainerAtMost) {
  const DeviceId did = add_device();
  ContainerRow row = make_container(did, add_user("ann"), add_image(did));
  row.gpus = {add_gpu(did, "GPU-1")};
  row.cid = commit([&](Transaction& tx) { return tx.insert_container(row); });
  auto insert = [&](Transaction& tx) -> Result<ContainerId> { return tx.insert_container(row); };
  EXPECT_FALSE(write(insert));
  EXPECT_EQ(look([](Transaction& tx) { return tx.containers(9); }).size(), 1u);

  row.holds = false;  // stopped: remembered, but free for others
  commit([&](Transaction& tx) { tx.update_container(row); });
  ContainerRow other = row;
  other.holds = true;
  commit([&](Transaction& tx) { return tx.insert_container(other); });
  row.holds = true;
  EXPECT_FALSE(write([&](Transaction& tx) -> Result<> {
    tx.update_container(row);
    return ok();
  }));
  EXPECT_FALSE(look([&](Transaction& tx) { return tx.container(row.cid).value().holds; }));
}

TEST_P(StoreContract, AHostPortOfADeviceIsInOneRowAtMostStoppedOrNot) {
  const DeviceId one = add_device("a");
  const DeviceId two = add_device("b");
  const UserId ann = add_user("ann");
  ContainerRow row = make_container(one, ann, add_image(one));
  row.ports = {{22, 30000}};
  row.holds = false;
  commit([&](Transaction& tx) { return tx.insert_container(row); });
  auto insert = [&](Transaction& tx) -> Result<ContainerId> { return tx.insert_container(row); };
  EXPECT_FALSE(write(insert));
  row.did = two;
  EXPECT_TRUE(write(insert));
  EXPECT_EQ(look([&](Transaction& tx) { return tx.used_ports(one); }), std::vector<int>{30000});
}

TEST_P(StoreContract, AMatlabSlotIsTakenOnce) {
  const DeviceId did = add_device();
  const ContainerRow row = make_matlab(did, 7);
  auto insert = [&](Transaction& tx) -> Result<ContainerId> { return tx.insert_container(row); };
  EXPECT_TRUE(write(insert));
  EXPECT_FALSE(write(insert));
}

TEST_P(StoreContract, NonsenseDoesNotGetIntoTheDatabase) {
  const DeviceId did = add_device();
  const ContainerRow good = make_container(did, add_user("ann"), add_image(did));
  std::vector<ContainerRow> bad(9, good);
  bad[0].cpu_cores = 0;
  bad[1].cpu_cores = 4097;
  bad[2].memory_mb = 63;
  bad[3].ports = {{22, 0}};
  bad[4].ports = {{22, 65536}};
  bad[5].did = {99};
  bad[6].gpus = {{99}};
  bad[7].owner = {};
  bad[8].rebuild = true;
  for (std::size_t i = 0; i < bad.size(); ++i) {
    const auto refused =
        write([&](Transaction& tx) -> Result<ContainerId> { return tx.insert_container(bad[i]); });
    ASSERT_FALSE(refused) << i;
    EXPECT_EQ(refused.error(), (Error{ErrorCode::kInternal, "internal error", ""})) << i;
  }
  EXPECT_TRUE(look([](Transaction& tx) { return tx.containers(9); }).empty());
}

TEST_P(StoreContract, TheLedgerIsWhatTheRowsHold) {
  const DeviceId did = add_device();
  const GpuId used = add_gpu(did, "GPU-1");
  const GpuId free = add_gpu(did, "GPU-2");
  commit([&](Transaction& tx) { return tx.put_gpu({{}, did, "GPU-3", "RTX", false}); });
  ContainerRow row = make_container(did, add_user("ann"), add_image(did));
  row.gpus = {used};
  commit([&](Transaction& tx) { return tx.insert_container(row); });
  row.gpus = {free};
  row.holds = false;
  commit([&](Transaction& tx) { return tx.insert_container(row); });
  commit(
      [&, matlab = make_matlab(did, 1)](Transaction& tx) { return tx.insert_container(matlab); });
  const auto [held, capacity] = look([&](Transaction& tx) {
    const Ledger ledger = tx.ledger(tx.device(did).value());
    return std::pair(ledger.used(), ledger.capacity());
  });
  EXPECT_EQ(held, (Claim{6, 8192 + 4096, {used}}));
  EXPECT_EQ(capacity, (Claim{64, 512 * 1024, {used, free}})) << "an absent card is not placeable";
}

TEST_P(StoreContract, OfSixtyFourClaimsAsManyWinAsFit) {
  const DeviceId did = add_device();  // 64 cores
  ContainerRow row = make_container(did, add_user("ann"), add_image(did));
  row.cpu_cores = 7;
  std::vector<Task<Result<ContainerId>>> tasks;
  for (int i = 0; i < 64; ++i) {
    tasks.push_back(store_->write([row](Transaction& tx) -> Result<ContainerId> {
      const ContainerId cid = tx.insert_container(row);
      ContainerRow mine = *tx.container(cid);
      mine.holds = false;
      tx.update_container(mine);
      Ledger ledger = tx.ledger(*tx.device(row.did));
      if (auto r = ledger.claim(cid, row.claim()); !r) return std::unexpected(r.error());
      mine.holds = true;
      tx.update_container(mine);
      return cid;
    }));
  }
  const auto results = run_all(std::move(tasks));
  EXPECT_EQ(std::ranges::count_if(results, [](const auto& r) { return r.has_value(); }), 9);
  EXPECT_EQ(look([](Transaction& tx) { return tx.containers(99); }).size(), 9u)
      << "losers leave nothing";
}

}  // namespace berth
