#pragma once
#include <openssl/evp.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <openssl/cms.h>
#include <openssl/ess.h>
#include <openssl/ts.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/kdf.h>
#include <openssl/hmac.h>
#include <openssl/crypto.h>
#include <openssl/core_names.h>
#include <openssl/params.h>

/* OpenSSL's macros as functions, because macros with arguments are not visible to Swift. */

static inline long suban_bio_bytes(BIO *bio, const unsigned char **bytes) {
    return BIO_get_mem_data(bio, (char **)bytes);
}

static inline void suban_free(void *memory) { OPENSSL_free(memory); }

static inline X509_EXTENSION *suban_extension(X509 *issuer, X509 *subject, int nid, const char *value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, subject, NULL, NULL, 0);
    return X509V3_EXT_conf_nid(NULL, &context, nid, value);
}

/* The only signer of a message, or NULL when there are none or several. */
static inline CMS_SignerInfo *suban_only_signer(CMS_ContentInfo *message) {
    STACK_OF(CMS_SignerInfo) *all = CMS_get0_SignerInfos(message);
    return sk_CMS_SignerInfo_num(all) == 1 ? sk_CMS_SignerInfo_value(all, 0) : NULL;
}

static inline int suban_revoked_count(const STACK_OF(X509_REVOKED) *all) { return sk_X509_REVOKED_num(all); }
static inline X509_REVOKED *suban_revoked(const STACK_OF(X509_REVOKED) *all, int index) {
    return sk_X509_REVOKED_value(all, index);
}

static inline int suban_certificate_count(const STACK_OF(X509) *all) { return sk_X509_num(all); }
static inline X509 *suban_certificate(const STACK_OF(X509) *all, int index) { return sk_X509_value(all, index); }
static inline void suban_free_certificates(STACK_OF(X509) *all) { sk_X509_pop_free(all, X509_free); }

/* Whether the signing-certificate attribute names `leaf` first. */
static inline int suban_names_signer(const ASN1_STRING *attribute, X509 *leaf, STACK_OF(X509) *others) {
    const unsigned char *cursor = ASN1_STRING_get0_data(attribute);
    ESS_SIGNING_CERT_V2 *named = d2i_ESS_SIGNING_CERT_V2(NULL, &cursor, ASN1_STRING_length(attribute));
    STACK_OF(X509) *chain = sk_X509_new_null();
    int fits = 0;
    if (named != NULL && chain != NULL && sk_X509_push(chain, leaf) > 0) {
        for (int i = 0; i < sk_X509_num(others); i++)
            if (X509_cmp(sk_X509_value(others, i), leaf) != 0) sk_X509_push(chain, sk_X509_value(others, i));
        fits = OSSL_ESS_check_signing_certs(NULL, named, chain, 1) == 1;
    }
    sk_X509_free(chain);
    ESS_SIGNING_CERT_V2_free(named);
    return fits;
}
