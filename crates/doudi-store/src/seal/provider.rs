//! Ciphers that can be exchanged: the number of the one that sealed a value stands in front of it.

use crate::error::{Outcome, StoreError};
use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};

/// An authenticated cipher with a nonce of twelve bytes and a tag of sixteen. SM4-GCM has the same shape.
pub(crate) trait Provider: Sync {
    /// In front of every value. Never given to another cipher.
    fn number(&self) -> u8;
    fn seal(&self, key: &[u8; 32], nonce: &[u8; 12], place: &[u8], plain: &[u8]) -> Outcome<Vec<u8>>;
    fn open(&self, key: &[u8; 32], nonce: &[u8; 12], place: &[u8], sealed: &[u8]) -> Outcome<Vec<u8>>;
}

struct Aes;

pub(crate) const AES_256_GCM: u8 = 1;

static PROVIDERS: [&dyn Provider; 1] = [&Aes];

pub(crate) fn provider(number: u8) -> Outcome<&'static dyn Provider> {
    let known = PROVIDERS.iter().find(|provider| provider.number() == number);
    known
        .copied()
        .ok_or_else(|| StoreError::Key(format!("不认识第 {number} 种加密算法。请用写入这些数据的程序打开")))
}

impl Provider for Aes {
    fn number(&self) -> u8 {
        AES_256_GCM
    }

    fn seal(&self, key: &[u8; 32], nonce: &[u8; 12], place: &[u8], plain: &[u8]) -> Outcome<Vec<u8>> {
        let cipher = Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key));
        cipher
            .encrypt(&Nonce::from(*nonce), Payload { msg: plain, aad: place })
            .map_err(|_| StoreError::Key("加密没有办成：内容太长".into()))
    }

    fn open(&self, key: &[u8; 32], nonce: &[u8; 12], place: &[u8], sealed: &[u8]) -> Outcome<Vec<u8>> {
        let cipher = Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key));
        cipher
            .decrypt(&Nonce::from(*nonce), Payload { msg: sealed, aad: place })
            .map_err(|_| StoreError::damaged("密文打不开：密钥不是当时的，或者密文被改动、挪动过"))
    }
}
