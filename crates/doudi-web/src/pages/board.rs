//! `GET /`: the month, township by township and check by check; what has not come; who has signed.

use super::{go, leads, page, page_with};
use crate::access::Visit;
use crate::form::Wrongs;
use crate::frame::Frame;
use crate::office::Office;
use crate::pages::results::has_results;
use crate::trouble::{Answer, Trouble, in_query};
use crate::words;
use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use doudi_casework::Permission;
use doudi_store::{BoardCell, ClearedMonth, Figure, MonthCheck, MonthSource, SignedMonth, StoreError};
use doudi_terms::{Month, RegionCode, RegionLevel};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// Counts of leads.
#[derive(Clone, Copy, Default)]
struct Counts {
    total: u64,
    done: u64,
    open: u64,
    overdue: u64,
}

impl Counts {
    fn add(&mut self, cell: &BoardCell) {
        self.total += cell.total;
        self.done += cell.done;
        self.open += cell.unreported + cell.awaiting_second + cell.to_rectify;
        self.overdue += cell.overdue;
    }
}

/// A township, with a cell for each column of its table.
struct Row {
    name: String,
    code: String,
    counts: Counts,
    cells: Vec<Counts>,
}

/// A check as the head of a column.
struct Head {
    name: String,
    /// For an address.
    query: String,
    severity: String,
    colour: &'static str,
    /// Rosters that have not come, without which it could not see; empty = it has seen everything.
    waits_for: String,
}

/// Checks of one kind: a table of its own.
struct Kind {
    /// Anchor of its table.
    id: String,
    name: String,
    /// For the head of a column.
    short: String,
    counts: Counts,
    checks: Vec<Head>,
    rows: Vec<Row>,
    sums: Vec<Counts>,
}

/// Who has signed for a place.
struct Signed {
    place: String,
    when: String,
    hash: String,
    remark: String,
}

/// A place whose month may be signed.
struct Signable {
    code: String,
    name: String,
}

#[derive(Template)]
#[template(path = "board/show.html")]
struct Page {
    frame: Frame,
    form: Wrongs,
    month: String,
    months: Vec<String>,
    region: String,
    missing: Vec<(String, String)>,
    /// Overdue instead of open.
    overdue: bool,
    /// Anchor of the kind whose table is open.
    open: String,
    kinds: Vec<Kind>,
    /// Of all checks, with a cell for each kind.
    rows: Vec<Row>,
    sum: Counts,
    /// Made, and nothing found.
    clean: Vec<Head>,
    /// Not made: their rosters have not come.
    blind: Vec<Head>,
    buckets: Vec<(String, i64)>,
    bucket_sum: i64,
    signed: Vec<Signed>,
    signable: Vec<Signable>,
    hash: String,
    remark: String,
    /// Takes steps that decide cases.
    may_decide: bool,
    /// Numbers open their lists for those who may read them.
    opens_leads: bool,
    /// Workbooks and reports may have been made here for the visitor's area.
    has_results: bool,
}

#[derive(Template)]
#[template(path = "board/empty.html")]
struct EmptyPage {
    frame: Frame,
}

#[derive(Default, Deserialize)]
pub struct Wish {
    #[serde(default)]
    month: String,
    /// `overdue`, or empty for what is open.
    #[serde(default)]
    show: String,
    /// Anchor of the kind whose table is open.
    #[serde(default)]
    kind: String,
}

/// `GET /?month=2020-05`
pub async fn show(State(office): State<Office>, visit: Visit, Query(wish): Query<Wish>) -> Answer {
    if !visit.scope.may(Permission::ReadBoard) {
        return go(visit.home());
    }
    render(&office, &visit, &wish, Wrongs::default(), String::new()).await
}

/// All that the store knows of one month, for the scope.
struct Found {
    cells: Vec<BoardCell>,
    checks: Vec<MonthCheck>,
    sources: Vec<MonthSource>,
    figures: Vec<Figure>,
    signed: Vec<SignedMonth>,
}

async fn render(office: &Office, visit: &Visit, wish: &Wish, form: Wrongs, remark: String) -> Answer {
    let wanted = wish.month.as_str();
    let scope = visit.scope.clone();
    let months = office.ask(move |store| store.cleared_months(&scope)).await?;
    let chosen = match wanted {
        "" => months.first(),
        text => months.iter().find(|cleared| cleared.month.to_string() == text),
    };
    let Some(cleared) = chosen else {
        if wanted.is_empty() {
            return page(&EmptyPage { frame: visit.frame(office, "看板", "/") });
        }
        return Err(Trouble::NotFound);
    };
    let (scope, month) = (visit.scope.clone(), cleared.month);
    let home = scope.home();
    let found = office
        .ask(move |store| {
            Ok(Found {
                cells: store.board(&scope, month)?,
                checks: store.month_checks(&scope, home, month).or_else(not_of_one_place)?,
                sources: store.month_sources(&scope, home, month).or_else(not_of_one_place)?,
                figures: store.figures(&scope, month, "bucket")?,
                signed: store.signed_months(&scope, month)?,
            })
        })
        .await?;
    let status = if form.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut built = build(office, visit, (cleared, &months), found, form, remark);
    built.overdue = wish.show == "overdue";
    built.open.clone_from(&wish.kind);
    page_with(status, &built)
}

