//! Sealing what must not lie open at rest, and finding it again without opening everything.

mod files;
mod keys;
mod provider;

pub use files::{FILE_LEAD, FileSeal};
pub use keys::{Keyring, create_key_file, create_key_file_of, rotate_key_file, rotate_key_file_to};
pub(crate) use provider::provider;
pub use provider::{ALGORITHMS, Algorithm};

use crate::error::{Outcome, StoreError};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// What a derived key is for. Two purposes never share a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Seal,
    Audit,
    Backup,
    /// Telling whether a row is what it was.
    Content,
    /// Files of the data folder.
    Lake,
    Index(IndexColumn),
}

/// The columns that can be searched by their exact value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IndexColumn {
    IdNumber,
    Phone,
    Account,
}

impl Purpose {
    fn label(self) -> &'static str {
        match self {
            Purpose::Seal => "doudi/seal/1",
            Purpose::Audit => "doudi/audit/1",
            Purpose::Backup => "doudi/backup/1",
            Purpose::Content => "doudi/content/1",
            Purpose::Lake => "doudi/lake/1",
            Purpose::Index(IndexColumn::IdNumber) => "doudi/index/id-number/1",
            Purpose::Index(IndexColumn::Phone) => "doudi/index/phone/1",
            Purpose::Index(IndexColumn::Account) => "doudi/index/account/1",
        }
    }
}

pub(crate) fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    // HMAC takes a key of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return [0; 32] };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    <Sha256 as sha2::Digest>::digest(bytes).into()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

const NONCE: usize = 12;
/// Algorithm, key's number, nonce.
const HEADER: usize = 1 + 4 + NONCE;

/// As [`Keyring::digest`] gives it.
pub(crate) type Digest = [u8; 16];

impl Keyring {
    /// `place` (column and row) is bound to the ciphertext: moved to another row, it does not open.
    pub(crate) fn seal(&self, place: &str, plain: &[u8]) -> Outcome<Vec<u8>> {
        let key = self.current();
        let nonce: [u8; NONCE] = crate::random::bytes()?;
        let provider = provider(self.algorithm())?;
        let mut sealed = Vec::with_capacity(HEADER + plain.len() + 16);
        sealed.push(provider.algorithm().number());
        sealed.extend_from_slice(&(key.id as u32).to_be_bytes());
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&provider.seal(&key.seal, &nonce, place.as_bytes(), plain)?);
        Ok(sealed)
    }

    pub(crate) fn open(&self, place: &str, sealed: &[u8]) -> Outcome<Vec<u8>> {
        let Some((header, body)) = sealed.split_at_checked(HEADER) else {
            return Err(StoreError::damaged("密文太短"));
        };
        let id = u32::from_be_bytes([header[1], header[2], header[3], header[4]]);
        let key = self.by_id(i64::from(id))?;
        let nonce: [u8; NONCE] = header[5..].try_into().map_err(|_| StoreError::damaged("密文开头不完整"))?;
        provider(header[0])?.open(&key.seal, &nonce, place.as_bytes(), body)
    }

    /// What to look for under the current key: 16 bytes are enough that no two numbers meet.
    pub(crate) fn index(&self, column: IndexColumn, text: &str) -> Option<Vec<u8>> {
        let text = text.trim();
        (!text.is_empty()).then(|| self.current().index(column, text))
    }

    /// Equal where the content is, under this key; says nothing about it to whoever has no key.
    pub(crate) fn digest(&self, content: &impl serde::Serialize) -> Outcome<Digest> {
        let text = serde_json::to_vec(content).map_err(StoreError::damaged)?;
        let mac = hmac(&self.current().content, &[&text]);
        let mut digest = Digest::default();
        digest.copy_from_slice(&mac[..16]);
        Ok(digest)
    }

    /// Under every key that rows may still have.
    pub(crate) fn indexes(&self, column: IndexColumn, text: &str) -> Vec<Vec<u8>> {
        self.all().map(|key| key.index(column, text.trim())).collect()
    }
}
