// What every Engine promises, asked of the one in memory and of a real dockerd alike: where their
// answers differ, the fake is wrong, and with it all that was proved on it.
#include "contract/engine_contract.hpp"

#include <algorithm>

namespace berth::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

std::string octal(std::size_t number, int digits) {
  std::string text(digits, '0');
  for (int i = digits - 1; i >= 0; --i, number /= 8) text[i] = static_cast<char>('0' + number % 8);
  return text;
}

// A tar archive of one file.
std::string tar_of(const std::string& name, const std::string& content) {
  std::string header(512, '\0');
  header.replace(0, name.size(), name);
  header.replace(100, 7, "0000600");
  header.replace(108, 7, "0000000");
  header.replace(116, 7, "0000000");
  header.replace(124, 11, octal(content.size(), 11));
  header.replace(136, 11, "00000000000");
  header.replace(148, 8, "        ");
  header[156] = '0';
  header.replace(257, 8, std::string("ustar\00000", 8));
  std::size_t sum = 0;
  for (const unsigned char c : header) sum += c;
  header.replace(148, 8, octal(sum, 6) + std::string("\0 ", 2));
  std::string body = content;
  body.resize((content.size() + 511) / 512 * 512, '\0');
  return header + body + std::string(1024, '\0');
}

INSTANTIATE_TEST_SUITE_P(Engines, EngineContract, kEngines, name_of_engine);

TEST_P(EngineContract, TellsAboutItsMachine) {
  const auto info = run(engine().info()).value();
  EXPECT_FALSE(info.engine_id.empty());
  EXPECT_FALSE(info.version.empty());
  EXPECT_THAT(info.api_version, HasSubstr("1.4"));
  EXPECT_GE(info.cpus, 1);
  EXPECT_GT(info.memory_bytes, 0);
  EXPECT_FALSE(info.runc_version.empty());
  EXPECT_EQ(run(engine().info()).value().engine_id, info.engine_id);
}

TEST_P(EngineContract, LivesItsLife) {
  const auto id = create(spec());
  EXPECT_EQ(id.size(), 64u);
  auto seen = inspect(name());
  EXPECT_EQ(seen.id, id);
  EXPECT_EQ(seen.name, name());
  EXPECT_EQ(seen.state, EngineState::kCreated);
  EXPECT_EQ(seen.pid, 0);
  EXPECT_THAT(seen.started_at, HasSubstr("0001-01-01"));
  EXPECT_EQ(seen.labels.at(label), suffix);
  EXPECT_EQ(seen.image_id, run(engine().inspect_image(under_test->image())).value().id);

  succeed(engine().start(id));
  seen = inspect(id);
  EXPECT_EQ(seen.state, EngineState::kRunning);
  EXPECT_GT(seen.pid, 0);
  EXPECT_THAT(seen.started_at, HasSubstr("T"));

  succeed(engine().stop(id, 5s));
  seen = inspect(id);
  EXPECT_EQ(seen.state, EngineState::kExited);
  EXPECT_EQ(seen.exit_code, 143);
  EXPECT_EQ(seen.pid, 0);
  EXPECT_FALSE(seen.oom_killed);

  succeed(engine().start(id));
  EXPECT_EQ(inspect(id).exit_code, 0);
  const auto before = inspect(id).pid;
  succeed(engine().restart(id, 5s));
  EXPECT_EQ(inspect(id).state, EngineState::kRunning);
  EXPECT_NE(inspect(id).pid, before);

  succeed(engine().remove(id));  // running
  EXPECT_EQ(code_of(engine().inspect(id)), ErrorCode::kNotFound);
}

TEST_P(EngineContract, DoingItTwiceIsSafe) {
  const auto id = create(spec());
  succeed(engine().stop(id, 1s));  // never started
  EXPECT_EQ(inspect(id).state, EngineState::kCreated);
  succeed(engine().start(id));
  const auto pid = inspect(id).pid;
  succeed(engine().start(id));
  EXPECT_EQ(inspect(id).pid, pid);
  succeed(engine().unpause(id));
  succeed(engine().stop(id, 5s));
  succeed(engine().stop(id, 5s));
  EXPECT_EQ(code_of(engine().unpause(id)), ErrorCode::kRefused);
  succeed(engine().restart(id, 5s));  // of a stopped one
  EXPECT_EQ(inspect(id).state, EngineState::kRunning);
  EXPECT_TRUE(run(engine().remove(id)).value().was_there);
  EXPECT_FALSE(run(engine().remove(id)).value().was_there);
  EXPECT_FALSE(run(engine().remove(name())).value().was_there);
}