/// Somebody with two areas has no one place whose sources could be named.
fn not_of_one_place<T>(error: StoreError) -> Result<Vec<T>, StoreError> {
    match error {
        StoreError::NotFound(_) => Ok(Vec::new()),
        other => Err(other),
    }
}

fn build(
    office: &Office,
    visit: &Visit,
    (cleared, months): (&ClearedMonth, &[ClearedMonth]),
    found: Found,
    form: Wrongs,
    remark: String,
) -> Page {
    let (kinds, clean, blind) = kinds(office, &found);
    let mut rows: BTreeMap<RegionCode, Row> = BTreeMap::new();
    let mut sum = Counts::default();
    for cell in &found.cells {
        let row = rows.entry(cell.township).or_insert_with(|| row(office, cell.township, kinds.len()));
        row.counts.add(cell);
        sum.add(cell);
        let of = |kind: &Kind| kind.checks.iter().any(|check| check.name == cell.check);
        if let Some(at) = kinds.iter().position(of) {
            row.cells[at].add(cell);
        }
    }
    let mut month_names: Vec<String> = months.iter().map(|month| month.month.to_string()).collect();
    month_names.dedup();
    let buckets = buckets(&found.figures);
    let missing = found.sources.iter().filter(|source| source.is_monthly && !source.has_arrived);
    let mut frame = visit.frame(office, "清零看板", "/");
    frame.has_errors = !form.is_empty();
    Page {
        frame,
        form,
        month: cleared.month.to_string(),
        months: month_names,
        region: office.places().long_name(visit.scope.home()),
        missing: missing.map(|source| (source.department.clone(), source.name.clone())).collect(),
        overdue: false,
        open: String::new(),
        kinds,
        rows: rows.into_values().collect(),
        sum,
        clean,
        blind,
        bucket_sum: buckets.iter().map(|(_, count)| count).sum(),
        buckets,
        signable: signable(office, visit, &found.signed),
        signed: found.signed.iter().map(|signed| in_words(office, signed)).collect(),
        hash: cleared.certificate_hash.clone(),
        remark,
        opens_leads: visit.scope.may(Permission::ReadLeads),
        has_results: has_results(office, visit),
        may_decide: office.counter().is_ok_and(|counter| super::cases::decides(&counter, visit)),
    }
}

fn row(office: &Office, place: RegionCode, cells: usize) -> Row {
    Row {
        name: office.places().name(place),
        code: place.to_string(),
        counts: Counts::default(),
        cells: vec![Counts::default(); cells],
    }
}

fn head(check: &MonthCheck) -> Head {
    Head {
        query: in_query(&check.name),
        name: check.name.clone(),
        colour: leads::colour(&check.severity),
        severity: check.severity.clone(),
        waits_for: check.waits_for.join("、"),
    }
}

/// Checks that found something, kind by kind in the order of the gravest; then those that found nothing, and those that
/// could not see.
fn kinds(office: &Office, found: &Found) -> (Vec<Kind>, Vec<Head>, Vec<Head>) {
    let mut kinds: Vec<Kind> = Vec::new();
    let (mut clean, mut blind) = (Vec::new(), Vec::new());
    // Of a month that came without its checks only their names are known.
    let known = |name: &str| found.checks.iter().any(|check| check.name == name);
    let unknown: BTreeSet<&str> =
        found.cells.iter().map(|cell| cell.check.as_str()).filter(|name| !known(name)).collect();
    let others =
        unknown.into_iter().map(|name| MonthCheck { name: name.to_owned(), ..MonthCheck::default() });
    for check in found.checks.iter().cloned().chain(others) {
        if !found.cells.iter().any(|cell| cell.check == check.name) {
            if check.waits_for.is_empty() {
                clean.push(head(&check))
            } else {
                blind.push(head(&check))
            }
            continue;
        }
        let name = kind_name(&check.kind);
        match kinds.iter_mut().find(|kind| kind.name == name) {
            Some(kind) => kind.checks.push(head(&check)),
            None => kinds.push(Kind {
                id: format!("kind-{}", kinds.len() + 1),
                short: short_name(&name),
                name,
                counts: Counts::default(),
                checks: vec![head(&check)],
                rows: Vec::new(),
                sums: Vec::new(),
            }),
        }
    }
    for kind in &mut kinds {
        fill(office, kind, &found.cells);
    }
    (kinds, clean, blind)
}

/// Titles of documents say what they are; in a heading that goes without saying.
fn kind_name(title: &str) -> String {
    let short = title.trim_end_matches("规则").trim_end_matches("比对疑点").trim_end_matches("提醒");
    if short.is_empty() { "其他".to_owned() } else { short.to_owned() }
}

