//! What each township is given to work with: plain tables; the binary makes workbooks of them.

use crate::buckets::{Bucket, standings};
use crate::clearing::Evaluated;
use crate::content::Content;
use crate::explain::{self, Household};
use crate::facts::LastMonthFacts;
use crate::leads::Lead;
use crate::population::Population;
use crate::tally::{township_code, village_code};
use doudi_policy::Layout;
use doudi_policy::ir::HOUSEHOLD;
use doudi_terms::{Fen, Month, RegionCode, RegionLevel};
use std::collections::BTreeMap;

/// One township's tables.
#[derive(Clone, Debug)]
pub struct Township {
    pub code: RegionCode,
    /// Nine digits.
    pub code_text: String,
    pub tables: Vec<HandoutTable>,
}

#[derive(Clone, Debug, Default)]
pub struct HandoutTable {
    pub name: String,
    pub note: String,
    pub columns: Vec<HandoutColumn>,
    /// Columns for paper; those after it are for the screen and for importing back.
    pub printed: Option<usize>,
    pub rows: Vec<Vec<HandoutCell>>,
}

#[derive(Clone, Debug)]
pub struct HandoutColumn {
    pub header: &'static str,
    pub width: f64,
    /// Words to choose from when it is filled in.
    pub choices: &'static [&'static str],
}

#[derive(Clone, Debug, PartialEq)]
pub enum HandoutCell {
    Text(String),
    Money(Fen),
    Integer(i64),
    /// A village: the binary knows its name.
    Village(RegionCode),
}

/// What verifying a lead can come to.
const OUTCOMES: [&str; 4] = ["属实", "不属实", "部分属实", "数据错误"];

const fn column(header: &'static str, width: f64) -> HandoutColumn {
    HandoutColumn { header, width, choices: &[] }
}

const PERSON_COLUMNS: [HandoutColumn; 5] = [
    column("村（社区）", 16.0),
    column("姓名", 9.0),
    column("身份证号", 20.0),
    column("户主", 10.0),
    column("联系电话", 13.0),
];
const FINDING_COLUMNS: [HandoutColumn; 3] = [
    HandoutColumn { header: "核查结果", width: 10.0, choices: &OUTCOMES },
    column("核查人", 10.0),
    column("日期", 12.0),
];
const VISIT_COLUMNS: [HandoutColumn; 3] =
    [column("走访情况", 24.0), column("走访人", 10.0), column("日期", 12.0)];

/// Sheets in the order in which they are handed out.
const SHEETS: [&str; 6] = ["摸排清单", "疑点清单", "漏保", "错保", "错退", "待核实"];

struct Maker<'a> {
    content: &'a Content,
    population: &'a Population,
    last_day: String,
    townships: BTreeMap<String, Township>,
}

/// The tables of every township that has people, by code.
pub(crate) fn townships(
    content: &Content,
    population: &Population,
    evaluated: &Evaluated<'_>,
    last_month: Option<&LastMonthFacts>,
    month: Month,
) -> Vec<Township> {
    let mut maker =
        Maker { content, population, last_day: month.last_day().to_string(), townships: BTreeMap::new() };
    let mut leads_of: BTreeMap<usize, Vec<&Lead>> = BTreeMap::new();
    for lead in &evaluated.leads {
        leads_of.entry(lead.row).or_default().push(lead);
    }
    for county in &evaluated.counties {
        for unit in county.units.clone() {
            for row in population.units[unit].rows() {
                maker.person(evaluated, row, leads_of.get(&row).map_or(&[], Vec::as_slice));
                maker.programmes(evaluated, county, last_month, row);
            }
            maker.ledgers(evaluated, county, unit);
        }
    }
    maker.wrongly_enrolled(evaluated);
    let mut townships: Vec<Township> = maker.townships.into_values().collect();
    for table in townships.iter_mut().flat_map(|township| &mut township.tables) {
        // By village; within a village in the order of households.
        table.rows.sort_by_key(|row| match row.first() {
            Some(HandoutCell::Village(code)) => *code,
            _ => RegionCode::COUNTRY,
        });
    }
    townships
}

