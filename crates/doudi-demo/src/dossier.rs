//! What the rosters of taxes, banks, visits and other aid know of a person: true of few people, kept apart to keep
//! [`crate::people::Person`] small. What follows from other circumstances is not written down here but derived where it
//! is listed.

use doudi_terms::{Date, Fen, Month};

/// Why an office struck somebody off the register of residents other than for a move.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Cancelled {
    pub day: Date,
    /// 出国定居 or 重复户口.
    pub reason: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Deposit {
    pub kind: &'static str,
    pub balance: Fen,
}

/// A near relative of somebody who works in social assistance or on a village committee.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Kinship {
    pub relation: &'static str,
    /// Whose name stands on the form.
    pub official: u32,
    pub filed: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct TemporaryAid {
    pub urgent: bool,
    pub cause: &'static str,
    pub accepted: Date,
    pub paid: Date,
    pub amount: Fen,
}

#[derive(Clone, Default, Debug)]
pub(crate) struct Dossier {
    pub cancelled: Option<Cancelled>,
    /// Income of the year before that an employer declared and nobody told the office of.
    pub tax_income: Option<Fen>,
    /// Beyond what the household declared.
    pub hidden_deposits: Vec<Deposit>,
    /// 留守老年人, 留守儿童, 留守妇女.
    pub left_behind: Option<&'static str>,
    /// Nobody has been there since.
    pub last_visit: Option<Date>,
    pub kinship: Option<Kinship>,
    pub aids: Vec<TemporaryAid>,
    /// Lives in an old people's home at their own expense, since.
    pub home_for_the_old: Option<Date>,
    /// The birth that the ledger of the old-age allowance has instead of the true one.
    pub stated_birth: Option<Date>,
    pub married: Option<Date>,
    /// Draws long-term care insurance.
    pub care_insurance: bool,
    /// On dibao as a single person, apart from the rest of the household.
    pub alone_since: Option<Month>,
    /// The month whose money the bank sent back.
    pub returned_in: Option<Month>,
}
