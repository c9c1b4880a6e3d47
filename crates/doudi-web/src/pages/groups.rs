//! Lists of special groups (台账): `GET /groups`, `/groups/{month}/{group}`, and the same as a workbook.

use super::group_filter::{FilterField, Read, Typed};
use super::{page, page_with, places};
use crate::access::Visit;
use crate::form::Wrongs;
use crate::frame::{Frame, Step};
use crate::household::yuan;
use crate::office::Office;
use crate::trouble::{Answer, Trouble, in_query};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use doudi_casework::Permission;
use doudi_rosters::{CellValue, LongSheet, SheetColumn, SheetKind};
use doudi_store::{
    CellKind, GroupColumn, GroupCursor, GroupFilter, GroupHead, GroupLine, GroupPage, GroupQuery, GroupSort,
    StoreError,
};
use doudi_terms::{Fen, Month, RegionCode, date_from_epoch_day};
use std::io::Cursor;

/// Rows of a page.
const PAGE: usize = 50;
/// Columns that every list can show beside its own.
const FIXED: [(&str, &str); 5] =
    [("place", "地区"), ("sex", "性别"), ("birth", "出生日期"), ("id", "身份证号"), ("household", "家庭")];

/// What the address says; columns may come several times.
#[derive(Clone, Default)]
pub struct Wish {
    place: String,
    sort: String,
    descending: bool,
    columns: Vec<String>,
    typed: Typed,
    after: String,
    purpose: String,
}

impl Wish {
    fn read(pairs: Vec<(String, String)>) -> Wish {
        let mut wish = Wish::default();
        for (name, value) in pairs {
            if wish.typed.take(&name, &value) {
                continue;
            }
            match name.as_str() {
                "place" => wish.place = value,
                "sort" => wish.sort = value,
                "way" => wish.descending = value == "down",
                "col" => wish.columns.push(value),
                "after" => wish.after = value,
                "purpose" => wish.purpose = value,
                _ => {}
            }
        }
        wish
    }

    fn region(&self) -> Result<Option<RegionCode>, Trouble> {
        match self.place.as_str() {
            "" => Ok(None),
            code => RegionCode::parse(code).map(Some).map_err(|error| Trouble::bad(format!("地区：{error}"))),
        }
    }

    /// What the screen and its export ask alike.
    fn question(&self, month: Month, name: String, filters: Vec<GroupFilter>) -> Result<GroupQuery, Trouble> {
        Ok(GroupQuery {
            month,
            name,
            place: self.region()?,
            filters,
            sort: self.sort(),
            descending: self.descending,
        })
    }

    fn sort(&self) -> GroupSort {
        match self.sort.as_str() {
            "name" => GroupSort::Name,
            text => text.parse().map_or(GroupSort::Place, GroupSort::Column),
        }
    }

    /// Without a choice all are shown but those that few need.
    fn shows(&self, column: &str) -> bool {
        match self.columns.is_empty() {
            true => !["sex", "birth"].contains(&column),
            false => self.columns.iter().any(|chosen| chosen == column),
        }
    }

    /// Key, place and person of the last row: `440.500243001202.P00001`; a name may hold no point.
    fn cursor(&self) -> Option<GroupCursor> {
        let mut parts = self.after.splitn(3, '.');
        let (key, region, person) = (parts.next()?, parts.next()?, parts.next()?);
        Some(GroupCursor {
            key: key.replace('\u{1}', "."),
            region: RegionCode::parse(region).ok()?,
            person_id: person.to_owned(),
        })
    }

    /// What stays when the order or the page changes: the columns that are shown, and the filters.
    fn kept_query(&self) -> String {
        let columns: String =
            self.columns.iter().map(|column| format!("&col={}", in_query(column))).collect();
        columns + &self.typed.query()
    }

    /// The same as fields of a form.
    fn kept(&self) -> Vec<(String, String)> {
        let columns = self.columns.iter().map(|column| ("col".to_owned(), column.clone()));
        columns.chain(self.typed.pairs().iter().cloned()).collect()
    }

