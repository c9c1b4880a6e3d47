//! Keys for files outside of the store: every file has one of its own, so that counting its pieces is enough for a nonce.

use super::provider::Provider;
use super::{Keyring, hmac, provider};
use crate::error::Outcome;

const SALT: usize = 16;
/// What a sealed file begins with, so that its key is found again: algorithm, key's number, the file's salt.
pub const FILE_LEAD: usize = 1 + 4 + SALT;

/// Seals and opens the pieces of one file.
pub struct FileSeal {
    provider: &'static dyn Provider,
    pieces: [u8; 32],
    names: [u8; 32],
}

impl Keyring {
    /// For a new file; what it begins with comes along.
    pub fn new_file(&self) -> Outcome<([u8; FILE_LEAD], FileSeal)> {
        let mut lead = [0; FILE_LEAD];
        lead[..FILE_LEAD - SALT].copy_from_slice(&self.file_key());
        lead[FILE_LEAD - SALT..].copy_from_slice(&crate::random::bytes::<SALT>()?);
        Ok((lead, self.known_file(&lead)?))
    }

    /// For a file that begins like this.
    pub fn known_file(&self, lead: &[u8; FILE_LEAD]) -> Outcome<FileSeal> {
        let id = u32::from_be_bytes([lead[1], lead[2], lead[3], lead[4]]);
        let key = &self.by_id(i64::from(id))?.lake;
        let derived = |what: &[u8]| hmac(key, &[lead, what]);
        Ok(FileSeal { provider: provider(lead[0])?, pieces: derived(b"pieces"), names: derived(b"names") })
    }

    /// Algorithm and key's number of what is sealed now: how the lead of a new file begins.
    pub fn file_key(&self) -> [u8; 5] {
        let [a, b, c, d] = (self.current().id as u32).to_be_bytes();
        [self.algorithm(), a, b, c, d]
    }
}

impl FileSeal {
    /// The piece of this number, which is given once only; `place` is bound to it.
    pub fn seal(&self, number: u64, place: &[u8], plain: &[u8]) -> Outcome<Vec<u8>> {
        self.provider.seal(&self.pieces, &nonce(number), place, plain)
    }

    /// `None` where it is not what was sealed as this number, at this place.
    pub fn open(&self, number: u64, place: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        self.provider.open(&self.pieces, &nonce(number), place, sealed).ok()
    }

    /// Proves that a file belongs where it lies.
    pub fn name(&self, name: &str) -> [u8; 32] {
        hmac(&self.names, &[name.as_bytes()])
    }
}

fn nonce(number: u64) -> [u8; 12] {
    let mut nonce = [0; 12];
    nonce[4..].copy_from_slice(&number.to_be_bytes());
    nonce
}

#[cfg(test)]
mod tests {
    use crate::seal::{ALGORITHMS, create_key_file_of, rotate_key_file};

    #[test]
    fn a_piece_opens_only_as_its_own_number_in_its_own_file_whatever_the_algorithm() {
        for algorithm in ALGORITHMS {
            let folder = tempfile::tempdir().expect("a folder");
            let path = folder.path().join("key");
            let ring = create_key_file_of(&path, algorithm).expect("a key");
            let (lead, seal) = ring.new_file().expect("a file");
            let piece = seal.seal(7, b"last", "张三".as_bytes()).expect("sealed");
            let again = rotate_key_file(&path).expect("rotated");
            let known = again.known_file(&lead).expect("known");
            assert_eq!(known.open(7, b"last", &piece).as_deref(), Some("张三".as_bytes()));
            assert_eq!(known.name("a/b"), seal.name("a/b"));
            assert!(known.open(8, b"last", &piece).is_none() && known.open(7, b"more", &piece).is_none());
            let (other_lead, other) = again.new_file().expect("a file");
            assert_ne!(lead[..5], other_lead[..5], "the new key seals");
            assert!(other.open(7, b"last", &piece).is_none() && other.name("a/b") != seal.name("a/b"));
        }
    }
}
