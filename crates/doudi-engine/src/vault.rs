//! What seals the files of a data folder that tell of people. The engine knows no keys and no ciphers: whoever starts it
//! brings them.

use crate::error::Outcome;

/// What a sealed file begins with, so that its seal is found again. Means something to the vault only.
pub const LEAD: usize = 21;

/// Makes and finds seals of files.
pub trait Vault: std::fmt::Debug + Send + Sync {
    /// For a new file, with what it begins with.
    fn new_file(&self) -> Outcome<([u8; LEAD], Box<dyn FileSeal>)>;

    /// For a file that begins like this; refuses where the key is not there.
    fn known_file(&self, lead: &[u8; LEAD]) -> Outcome<Box<dyn FileSeal>>;

    /// Whether a file that begins like this is sealed with what seals now.
    fn is_current(&self, lead: &[u8; LEAD]) -> bool;
}

/// Seals and opens the pieces of one file.
pub trait FileSeal: Send + Sync {
    /// The piece of this number, which is given once only; sixteen bytes longer than `plain`. `place` is bound to it.
    fn seal(&self, number: u64, place: &[u8], plain: &[u8]) -> Outcome<Vec<u8>>;

    /// `None` where it is not what was sealed as this number, at this place.
    fn open(&self, number: u64, place: &[u8], sealed: &[u8]) -> Option<Vec<u8>>;

    /// Proves that the file belongs where it lies.
    fn name(&self, name: &str) -> [u8; 32];
}

/// A toy that hides and notices, for tests.
#[cfg(test)]
pub(crate) mod toy {
    use super::{FileSeal, LEAD, Vault};
    use crate::digest::sha256_hex;
    use crate::error::{EngineError, Outcome};
    use std::cell::Cell;
    use std::sync::atomic::{AtomicU64, Ordering};

    #[derive(Debug)]
    pub struct ToyVault {
        pub keys: Vec<u8>,
    }

    struct ToySeal([u8; LEAD]);

    static FILES: AtomicU64 = AtomicU64::new(1);

    std::thread_local! {
        static OPENED: Cell<u64> = const { Cell::new(0) };
    }

    /// Bytes that this thread has opened.
    pub fn opened() -> u64 {
        OPENED.get()
    }

    impl Vault for ToyVault {
        fn new_file(&self) -> Outcome<([u8; LEAD], Box<dyn FileSeal>)> {
            let mut lead = [0; LEAD];
            lead[0] = self.keys.last().copied().unwrap_or(0);
            lead[1..9].copy_from_slice(&FILES.fetch_add(1, Ordering::Relaxed).to_le_bytes());
            Ok((lead, Box::new(ToySeal(lead))))
        }

        fn known_file(&self, lead: &[u8; LEAD]) -> Outcome<Box<dyn FileSeal>> {
            match self.keys.contains(&lead[0]) {
                true => Ok(Box::new(ToySeal(*lead))),
                false => Err(EngineError::BadInput(format!("没有第 {} 号密钥", lead[0]))),
            }
        }

        fn is_current(&self, lead: &[u8; LEAD]) -> bool {
            self.keys.last() == Some(&lead[0])
        }
    }

    impl ToySeal {
        fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
            let hex = sha256_hex(&[&[&self.0[..]], parts].concat().concat());
            hex.as_bytes()[..32].try_into().unwrap_or([0; 32])
        }

        fn turned(&self, number: u64, bytes: &[u8]) -> Vec<u8> {
            let stream = self.mac(&[&number.to_le_bytes()]);
            bytes.iter().zip(stream.iter().cycle()).map(|(byte, key)| byte ^ key).collect()
        }
    }

    impl FileSeal for ToySeal {
        fn seal(&self, number: u64, place: &[u8], plain: &[u8]) -> Outcome<Vec<u8>> {
            let mac = self.mac(&[&number.to_le_bytes(), place, plain]);
            Ok([&self.turned(number, plain), &mac[..16]].concat())
        }

        fn open(&self, number: u64, place: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
            OPENED.set(OPENED.get() + sealed.len() as u64);
            let (body, mac) = sealed.split_at_checked(sealed.len().checked_sub(16)?)?;
            let plain = self.turned(number, body);
            (self.mac(&[&number.to_le_bytes(), place, &plain])[..16] == *mac).then_some(plain)
        }

        fn name(&self, name: &str) -> [u8; 32] {
            self.mac(&[name.as_bytes(), b"name"])
        }
    }
}
