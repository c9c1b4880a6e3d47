//! Townships by checks: how many leads, and which.

use super::markup::{Cell, Table, escape, mask_id, mask_numbers};
use crate::divisions::Divisions;
use doudi_engine::{CheckInForce, Lead};
use doudi_terms::{RegionCode, RegionLevel};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Rows of one township and check that are listed; all of them stand in the township's workbook.
const LISTED_PER_CELL: usize = 30;
/// Rows listed on the whole page, so that it opens on any computer.
const LISTED: usize = 7_000;
/// With more townships than this, counties are the rows.
const MOST_TOWNSHIPS: usize = 400;

/// A lead as far as the board shows it.
pub struct Found<'a> {
    pub region: RegionCode,
    pub check: &'a str,
    pub name: &'a str,
    pub id_number: &'a str,
    pub reason: &'a str,
}

impl<'a> From<&'a Lead> for Found<'a> {
    fn from(lead: &'a Lead) -> Found<'a> {
        Found {
            region: lead.region,
            check: &lead.check,
            name: &lead.name,
            id_number: &lead.id_number,
            reason: &lead.reason,
        }
    }
}

/// The matrix: places are rows, checks with leads are columns.
pub struct Board<'a> {
    places: Vec<RegionCode>,
    checks: Vec<&'a CheckInForce>,
    /// By place and check.
    cells: BTreeMap<(usize, usize), Vec<Found<'a>>>,
    /// Checks that found nobody.
    pub quiet: Vec<&'a CheckInForce>,
}

/// Townships, or counties where there are too many townships for a page.
pub fn level_of(townships: usize) -> RegionLevel {
    if townships > MOST_TOWNSHIPS { RegionLevel::County } else { RegionLevel::Township }
}

