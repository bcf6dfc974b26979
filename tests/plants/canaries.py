"""The bugs that the simulation must find, for plant.py. The names are those of holes.py where there is one."""

# name, file, what stands there, what is put in its place; IF(name) is true in a run with that bug.
PLANTS = [
    ("P02-anybody-is-the-owner", "control/containers.cpp",
     "         actor.may_touch(row.owner);",
     '         (IF("P02-anybody-is-the-owner") || actor.may_touch(row.owner));'),
    ("P08-private-image-for-all", "control/containers.cpp",
     "(!image->is_public && !actor.may_touch(image->owner))",
     '(!IF("P08-private-image-for-all") && !image->is_public && !actor.may_touch(image->owner))'),
    ("P11-listing-deletes-rows", "control/reconciler.cpp",
     "  if (!listed) warn(\"sweep failed\", did, listed.error());",
     """  if (!listed) warn("sweep failed", did, listed.error());
  auto forget_unlisted = [this, did, listed](Transaction& tx) -> Result<> {
    for (const ContainerRow& row : tx.containers_on(did, limits::kContainers)) {
      const std::string name = driver_.naming().container(row, row.generation);
      if (std::ranges::none_of(*listed, [&](const auto& c) { return c.name == name; })) tx.delete_container(row.cid);
    }
    return ok();
  };
  if (listed && IF("P11-listing-deletes-rows")) (void)co_await store_.write(forget_unlisted);"""),
    ("P13-id-reused", "store/sql/containers.cpp",
     '  session_.run("delete from containers where cid = :cid", cid);',
     """  session_.run("delete from containers where cid = :cid", cid);
  if (IF("P13-id-reused")) {
    session_.run("update sqlite_sequence set seq = (select coalesce(max(cid), 0) from containers) where name = 'containers'");
  }"""),
    ("P14-gpu-not-checked", "core/ledger.cpp",
     "|| used.gpus.contains(gpu)",
     '|| (!IF("P14-gpu-not-checked") && used.gpus.contains(gpu))'),
    ("P15-cores-not-checked", "core/ledger.cpp",
     "  if (wanted.cpu_cores > capacity_.cpu_cores - used.cpu_cores ||",
     '  if (IF("P15-cores-not-checked")) {\n    held_[container] = wanted;\n    return ok();\n  }\n'
     "  if (wanted.cpu_cores > capacity_.cpu_cores - used.cpu_cores ||"),
    ("P18-gpu-locked-after-death", "control/driver.cpp",
     "    row.wanted = Wanted::kStopped;\n    row.holds = false;",
     '    row.holds = IF("P18-gpu-locked-after-death") && row.wanted == Wanted::kRunning;\n'
     "    row.wanted = Wanted::kStopped;"),
    ("P19-start-ignores-gpus", "control/containers.cpp",
     "      row.gpus = *gpus;\n",
     '      if (!IF("P19-start-ignores-gpus")) row.gpus = *gpus;\n'),
    ("P20-port-given-twice", "control/host_ports.cpp",
     "taken.insert(port);",
     'if (!IF("P20-port-given-twice")) taken.insert(port);'),
    ("P21-orphan-not-swept", "control/reconciler.cpp",
     "  if (!wanted || *wanted) co_return;\n  auto seen",
     '  if (!wanted || *wanted || IF("P21-orphan-not-swept")) co_return;\n  auto seen'),
    ("P21-reservation-kept", "control/containers.cpp",
     "  if (made) co_return made;\n",
     '  if (made || IF("P21-reservation-kept")) co_return made;\n'),
    ("P22-row-deleted-though-refused", "control/images.cpp",
     "  if (removed || removed.error().code == ErrorCode::kNotFound)\n",
     '  if (removed || IF("P22-row-deleted-though-refused") || removed.error().code == ErrorCode::kNotFound)\n'),
    ("P30-logout-does-nothing", "control/accounts.cpp",
     "    tx.delete_session(hash);",
     '    if (!IF("P30-logout-does-nothing")) tx.delete_session(hash);'),
    ("secret-to-another", "control/driver.cpp",
     "    if (auto r = co_await look.engine->put_archive(name, \"/\", *archive); !r) co_return r;",
     """    ContainerRow neighbour = look.row;
    if (IF("secret-to-another") && neighbour.cid.value > 1) --neighbour.cid.value;
    const std::string whose = naming_.container(neighbour, 1);
    if (auto r = co_await look.engine->put_archive(whose, "/", *archive); !r) co_return r;"""),
    ("rebuild-removes-first", "control/driver_rebuild.cpp",
     "  if (!saved) co_return std::unexpected(saved.error());\n  co_return co_await create(look, generation, image);",
     """  if (!saved) co_return std::unexpected(saved.error());
  const std::string old = naming_.container(look.row, look.row.generation);
  if (IF("rebuild-removes-first")) (void)co_await look.engine->remove(old);
  co_return co_await create(look, generation, image);"""),
    ("unknown-is-failed", "control/driver_failure.cpp",
     "      if (++attempt.lost_answers >= kLostAnswers) co_return std::unexpected(error);\n      co_return ok();",
     '      if (IF("unknown-is-failed")) break;\n'
     "      if (++attempt.lost_answers >= kLostAnswers) co_return std::unexpected(error);\n      co_return ok();"),
    ("unknown-is-gone", "control/driver_look.cpp",
     "  if (!current && current.error().code != ErrorCode::kNotFound)\n    co_return std::unexpected(current.error());",
     '  if (!current && current.error().code != ErrorCode::kNotFound && !IF("unknown-is-gone"))\n'
     "    co_return std::unexpected(current.error());"),
    ("events-are-enough", "control/reconciler.cpp",
     "    if (!background_.stopping() && devices_.is_reachable(did))\n",
     '    if (!IF("events-are-enough") && !background_.stopping() && devices_.is_reachable(did))\n'),
    ("no-reconcile-at-start", "control/reconciler.cpp",
     '    background_.start("reconcile", reconcile(did));\n  };',
     '    if (!IF("no-reconcile-at-start")) background_.start("reconcile", reconcile(did));\n  };'),
    ("two-drivers-at-once", "control/driver.cpp",
     "  auto guard = co_await hold(cid);\n  co_return co_await settle_held(cid);",
     "  std::optional<KeyedLock::Guard> guard;\n"
     '  if (!IF("two-drivers-at-once")) guard.emplace(co_await hold(cid));\n'
     "  co_return co_await settle_held(cid);"),
    ("save-is-not-asked-for", "control/images.cpp",
     "  if (!seen && seen.error().code != ErrorCode::kNotFound) co_return std::unexpected(seen.error());\n  if (!seen) {",
     "  if (!seen && seen.error().code != ErrorCode::kNotFound) co_return std::unexpected(seen.error());\n"
     '  if (!seen && IF("save-is-not-asked-for")) seen = ImageSeen{};\n'
     "  if (!seen) {"),
    # Bugs that Berth had, and that the simulation found.
    ("was-gpus-of-a-stopping-one", "control/containers.cpp",
     "      if (row.holds)\n",
     '      if (row.holds && !IF("was-gpus-of-a-stopping-one"))\n'),
    ("was-unpause-releases", "control/driver_failure.cpp",
     "  if (step == Step::kUnpause && look.row.wanted == Wanted::kRunning)\n    co_return co_await give_up_unpause(look, reason);",
     "  if (step == Step::kUnpause && look.row.wanted == Wanted::kRunning) {\n"
     '    if (IF("was-unpause-releases")) co_return co_await give_up_start(look, reason);\n'
     "    co_return co_await give_up_unpause(look, reason);\n  }"),
    ("was-late-save-stays", "control/images_recovery.cpp",
     "  if (!has_row || *has_row) co_return;",
     '  if (!has_row || *has_row || IF("was-late-save-stays")) co_return;'),
    ("was-refused-removal-is-proof", "control/images.cpp",
     "  if (!seen && seen.error().code == ErrorCode::kNotFound) co_return co_await forget_gone(image);",
     '  if (IF("was-refused-removal-is-proof")) seen = ImageSeen{};\n'
     "  if (!seen && seen.error().code == ErrorCode::kNotFound) co_return co_await forget_gone(image);"),
    ("was-another-engine-is-believed", "control/devices.cpp",
     "  if (own->empty() || *own == info->engine_id) co_return ok();",
     '  if (own->empty() || *own == info->engine_id || IF("was-another-engine-is-believed")) co_return ok();'),
    ("was-untaken-create-is-refused", "control/containers.cpp",
     "  if (auto r = co_await driver_.take_back(cid); !r) co_return r;",
     '  if (auto r = co_await driver_.take_back(cid); !r && !IF("was-untaken-create-is-refused")) co_return r;'),
    ("commit-is-not-synced", "store/sql/sqlite.cpp",
     "  run_script(session, access == Access::kReadWrite ? kWriterSettings : kReaderSettings);",
     "  run_script(session, access == Access::kReadWrite ? kWriterSettings : kReaderSettings);\n"
     '  if (IF("commit-is-not-synced")) run_script(session, "pragma synchronous = off;");'),
]
