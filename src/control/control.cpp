#include "control/control.hpp"

namespace berth {

Control::Control(Ground ground, const Rules& rules)
    : clock(ground.clock),
      timers(ground.timers),
      background(ground.executor),
      store(ground.store, changes),
      operations(clock, changes),
      accounts(store, clock, gate, rules.accounts),
      api_tokens(store, clock),
      devices(store, clock, &changes),
      strangers(clock),
      driver({store, devices, ground.host, clock, timers, ground.sealer, strangers, &operations},
             Naming(rules.installation), rules.shape),
      images(store, devices, driver, clock),
      containers(store, devices, driver, clock, ground.sealer, strangers),
      reconciler(store, devices, driver, images, timers, background),
      sampler(store, changes, devices, driver, ground.host, clock, timers, background, rules.here),
      gpu_sampler(store, ground.host, clock, timers, background, rules.here),
      matlab(store, devices, driver, sampler, ground.host, clock, rules.matlab),
      has_matlab(rules.has_matlab),
      terminals(containers, store, clock, background),
      history(store),
      long_work({containers, images, devices, matlab_if_any(), operations, ground.host, clock,
                 timers, background, rules.probe_ip}) {}

void Control::start(const std::vector<DeviceId>& all) {
  for (const DeviceId did : all) reconciler.watch(did);
  sampler.start();
  gpu_sampler.start();
}

}  // namespace berth
