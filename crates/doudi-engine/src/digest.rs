//! Content hashes, as the lower-case hexadecimal that stands in certificates.

use sha2::{Digest, Sha256};
use std::fmt::Write;

/// SHA-256 of some bytes.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// The first sixteen digits: enough for names of files and leads.
pub fn short(hash: &str) -> &str {
    hash.get(..16).unwrap_or(hash)
}

/// A hash that grows part by part; each part carries its length, so that `ab`+`c` differs from `a`+`bc`.
#[derive(Default)]
pub struct Hasher(Sha256);

impl Hasher {
    pub fn part(&mut self, bytes: &[u8]) -> &mut Hasher {
        self.begin_part(bytes.len());
        self.bytes(bytes)
    }

    /// A part of so many bytes follows in pieces.
    pub(crate) fn begin_part(&mut self, bytes: usize) {
        self.0.update((bytes as u64).to_le_bytes());
    }

    /// A piece of the part that was begun.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> &mut Hasher {
        self.0.update(bytes);
        self
    }

    pub fn hex(self) -> String {
        hex(&self.0.finalize())
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_together() {
        let of = |parts: &[&str]| {
            let mut hasher = Hasher::default();
            for part in parts {
                hasher.part(part.as_bytes());
            }
            hasher.hex()
        };
        assert_ne!(of(&["ab", "c"]), of(&["a", "bc"]));
        assert_eq!(short(&of(&["a"])).len(), 16);
    }
}
