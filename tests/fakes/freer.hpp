#pragma once

namespace berth::testing {

// For a unique_ptr to what a C library gives: std::unique_ptr<X509, Freer<X509_free>>.
template <auto kFree>
struct Freer {
  template <class T>
  void operator()(T* thing) const {
    kFree(thing);
  }
};

}  // namespace berth::testing
