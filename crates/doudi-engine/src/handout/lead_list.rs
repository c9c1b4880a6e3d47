//! 疑点清单: every lead once, the gravest first in each village, with columns for what two people found out.

use super::table::{FINDINGS, HandoutCell, HandoutTable, blanks, column, printed, text, with_person};
use super::{At, Maker, SheetOf};
use crate::leads::Lead;

pub(super) fn table() -> HandoutTable {
    let lead = [column("级", 3.5), column("疑点", 10.0), column("说明", 30.0), column("涉及金额", 9.0)];
    // How to verify stands on the form for the visit; on this list it would make the print too small to read.
    let sources = [
        column("怎样核查", 18.0),
        column("销号条件", 20.0),
        column("依据", 30.0),
        column("来源行", 40.0),
        column("疑点编号", 18.0),
    ];
    let on_paper = printed(lead.len() + FINDINGS.len());
    HandoutTable {
        name: "疑点清单".into(),
        note: "疑点只是线索：两人入户，逐条核查，填写核查情况和结果；核实以前不得停发。填好后交回县里导入"
            .into(),
        columns: with_person(lead.into_iter().chain(FINDINGS).chain(sources)),
        printed: on_paper,
        page_by_village: true,
        ..HandoutTable::default()
    }
}

pub(super) fn add(maker: &mut Maker<'_>, at: &At<'_>) {
    for row in at.unit.rows() {
        for lead in maker.leads(row).to_vec() {
            let mut cells = vec![text(&lead.severity), text(&lead.check), HandoutCell::Text(said(lead))];
            cells.push(lead.stake.map_or(text(""), HandoutCell::Money));
            cells.extend(blanks(FINDINGS.len()));
            cells.extend([text(&lead.verify), text(&lead.close)]);
            cells.extend([text(&lead.article), text(&lead.rows.join("；")), text(&lead.lead_id)]);
            maker.push(SheetOf::Leads, row, [severity_rank(&lead.severity), 0], cells);
        }
    }
}

/// The reason, and what has become of the lead so far.
fn said(lead: &Lead) -> String {
    let reason = &lead.reason;
    match (&lead.answer, &lead.since) {
        (Some(answer), _) => format!("{reason}（{} 核实：{}，待整改）", answer.month, answer.finding.word()),
        (None, Some(since)) => format!("{reason}（{since} 起未销号）"),
        (None, None) => reason.clone(),
    }
}

/// The gravest first.
pub(super) fn severity_rank(severity: &str) -> u32 {
    match severity {
        "红" => 0,
        "橙" => 1,
        _ => 2,
    }
}
