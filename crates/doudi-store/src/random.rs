//! Chance, asked of the operating system.

use crate::error::{Outcome, StoreError};

pub(crate) fn bytes<const N: usize>() -> Outcome<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| StoreError::Key(format!("操作系统给不出随机数：{error}")))?;
    Ok(bytes)
}

/// Letters and digits that nobody mixes up when reading them aloud, in groups of four.
pub(crate) fn readable_code(groups: usize) -> Outcome<String> {
    const SIGNS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789W";
    let mut groups_of_four = Vec::with_capacity(groups);
    for _ in 0..groups {
        let chance: [u8; 4] = bytes()?;
        groups_of_four
            .push(chance.map(|byte| char::from(SIGNS[usize::from(byte % 32)])).iter().collect::<String>());
    }
    Ok(groups_of_four.join("-"))
}