TEST_P(EngineContract, ANameIsTakenOnce) {
  const auto id = create(spec());
  auto second = run(engine().create(spec()));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kConflict);
  EXPECT_THAT(second.error().details, HasSubstr("already in use"));
  EXPECT_EQ(inspect(name()).id, id);
  succeed(engine().remove(id));
  create(spec());
}

TEST_P(EngineContract, ManyAtOnceOneWins) {
  std::vector<Task<Result<std::string>>> creates;
  for (int i = 0; i < 8; ++i) creates.push_back(engine().create(spec()));
  int made = 0;
  for (const auto& created : run_all(io, std::move(creates))) {
    made += created.has_value();
    if (!created) {
      EXPECT_EQ(created.error().code, ErrorCode::kConflict);
    }
  }
  EXPECT_EQ(made, 1);
  succeed(engine().start(name()));
  std::vector<Task<Result<Removed>>> removes;
  for (int i = 0; i < 6; ++i) removes.push_back(engine().remove(name()));
  int taken_away = 0;
  for (const auto& removed : run_all(io, std::move(removes))) {
    ASSERT_TRUE(removed) << removed.error().details;
    taken_away += removed->was_there;
  }
  EXPECT_GE(taken_away, 1);  // an engine may say so to two who asked in the same moment
  EXPECT_EQ(code_of(engine().inspect(name())), ErrorCode::kNotFound);
}

TEST_P(EngineContract, WhatIsNotThereIsNotFound) {
  EXPECT_EQ(code_of(engine().start(name())), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(engine().stop(name(), 1s)), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(engine().restart(name(), 1s)), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(engine().unpause(name())), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(engine().inspect(name())), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(engine().stats(name())), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(engine().put_archive(name(), "/", tar_of("x", "y"))), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(engine().commit(name(), new_tag(), {})), ErrorCode::kNotFound);
  const auto absent = new_tag();
  EXPECT_EQ(code_of(engine().inspect_image(absent)), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(engine().tag_image(absent, new_tag())), ErrorCode::kNotFound);
  succeed(engine().remove_image(absent));
  auto wanted = spec();
  wanted.image = absent;
  EXPECT_EQ(code_of(engine().create(wanted)), ErrorCode::kNotFound);
}

TEST_P(EngineContract, WhatCannotBeAskedIsNotAsked) {
  EXPECT_EQ(code_of(engine().start("../x")), ErrorCode::kInvalid);
  EXPECT_EQ(code_of(engine().inspect("a/b")), ErrorCode::kInvalid);
  EXPECT_EQ(code_of(engine().inspect_image("/x")), ErrorCode::kInvalid);
  EXPECT_EQ(code_of(engine().list("")), ErrorCode::kInvalid);
  EXPECT_EQ(code_of(engine().commit(name(), "x:1", {"a\nb"})), ErrorCode::kInvalid);
  for (auto change :
       {+[](ContainerSpec& s) { s.cpu_cores = 0; }, +[](ContainerSpec& s) { s.memory_mb = 0; }}) {
    auto wanted = spec();
    change(wanted);
    EXPECT_EQ(code_of(engine().create(wanted)), ErrorCode::kInvalid);
  }
}

TEST_P(EngineContract, ListsByLabelInEveryState) {
  EXPECT_THAT(run(engine().list(label)).value(), IsEmpty());
  create(spec(0));
  create_and_start(1);
  succeed(engine().stop(create_and_start(2), 5s));
  std::vector<std::string> seen;
  const auto all = run(engine().list(label)).value();
  for (const auto& container : all) {
    seen.push_back(container.name + " " + container.state + " " +
                   container.labels.at("berth.number"));
    EXPECT_EQ(container.id.size(), 64u);
  }
  EXPECT_THAT(seen, UnorderedElementsAre(name(0) + " created 0", name(1) + " running 1",
                                         name(2) + " exited 2"));
  EXPECT_EQ(run(engine().list(label + "=" + suffix)).value().size(), 3u);
  EXPECT_THAT(run(engine().list(label + "=other")).value(), IsEmpty());
}

TEST_P(EngineContract, TakesFilesInEveryState) {
  const auto id = create(spec());
  succeed(engine().put_archive(id, "/", tar_of("etc/berth-one", "one")));
  EXPECT_TRUE(under_test->has_file(id, "/etc/berth-one"));
  succeed(engine().start(id));
  succeed(engine().put_archive(id, "/etc", tar_of("berth-two", "two")));
  EXPECT_TRUE(under_test->has_file(id, "/etc/berth-two"));
  EXPECT_TRUE(under_test->has_file(id, "/etc/berth-one"));
  EXPECT_EQ(code_of(engine().put_archive(id, "/nonexistent", tar_of("x", "y"))),
            ErrorCode::kRefused);
  EXPECT_EQ(code_of(engine().put_archive(id, "/", "rubbish")), ErrorCode::kRefused);
  EXPECT_EQ(inspect(id).state, EngineState::kRunning);
}

