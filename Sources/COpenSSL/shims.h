#pragma once
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

// OpenSSL offers these as macros, which Swift does not import.

static inline void copur_BIO_clear_retry_flags(BIO *bio) { BIO_clear_retry_flags(bio); }

static inline void copur_BIO_set_retry_read(BIO *bio) { BIO_set_retry_read(bio); }

static inline long copur_BIO_get_mem_data(BIO *bio, char **data) { return BIO_get_mem_data(bio, data); }

static inline int copur_SSL_CTX_set_min_proto_version(SSL_CTX *ctx, int version) {
  return (int)SSL_CTX_set_min_proto_version(ctx, version);
}

static inline int copur_SSL_CTX_set_max_proto_version(SSL_CTX *ctx, int version) {
  return (int)SSL_CTX_set_max_proto_version(ctx, version);
}

static inline void copur_SSL_CTX_disable_session_cache(SSL_CTX *ctx) {
  SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
}

// An idle connection then holds no record buffers (about 34 KiB less a connection).
static inline void copur_SSL_CTX_release_idle_buffers(SSL_CTX *ctx) {
  SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
}

static inline int copur_SSL_set_tlsext_host_name(SSL *ssl, const char *name) {
  return (int)SSL_set_tlsext_host_name(ssl, name);
}

static inline int copur_GENERAL_NAMES_count(const GENERAL_NAMES *names) { return sk_GENERAL_NAME_num(names); }

static inline const GENERAL_NAME *copur_GENERAL_NAMES_get(const GENERAL_NAMES *names, int index) {
  return sk_GENERAL_NAME_value(names, index);
}

static inline EVP_PKEY *copur_EVP_generate_p256(void) { return EVP_EC_gen("P-256"); }

static inline void copur_X509V3_set_context(X509V3_CTX *ctx, X509 *issuer, X509 *subject) {
  X509V3_set_ctx_nodb(ctx);
  X509V3_set_ctx(ctx, issuer, subject, NULL, NULL, 0);
}

static inline int copur_X509_count(const STACK_OF(X509) *certificates) { return sk_X509_num(certificates); }

static inline X509 *copur_X509_get(const STACK_OF(X509) *certificates, int index) {
  return sk_X509_value(certificates, index);
}

static inline int copur_X509_OBJECT_count(const STACK_OF(X509_OBJECT) *objects) { return sk_X509_OBJECT_num(objects); }

static inline X509_OBJECT *copur_X509_OBJECT_get(const STACK_OF(X509_OBJECT) *objects, int index) {
  return sk_X509_OBJECT_value(objects, index);
}

static inline int copur_X509_NAME_print(BIO *bio, const X509_NAME *name) {
  return X509_NAME_print_ex(bio, name, 0, XN_FLAG_ONELINE);
}

static inline STACK_OF(X509) *copur_X509_stack_new(void) { return sk_X509_new_null(); }

static inline int copur_X509_stack_push(STACK_OF(X509) *stack, X509 *certificate) {
  return sk_X509_push(stack, certificate);
}

static inline void copur_X509_stack_free(STACK_OF(X509) *stack) { sk_X509_pop_free(stack, X509_free); }
