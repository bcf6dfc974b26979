#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>

#include "base/ids.hpp"

namespace berth {

// Something that people look at is not as it was. It says what, not how: whoever cares reads again.
struct Change {
  enum class Kind { kContainer, kImage, kDevice, kOperation, kMatlab, kAccount };

  Kind kind = Kind::kContainer;
  std::int64_t id = 0;         // cid, iid, did, slot, uid
  std::string oid;             // of an operation
  UserId owner;                // whose it is; none: nobody's
  UserId by;                   // of an operation: who asked for it
  bool is_everybodys = false;  // a public image, a device

  bool operator==(const Change&) const = default;
};

// Who wants to know of changes, and what has changed. Listeners run at once, must not wait, and may
// leave while they are called. Nothing is kept for whoever was away. One thread.
class Changes {
 public:
  using Listener = std::function<void(const Change&)>;
  class Subscription;

  // Ends when the subscription goes; either may go first.
  std::shared_ptr<Subscription> subscribe(Listener listener);
  void publish(const Change& change);
  std::size_t listeners() const;

 private:
  struct Entry {
    Listener listener;
  };
  using Entries = std::list<std::shared_ptr<Entry>>;
  std::shared_ptr<Entries> entries_ = std::make_shared<Entries>();
};

class Changes::Subscription {
 public:
  Subscription(std::weak_ptr<Entries> entries, std::shared_ptr<Entry> entry)
      : entries_(std::move(entries)), entry_(std::move(entry)) {}
  ~Subscription();
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;

 private:
  std::weak_ptr<Entries> entries_;
  std::shared_ptr<Entry> entry_;
};

}  // namespace berth
