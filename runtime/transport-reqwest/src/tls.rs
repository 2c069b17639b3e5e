//! The TLS configuration, made here so that the provider is ours and no global one is installed.

use std::sync::Arc;

use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;

use crate::builder::{BuildError, HttpVersions};

/// TLS 1.2 and 1.3 with the platform's roots and those of the caller.
pub(crate) fn config(
    root_certificates: &[Vec<u8>],
    versions: HttpVersions,
) -> Result<ClientConfig, BuildError> {
    let provider = Arc::new(ring::default_provider());
    let roots = read(root_certificates)?;
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(BuildError::tls)?;
    let mut config = match verifier(roots.clone(), provider) {
        Ok(verifier) => {
            builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth()
        }
        // A machine without any root certificate can still be asked over http by its own programs. Over https every
        // certificate is of an unknown issuer there.
        Err(_) if roots.is_empty() => {
            builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth()
        }
        Err(error) => return Err(BuildError::tls(error)),
    };
    config.alpn_protocols = match versions {
        HttpVersions::Both => vec![b"h2".to_vec(), b"http/1.1".to_vec()],
        HttpVersions::Http1 => vec![b"http/1.1".to_vec()],
    };
    Ok(config)
}

fn verifier(
    roots: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, rustls::Error> {
    if roots.is_empty() {
        return Ok(Arc::new(Verifier::new(provider)?));
    }
    Ok(Arc::new(Verifier::new_with_extra_roots(roots, provider)?))
}

fn read(files: &[Vec<u8>]) -> Result<Vec<CertificateDer<'static>>, BuildError> {
    let mut all = Vec::new();
    for pem in files {
        let before = all.len();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            all.push(certificate.map_err(BuildError::certificate)?);
        }
        if all.len() == before {
            return Err(BuildError::no_certificate());
        }
    }
    Ok(all)
}