impl Maker<'_> {
    fn table(&mut self, row: usize, sheet: usize) -> &mut HandoutTable {
        let region = self.population.regions[row];
        let content = self.content;
        let township = self.townships.entry(township_code(region)).or_insert_with(|| Township {
            code: region.at(RegionLevel::Township),
            code_text: township_code(region),
            tables: empty_tables(content),
        });
        &mut township.tables[sheet]
    }

    fn person_cells(&self, row: usize) -> Vec<HandoutCell> {
        let register = &self.population.register;
        let person = self.population.members[row];
        let head = self.population.members[self.population.head_row(self.population.unit(row))];
        let phone = [person, head].into_iter().map(|p| register.phone(p)).find(|phone| !phone.is_empty());
        vec![
            HandoutCell::Village(self.population.regions[row]),
            text(register.name(person)),
            text(register.id_number(person)),
            text(register.name(head)),
            text(phone.unwrap_or_default()),
        ]
    }

    fn person(&mut self, evaluated: &Evaluated<'_>, row: usize, leads: &[&Lead]) {
        let placement = &evaluated.placements[row];
        let look_in = match placement.bucket {
            Bucket::Verifying => Some("核查疑点"),
            Bucket::EligibleNotEnrolled => Some("符合条件，帮助申请"),
            Bucket::Undetermined => Some("情况不明，入户了解"),
            _ => None,
        };
        if let Some(class) = look_in {
            let mut cells = self.person_cells(row);
            cells.extend([text(class), text(&placement.reason), text("")]);
            cells.extend([text(""), text("")]);
            self.table(row, 0).rows.push(cells);
        }
        for lead in leads {
            let mut cells = self.person_cells(row);
            cells.extend([text(&lead.severity), text(&lead.check), text(&lead.reason)]);
            cells.push(lead.stake.map_or(text(""), HandoutCell::Money));
            cells.extend([text(&lead.verify), text(&lead.close), text(""), text(""), text("")]);
            cells.extend([text(&lead.article), text(&lead.rows.join("；")), text(&lead.lead_id)]);
            self.table(row, 1).rows.push(cells);
        }
        if placement.bucket == Bucket::Undetermined {
            let mut cells = self.person_cells(row);
            cells.extend([text(&placement.missing.join("；")), text(&placement.reason)]);
            let village = village_code(self.population.regions[row]);
            let due = self.last_day.clone();
            cells.extend([text(&village), text(&due), text(""), text(""), text("")]);
            self.table(row, 5).rows.push(cells);
        }
    }

    /// 漏保: entitled and not enrolled. 错退: the same, and enrolled last month.
    fn programmes(
        &mut self,
        evaluated: &Evaluated<'_>,
        county: &crate::county::County<'_>,
        last_month: Option<&LastMonthFacts>,
        row: usize,
    ) {
        let content = self.content;
        if evaluated.determined.is_yes(content.rules.out_of_scope, row) {
            return;
        }
        let missed: Vec<usize> = standings(content, county, &evaluated.determined, row)
            .filter(|(_, standing)| standing.entitled == Some(true) && standing.enrolled != Some(true))
            .map(|(index, _)| index)
            .collect();
        for index in missed {
            let programme = &content.clearing.programmes[index];
            let before = last_month.and_then(|last| {
                let at = *last.rows.get(self.population.person_id(row))?;
                last.columns.get(&programme.enrolled)?.column.get(at as usize)
            });
            let rule = content.rules.programmes[index].amount;
            let amount = rule.and_then(|rule| {
                let found = &content.library.rules[rule.index()];
                let at = if found.entity == HOUSEHOLD { self.population.unit_of[row] as usize } else { row };
                let cell = evaluated.determined.rules.get(&rule)?.get(at)?;
                Some(HandoutCell::Money(Fen(cell / crate::facts::scale(found.ty))))
            });
            let mut cells = self.person_cells(row);
            cells.extend([text(&programme.name), amount.unwrap_or(text(""))]);
            cells.push(text(programme.citation.as_deref().unwrap_or_default()));
            cells.extend([text(""), text(""), text("")]);
            let sheet = if before == Some(1) { 4 } else { 2 };
            self.table(row, sheet).rows.push(cells);
        }
    }

    /// 错保: enrolled, and refused by the rules as far as is known; with the reason of the refusal.
    fn wrongly_enrolled(&mut self, evaluated: &Evaluated<'_>) {
        let content = self.content;
        let layout = Layout::of(&content.library);
        for chunk in &evaluated.chunks {
            let county = &evaluated.counties[chunk.county];
            for unit in chunk.units.clone() {
                let mut wrong: Vec<(u32, usize, usize)> = Vec::new();
                for (member, row) in (0..).zip(self.population.units[unit].rows()) {
                    let standings = standings(content, county, &evaluated.determined, row);
                    let refused = standings
                        .filter(|(_, found)| found.entitled == Some(false) && found.enrolled == Some(true));
                    wrong.extend(refused.map(|(index, _)| (member, row, index)));
                }
                if wrong.is_empty() {
                    continue;
                }
                let household = Household::new(county, chunk, &layout, unit);
                let mut evaluation = household.evaluation();
                for (member, row, index) in wrong {
                    let entitled = content.rules.programmes[index].entitled;
                    let why = explain::refusal(&mut evaluation, entitled, member).unwrap_or_default();
                    let mut cells = self.person_cells(row);
                    cells.extend([text(&content.clearing.programmes[index].name), text(&why)]);
                    cells.extend([text(""), text(""), text("")]);
                    self.table(row, 3).rows.push(cells);
                }
            }
        }
    }

    fn ledgers(&mut self, evaluated: &Evaluated<'_>, county: &crate::county::County<'_>, unit: usize) {
        let content = self.content;
        let ledgers = content.rules.ledgers.iter().enumerate().zip(&county.ledgers);
        for ((index, rule), _) in ledgers.filter(|(_, in_force)| **in_force) {
            let of_household = content.library.rules[rule.index()].entity == HOUSEHOLD;
            let population = self.population;
            let rows: Vec<usize> = if of_household {
                let yes = evaluated.determined.is_yes(*rule, unit);
                yes.then(|| population.head_row(&population.units[unit])).into_iter().collect()
            } else {
                population.units[unit].rows().filter(|row| evaluated.determined.is_yes(*rule, *row)).collect()
            };
            for row in rows {
                let members = (population.units[unit].end - population.units[unit].start) as i64;
                let mut cells = self.person_cells(row);
                cells.push(HandoutCell::Integer(members));
                cells.extend([text(population.units[unit].number()), text("")]);
                self.table(row, SHEETS.len() + index).rows.push(cells);
            }
        }
    }
}

