//! What a month knew of every household, as the store takes it.

use crate::commands::clear::Stop;
use doudi_engine::{Certificate, Content, HandOver, HandedColumn, HandedGroup, HandedHousehold};
use doudi_store::{
    Answered, CellKind, GroupColumn, GroupHead, ImportedGroupRow, ImportedHousehold, MonthCheck, MonthKept,
};
use doudi_terms::Month;
use std::collections::HashMap;

pub fn of_month<'h>(
    content: &Content,
    certificate: &Certificate,
    handed: &'h HandOver<'h>,
    month: Month,
) -> Result<MonthKept<'h>, Stop> {
    let policies = content.policy_files.iter().map(|file| (file.path.clone(), file.text.clone()));
    let checks = handed.checks(month)?.into_iter().map(|check| MonthCheck {
        name: check.name,
        severity: check.severity,
        kind: check.kind,
        article: check.article,
        waits_for: check.waits_for,
    });
    let names: HashMap<String, String> =
        handed.persons().map(|person| (person.person_id.to_owned(), person.name.to_owned())).collect();
    let sources_id = handed.sources_id();
    Ok(MonthKept {
        policies_hash: certificate.policies_hash.clone(),
        policies: policies.collect(),
        registry: handed.registry().to_string(),
        checks: checks.collect(),
        groups: handed.groups().into_iter().map(group).collect(),
        households: Box::new(handed.households().map(move |home| Ok(household(home, &names, &sources_id)))),
    })
}

fn group(group: HandedGroup) -> GroupHead {
    GroupHead { name: group.name, note: group.note, columns: group.columns.into_iter().map(column).collect() }
}

fn column(column: HandedColumn) -> GroupColumn {
    let kind = match column.kind {
        "yes-no" => CellKind::YesNo,
        "money" => CellKind::Money,
        "thousandths" => CellKind::Thousandths,
        "day" => CellKind::Day,
        "month" => CellKind::Month,
        "label" => CellKind::Label,
        _ => CellKind::Count,
    };
    GroupColumn {
        name: column.name,
        kind,
        labels: column.labels,
        of_household: column.of_household,
        is_summed: column.is_summed,
    }
}

fn household(home: HandedHousehold, names: &HashMap<String, String>, sources_id: &str) -> ImportedHousehold {
    let named = |id: String| {
        let name = names.get(&id).cloned().unwrap_or_default();
        (id, name)
    };
    ImportedHousehold {
        household_id: home.household,
        number: home.number,
        region: home.region,
        members: home.members.into_iter().map(named).collect(),
        head: home.head,
        facts: home.facts,
        places: home.places,
        sources_id: sources_id.to_owned(),
        answers: home
            .answers
            .into_iter()
            .map(|answer| Answered {
                programme: answer.programme,
                member: answer.member,
                entitled: answer.entitled,
                enrolled: answer.enrolled,
                amount: answer.amount,
            })
            .collect(),
        groups: home
            .groups
            .into_iter()
            .map(|row| ImportedGroupRow { group: row.group, member: row.member, cells: row.cells })
            .collect(),
    }
}
