#include "store_contract.hpp"

namespace berth {

TEST_P(StoreContract, ADeviceComesBackAsItWasSavedAndChanged) {
  const DeviceId did = add_device();
  DeviceRow row = look([&](Transaction& tx) { return tx.device(did).value(); });
  EXPECT_EQ(row.memory_mb, 512 * 1024);
  row = {did, "gpu2", "tcp://h:2376", "other", 8, 1'000'000'000'000, "Xeon", "10.0.0.2", "/d",
         "",  1,      65535,          true};
  commit([&](Transaction& tx) { tx.update_device(row); });
  EXPECT_EQ(words(look([&](Transaction& tx) { return tx.device(did).value(); })), words(row));
  EXPECT_FALSE(look([](Transaction& tx) { return tx.device({9}); }));
}

TEST_P(StoreContract, DevicesAreBounded) {
  add_device("a");
  add_device("b");
  EXPECT_EQ(look([](Transaction& tx) { return tx.devices(1); }).size(), 1u);
  EXPECT_EQ(look([](Transaction& tx) { return tx.devices(9); })[1].name, "b");
}

TEST_P(StoreContract, ACardKeepsItsIdWhateverHappensToIt) {
  const DeviceId did = add_device();
  const GpuId first = add_gpu(did, "GPU-1");
  const GpuId second = add_gpu(did, "GPU-2");
  EXPECT_EQ(commit([&](Transaction& tx) { return tx.put_gpu({{}, did, "GPU-1", "A100", false}); }),
            first);
  const auto gpus = look([&](Transaction& tx) { return tx.gpus(did); });
  ASSERT_EQ(gpus.size(), 2u);
  EXPECT_EQ(gpus[0].gid, first);
  EXPECT_EQ(gpus[0].model, "A100");
  EXPECT_FALSE(gpus[0].present);
  EXPECT_EQ(look([&](Transaction& tx) { return tx.gpu(second).value().uuid; }), "GPU-2");
  EXPECT_FALSE(look([](Transaction& tx) { return tx.gpu({77}); }));
}

TEST_P(StoreContract, TheSameCardNumberOnTwoDevicesIsTwoCards) {
  const GpuId one = add_gpu(add_device("a"), "GPU-1");
  const GpuId other = add_gpu(add_device("b"), "GPU-1");
  EXPECT_NE(one, other);
}

TEST_P(StoreContract, AnImageComesBackAsItWasSavedAndChanged) {
  const DeviceId did = add_device();
  const UserId ann = add_user("ann");
  ImageRow row{.did = did,
               .name = "my image",
               .owner = ann,
               .reference = "berth/i:2",
               .size_bytes = 7'000'000'000,
               .state = ImageState::kSaving,
               .source = {12},
               .created_at = from_unix_ms(1'764'000'000'123)};
  row.iid = commit([&](Transaction& tx) { return tx.insert_image(row); });
  EXPECT_EQ(words(look([&](Transaction& tx) { return tx.image(row.iid).value(); })), words(row));
  row.name = "renamed";
  row.owner = {};
  row.is_public = true;
  row.reference = "berth/i:3";
  row.size_bytes = 1;
  row.state = ImageState::kRemoving;
  commit([&](Transaction& tx) { tx.update_image(row); });
  EXPECT_EQ(words(look([&](Transaction& tx) { return tx.image(row.iid).value(); })), words(row));
  commit([&](Transaction& tx) { tx.delete_image(row.iid); });
  EXPECT_FALSE(look([&](Transaction& tx) { return tx.image(row.iid); }));
}

TEST_P(StoreContract, ImagesAreListedByOwnerDeviceAndPublicness) {
  const DeviceId one = add_device("a");
  const DeviceId two = add_device("b");
  const UserId ann = add_user("ann");
  const ImageId everyones = add_image(one);
  const ImageId hers = add_image(one, ann, false);
  const ImageId shared = add_image(two, ann, true);
  auto ids = [](const std::vector<ImageRow>& rows) {
    std::vector<ImageId> found;
    for (const ImageRow& row : rows) found.push_back(row.iid);
    return found;
  };
  using Ids = std::vector<ImageId>;
  EXPECT_EQ(ids(look([](Transaction& tx) { return tx.images(9); })),
            (Ids{everyones, hers, shared}));
  EXPECT_EQ(ids(look([&](Transaction& tx) { return tx.images_of(ann, 9); })), (Ids{hers, shared}));
  EXPECT_EQ(ids(look([&](Transaction& tx) { return tx.images_of(ann, 1); })), (Ids{hers}));
  EXPECT_EQ(ids(look([](Transaction& tx) { return tx.public_images(9); })),
            (Ids{everyones, shared}));
  EXPECT_EQ(ids(look([&](Transaction& tx) { return tx.images_on(one, 9); })),
            (Ids{everyones, hers}));
  EXPECT_TRUE(look([](Transaction& tx) { return tx.images_of({}, 9); }).empty())
      << "nobody owns nothing";
}

TEST_P(StoreContract, AnImageUnderAContainerCannotBeDeleted) {
  const DeviceId did = add_device();
  const ImageId iid = add_image(did);
  const UserId ann = add_user("ann");
  EXPECT_EQ(look([&](Transaction& tx) { return tx.count_containers_of_image(iid); }), 0);
  const ContainerRow row = make_container(did, ann, iid);
  commit([&](Transaction& tx) { return tx.insert_container(row); });
  EXPECT_EQ(look([&](Transaction& tx) { return tx.count_containers_of_image(iid); }), 1);
  const auto refused = write([&](Transaction& tx) -> Result<> {
    tx.delete_image(iid);
    return ok();
  });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInternal);
  EXPECT_TRUE(look([&](Transaction& tx) { return tx.image(iid); }));
}

}  // namespace berth
