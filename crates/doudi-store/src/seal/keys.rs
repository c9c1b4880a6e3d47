//! Keys: from a file or the environment, never a default.

use super::{Algorithm, IndexColumn, Purpose, hmac};
use crate::error::{Outcome, StoreError};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::fmt::Write as _;
use std::io::Write;
use std::path::Path;

const FIRST_LINE: &str = "doudi-keys 1";
/// A key of 32 random bytes has fewer different bytes than this about once in 10^19 keys.
const LEAST_VARIETY: usize = 16;

/// All keys that anything may still be sealed with. The last one seals; the others only open.
pub struct Keyring {
    keys: Vec<DataKey>,
}

pub(crate) struct DataKey {
    pub id: i64,
    pub seal: [u8; 32],
    audit: [u8; 32],
    pub backup: [u8; 32],
    pub content: [u8; 32],
    /// For files of the data folder.
    pub lake: [u8; 32],
    pub algorithm: Algorithm,
    id_number: [u8; 32],
    phone: [u8; 32],
    account: [u8; 32],
}

impl DataKey {
    fn derive(id: i64, master: &[u8; 32], algorithm: Algorithm) -> DataKey {
        let derived = |purpose: Purpose| hmac(master, &[purpose.label().as_bytes()]);
        DataKey {
            id,
            seal: derived(Purpose::Seal),
            audit: derived(Purpose::Audit),
            backup: derived(Purpose::Backup),
            content: derived(Purpose::Content),
            lake: derived(Purpose::Lake),
            algorithm,
            id_number: derived(Purpose::Index(IndexColumn::IdNumber)),
            phone: derived(Purpose::Index(IndexColumn::Phone)),
            account: derived(Purpose::Index(IndexColumn::Account)),
        }
    }

    pub fn audit(&self) -> &[u8; 32] {
        &self.audit
    }

    pub fn index(&self, column: IndexColumn, text: &str) -> Vec<u8> {
        let key = match column {
            IndexColumn::IdNumber => &self.id_number,
            IndexColumn::Phone => &self.phone,
            IndexColumn::Account => &self.account,
        };
        hmac(key, &[text.as_bytes()])[..16].to_vec()
    }
}

impl std::fmt::Debug for Keyring {
    /// Numbers only: a key in a log is no key any more.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.keys.iter().map(|key| key.id)).finish()
    }
}

impl Keyring {
    /// From a key file that only its owner can read.
    pub fn from_file(path: &Path) -> Outcome<Keyring> {
        refuse_open_file(path)?;
        let text = std::fs::read_to_string(path).map_err(StoreError::io(path))?;
        Keyring::parse(&text).map_err(|error| match error {
            StoreError::Key(what) => StoreError::Key(format!("密钥文件 {}：{what}", path.display())),
            other => other,
        })
    }

    /// The text of a key file, for a secret that comes by the environment.
    pub fn parse(text: &str) -> Outcome<Keyring> {
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        if lines.next() != Some(FIRST_LINE) {
            return Err(StoreError::Key(format!(
                "第一行应是“{FIRST_LINE}”。新的密钥用 doudi key create 生成"
            )));
        }
        let mut keys: Vec<DataKey> = Vec::new();
        for line in lines {
            let (id, secret) = line.split_once(' ').unwrap_or((line, ""));
            let id: u32 = id.parse().map_err(|_| StoreError::Key(format!("“{id}”不是密钥的编号")))?;
            if keys.last().is_some_and(|last| last.id >= i64::from(id)) {
                return Err(StoreError::Key(format!("密钥编号要从小到大，{id} 放错了位置")));
            }
            let (secret, word) = secret.trim().split_once(' ').unwrap_or((secret.trim(), ""));
            keys.push(DataKey::derive(id.into(), &strong(id, secret)?, algorithm(id, word.trim())?));
        }
        if keys.is_empty() {
            return Err(StoreError::Key("里面没有密钥".into()));
        }
        Ok(Keyring { keys })
    }