impl<'a> Board<'a> {
    pub fn new(
        townships: &[RegionCode],
        checks: &'a [CheckInForce],
        leads: impl Iterator<Item = Found<'a>>,
    ) -> Board<'a> {
        let level = level_of(townships.len());
        let mut places: Vec<RegionCode> = townships.iter().map(|code| code.at(level)).collect();
        places.sort_unstable();
        places.dedup();
        // Two counties may have a check of the same name in documents of their own: one column.
        let mut place_of_check: BTreeMap<&str, usize> = BTreeMap::new();
        let mut known: Vec<&CheckInForce> = Vec::new();
        for check in checks {
            place_of_check.entry(&check.name).or_insert_with(|| {
                known.push(check);
                known.len() - 1
            });
        }
        let mut by_check: Vec<BTreeMap<usize, Vec<Found<'a>>>> =
            known.iter().map(|_| BTreeMap::new()).collect();
        for lead in leads {
            let Ok(place) = places.binary_search(&lead.region.at(level)) else { continue };
            let Some(check) = place_of_check.get(lead.check) else { continue };
            by_check[*check].entry(place).or_default().push(lead);
        }
        let mut board = Board { places, checks: Vec::new(), cells: BTreeMap::new(), quiet: Vec::new() };
        for (check, found) in known.into_iter().zip(by_check) {
            if found.is_empty() {
                board.quiet.push(check);
                continue;
            }
            let column = board.checks.len();
            board.checks.push(check);
            board.cells.extend(found.into_iter().map(|(place, leads)| ((place, column), leads)));
        }
        board
    }

    pub fn count(&self, place: usize, check: usize) -> u64 {
        self.cells.get(&(place, check)).map_or(0, |leads| leads.len() as u64)
    }

    pub fn of_check(&self, check: usize) -> u64 {
        (0..self.places.len()).map(|place| self.count(place, check)).sum()
    }

    pub fn of_place(&self, place: usize) -> u64 {
        (0..self.checks.len()).map(|check| self.count(place, check)).sum()
    }

    pub fn total(&self) -> u64 {
        self.cells.values().map(|leads| leads.len() as u64).sum()
    }

    /// The matrix; each count leads to its list.
    pub fn matrix(&self, divisions: &Divisions, page: &mut String) {
        let check_header = |check: &&CheckInForce| {
            let waits = if check.waits_for.is_empty() { "" } else { "※" };
            ("check", format!("{} {}{waits}", mark(&check.severity), check.name))
        };
        let headers = [("", "乡镇（街道）".to_owned())]
            .into_iter()
            .chain(self.checks.iter().map(check_header))
            .chain([("", "合计".to_owned())]);
        let row = |(at, code): (usize, &RegionCode)| {
            let cells = (0..self.checks.len()).map(|check| self.cell(at, check));
            let sum = Cell::number(self.of_place(at));
            (place_name(divisions, *code), cells.chain([sum]).collect())
        };
        let sums = (0..self.checks.len()).map(|check| Cell::number(self.of_check(check)));
        let sums = ("合计".to_owned(), sums.chain([Cell::number(self.total())]).collect());
        let table = Table {
            class: "matrix",
            caption: "各乡镇疑点条数：■ 红　▲ 橙　○ 黄；点数字看名单。※ 表示有要用的名册没有到：疑点可能不止这些，“—”不等于没有",
            headers: headers.collect(),
            rows: self.places.iter().enumerate().map(row).chain([sums]).collect(),
            sum: true,
        };
        table.write(page);
    }

    fn cell(&self, place: usize, check: usize) -> Cell {
        match self.count(place, check) {
            0 if self.checks[check].waits_for.is_empty() => Cell { class: "none", html: "0".into() },
            0 => Cell { class: "waiting", html: "—".into() },
            count => Cell {
                class: severity_class(&self.checks[check].severity),
                html: format!("<a href=\"#t{place}c{check}\">{count}</a>"),
            },
        }
    }

    /// Checks that found nobody: green only if everything they ask for has arrived.
    pub fn quiet_checks(&self, page: &mut String) {
        if self.quiet.is_empty() {
            return;
        }
        let row = |check: &&CheckInForce| {
            let state = if check.waits_for.is_empty() {
                Cell { class: "clear", html: "0 条，数据已到".into() }
            } else {
                let waiting = format!("数据未到：{}", check.waits_for.join("、"));
                Cell { class: "waiting", html: escape(&waiting) }
            };
            (format!("{} {}", mark(&check.severity), check.name), vec![state, Cell::words(&check.article)])
        };
        let table = Table {
            caption: "没有查出疑点的检查：绿色是数据已到、没有疑点；灰色是数据没有到，不能说没有",
            headers: super::markup::headers(&["检查", "结果", "依据"]),
            rows: self.quiet.iter().map(row).collect(),
            ..Table::default()
        };
        table.write(page);
    }

    /// The lists behind the matrix.
    pub fn lists(&self, divisions: &Divisions, page: &mut String) {
        let shown = self.rows_per_cell(LISTED);
        for (place, code) in self.places.iter().enumerate() {
            let total = self.of_place(place);
            if total == 0 {
                continue;
            }
            let name = escape(&place_name(divisions, *code));
            let _ = write!(page, "<h3>{name}　{total} 条</h3>");
            for (check, about) in self.checks.iter().enumerate() {
                let Some(leads) = self.cells.get(&(place, check)) else { continue };
                let _ = write!(
                    page,
                    "<details><summary>{} {}（{} 条）</summary><div class=\"scroll\" id=\"t{place}c{check}\"><table class=\"drill\"><thead><tr><th>姓名</th><th>身份证号</th><th>村（社区）</th><th>说明</th></tr></thead><tbody>",
                    mark(&about.severity),
                    escape(&about.name),
                    leads.len()
                );
                for lead in leads.iter().take(shown) {
                    let _ = write!(
                        page,
                        "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
                        escape(lead.name),
                        escape(&mask_id(lead.id_number)),
                        escape(&divisions.village_name(lead.region)),
                        escape(&mask_numbers(lead.reason))
                    );
                }
                page.push_str("</tbody></table></div>");
                if leads.len() > shown {
                    let _ = write!(
                        page,
                        "<p class=\"small\">另有 {} 条，其余见乡镇工作簿。</p>",
                        leads.len() - shown
                    );
                }
                page.push_str("</details>\n");
            }
        }
    }

    /// As many rows for every cell as fit on a page of `all` rows.
    fn rows_per_cell(&self, all: usize) -> usize {
        let fits =
            |rows: &usize| self.cells.values().map(|leads| leads.len().min(*rows)).sum::<usize>() <= all;
        (1..=LISTED_PER_CELL).rev().find(fits).unwrap_or(1)
    }
}

/// Told apart without colours.
pub fn mark(severity: &str) -> &'static str {
    match severity {
        "红" => "■",
        "橙" => "▲",
        _ => "○",
    }
}

