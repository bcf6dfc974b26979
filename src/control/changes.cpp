#include "control/changes.hpp"

#include <vector>

namespace berth {

std::shared_ptr<Changes::Subscription> Changes::subscribe(Listener listener) {
  auto entry = std::make_shared<Entry>(std::move(listener));
  entries_->push_back(entry);
  return std::make_shared<Subscription>(entries_, std::move(entry));
}

Changes::Subscription::~Subscription() {
  entry_->listener = {};
  if (auto entries = entries_.lock()) entries->remove(entry_);
}

// A copy, since a listener may leave; one that has left in the meantime has none to call.
void Changes::publish(const Change& change) {
  const std::vector<std::shared_ptr<Entry>> now(entries_->begin(), entries_->end());
  for (const auto& entry : now) {
    if (const Listener listener = entry->listener) listener(change);
  }
}

std::size_t Changes::listeners() const { return entries_->size(); }

}  // namespace berth
