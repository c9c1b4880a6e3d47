//! Citizen identity numbers (GB 11643: eighteen characters, the last one a check).

use crate::date::{Date, parse_date};
use std::fmt;

/// A valid 18-character identity number: digits, a date that exists, the right check character.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ResidentId([u8; 18]);

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Sex {
    Male,
    Female,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ResidentIdError {
    #[error("身份证号应为 18 位（前 17 位数字，末位数字或 X）")]
    Shape,
    #[error("身份证号中的出生日期不存在")]
    Birth,
    #[error("身份证号校验位不符")]
    Check,
}

const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECKS: [u8; 11] = *b"10X98765432";

/// The check character that belongs to seventeen digits; `None` if one of them is not a digit.
pub fn check_character(seventeen: &[u8]) -> Option<u8> {
    if seventeen.len() != 17 || !seventeen.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let sum: u32 =
        seventeen.iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    CHECKS.get((sum % 11) as usize).copied()
}

impl ResidentId {
    /// Strict: exactly 18 characters, upper-case X. Repairs of dirty text belong to linkage, which keeps them as evidence.
    pub fn parse(text: &str) -> Result<ResidentId, ResidentIdError> {
        let bytes: [u8; 18] = text.as_bytes().try_into().map_err(|_| ResidentIdError::Shape)?;
        let check = check_character(&bytes[..17]).ok_or(ResidentIdError::Shape)?;
        if !(bytes[17].is_ascii_digit() || bytes[17] == b'X') {
            return Err(ResidentIdError::Shape);
        }
        if parse_date(&text[6..14]).is_none() {
            return Err(ResidentIdError::Birth);
        }
        if bytes[17] != check {
            return Err(ResidentIdError::Check);
        }
        Ok(ResidentId(bytes))
    }

    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The date exists: `parse` looked.
    pub fn birth(&self) -> Option<Date> {
        parse_date(&self.as_str()[6..14])
    }

    pub fn sex(&self) -> Sex {
        if (self.0[16] - b'0') % 2 == 1 { Sex::Male } else { Sex::Female }
    }
}

impl fmt::Display for ResidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The two example numbers printed in GB 11643-1999.
    #[test]
    fn the_standards_own_examples_are_valid() {
        let woman = ResidentId::parse("11010519491231002X").expect("valid");
        assert_eq!(
            (woman.birth().map(|d| d.to_string()), woman.sex()),
            (Some("1949-12-31".into()), Sex::Female)
        );
        assert!(ResidentId::parse("440524188001010014").is_ok());
    }

    #[test]
    fn each_fault_is_told_apart() {
        assert_eq!(ResidentId::parse("110105194912310021"), Err(ResidentIdError::Check));
        assert_eq!(ResidentId::parse("11010519491331002X"), Err(ResidentIdError::Birth));
        assert_eq!(ResidentId::parse("11010519491231002x"), Err(ResidentIdError::Shape));
        assert_eq!(ResidentId::parse("130503670401001"), Err(ResidentIdError::Shape));
    }
}
