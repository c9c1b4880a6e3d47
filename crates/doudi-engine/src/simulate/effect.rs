//! Whether a proposed value holds anywhere: the nearest row wins, proposed or not.

use super::basis::Basis;
use crate::content::Content;
use doudi_policy::Proposal;
use doudi_terms::RegionCode;

/// Where among the counties with people a proposal holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effect {
    /// With the row that held before, by its index in the library.
    pub holds: Vec<(RegionCode, Option<usize>)>,
    /// With the nearer row that hides it.
    pub hidden: Vec<(RegionCode, usize)>,
}

/// By proposal; `after` is `before` with the proposals as its further rows.
pub fn effects(
    basis: &Basis,
    before: &Content,
    after: &Content,
    proposals: &[Proposal],
    within: RegionCode,
) -> Vec<Effect> {
    let day = basis.kept.month.last_day();
    let counties: Vec<RegionCode> = basis.counties();
    let first = before.library.rows.len();
    let of = |(index, proposal): (usize, &Proposal)| {
        let mut effect = Effect::default();
        for county in &counties {
            let shown = county.is_within(within) || within.is_within(*county);
            // A row of a township would be looked up by nobody: law is linked for counties.
            if !shown || !county.is_within(proposal.region) {
                continue;
            }
            let held = |content: &Content| {
                content.library.row_in_force(proposal.parameter, &proposal.dimensions, *county, day)
            };
            match held(after) {
                Some(row) if row == first + index => effect.holds.push((*county, held(before))),
                Some(row) => effect.hidden.push((*county, row)),
                None => {}
            }
        }
        effect
    };
    proposals.iter().enumerate().map(of).collect()
}
