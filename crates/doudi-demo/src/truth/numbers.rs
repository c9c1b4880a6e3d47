//! The one kind that the world does not know of: numbers that were spoilt on their way into the dibao roster. What the
//! clerk wrote is the error.

use crate::damage::Spoiled;
use crate::departments::{Kind, Roster};
use crate::people::{PersonNo, World};
use doudi_terms::{Month, ResidentId};
use std::collections::BTreeMap;

/// Whose number on the dibao roster nobody can have. Blanks, quotation marks, wide digits and a small x are ways of
/// writing, not errors; a right number in the name's column is no wrong number.
pub(crate) fn impossible_numbers(
    world: &World,
    month: Month,
    roster: &Roster,
    spoiled: &Spoiled,
) -> Vec<(&'static str, PersonNo, String)> {
    let place = |wanted: Kind| roster.columns.iter().position(|(_, kind)| *kind == wanted);
    let (Some(at), Some(name)) = (place(Kind::Id), place(Kind::Name)) else { return Vec::new() };
    let mut found = BTreeMap::new();
    for (row, &person) in spoiled.rows.iter().zip(&spoiled.persons) {
        let Some(no) = person.checked_sub(1) else { continue };
        let here = world.person(no).alive(month) && !world.person(no).struck_off(month);
        if here && !possible(&row[at]) && !possible(&row[name]) {
            found.entry(no).or_insert_with(|| format!("写作“{}”", row[at]));
        }
    }
    found.into_iter().map(|(no, note)| ("bad_id_on_dibao", no, note)).collect()
}

fn possible(written: &str) -> bool {
    let half = |c: char| match c {
        '！'..='～' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        _ => c,
    };
    let plain: String = written
        .chars()
        .map(half)
        .filter(|c| !c.is_whitespace() && *c != '\'')
        .map(|c| c.to_ascii_uppercase())
        .collect();
    ResidentId::parse(&plain).is_ok()
}

#[cfg(test)]
mod tests {
    use super::possible;

    #[test]
    fn ways_of_writing_are_no_errors() {
        for written in ["11010519491231002X", "'11010519491231002x", "１１０１０５ 19491231 002X　"] {
            assert!(possible(written), "{written}");
        }
        for written in ["", "无", "110105491231002", "1101051949123100", "110105194912310021", "王小明"] {
            assert!(!possible(written), "{written}");
        }
    }
}
