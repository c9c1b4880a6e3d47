//! Ciphers that can be exchanged: the number of the one that sealed a value stands in front of it.

use crate::error::{Outcome, StoreError};
use aes_gcm::aead::consts::U12;
use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, AesGcm, Key, Nonce};
use sm4::Sm4;

/// An authenticated cipher with a nonce of twelve bytes and a tag of sixteen.
pub(crate) trait Provider: Sync {
    fn algorithm(&self) -> Algorithm;
    fn seal(&self, key: &[u8; 32], nonce: &[u8; 12], place: &[u8], plain: &[u8]) -> Outcome<Vec<u8>>;
    fn open(&self, key: &[u8; 32], nonce: &[u8; 12], place: &[u8], sealed: &[u8]) -> Outcome<Vec<u8>>;
}

/// What a key seals with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    Aes256Gcm,
    /// GB/T 32907 in the mode of RFC 8998.
    Sm4Gcm,
}

pub const ALGORITHMS: [Algorithm; 2] = [Algorithm::Aes256Gcm, Algorithm::Sm4Gcm];

impl Algorithm {
    /// In front of every value. Never given to another cipher.
    pub fn number(self) -> u8 {
        match self {
            Algorithm::Aes256Gcm => 1,
            Algorithm::Sm4Gcm => 2,
        }
    }

    /// As key files write it.
    pub fn word(self) -> &'static str {
        match self {
            Algorithm::Aes256Gcm => "aes-256-gcm",
            Algorithm::Sm4Gcm => "sm4-gcm",
        }
    }

    pub fn parse(word: &str) -> Option<Algorithm> {
        ALGORITHMS.into_iter().find(|algorithm| algorithm.word() == word)
    }
}

struct Aes;
struct Sm;

type Sm4Gcm = AesGcm<Sm4, U12>;

static PROVIDERS: [&dyn Provider; 2] = [&Aes, &Sm];

pub(crate) fn provider(number: u8) -> Outcome<&'static dyn Provider> {
    let known = PROVIDERS.iter().find(|provider| provider.algorithm().number() == number);
    known
        .copied()
        .ok_or_else(|| StoreError::Key(format!("不认识第 {number} 种加密算法。请用写入这些数据的程序打开")))
}

impl Provider for Aes {
    fn algorithm(&self) -> Algorithm {
        Algorithm::Aes256Gcm
    }

    fn seal(&self, key: &[u8; 32], nonce: &[u8; 12], place: &[u8], plain: &[u8]) -> Outcome<Vec<u8>> {
        sealed(&Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key)), nonce, place, plain)
    }

    fn open(&self, key: &[u8; 32], nonce: &[u8; 12], place: &[u8], sealed: &[u8]) -> Outcome<Vec<u8>> {
        opened(&Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key)), nonce, place, sealed)
    }
}

impl Sm {
    /// Its key has sixteen bytes: the first half of what was derived, which no other cipher gets.
    fn cipher(key: &[u8; 32]) -> Sm4Gcm {
        let mut half = [0; 16];
        half.copy_from_slice(&key[..16]);
        Sm4Gcm::new(&half.into())
    }
}

impl Provider for Sm {
    fn algorithm(&self) -> Algorithm {
        Algorithm::Sm4Gcm
    }

    fn seal(&self, key: &[u8; 32], nonce: &[u8; 12], place: &[u8], plain: &[u8]) -> Outcome<Vec<u8>> {
        sealed(&Sm::cipher(key), nonce, place, plain)
    }

    fn open(&self, key: &[u8; 32], nonce: &[u8; 12], place: &[u8], sealed: &[u8]) -> Outcome<Vec<u8>> {
        opened(&Sm::cipher(key), nonce, place, sealed)
    }
}

fn sealed(
    cipher: &impl Aead<NonceSize = U12>,
    nonce: &[u8; 12],
    place: &[u8],
    plain: &[u8],
) -> Outcome<Vec<u8>> {
    cipher
        .encrypt(&Nonce::from(*nonce), Payload { msg: plain, aad: place })
        .map_err(|_| StoreError::Key("加密没有办成：内容太长".into()))
}

fn opened(
    cipher: &impl Aead<NonceSize = U12>,
    nonce: &[u8; 12],
    place: &[u8],
    sealed: &[u8],
) -> Outcome<Vec<u8>> {
    cipher
        .decrypt(&Nonce::from(*nonce), Payload { msg: sealed, aad: place })
        .map_err(|_| StoreError::damaged("密文打不开：密钥不是当时的，或者密文被改动、挪动过"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        let signs: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
        let pair =
            |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).expect("hex"), 16).expect("hex");
        signs.chunks(2).map(pair).collect()
    }

    /// RFC 8998, appendix A.1.
    #[test]
    fn sm4_gcm_seals_as_rfc_8998_says() {
        let mut key = [0xff; 32];
        key[..16].copy_from_slice(&bytes("0123456789ABCDEFFEDCBA9876543210"));
        let nonce: [u8; 12] = bytes("00001234567800000000ABCD").try_into().expect("twelve bytes");
        let place = bytes("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2");
        let plain = bytes(
            "AAAAAAAAAAAAAAAABBBBBBBBBBBBBBBBCCCCCCCCCCCCCCCCDDDDDDDDDDDDDDDD
             EEEEEEEEEEEEEEEEFFFFFFFFFFFFFFFFEEEEEEEEEEEEEEEEAAAAAAAAAAAAAAAA",
        );
        let expected = bytes(
            "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735
             D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D
             83DE3541E4C2B58177E065A9BF7B62EC",
        );
        let sealed = Sm.seal(&key, &nonce, &place, &plain).expect("sealed");
        assert_eq!(sealed, expected);
        assert_eq!(Sm.open(&key, &nonce, &place, &sealed).expect("opens"), plain);
        assert!(Aes.open(&key, &nonce, &place, &sealed).is_err(), "another cipher's");
    }

    #[test]
    fn every_algorithm_has_a_number_and_a_word_of_its_own_and_a_provider() {
        for algorithm in ALGORITHMS {
            assert_eq!(provider(algorithm.number()).expect("known").algorithm(), algorithm);
            assert_eq!(Algorithm::parse(algorithm.word()), Some(algorithm));
        }
        assert!(provider(3).is_err() && provider(0).is_err());
    }
}
