//! Passwords: what is accepted, how they are kept, and how many are checked at once.

use crate::error::{Outcome, StoreError};
use crate::random;
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use std::sync::{Condvar, Mutex, PoisonError};

/// Argon2id: 19 MiB, two passes, one lane (OWASP's second choice). A check takes about a twentieth of a second.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Each check needs its memory and a core; more at once would only starve everything else.
const AT_ONCE: usize = 2;

pub(crate) const LEAST_LENGTH: usize = 10;
const MOST_LENGTH: usize = 128;

/// Lets a few in, the others wait their turn.
pub(crate) struct Gate {
    free: Mutex<usize>,
    freed: Condvar,
}

impl Default for Gate {
    fn default() -> Gate {
        Gate { free: Mutex::new(AT_ONCE), freed: Condvar::new() }
    }
}

struct Pass<'g>(&'g Gate);

impl Gate {
    fn enter(&self) -> Pass<'_> {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        while *free == 0 {
            free = self.freed.wait(free).unwrap_or_else(PoisonError::into_inner);
        }
        *free -= 1;
        Pass(self)
    }

    /// The text to keep: algorithm, parameters, salt and hash.
    pub fn hash(&self, password: &str) -> Outcome<String> {
        let salt: [u8; 16] = random::bytes()?;
        let hash = self.derive(password, &salt, (MEMORY_KIB, PASSES, LANES))?;
        let (salt, hash) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(hash));
        Ok(format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${salt}${hash}"))
    }

    /// Takes as long for `None` (nobody of that name) as for a person.
    pub fn verify(&self, password: &str, kept: Option<&str>) -> Outcome<bool> {
        let Some(kept) = kept else {
            self.derive(password, &[0; 16], (MEMORY_KIB, PASSES, LANES))?;
            return Ok(false);
        };
        let (parameters, salt, hash) = parse(kept).ok_or_else(|| StoreError::damaged("密码记录读不出来"))?;
        let found = self.derive(password, &salt, parameters)?;
        Ok(are_same(&found, &hash))
    }

    fn derive(
        &self,
        password: &str,
        salt: &[u8],
        (memory, passes, lanes): (u32, u32, u32),
    ) -> Outcome<[u8; 32]> {
        let failed = |error: argon2::Error| StoreError::Key(format!("密码算不出来：{error}"));
        let parameters = Params::new(memory, passes, lanes, Some(32)).map_err(failed)?;
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters);
        let mut hash = [0; 32];
        let _pass = self.enter();
        argon.hash_password_into(password.as_bytes(), salt, &mut hash).map_err(failed)?;
        Ok(hash)
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.freed.notify_one();
    }
}

/// Memory, passes and lanes; salt; hash.
type Kept = ((u32, u32, u32), Vec<u8>, Vec<u8>);

fn parse(kept: &str) -> Option<Kept> {
    let mut parts = kept.strip_prefix("$argon2id$v=19$")?.split('$');
    let (parameters, salt, hash) = (parts.next()?, parts.next()?, parts.next()?);
    let mut numbers = parameters.split(',');
    let mut number = |name: &str| numbers.next()?.strip_prefix(name)?.parse::<u32>().ok();
    let parameters = (number("m=")?, number("t=")?, number("p=")?);
    Some((parameters, STANDARD_NO_PAD.decode(salt).ok()?, STANDARD_NO_PAD.decode(hash).ok()?))
}

/// In a time that does not tell where they differ.
pub(crate) fn are_same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}

/// What people choose when they are in a hurry; a password that contains one is refused.
const COMMON: [&str; 14] = [
    "password", "123456", "654321", "111111", "888888", "666666", "qwerty", "abc123", "admin", "doudi",
    "minzheng", "woaini", "iloveyou", "1qaz2wsx",
];

/// Says what is wrong with a new password.
pub(crate) fn check_new(password: &str, login: &str, name: &str) -> Outcome<()> {
    let lower = password.to_lowercase();
    let count = password.chars().count();
    if count < LEAST_LENGTH {
        return Err(StoreError::bad(format!("密码至少 {LEAST_LENGTH} 个字符，现在是 {count} 个")));
    }
    if count > MOST_LENGTH {
        return Err(StoreError::bad(format!("密码最多 {MOST_LENGTH} 个字符，现在是 {count} 个")));
    }
    if lower.contains(&login.to_lowercase()) || (!name.is_empty() && password.contains(name)) {
        return Err(StoreError::bad("密码里不能有登录名或姓名。请换一个"));
    }
    if let Some(found) = COMMON.iter().find(|common| lower.contains(**common)) {
        return Err(StoreError::bad(format!("密码里有太常见的“{found}”，容易被猜到。请换一个")));
    }
    let mut signs: Vec<char> = lower.chars().collect();
    signs.sort_unstable();
    signs.dedup();
    if signs.len() < 5 {
        return Err(StoreError::bad("密码里不同的字符太少。请换一个"));
    }
    let kinds = [
        password.chars().any(|c| c.is_ascii_digit()),
        password.chars().any(|c| c.is_ascii_lowercase()),
        password.chars().any(|c| c.is_ascii_uppercase()),
        password.chars().any(|c| !c.is_ascii_alphanumeric()),
    ];
    if count < 16 && kinds.iter().filter(|kind| **kind).count() < 3 {
        return Err(StoreError::bad(
            "密码不足 16 个字符的，数字、小写字母、大写字母、其他符号至少要有三种。也可以写长一点，例如一句话",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_again_and_no_other_is() {
        let gate = Gate::default();
        let kept = gate.hash("春风又绿江南岸-1").expect("a hash");
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert!(gate.verify("春风又绿江南岸-1", Some(&kept)).expect("checked"));
        assert!(!gate.verify("春风又绿江南岸-2", Some(&kept)).expect("checked"));
        assert!(!gate.verify("春风又绿江南岸-1", None).expect("checked"));
        assert!(gate.verify("x", Some("plain")).is_err(), "nothing but argon2id is believed");
        assert_ne!(gate.hash("春风又绿江南岸-1").expect("a hash"), kept, "a salt of its own");
    }

    #[test]
    fn weak_passwords_are_refused_with_what_to_do() {
        let refused = [
            "Ab1!short",
            "zhangsan-A1xyz",
            "张三的密码-A1xyzk",
            "Password-2026x",
            "aB1aB1aB1aB1",
            "onlylowercase",
        ];
        for password in refused {
            assert!(check_new(password, "zhangsan", "张三").is_err(), "{password}");
        }
        for password in ["Lv8-kuaile-he", "一二三四五六七八九十甲乙丙丁戊己", "Zm4t 9Qp x7"] {
            check_new(password, "zhangsan", "张三").expect(password);
        }
    }
}