fn text(value: &str) -> HandoutCell {
    HandoutCell::Text(value.to_owned())
}

fn empty_tables(content: &Content) -> Vec<HandoutTable> {
    let with_person = |more: &[HandoutColumn]| [&PERSON_COLUMNS[..], more].concat();
    let programme = [column("项目", 22.0), column("应发月金额", 12.0), column("依据", 24.0)];
    let lead = [
        column("级", 4.0),
        column("疑点", 14.0),
        column("说明", 36.0),
        column("涉及金额", 10.0),
        column("怎样核查", 18.0),
        column("销号条件", 20.0),
    ];
    let lead_sources = [column("依据", 30.0), column("来源行", 40.0), column("疑点编号", 18.0)];
    // 序号 comes first in the workbook.
    let lead_printed = 1 + PERSON_COLUMNS.len() + lead.len() + FINDING_COLUMNS.len();
    let columns: [Vec<HandoutColumn>; 6] = [
        with_person(&[&[column("类别", 18.0), column("原因", 40.0)][..], &VISIT_COLUMNS].concat()),
        with_person(&[&lead[..], &FINDING_COLUMNS, &lead_sources].concat()),
        with_person(&[&programme[..], &FINDING_COLUMNS].concat()),
        with_person(&[&[column("项目", 22.0), column("为什么", 40.0)][..], &FINDING_COLUMNS].concat()),
        with_person(&[&programme[..], &FINDING_COLUMNS].concat()),
        with_person(
            &[
                &[column("缺什么", 40.0), column("原因", 30.0), column("负责村", 14.0), column("期限", 12.0)]
                    [..],
                &VISIT_COLUMNS,
            ]
            .concat(),
        ),
    ];
    let notes = [
        "本月要上门看的人，按村排列",
        "疑点只是线索，逐人逐户核查后填写结果；填好后交回县里",
        "按现有信息符合条件、没有享受的人",
        "正在享受、按现有信息不符合条件的人；核实以前不得停发",
        "上月享受、本月不再享受、按现有信息仍符合条件的人，请优先核查",
        "缺少的情况请在期限前了解清楚",
    ];
    let fixed = SHEETS.iter().zip(columns).zip(notes).map(|((name, columns), note)| HandoutTable {
        name: (*name).to_owned(),
        note: note.to_owned(),
        columns,
        printed: (*name == SHEETS[1]).then_some(lead_printed),
        rows: Vec::new(),
    });
    let ledgers = content.clearing.ledgers.iter().map(|ledger| HandoutTable {
        name: ledger.name.clone(),
        note: String::new(),
        columns: with_person(&[column("家庭人口", 8.0), column("户号", 16.0), column("备注", 24.0)]),
        printed: None,
        rows: Vec::new(),
    });
    fixed.chain(ledgers).collect()
}
