#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "fakes/run.hpp"
#include "store/store.hpp"

namespace berth {

// One kind of database behind store.hpp. All of them keep the same promises.
struct StoreBackend {
  std::string name;
  std::function<std::unique_ptr<Store>(boost::asio::io_context&,
                                       const std::filesystem::path& folder)>
      open;
};

// A fresh database for each test.
class StoreContract : public ::testing::TestWithParam<StoreBackend> {
 protected:
  StoreContract();
  ~StoreContract() override;

  void reopen();

  // All at once; results in the order given.
  template <class T>
  std::vector<T> run_all(std::vector<Task<T>> tasks) {
    return testing::run_all(io_, std::move(tasks));
  }

  template <class Work>
  auto write(Work work) {
    return testing::run(io_, store_->write(std::move(work)));
  }

  template <class Work>
  auto read(Work work) {
    return testing::run(io_, store_->read(std::move(work)));
  }

  // For a work that gives a plain value and must go through.
  template <class Plain>
  auto commit(Plain plain) {
    return write(as_work(std::move(plain))).value();
  }

  template <class Plain>
  auto look(Plain plain) {
    return read(as_work(std::move(plain))).value();
  }

  UserId add_user(const std::string& name);
  DeviceId add_device(const std::string& name = "gpu1");
  GpuId add_gpu(DeviceId did, const std::string& uuid);
  ImageId add_image(DeviceId did, UserId owner = {}, bool is_public = true);
  ContainerRow make_container(DeviceId did, UserId owner, ImageId iid) const;
  ContainerRow make_matlab(DeviceId did, int slot) const;

  boost::asio::io_context io_;
  std::filesystem::path folder_;
  std::unique_ptr<Store> store_;

 private:
  template <class Plain>
  static auto as_work(Plain plain) {
    using T = std::invoke_result_t<Plain, Transaction&>;
    return [plain = std::move(plain)](Transaction& tx) -> Result<T> {
      if constexpr (std::is_void_v<T>) {
        plain(tx);
        return ok();
      } else {
        return plain(tx);
      }
    };
  }
};

// For backends that keep what they have after closing and opening.
class KeptStoreContract : public StoreContract {};

// All of a row, to compare and to read.
std::string words(const UserRow& row);
std::string words(const ApiTokenRow& row);
std::string words(const DeviceRow& row);
std::string words(const ImageRow& row);
std::string words(const ContainerRow& row);

}  // namespace berth