    fn query(&self) -> String {
        let way = if self.descending { "&way=down" } else { "" };
        format!("place={}&sort={}{way}{}", in_query(&self.place), in_query(&self.sort), self.kept_query())
    }
}

struct Listed {
    name: String,
    note: String,
    rows: i64,
    path: String,
}

#[derive(Template)]
#[template(path = "groups/list.html")]
struct ListPage {
    frame: Frame,
    month: String,
    months: Vec<String>,
    lists: Vec<Listed>,
}

/// `GET /groups?month=2020-05`
pub async fn list(
    State(office): State<Office>,
    visit: Visit,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Answer {
    let wanted = pairs.iter().find(|(name, _)| name == "month").map_or("", |(_, month)| month.as_str());
    let months = months(&office, &visit).await?;
    let chosen = match wanted {
        "" => months.first().copied(),
        text => Some(Month::parse(text).filter(|month| months.contains(month)).ok_or(Trouble::NotFound)?),
    };
    let mut lists = Vec::new();
    if let Some(month) = chosen {
        let scope = visit.scope.clone();
        let found = office.ask(move |store| store.group_lists(&scope, month)).await?;
        lists.extend(found.into_iter().map(|list| Listed {
            path: format!("/groups/{month}/{}", in_path(&list.head.name)),
            name: list.head.name,
            note: list.head.note,
            rows: list.rows,
        }));
    }
    page(&ListPage {
        frame: visit.frame(&office, "台账", "/groups"),
        month: chosen.map(|month| month.to_string()).unwrap_or_default(),
        months: months.iter().map(ToString::to_string).collect(),
        lists,
    })
}

async fn months(office: &Office, visit: &Visit) -> Result<Vec<Month>, Trouble> {
    let scope = visit.scope.clone();
    let cleared = office.ask(move |store| store.cleared_months(&scope)).await?;
    let mut months: Vec<Month> = cleared.into_iter().map(|cleared| cleared.month).collect();
    months.dedup();
    Ok(months)
}

fn in_path(text: &str) -> String {
    in_query(text).replace('+', "%20")
}

/// A heading that sorts.
struct Heading {
    name: String,
    number: bool,
    path: String,
    /// `ascending`, `descending` or empty.
    sorted: &'static str,
}

struct Choice {
    code: String,
    name: String,
    chosen: bool,
}

struct Line {
    person: String,
    household: String,
    name: String,
    cells: Vec<Shown>,
}

struct Shown {
    text: String,
    is_number: bool,
    is_household: bool,
    /// Before it on a telephone.
    label: String,
}

#[derive(Template)]
#[template(path = "groups/show.html")]
struct ShowPage {
    frame: Frame,
    month: String,
    months: Vec<String>,
    path: String,
    note: String,
    total: i64,
    place: String,
    places: Vec<Step>,
    sort: String,
    descending: bool,
    choices: Vec<Choice>,
    /// What it can be sorted by.
    orders: Vec<Step>,
    by_name: Heading,
    headings: Vec<Heading>,
    rows: Vec<Line>,
    /// Below the headings; empty where adding up says nothing.
    sums: Vec<String>,
    next: Option<String>,
    first: Option<String>,
    may_export: bool,
    /// Columns that are chosen and filters, for the form of the export.
    kept: Vec<(String, String)>,
    by_name_typed: String,
    filters: Vec<FilterField>,
    is_filtered: bool,
    /// Without filters, what else was chosen stays.
    unfiltered: String,
    form: Wrongs,
}

/// `GET /groups/{month}/{group}?place=…&sort=3&way=down&col=…`
pub async fn show(
    State(office): State<Office>,
    visit: Visit,
    Path((month, group)): Path<(String, String)>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Answer {
    let wish = Wish::read(pairs);
    let month = Month::parse(&month).ok_or(Trouble::NotFound)?;
    let (scope, name) = (visit.scope.clone(), group.clone());
    let head = office.ask(move |store| store.group_head(&scope, month, &name)).await?;
    let Read { filters, wrongs } = wish.typed.read(&head);
    let query = wish.question(month, group, filters)?;
    // With a filter that cannot be read nothing is listed: a list without it would be another than was asked for.
    let found = match wrongs.is_empty() {
        true => {
            let (scope, asked, after) = (visit.scope.clone(), query.clone(), wish.cursor());
            office.ask(move |store| store.group_page(&scope, &asked, after.as_ref(), PAGE)).await?
        }
        false => GroupPage { head, total: 0, sums: Vec::new(), rows: Vec::new(), next: None },
    };
    let months = months(&office, &visit).await?;
    let mut frame = visit.frame(&office, format!("{}台账", query.name), "/groups");
    frame.trail = vec![Step::new("台账", format!("/groups?month={month}"))];
    let path = format!("/groups/{month}/{}", in_path(&query.name));
    let columns = columns(&found.head);
    let shown: Vec<&Column> = columns.iter().filter(|column| wish.shows(&column.code)).collect();
    let next = found.next.as_ref().map(|next| {
        let key = next.key.replace('.', "\u{1}");
        let after = format!("{key}.{}.{}", next.region, next.person_id);
        format!("{path}?{}&after={}", wish.query(), in_query(&after))
    });
    let status = if wrongs.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let shown_page = ShowPage {
        frame,
        month: month.to_string(),
        months: months.iter().map(ToString::to_string).collect(),
        note: found.head.note.clone(),
        total: found.total,
        places: places(&office, &visit, Permission::ReadPersons, query.place),
        by_name: heading("姓名", "name", false, &wish, &path),
        headings: shown
            .iter()
            .map(|column| heading(&column.name, &column.sort, column.is_number(), &wish, &path))
            .collect(),
        sums: shown.iter().map(|column| column.sum(&found)).collect(),
        rows: found.rows.iter().map(|row| line(&office, row, &shown)).collect(),
        choices: choices(&columns, &wish),
        orders: orders(&columns),
        next,
        first: (!wish.after.is_empty()).then(|| format!("{path}?{}", wish.query())),
        may_export: visit.scope.may(Permission::Export),
        kept: wish.kept(),
        by_name_typed: wish.typed.of("name").to_owned(),
        filters: wish.typed.fields(&found.head),
        is_filtered: !wish.typed.is_empty(),
        unfiltered: format!("{path}?{}", Wish { typed: Typed::default(), ..wish.clone() }.query()),
        form: wrongs,
        place: wish.place,
        sort: wish.sort,
        descending: wish.descending,
        path,
    };
    page_with(status, &shown_page)
}

fn choices(columns: &[Column], wish: &Wish) -> Vec<Choice> {
    let choice = |column: &Column| Choice {
        code: column.code.clone(),
        name: column.name.clone(),
        chosen: wish.shows(&column.code),
    };
    columns.iter().map(choice).collect()
}

impl ShowPage {
    /// The same list, area, columns and filters in another month.
    fn of_month(&self, month: &str) -> String {
        let path = self.path.replacen(&self.month, month, 1);
        let kept: String = self
            .kept
            .iter()
            .map(|(name, value)| format!("&{}={}", in_query(name), in_query(value)))
            .collect();
        format!("{path}?place={}{kept}", in_query(&self.place))
    }
}

/// A column that can be shown: one that every list has, or one of the list's own.
struct Column {
    code: String,
    name: String,
    /// What the address sorts by; empty where it cannot.
    sort: String,
    own: Option<(usize, GroupColumn)>,
}

fn columns(head: &GroupHead) -> Vec<Column> {
    let fixed = FIXED.iter().map(|(code, name)| Column {
        code: (*code).to_owned(),
        name: (*name).to_owned(),
        sort: if *code == "place" { "place".into() } else { String::new() },
        own: None,
    });
    let own = head.columns.iter().enumerate().map(|(at, column)| Column {
        // By name: an address goes on to mean the same when columns are added.
        code: column.name.clone(),
        name: column.name.clone(),
        sort: at.to_string(),
        own: Some((at, column.clone())),
    });
    fixed.chain(own).collect()
}

impl Column {
    fn is_number(&self) -> bool {
        let kind = self.own.as_ref().map(|(_, column)| column.kind);
        matches!(kind, Some(CellKind::Money | CellKind::Count | CellKind::Thousandths))
    }

    fn sum(&self, page: &GroupPage) -> String {
        let found = self.own.as_ref().and_then(|(at, _)| page.sums.get(*at).copied().flatten());
        found.map_or(String::new(), yuan)
    }

    fn cell(&self, office: &Office, row: &GroupLine) -> CellValue {
        let Some((at, column)) = &self.own else {
            return match self.code.as_str() {
                "place" => office.places().name(row.region).into(),
                "sex" => row.sex.as_str().into(),
                "birth" => row.birth.map_or(CellValue::Blank, CellValue::Date),
                "id" => row.id_number.as_str().into(),
                _ => row.household_id.as_str().into(),
            };
        };
        let Some(number) = row.cells.get(*at).copied().flatten() else { return "不详".into() };
        let unknown = || CellValue::from("不详");
        match column.kind {
            CellKind::YesNo => CellValue::YesNo(number != 0),
            CellKind::Money => CellValue::Money(Fen(number)),
            CellKind::Count => CellValue::Integer(number),
            CellKind::Thousandths => thousandths(number).into(),
            CellKind::Day => {
                i32::try_from(number).ok().and_then(date_from_epoch_day).map_or_else(unknown, CellValue::Date)
            }
            CellKind::Month => {
                i32::try_from(number).ok().and_then(Month::from_index).map_or_else(unknown, CellValue::Month)
            }
            CellKind::Label => {
                let label = usize::try_from(number).ok().and_then(|at| column.labels.get(at));
                label.map_or_else(unknown, |label| label.as_str().into())
            }
        }
    }

    fn sheet_column(&self) -> SheetColumn {
        let kind = match self.own.as_ref().map(|(_, column)| column.kind) {
            Some(CellKind::Money) => SheetKind::Money,
            Some(CellKind::Count) => SheetKind::Integer,
            Some(CellKind::Day) => SheetKind::Date,
            _ => SheetKind::Text,
        };
        let column = SheetColumn::new(self.name.as_str(), kind);
        if self.code == "id" { column.wide(21.0) } else { column }
    }
}

/// For telephones, where a table has no headings to press.
fn orders(columns: &[Column]) -> Vec<Step> {
    let name = Step::new("姓名", "name");
    let others = columns.iter().filter(|column| !column.sort.is_empty());
    others.map(|column| Step::new(column.name.as_str(), column.sort.as_str())).chain([name]).collect()
}

fn thousandths(number: i64) -> String {
    let sign = if number < 0 { "-" } else { "" };
    let (whole, rest) = (number.unsigned_abs() / 1_000, number.unsigned_abs() % 1_000);
    if rest == 0 {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{rest:03}").trim_end_matches('0').to_owned()
    }
}

fn heading(name: &str, sort: &str, number: bool, wish: &Wish, path: &str) -> Heading {
    let is_sorted = !sort.is_empty() && (wish.sort == sort || (wish.sort.is_empty() && sort == "place"));
    let way = if is_sorted && !wish.descending { "&way=down" } else { "" };
    let query = format!("place={}&sort={sort}{way}{}", in_query(&wish.place), wish.kept_query());
    Heading {
        name: name.to_owned(),
        number,
        path: if sort.is_empty() { String::new() } else { format!("{path}?{query}") },
        sorted: match (is_sorted, wish.descending) {
            (false, _) => "",
            (true, false) => "ascending",
            (true, true) => "descending",
        },
    }
}

fn line(office: &Office, row: &GroupLine, shown: &[&Column]) -> Line {
    let text = |cell: CellValue| match cell {
        CellValue::Blank => String::new(),
        CellValue::Text(text) | CellValue::Wrong(text) => text,
        CellValue::Money(fen) => yuan(fen.0),
        CellValue::Integer(number) => number.to_string(),
        CellValue::Date(day) => day.to_string(),
        CellValue::Month(month) => month.to_string(),
        CellValue::YesNo(yes) => if yes { "是" } else { "否" }.to_owned(),
    };
    Line {
        person: row.person_id.clone(),
        household: row.household_id.clone(),
        name: row.name.clone(),
        cells: shown
            .iter()
            .map(|column| Shown {
                text: text(column.cell(office, row)),
                is_number: column.is_number(),
                is_household: column.code == "household",
                label: column.name.clone(),
            })
            .collect(),
    }
}

/// `GET /groups/{month}/{group}/export?…&purpose=…`: the rows, columns and sums of the screen, all pages.
pub async fn export(
    State(office): State<Office>,
    visit: Visit,
    Path((month, group)): Path<(String, String)>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Answer {
    let wish = Wish::read(pairs);
    let month = Month::parse(&month).ok_or(Trouble::NotFound)?;
    let (scope, name) = (visit.scope.clone(), group.clone());
    let head = office.ask(move |store| store.group_head(&scope, month, &name)).await?;
    let Read { filters, wrongs } = wish.typed.read(&head);
    if let Some(wrong) = wrongs.wrongs().first() {
        return Err(Trouble::bad(wrong.text.clone()));
    }
    let query = wish.question(month, group, filters)?;
    let place = query.place.unwrap_or_else(|| visit.scope.home());
    let notes = [format!(
        "{} {}台账（{month}）　{} {} 导出，用途：{}",
        office.places().long_name(place),
        query.name,
        visit.scope.user().name,
        visit.scope.at(),
        wish.purpose.trim()
    )];
    let name = format!("{}-{}-{month}.xlsx", query.name, office.places().name(place));
    let (scope, asked) = (visit.scope.clone(), office.clone());
    let bytes =
        office.with_store(move |store| workbook(store, &asked, &scope, &query, &wish, &notes)).await??;
    let named = format!("attachment; filename=\"export.xlsx\"; filename*=UTF-8''{}", in_path(&name));
    let headers = [
        (CONTENT_TYPE, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet".to_owned()),
        (CONTENT_DISPOSITION, named),
    ];
    Ok((headers, bytes).into_response())
}

fn workbook(
    store: &doudi_store::Store,
    office: &Office,
    scope: &doudi_store::Scope,
    query: &GroupQuery,
    wish: &Wish,
    notes: &[String],
) -> Result<Vec<u8>, Trouble> {
    // The page first: it says which columns there are, and what all of it comes to.
    let whole = store.group_page(scope, query, None, 1)?;
    let columns = columns(&whole.head);
    let shown: Vec<&Column> = columns.iter().filter(|column| wish.shows(&column.code)).collect();
    let mut heads = vec![SheetColumn::new("姓名", SheetKind::Text)];
    heads.extend(shown.iter().map(|column| column.sheet_column()));
    let broken = |error: doudi_rosters::WriteError| StoreError::BadInput(format!("没有导出：{error}"));
    let mut sheet = LongSheet::begin(Cursor::new(Vec::new()), &query.name, notes, &heads).map_err(broken)?;
    let mut sums = vec![CellValue::Text(format!("合计 {} 人", whole.total))];
    sums.extend(shown.iter().map(|column| {
        let sum = column.own.as_ref().and_then(|(at, _)| whole.sums.get(*at).copied().flatten());
        sum.map_or(CellValue::Blank, |sum| CellValue::Money(Fen(sum)))
    }));
    store.export_group(scope, query, &wish.purpose, &mut |row| {
        let mut cells = vec![CellValue::from(row.name.as_str())];
        cells.extend(shown.iter().map(|column| column.cell(office, &row)));
        sheet.row(&cells).map_err(broken)
    })?;
    sheet.bold(&sums).map_err(broken)?;
    Ok(sheet.finish().map_err(broken)?.into_inner())
}