    /// The number of what seals now.
    pub(crate) fn algorithm(&self) -> u8 {
        self.current().algorithm.number()
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &DataKey> {
        self.keys.iter()
    }

    pub(crate) fn current(&self) -> &DataKey {
        // `parse` lets no empty ring be.
        &self.keys[self.keys.len() - 1]
    }

    pub(crate) fn by_id(&self, id: i64) -> Outcome<&DataKey> {
        self.keys.iter().find(|key| key.id == id).ok_or_else(|| {
            StoreError::Key(format!(
                "密钥文件里没有第 {id} 号密钥，用它加密的数据打不开。请放回当时的密钥文件，旧的密钥不能删"
            ))
        })
    }
}

/// As the line of a key names it; keys of before there was a choice name none.
fn algorithm(id: u32, word: &str) -> Outcome<Algorithm> {
    let unknown = || StoreError::Key(format!("第 {id} 号密钥写的算法“{word}”不认识。请用新的程序打开"));
    if word.is_empty() { Ok(Algorithm::Aes256Gcm) } else { Algorithm::parse(word).ok_or_else(unknown) }
}

/// 32 bytes of chance, or a refusal.
fn strong(id: u32, secret: &str) -> Outcome<[u8; 32]> {
    let weak = |why: &str| {
        StoreError::Key(format!("第 {id} 号密钥{why}，不能用。请用 doudi key create 生成，不要自己编"))
    };
    let bytes = STANDARD.decode(secret).map_err(|_| weak("不是 base64"))?;
    let key: [u8; 32] = bytes.try_into().map_err(|_| weak("不是 32 个字节"))?;
    let mut seen = [false; 256];
    for byte in key {
        seen[usize::from(byte)] = true;
    }
    if seen.iter().filter(|seen| **seen).count() < LEAST_VARIETY {
        return Err(weak("太有规律"));
    }
    if key.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ') {
        return Err(weak("是打出来的文字，不是随机数"));
    }
    if key.windows(2).all(|pair| pair[1].wrapping_sub(pair[0]) == key[1].wrapping_sub(key[0])) {
        return Err(weak("太有规律"));
    }
    Ok(key)
}

#[cfg(unix)]
fn refuse_open_file(path: &Path) -> Outcome<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path).map_err(StoreError::io(path))?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(StoreError::Key(format!(
            "密钥文件 {} 别人也能读。请先 chmod 600，并考虑换一把密钥",
            path.display()
        )));
    }
    Ok(())
}

#[cfg(not(unix))]
fn refuse_open_file(_: &Path) -> Outcome<()> {
    Ok(())
}

/// What stands behind the number in a line.
fn new_secret(algorithm: Algorithm) -> Outcome<String> {
    let secret = STANDARD.encode(crate::random::bytes::<32>()?);
    Ok(match algorithm {
        Algorithm::Aes256Gcm => secret,
        other => format!("{secret} {}", other.word()),
    })
}

/// Writes a key file that must not be there yet, readable by its owner alone.
pub fn create_key_file(path: &Path) -> Outcome<Keyring> {
    create_key_file_of(path, Algorithm::Aes256Gcm)
}

/// As [`create_key_file`], of a key that seals with this algorithm.
pub fn create_key_file_of(path: &Path, algorithm: Algorithm) -> Outcome<Keyring> {
    let text = format!(
        "{FIRST_LINE}\n# 这把密钥丢了，数据和备份都打不开：请抄一份，放在别处锁好。旧的密钥一行都不能删。\n1 {}\n",
        new_secret(algorithm)?
    );
    write_new(path, &text)?;
    Keyring::parse(&text)
}

/// Adds a key; from now on it seals. The rows are re-sealed by the store.
pub fn rotate_key_file(path: &Path) -> Outcome<Keyring> {
    rotate_key_file_to(path, None)
}

/// As [`rotate_key_file`], with another algorithm than the last key's where one is named.
pub fn rotate_key_file_to(path: &Path, algorithm: Option<Algorithm>) -> Outcome<Keyring> {
    let ring = Keyring::from_file(path)?;
    let mut text = std::fs::read_to_string(path).map_err(StoreError::io(path))?;
    if !text.ends_with('\n') {
        text.push('\n');
    }
    let algorithm = algorithm.unwrap_or(ring.current().algorithm);
    let _ = writeln!(text, "{} {}", ring.current().id + 1, new_secret(algorithm)?);
    let beside = path.with_extension("new");
    write_new(&beside, &text)?;
    std::fs::rename(&beside, path).map_err(StoreError::io(path))?;
    Keyring::parse(&text)
}

