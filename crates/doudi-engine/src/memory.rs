//! How much memory a clearing takes, and how it keeps below a limit that somebody has set: in smaller parts, with facts
//! that wait in files, with texts about people read from the lake when they are needed, and with the register read once
//! for linkage and once more for everything else.

use crate::error::{EngineError, Outcome};
use crate::parts::USUAL_PERSONS;

const MEGABYTE: u64 = 1 << 20;

// Measured at 0.1, 0.3 and 1 million people under a limit, and a seventh more: a limit that is accepted is kept.

/// The program, its content, and what is being read or written.
const ALWAYS: u64 = 60 * MEGABYTE;
/// The rows that one file or workbook holds at most, however few people there are.
const A_FILE: u64 = 120 * MEGABYTE;
/// Bytes by row of the register: while rosters are linked to it, and while its people are put into households, ...
const READING: u64 = 400;
/// ... after that: people in their households, last month's, and what is handed out about them, ...
const PERSON: u64 = 310;
/// ... and while that is written: a township's workbook at a time.
const WRITING: u64 = 245;
/// Bytes by row of any other roster: whose it is.
const ROW: u64 = 20;
/// Bytes by person of a part, with the facts and everything that follows from them, for two parts at a time.
const IN_HAND: u64 = 2 * 1_400;
/// Persons of a part below which columns do not pay any more.
const FEWEST_PERSONS: u64 = 2_000;

/// How a clearing is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    pub persons_per_part: usize,
    /// Whether time is given for memory.
    pub frugal: bool,
}

/// What there is to be cleared, in rows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub register: u64,
    pub others: u64,
}

impl Plan {
    /// `limit` in bytes; an error, with the memory that is needed at least, for one that cannot be kept.
    pub fn new(limit: Option<u64>, size: Size) -> Outcome<Plan> {
        let Some(limit) = limit else { return Ok(Plan { persons_per_part: USUAL_PERSONS, frugal: false }) };
        let standing = ALWAYS + size.register * PERSON + size.others * ROW;
        let reading = ALWAYS + size.register * READING;
        let writing = ALWAYS + A_FILE + size.register * WRITING;
        let least = (standing + FEWEST_PERSONS * IN_HAND).max(reading).max(writing);
        if limit < least {
            let (limit, least) = (limit.div_ceil(MEGABYTE), least.div_ceil(MEGABYTE));
            return Err(EngineError::BadInput(format!(
                "--memory 给的 {limit} MB 不够：{} 人的底册、{} 行其他名册，至少要 {least} MB。请把 --memory 提高到 {least}M，\
                 或者用 --region 按区县分开清算",
                size.register, size.others
            )));
        }
        let room = (limit - standing) / IN_HAND;
        let persons = usize::try_from(room).unwrap_or(USUAL_PERSONS).min(USUAL_PERSONS);
        Ok(Plan { persons_per_part: persons, frugal: true })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_smaller_limit_makes_smaller_parts_until_it_is_refused_with_what_is_needed() {
        let size = Size { register: 1_000_000, others: 3_000_000 };
        let parts = |limit| Plan::new(limit, size).map(|plan| plan.persons_per_part);
        assert_eq!(parts(None).ok(), Some(USUAL_PERSONS));
        assert_eq!(parts(Some(1 << 40)).ok(), Some(USUAL_PERSONS));
        let refused = Plan::new(Some(0), size).expect_err("nothing is too little").to_string();
        let needed =
            refused.split("提高到 ").nth(1).and_then(|rest| rest.split('M').next()?.parse::<u64>().ok());
        let needed = needed.expect("a number of megabytes") * MEGABYTE;
        assert!(parts(Some(needed)).is_ok_and(|persons| persons >= FEWEST_PERSONS as usize));
        assert!(parts(Some(needed)).ok() < parts(Some(needed + 50 * MEGABYTE)).ok());
        assert!(parts(Some(needed - 2 * MEGABYTE)).is_err());
    }
}
