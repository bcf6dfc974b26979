#include "async/chores.hpp"

#include <algorithm>
#include <utility>

#include "async/together.hpp"

namespace berth {
namespace {

using Names = std::shared_ptr<std::set<std::string>>;

// Going on until it goes. Coroutines that a program ends in the middle of go last.
class Mark {
 public:
  Mark(Names names, std::string name)
      : names_(std::move(names)),
        name_(std::move(name)),
        is_first_(names_->insert(name_).second) {}
  Mark(const Mark&) = delete;
  Mark& operator=(const Mark&) = delete;
  ~Mark() {
    if (is_first_) names_->erase(name_);
  }

  bool is_first() const { return is_first_; }

 private:
  Names names_;
  std::string name_;
  bool is_first_;
};

struct Round {
  std::vector<Chore> chores;
  std::size_t next = 0;
  Names going_on;
};

Task<> do_share(std::shared_ptr<Round> round) {
  while (round->next < round->chores.size()) {
    const Chore chore = std::move(round->chores[round->next++]);
    const Mark mark(round->going_on, chore.name);
    if (mark.is_first()) co_await chore.work();
  }
}

Task<> do_shares(std::shared_ptr<Round> round, std::size_t shares) {
  if (shares > 1) {
    co_await together(do_share(round), do_shares(round, shares - 1));
  } else {
    co_await do_share(round);
  }
}

}  // namespace

Task<> Chores::run(std::vector<Chore> chores, int at_once) {
  const std::size_t shares = std::min(chores.size(), static_cast<std::size_t>(at_once));
  co_await do_shares(std::make_shared<Round>(std::move(chores), 0, going_on_), shares);
}

}  // namespace berth