TEST_P(EngineContract, ShowsWhatAContainerHasPrinted) {
  const auto id = create(spec());
  EXPECT_THAT(run(engine().logs(id, 10)).value(), IsEmpty());
  succeed(engine().start(id));
  const auto give_up = std::chrono::steady_clock::now() + 10s;
  std::vector<EngineLogLine> lines;
  while (lines.size() < 2 && std::chrono::steady_clock::now() < give_up)
    lines = run(engine().logs(id, 10)).value();
  std::ranges::sort(lines, {},
                    &EngineLogLine::is_error);  // the two streams have no order among each other
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].text, "hello");
  EXPECT_EQ(lines[1].text, "oh");
  EXPECT_TRUE(lines[1].is_error);
  EXPECT_FALSE(lines[0].at.empty());
  succeed(engine().stop(id, 1s));
  EXPECT_EQ(run(engine().logs(id, 1)).value().size(), 1u);
  EXPECT_EQ(code_of(engine().logs(name(7), 10)), ErrorCode::kNotFound);
}

TEST_P(EngineContract, ShowsWhatAContainerHasChanged) {
  const auto id = create(spec());
  succeed(engine().put_archive(id, "/", tar_of("etc/berth-one", "one")));
  const auto changes = run(engine().changes(id)).value();
  EXPECT_THAT(changes.files,
              ::testing::Contains(std::pair(std::string("/etc/berth-one"), FileChange::kAdded)));
  ASSERT_TRUE(changes.size_bytes);
  EXPECT_GE(*changes.size_bytes, 0);
  EXPECT_EQ(code_of(engine().changes(name(7))), ErrorCode::kNotFound);
}

TEST_P(EngineContract, SavesImagesAndGuardsThoseInUse) {
  const auto id = create_and_start();
  const auto tag = new_tag();
  const auto second = new_tag();
  const auto image =
      run(engine().commit(id, tag, {"LABEL berth.image=\"7\"", "LABEL berth.number=changed"}))
          .value();
  EXPECT_EQ(run(engine().inspect_image(tag)).value().id, image);
  EXPECT_GT(run(engine().inspect_image(image)).value().size_bytes, 0);
  succeed(engine().tag_image(image, second));
  EXPECT_EQ(run(engine().inspect_image(second)).value().id, image);
  EXPECT_THAT(run(engine().list_images("berth.image=7")).value(),
              ::testing::IsSupersetOf({tag, second}));
  EXPECT_THAT(run(engine().list_images(label)).value(),
              UnorderedElementsAre(tag, second));  // the container's own labels

  auto wanted = spec(1);
  wanted.image = image;
  wanted.labels = {{label, "mine"}};
  const auto child = create(wanted);
  EXPECT_EQ(inspect(child).image_id, image);
  EXPECT_EQ(inspect(child).labels.at(label), "mine");
  EXPECT_EQ(inspect(child).labels.at("berth.number"), "changed");  // inherited from the image

  succeed(engine().remove_image(second));  // a name less
  EXPECT_EQ(code_of(engine().remove_image(tag)), ErrorCode::kConflict);
  succeed(engine().start(child));
  EXPECT_EQ(code_of(engine().remove_image(tag)), ErrorCode::kConflict);
  EXPECT_EQ(code_of(engine().remove_image(image)), ErrorCode::kConflict);
  succeed(engine().remove(child));
  succeed(engine().remove_image(tag));
  EXPECT_EQ(code_of(engine().inspect_image(image)), ErrorCode::kNotFound);
  EXPECT_EQ(inspect(id).state, EngineState::kRunning);
}

TEST_P(EngineContract, SavesAPausedContainerAndMovesTheTag) {
  const auto id = create_and_start();
  under_test->pause(id);
  const auto tag = new_tag();
  const auto first = run(engine().commit(id, tag, {})).value();
  EXPECT_EQ(inspect(id).state, EngineState::kPaused);
  succeed(engine().unpause(id));
  const auto second = run(engine().commit(id, tag, {})).value();
  EXPECT_NE(first, second);
  EXPECT_EQ(run(engine().inspect_image(tag)).value().id, second);
  EXPECT_EQ(run(engine().inspect_image(first)).value().id, first);  // nameless now
  succeed(engine().remove_image(first));
}