/// A column is narrow: a document that is no list of checks is called by the beginning and the end of its title.
fn short_name(name: &str) -> String {
    const MOST: usize = 12;
    const KEPT: (usize, usize) = (5, 4);
    let signs: Vec<char> = name.chars().filter(|sign| !matches!(sign, '《' | '》')).collect();
    if signs.len() <= MOST {
        return name.to_owned();
    }
    let (first, last) = (signs.iter().take(KEPT.0), signs.iter().skip(signs.len() - KEPT.1));
    first.chain(std::iter::once(&'…')).chain(last).collect()
}

fn fill(office: &Office, kind: &mut Kind, cells: &[BoardCell]) {
    let mut rows: BTreeMap<RegionCode, Row> = BTreeMap::new();
    kind.sums = vec![Counts::default(); kind.checks.len()];
    for cell in cells {
        let Some(at) = kind.checks.iter().position(|check| check.name == cell.check) else { continue };
        let row = rows.entry(cell.township).or_insert_with(|| row(office, cell.township, kind.checks.len()));
        row.counts.add(cell);
        row.cells[at].add(cell);
        kind.sums[at].add(cell);
        kind.counts.add(cell);
    }
    kind.rows = rows.into_values().collect();
}

impl Page {
    /// What a cell shows of its counts.
    fn count(&self, counts: &Counts) -> u64 {
        if self.overdue { counts.overdue } else { counts.open }
    }

    /// The board with the table of one kind open.
    fn with_kind(&self, kind: &Kind) -> String {
        let show = if self.overdue { "&show=overdue" } else { "" };
        format!("/?month={}{show}&kind={}#{}", self.month, kind.id, kind.id)
    }

    /// Behind a number of one place: overdue ones where these are shown.
    fn clock(&self) -> &'static str {
        if self.overdue { "&clock=overdue" } else { "" }
    }
}

/// Each bucket in words. Townships are added up, with those of whose people only the county is known; villages, whose
/// people are in a township's figures already, only for somebody who sees no township.
fn buckets(figures: &[Figure]) -> Vec<(String, i64)> {
    let is_village = |figure: &&Figure| figure.region.level() == RegionLevel::Village;
    let villages_only = figures.iter().all(|figure| is_village(&figure));
    let counted = |figure: &&Figure| is_village(figure) == villages_only;
    let count = |code: &str| -> i64 {
        let own = figures.iter().filter(counted).filter(|figure| figure.name == code);
        own.map(|figure| figure.value).sum()
    };
    words::BUCKETS.iter().map(|(code, word)| ((*word).to_owned(), count(code))).collect()
}

fn signable(office: &Office, visit: &Visit, signed: &[SignedMonth]) -> Vec<Signable> {
    let areas = visit.scope.areas(Permission::SignOffMonth).into_iter();
    let unsigned = areas.filter(|area| !signed.iter().any(|signed| signed.region == *area));
    unsigned.map(|area| Signable { code: area.to_string(), name: office.places().name(area) }).collect()
}

fn in_words(office: &Office, signed: &SignedMonth) -> Signed {
    Signed {
        place: office.places().name(signed.region),
        when: signed.sign_off.at.to_string(),
        hash: signed.sign_off.certificate.clone(),
        remark: signed.sign_off.remark.clone(),
    }
}

#[derive(Deserialize)]
pub struct Given {
    #[serde(default)]
    month: String,
    #[serde(default)]
    place: String,
    #[serde(default)]
    remark: String,
}

/// `POST /sign-off`
pub async fn sign(State(office): State<Office>, visit: Visit, Form(given): Form<Given>) -> Answer {
    let month = Month::parse(&given.month).ok_or_else(|| Trouble::bad("月份请写成 2020-05 的样子"))?;
    let place = RegionCode::parse(&given.place).map_err(|error| Trouble::bad(format!("地区：{error}")))?;
    let (scope, remark) = (visit.scope.clone(), given.remark.clone());
    match office.with_store(move |store| store.sign_off(&scope, place, month, &remark)).await? {
        Ok(_) => go(&format!("/?month={month}")),
        Err(error @ (StoreError::SignOff(_) | StoreError::BadInput(_))) => {
            let mut form = Wrongs::default();
            form.add("remark", error.to_string());
            let wish = Wish { month: given.month, ..Wish::default() };
            render(&office, &visit, &wish, form, given.remark).await
        }
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_title_of_a_document_is_short_in_the_head_of_a_column() {
        let of = |title: &str| short_name(&kind_name(title));
        assert_eq!(of("部门信息比对疑点规则"), "部门信息");
        assert_eq!(of("数据质量和定期核查提醒规则"), "数据质量和定期核查");
        assert_eq!(of("脱贫攻坚总攻社会救助兜底脱贫专项行动方案"), "脱贫攻坚总…行动方案");
    }
}