fn write_new(path: &Path, text: &str) -> Outcome<()> {
    let mut options = std::fs::OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(path).map_err(StoreError::io(path))?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(StoreError::io(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(bytes: [u8; 32]) -> String {
        format!("{FIRST_LINE}\n1 {}\n", STANDARD.encode(bytes))
    }

    #[test]
    fn weak_and_invented_keys_are_refused() {
        let counting: [u8; 32] = std::array::from_fn(|at| at as u8);
        let by_hand = *b"please-change-this-secret-key-01";
        for bytes in [[0; 32], [0x41; 32], counting, counting.map(|byte| byte.wrapping_mul(7)), by_hand] {
            let error = Keyring::parse(&key(bytes)).expect_err("weak").to_string();
            assert!(error.contains("doudi key create"), "{error}");
        }
        for text in ["", "1 AAAA", "doudi-keys 1\n", "doudi-keys 1\n1 abc", "doudi-keys 1\nx y"] {
            assert!(Keyring::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_key_file_is_private_is_never_overwritten_and_keeps_old_keys() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("key");
        let first = create_key_file(&path).expect("a key");
        assert!(create_key_file(&path).is_err(), "never overwritten");
        let sealed = first.seal("persons|1", "500243".as_bytes()).expect("sealed");
        let index = first.index(IndexColumn::Phone, "13800000000");
        let second = rotate_key_file(&path).expect("rotated");
        assert_eq!(second.open("persons|1", &sealed).expect("opens"), b"500243");
        assert_ne!(second.index(IndexColumn::Phone, "13800000000"), index);
        assert!(second.indexes(IndexColumn::Phone, " 13800000000 ").contains(&index.expect("an index")));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).expect("chmod");
            assert!(Keyring::from_file(&path).is_err(), "others can read it");
        }
    }

    #[test]
    fn a_key_says_what_it_seals_with_and_a_later_one_may_say_otherwise() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("key");
        let first = create_key_file_of(&path, Algorithm::Sm4Gcm).expect("a key");
        let sealed = first.seal("persons|1", b"500243").expect("sealed");
        assert_eq!(sealed[0], Algorithm::Sm4Gcm.number());
        assert_eq!(rotate_key_file(&path).expect("rotated").algorithm(), 2, "as the one before");
        let third = rotate_key_file_to(&path, Some(Algorithm::Aes256Gcm)).expect("rotated");
        assert_eq!(third.algorithm(), 1);
        assert_eq!(third.open("persons|1", &sealed).expect("opens"), b"500243");
        let text = std::fs::read_to_string(&path).expect("text").replace("sm4-gcm", "sm5-gcm");
        assert!(Keyring::parse(&text).expect_err("unknown").to_string().contains("sm5-gcm"));
    }

    #[test]
    fn a_sealed_value_opens_only_in_its_place_and_unchanged() {
        let folder = tempfile::tempdir().expect("a folder");
        let ring = create_key_file(&folder.path().join("key")).expect("a key");
        let sealed = ring.seal("persons|1", "110101199003070011".as_bytes()).expect("sealed");
        assert!(!sealed.windows(6).any(|part| part == b"110101"));
        assert!(ring.open("persons|2", &sealed).is_err(), "moved to another row");
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(ring.open("persons|1", &changed).is_err(), "byte {at}");
        }
        assert!(ring.open("persons|1", &sealed[..8]).is_err());
        let again = ring.seal("persons|1", "110101199003070011".as_bytes()).expect("sealed");
        assert_ne!(sealed, again, "a fresh nonce every time");
        let (id, phone) = (ring.index(IndexColumn::IdNumber, "1"), ring.index(IndexColumn::Phone, "1"));
        assert_ne!(id, phone, "a key for each column");
        assert_eq!(ring.index(IndexColumn::Phone, "  "), None);
    }
}