TEST_P(EngineContract, AnImageWithChildrenLosesItsNameOnly) {
  const auto parent_tag = new_tag();
  const auto parent = run(engine().commit(create(spec(0)), parent_tag, {})).value();
  auto wanted = spec(1);
  wanted.image = parent;
  const auto child_container = create(wanted);
  const auto child_tag = new_tag();
  ASSERT_TRUE(run(engine().commit(child_container, child_tag, {})));
  succeed(engine().remove(child_container));
  succeed(engine().remove_image(parent_tag));
  EXPECT_EQ(code_of(engine().inspect_image(parent_tag)), ErrorCode::kNotFound);
  EXPECT_TRUE(run(engine().inspect_image(parent)));
  EXPECT_TRUE(run(engine().inspect_image(child_tag)));
}

TEST_P(EngineContract, APortIsHeldByOneAndTheLoserStaysCreated) {
  const int port = free_port();
  for (int i = 0; i < 2; ++i) {
    auto wanted = spec(i);
    wanted.ports = {{80, port, "127.0.0.1"}};
    create(wanted);
  }
  succeed(engine().start(name(0)));
  auto second = run(engine().start(name(1)));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kRefused);
  EXPECT_THAT(second.error().details, HasSubstr("port is already allocated"));
  EXPECT_EQ(inspect(name(1)).state, EngineState::kCreated);
  succeed(engine().stop(name(0), 5s));
  succeed(engine().start(name(1)));
  EXPECT_EQ(code_of(engine().start(name(0))), ErrorCode::kRefused);
  EXPECT_EQ(inspect(name(0)).state, EngineState::kExited);
}

TEST_P(EngineContract, APortOfAStrangerIsRefused) {
  const int port = free_port();
  under_test->take_port(port);
  auto wanted = spec();
  wanted.ports = {{80, port, "127.0.0.1"}};
  const auto id = create(wanted);
  auto started = run(engine().start(id));
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, ErrorCode::kRefused);
  EXPECT_THAT(started.error().details, HasSubstr("address already in use"));
  EXPECT_EQ(inspect(id).state, EngineState::kCreated);
}

TEST_P(EngineContract, RefusesMoreCpusThanThereAre) {
  auto wanted = spec();
  wanted.cpu_cores = run(engine().info()).value().cpus + 1;
  auto created = run(engine().create(wanted));
  ASSERT_FALSE(created);
  EXPECT_EQ(created.error().code, ErrorCode::kRefused);
  EXPECT_THAT(created.error().details, HasSubstr("CPUs"));
  EXPECT_EQ(code_of(engine().inspect(name())), ErrorCode::kNotFound);
}

TEST_P(EngineContract, RefusesAMountOfNothing) {
  auto wanted = spec();
  wanted.mounts = {{"/nonexistent/berth", "/workspace", false}};
  auto created = run(engine().create(wanted));
  ASSERT_FALSE(created);
  EXPECT_EQ(created.error().code, ErrorCode::kRefused);
  EXPECT_THAT(created.error().details, HasSubstr("does not exist"));
}

TEST_P(EngineContract, WithoutAGpuDriverOnlyTheStartIsRefused) {
  auto wanted = spec();
  wanted.gpu_uuids = {"GPU-00000000-0000-0000-0000-000000000000"};
  const auto id = create(wanted);
  auto started = run(engine().start(id));
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, ErrorCode::kRefused);
  EXPECT_THAT(started.error().details, HasSubstr("could not select device driver"));
  EXPECT_EQ(inspect(id).state, EngineState::kCreated);
}

TEST_P(EngineContract, ShowsWhatOthersDid) {
  const auto id = create_and_start();
  under_test->pause(id);
  EXPECT_EQ(inspect(id).state, EngineState::kPaused);
  EXPECT_GT(inspect(id).pid, 0);
  EXPECT_EQ(code_of(engine().start(id)), ErrorCode::kConflict);
  succeed(engine().unpause(id));
  EXPECT_EQ(inspect(id).state, EngineState::kRunning);
  under_test->pause(id);
  succeed(engine().stop(id, 5s));
  EXPECT_EQ(inspect(id).state, EngineState::kExited);
  succeed(engine().start(id));
  under_test->kill(id);
  ASSERT_TRUE(run_until(io, 5s, [&] { return inspect(id).state == EngineState::kExited; }));
  EXPECT_EQ(inspect(id).exit_code, 137);
}

TEST_P(EngineContract, CountsWhatARunningContainerUses) {
  const auto id = create_and_start();
  const auto stats = run(engine().stats(id)).value();
  EXPECT_GT(stats.cpu_ns, 0);
  EXPECT_GT(stats.memory_bytes, 0);
  EXPECT_EQ(stats.memory_limit_bytes, 64 * 1024 * 1024);
  succeed(engine().stop(id, 5s));
  EXPECT_EQ(code_of(engine().stats(id)), ErrorCode::kConflict);
}

}  // namespace
}  // namespace berth::testing