fn severity_class(severity: &str) -> &'static str {
    match severity {
        "红" => "red",
        "橙" => "orange",
        _ => "yellow",
    }
}

pub fn place_name(divisions: &Divisions, code: RegionCode) -> String {
    if code.level() == RegionLevel::Township || divisions.known_name(code).is_none() {
        return divisions.township_name(code);
    }
    format!("{}（乡镇不明）", divisions.name(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, severity: &str, waits_for: &[&str]) -> CheckInForce {
        let waits_for = waits_for.iter().map(|name| (*name).to_owned()).collect();
        CheckInForce {
            name: name.into(),
            severity: severity.into(),
            article: "某办法 第一条".into(),
            waits_for,
        }
    }

    fn lead<'a>(region: u64, check: &'a str, name: &'a str) -> Found<'a> {
        let region = RegionCode::from_number(region).expect("a code");
        Found { region, check, name, id_number: "500243195001011234", reason: "<证号 500243195001011234>" }
    }

    fn codes(numbers: &[u64]) -> Vec<RegionCode> {
        numbers.iter().map(|number| RegionCode::from_number(*number).expect("a code")).collect()
    }

    #[test]
    fn every_lead_is_counted_once_and_leads_to_its_list() {
        let checks =
            [check("甲", "红", &[]), check("乙", "黄", &["车辆名册"]), check("丙", "橙", &["车辆名册"])];
        let places = codes(&[500_243_001_000, 500_243_002_000]);
        let leads = [
            lead(500_243_001_201, "甲", "张三"),
            lead(500_243_001_202, "甲", "李&四"),
            lead(500_243_002_201, "乙", "王五"),
        ];
        let board = Board::new(&places, &checks, leads.into_iter());
        assert_eq!((board.count(0, 0), board.count(0, 1), board.count(1, 1)), (2, 0, 1));
        assert_eq!((board.of_place(0), board.of_check(0), board.total()), (2, 2, 3));
        let divisions = Divisions::read();
        let mut page = String::new();
        board.matrix(&divisions, &mut page);
        assert!(page.contains("<td class=\"red\"><a href=\"#t0c0\">2</a></td>"), "{page}");
        assert!(
            page.contains("<td class=\"waiting\">—</td>"),
            "nothing was found, and nothing could be: {page}"
        );
        let mut lists = String::new();
        board.lists(&divisions, &mut lists);
        assert!(lists.contains("id=\"t0c0\"") && lists.contains("李&amp;四"), "{lists}");
        assert!(lists.contains("500243********1234") && !lists.contains("19500101"), "{lists}");
        assert!(lists.contains("&lt;证号"), "{lists}");
    }

    #[test]
    fn nothing_found_is_green_only_where_the_rosters_have_come() {
        let checks = [check("甲", "红", &[]), check("乙", "黄", &["车辆名册"])];
        let board = Board::new(&codes(&[500_243_001_000]), &checks, std::iter::empty());
        let mut page = String::new();
        board.quiet_checks(&mut page);
        assert!(page.contains("<td class=\"clear\">0 条，数据已到</td>"), "{page}");
        assert!(page.contains("<td class=\"waiting\">数据未到：车辆名册</td>"), "{page}");
    }

    #[test]
    fn long_lists_are_cut_and_say_so_and_the_page_stays_small() {
        let checks = [check("甲", "红", &[])];
        let leads = (0..40).map(|_| lead(500_243_001_201, "甲", "张三"));
        let board = Board::new(&codes(&[500_243_001_000]), &checks, leads);
        let mut lists = String::new();
        board.lists(&Divisions::read(), &mut lists);
        assert!(lists.contains("另有 10 条，其余见乡镇工作簿"), "{lists}");
        assert_eq!(
            (board.rows_per_cell(7_000), board.rows_per_cell(12), board.rows_per_cell(0)),
            (30, 12, 1)
        );
    }

    #[test]
    fn many_townships_are_shown_by_county() {
        let townships: Vec<u64> = (1..=401).map(|serial| 500_243_000_000 + serial * 1_000).collect();
        let checks = [check("甲", "红", &[])];
        let leads = std::iter::once(lead(500_243_001_201, "甲", "张三"));
        let board = Board::new(&codes(&townships), &checks, leads);
        assert_eq!((board.places.len(), board.count(0, 0)), (1, 1));
    }
}
