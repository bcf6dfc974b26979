#include "fakes/certificates.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include <cstdio>
#include <stdexcept>

#include "fakes/freer.hpp"

namespace berth::testing {
namespace {

namespace fs = std::filesystem;

using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freer<X509_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freer<X509_EXTENSION_free>>;
using File = std::unique_ptr<std::FILE, Freer<std::fclose>>;

File open(const fs::path& path) { return File(std::fopen(path.c_str(), "w")); }

void extend(X509* certificate, int what, const std::string& text) {
  const Extension extension(X509V3_EXT_conf_nid(nullptr, nullptr, what, text.c_str()));
  if (!extension) throw std::runtime_error("no such extension: " + text);
  X509_add_ext(certificate, extension.get(), -1);
}

void set_name(X509_NAME* name, const std::string& text) {
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(text.c_str()), -1, -1, 0);
}

// Not signed yet.
Certificate make_certificate(EVP_PKEY* key, const std::string& name, long serial,
                             std::chrono::seconds life) {
  Certificate certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -7200);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), life.count());
  set_name(X509_get_subject_name(certificate.get()), name);
  X509_set_pubkey(certificate.get(), key);
  return certificate;
}

}  // namespace

struct Authority::State {
  fs::path folder;
  Key key{EVP_EC_gen("P-256")};
  Certificate certificate;
  long issued = 1;
};

Authority::Authority() : state_(std::make_unique<State>()) {
  char name[] = "/tmp/berth-authority-XXXXXX";
  if (::mkdtemp(name) == nullptr) throw std::runtime_error("no temporary folder");
  state_->folder = name;
  state_->certificate =
      make_certificate(state_->key.get(), state_->folder, 1, std::chrono::hours(1));
  X509* own = state_->certificate.get();
  X509_set_issuer_name(own, X509_get_subject_name(own));
  extend(own, NID_basic_constraints, "critical,CA:TRUE");
  X509_sign(own, state_->key.get(), EVP_sha256());
}

Authority::~Authority() { fs::remove_all(state_->folder); }

fs::path Authority::issue(const std::string& name, const std::string& alternative,
                          std::chrono::seconds life) {
  const fs::path folder = state_->folder / name;
  fs::create_directories(folder);
  const Key key(EVP_EC_gen("P-256"));
  const Certificate certificate = make_certificate(key.get(), name, ++state_->issued, life);
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(state_->certificate.get()));
  if (!alternative.empty()) extend(certificate.get(), NID_subject_alt_name, alternative);
  X509_sign(certificate.get(), state_->key.get(), EVP_sha256());
  PEM_write_X509(open(folder / "ca.pem").get(), state_->certificate.get());
  PEM_write_X509(open(folder / "cert.pem").get(), certificate.get());
  PEM_write_PrivateKey(open(folder / "key.pem").get(), key.get(), nullptr, nullptr, 0, nullptr,
                       nullptr);
  fs::permissions(folder / "key.pem", fs::perms::owner_read | fs::perms::owner_write);
  return folder;
}

}  // namespace berth::testing
