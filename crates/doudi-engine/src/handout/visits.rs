//! 入户核查表: for each household with leads one form to take along: who lives there, what was found, what is to be asked.

use super::lead_list::severity_rank;
use super::shown;
use super::table::HandoutCell;
use super::{At, Maker};
use crate::buckets::Bucket;
use crate::leads::Lead;
use crate::population::Population;
use crate::tally::township_code;
use doudi_terms::{Date, RegionCode, date_from_epoch_day};
use std::collections::BTreeMap;

/// A household to be visited.
#[derive(Clone, Debug, PartialEq)]
pub struct Visit {
    pub village: RegionCode,
    pub household: String,
    pub head: String,
    pub phone: String,
    pub address: String,
    /// Names of the columns of `VisitMember::shown`.
    pub columns: Vec<String>,
    pub members: Vec<VisitMember>,
    pub leads: Vec<VisitLead>,
    /// Facts that are missing, each with whose it is.
    pub questions: Vec<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct VisitMember {
    pub name: String,
    pub id_number: String,
    pub relation: String,
    /// Full years on the last day of the month.
    pub age: Option<i32>,
    pub shown: Vec<HandoutCell>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct VisitLead {
    pub lead_id: String,
    pub name: String,
    pub severity: String,
    pub check: String,
    pub reason: String,
    pub verify: String,
    pub close: String,
}

pub(super) fn add(maker: &mut Maker<'_>, at: &At<'_>) {
    // Members of one household may be registered in different townships: each gets what is its own.
    let mut by_township: BTreeMap<String, (usize, Vec<&Lead>)> = BTreeMap::new();
    for row in at.unit.rows() {
        let leads = maker.leads(row);
        if !leads.is_empty() {
            let code = township_code(maker.population.regions[row]);
            by_township.entry(code).or_insert((row, Vec::new())).1.extend(leads);
        }
    }
    for (row, mut leads) in by_township.into_values() {
        leads.sort_by_key(|lead| severity_rank(&lead.severity));
        let visit = visit(maker, at, row, &leads);
        maker.drafts(row).visits.push((visit.village, visit));
    }
}

fn visit(maker: &Maker<'_>, at: &At<'_>, row: usize, leads: &[&Lead]) -> Visit {
    let (content, population) = (maker.content, maker.population);
    let Population { register, texts, .. } = population;
    let address = [population.members[row], maker.head(row)]
        .into_iter()
        .map(|person| texts.get(person).address)
        .find(|address| !address.is_empty());
    let members = at.unit.rows().map(|row| {
        let person = population.members[row];
        let shown = shown::cells(content, at, &content.rules.look_in_columns, at.member(row));
        VisitMember {
            name: texts.name(person).to_owned(),
            id_number: texts.id_number(person).to_owned(),
            relation: texts.get(person).relation.to_owned(),
            age: register.birth(person).and_then(|birth| age(birth, maker.last_day)),
            shown: shown.into_iter().map(|shown| shown.cell).collect(),
        }
    });
    let undetermined =
        at.unit.rows().filter(|row| maker.evaluated.placements[*row].bucket == Bucket::Undetermined);
    let questions = undetermined.filter_map(|row| {
        let missing = &maker.evaluated.placements[row].missing;
        let name = texts.name(population.members[row]);
        (!missing.is_empty()).then(|| format!("{name}：{}", missing.join("；")))
    });
    Visit {
        village: population.regions[row],
        household: at.unit.number().to_owned(),
        head: texts.name(maker.head(row)).to_owned(),
        phone: maker.phone(row).to_owned(),
        address: address.unwrap_or_default().to_owned(),
        columns: content.clearing.look_in.columns.iter().map(|column| column.name.clone()).collect(),
        members: members.collect(),
        leads: leads.iter().map(|lead| visit_lead(lead)).collect(),
        questions: questions.collect(),
    }
}

fn visit_lead(lead: &Lead) -> VisitLead {
    VisitLead {
        lead_id: lead.lead_id.clone(),
        name: lead.name.clone(),
        severity: lead.severity.clone(),
        check: lead.check.clone(),
        reason: lead.reason.clone(),
        verify: lead.verify.clone(),
        close: lead.close.clone(),
    }
}

fn age(birth: i32, day: Date) -> Option<i32> {
    let birth = date_from_epoch_day(birth)?;
    let before_birthday = (day.month(), day.day()) < (birth.month(), birth.day());
    let years = i32::from(day.year()) - i32::from(birth.year()) - i32::from(before_birthday);
    (years >= 0).then_some(years)
}
