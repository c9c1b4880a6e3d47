//! Passwords: what is accepted, how they are kept, and how many are checked at once.

use crate::error::{Outcome, StoreError};
use crate::random;
use argon2::password_hash::{self, PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Argon2id: 19 MiB, two passes, one lane (OWASP's second choice). A check takes about a twentieth of a second.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Each check needs its memory and a core; more at once would only starve everything else.
pub const AT_ONCE: usize = 2;

pub(crate) const LEAST_LENGTH: usize = 10;
const MOST_LENGTH: usize = 128;

/// Lets a few in, the others wait their turn.
pub(crate) struct Gate {
    desks: Mutex<Desks>,
    freed: Condvar,
}

#[derive(Clone, Copy)]
struct Desks {
    free: usize,
    waiting: usize,
}

impl Default for Gate {
    fn default() -> Gate {
        Gate { desks: Mutex::new(Desks { free: AT_ONCE, waiting: 0 }), freed: Condvar::new() }
    }
}

struct Pass<'g>(&'g Gate);

impl Gate {
    fn enter(&self) -> Pass<'_> {
        let mut desks = self.desks();
        while desks.free == 0 {
            desks.waiting += 1;
            desks = self.freed.wait(desks).unwrap_or_else(PoisonError::into_inner);
            desks.waiting -= 1;
        }
        desks.free -= 1;
        Pass(self)
    }

    fn desks(&self) -> MutexGuard<'_, Desks> {
        self.desks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many passwords are being checked, and how many wait for that.
    pub fn state(&self) -> (usize, usize) {
        let desks = self.desks();
        (AT_ONCE - desks.free, desks.waiting)
    }

    /// The text to keep: algorithm, parameters, salt and hash.
    pub fn hash(&self, password: &str) -> Outcome<String> {
        let salt: [u8; 16] = random::bytes()?;
        let argon = argon()?;
        let _pass = self.enter();
        let kept = argon.hash_password_with_salt(password.as_bytes(), &salt);
        kept.map(|kept| kept.to_string()).map_err(failed)
    }

    /// Takes as long for `None` (nobody of that name) as for a person. The parameters are those that were kept.
    pub fn verify(&self, password: &str, kept: Option<&str>) -> Outcome<bool> {
        let argon = argon()?;
        let Some(kept) = kept else {
            let _pass = self.enter();
            argon.hash_password_with_salt(password.as_bytes(), &[0; 16]).map_err(failed)?;
            return Ok(false);
        };
        let kept = PasswordHash::new(kept).map_err(|_| StoreError::damaged("密码记录读不出来"))?;
        let _pass = self.enter();
        match argon.verify_password(password.as_bytes(), &kept) {
            Ok(()) => Ok(true),
            Err(password_hash::Error::PasswordInvalid) => Ok(false),
            Err(error) => Err(failed(error)),
        }
    }
}

fn argon() -> Outcome<Argon2<'static>> {
    let parameters = Params::new(MEMORY_KIB, PASSES, LANES, Some(32)).map_err(failed)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters))
}

fn failed(error: impl std::fmt::Display) -> StoreError {
    StoreError::Key(format!("密码算不出来：{error}。请联系系统管理员"))
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        self.0.desks().free += 1;
        self.0.freed.notify_one();
    }
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
