//! What a PEM text or a DER blob holds.

use ::pem::{EncodeConfig, LineEnding, Pem, PemError};
use x509_cert::der::{Decode, Encode};

use super::KeyError;

/// A private key's encoding.
pub(super) enum Private {
    Pkcs8(Vec<u8>),
    Pkcs1(Vec<u8>),
    Sec1(Vec<u8>),
}

/// Finds the private key in a PEM text.
pub(super) fn private(text: &str) -> Result<Private, KeyError> {
    let mut first_other = None;
    for block in blocks(text)? {
        match block.tag() {
            "PRIVATE KEY" => return Ok(Private::Pkcs8(block.into_contents())),
            _ if block.headers().get("DEK-Info").is_some() => return Err(encrypted()),
            "RSA PRIVATE KEY" => return Ok(Private::Pkcs1(block.into_contents())),
            "EC PRIVATE KEY" => return Ok(Private::Sec1(block.into_contents())),
            "ENCRYPTED PRIVATE KEY" => return Err(encrypted()),
            "EC PARAMETERS" => {}
            other => {
                first_other.get_or_insert_with(|| other.to_owned());
            }
        }
    }
    Err(match first_other.as_deref() {
        Some(tag @ ("PUBLIC KEY" | "RSA PUBLIC KEY" | "CERTIFICATE")) => KeyError::new(format!(
            "this PEM holds a public part ({tag}), and signing needs the private key"
        )),
        Some("OPENSSH PRIVATE KEY") => KeyError::new(
            "this is an OpenSSH key; convert it with `ssh-keygen -p -m PKCS8 -f FILE`",
        ),
        Some(tag) => KeyError::new(format!("this PEM holds no private key but: {tag}")),
        None => KeyError::new("there is no private key in this PEM"),
    })
}

/// Finds the public key in a PEM text, as `SubjectPublicKeyInfo` or PKCS#1 in DER.
pub(super) fn public(text: &str) -> Result<Vec<u8>, KeyError> {
    let Some(block) = blocks(text)?.into_iter().next() else {
        return Err(KeyError::new("there is no public key in this PEM"));
    };
    match block.tag() {
        "PUBLIC KEY" | "RSA PUBLIC KEY" => Ok(block.into_contents()),
        "CERTIFICATE" => certificate(block.contents()),
        tag if tag.ends_with("PRIVATE KEY") => Err(KeyError::new(
            "this PEM holds a private key, and verifying needs only the public part: `openssl pkey -in FILE -pubout`",
        )),
        tag => Err(KeyError::new(format!("this PEM holds no public key but: {tag}"))),
    }
}

/// The `SubjectPublicKeyInfo` of an X.509 certificate, whose validity is not looked at.
pub(super) fn certificate(der: &[u8]) -> Result<Vec<u8>, KeyError> {
    let faulty = |_| KeyError::new("the X.509 certificate cannot be read");
    let certificate = x509_cert::Certificate::from_der(der).map_err(faulty)?;
    certificate.tbs_certificate().subject_public_key_info().to_der().map_err(faulty)
}

/// The PEM of a DER blob, as `openssl` writes it.
pub(super) fn encode(tag: &str, der: &[u8]) -> String {
    let config = EncodeConfig::new().set_line_ending(LineEnding::LF);
    ::pem::encode_config(&Pem::new(tag, der), config)
}

fn blocks(text: &str) -> Result<Vec<::pem::Pem>, KeyError> {
    if !text.contains("-----BEGIN ") {
        return Err(KeyError::new(
            "this is no PEM: it must start with a line like `-----BEGIN PUBLIC KEY-----`",
        ));
    }
    // A key that was put into one line of an environment variable has `\n` for its line ends.
    let text = text.replace("\\r", "").replace("\\n", "\n");
    let incomplete = "the PEM cannot be read: its BEGIN or END line is incomplete";
    let blocks = ::pem::parse_many(text).map_err(|error| {
        // The parser's own words may quote a line of the key.
        KeyError::new(match error {
            PemError::InvalidHeader(_) => "the PEM cannot be read: there is an empty line in it",
            PemError::InvalidData(_) => "the PEM cannot be read: its lines are no base64",
            PemError::MismatchedTags(..) => {
                "the PEM cannot be read: its BEGIN and END lines differ"
            }
            _ => incomplete,
        })
    })?;
    if blocks.is_empty() { Err(KeyError::new(incomplete)) } else { Ok(blocks) }
}

fn encrypted() -> KeyError {
    KeyError::new("the private key is encrypted; decrypt it with `openssl pkey -in FILE -out FILE`")
}
