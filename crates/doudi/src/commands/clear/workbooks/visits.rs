//! 入户核查表: a page for every household with leads, to be taken along, filled in and signed.

use super::About;
use doudi_engine::{HandoutCell, Township, Visit};
use doudi_rosters::{Form, FormCell, FormRow, FormStyle};

/// The grid that all boxes of the form fit.
const WIDTHS: [f64; 12] = [9.0, 11.0, 11.0, 11.0, 11.0, 11.0, 11.0, 11.0, 11.0, 11.0, 11.0, 11.0];
const ALL: u16 = 12;
/// Lines of a page that are neither headings nor signatures.
const LINES_OF_A_PAGE: usize = 18;

pub fn form(about: &About<'_>, township: &Township) -> Form {
    let mut rows = Vec::new();
    for (visit, number) in township.visits.iter().zip(1..) {
        household(about, visit, number, &mut rows);
    }
    if township.visits.is_empty() {
        rows.push(FormRow::of([FormCell::new(FormStyle::Plain, ALL, "本月没有需要入户核查的疑点。")]));
    }
    Form {
        name: "入户核查表".into(),
        running_title: format!("{} {} 入户核查表", about.name, about.month()),
        widths: WIDTHS.to_vec(),
        rows,
    }
}

fn label(span: u16, text: &str) -> FormCell {
    FormCell::new(FormStyle::Label, span, text)
}

fn value(span: u16, text: impl Into<String>) -> FormCell {
    FormCell::new(FormStyle::Box, span, text)
}

fn household(about: &About<'_>, visit: &Visit, number: usize, rows: &mut Vec<FormRow>) {
    let title = format!("入户核查表（{} 第 {number} 号）", about.month());
    rows.push(FormRow::of([FormCell::new(FormStyle::Title, ALL, title)]).on_new_page());
    let place = format!("{} {}", about.name, about.village(visit.village));
    rows.push(FormRow::of([
        label(1, "村"),
        value(3, place),
        label(1, "户主"),
        value(2, &visit.head),
        label(1, "电话"),
        value(2, &visit.phone),
        label(1, "人口"),
        value(1, format!("{} 人", visit.members.len())),
    ]));
    rows.push(FormRow::of([
        label(1, "住址"),
        value(6, &visit.address),
        label(1, "户号"),
        value(4, &visit.household),
    ]));
    members(visit, rows);
    leads(visit, rows);
    if !visit.questions.is_empty() {
        let questions = FormCell::new(FormStyle::Box, ALL - 1, visit.questions.join("\n"));
        rows.push(FormRow::of([label(1, "还要问清"), questions]));
    }
    // What a small household leaves of the page is room for what was seen.
    let room = LINES_OF_A_PAGE
        .saturating_sub(visit.members.len() + 3 * visit.leads.len() + 2 * visit.questions.len());
    let room = u16::try_from(room).unwrap_or(0).clamp(6, 14);
    rows.push(FormRow::of([label(1, "看到的\n情况"), value(ALL - 1, "")]).at_least(room));
    rows.push(
        FormRow::of([label(1, "处理意见"), value(ALL - 1, "□纳入　□停发　□调整　□更正数据　□维持　其他：")])
            .at_least(2),
    );
    rows.push(
        FormRow::of([
            label(1, "签字"),
            value(4, "核查人一："),
            value(4, "核查人二："),
            value(3, "日期：　　　年　　月　　日"),
        ])
        .at_least(2),
    );
    rows.push(
        FormRow::of([
            label(1, "户内签字"),
            value(8, "以上情况已经念给本人听，属实。户主（或家庭成员）签字、按手印："),
            value(3, "日期：　　　年　　月　　日"),
        ])
        .at_least(2),
    );
}

fn members(visit: &Visit, rows: &mut Vec<FormRow>) {
    // Two columns of the grid for each column that content asks for; the rest is for what is seen.
    let shown = visit.columns.iter().take(2);
    let more = shown.len() as u16;
    let rest = ALL - 7 - more;
    let header =
        [label(1, "序号"), label(2, "姓名"), label(1, "关系"), label(1, "年龄"), label(2, "身份证号")];
    let shown_labels = shown.map(|name| label(1, name));
    rows.push(FormRow::of(
        header.into_iter().chain(shown_labels).chain([label(rest, "在家吗，身体、就业、收入有什么变化")]),
    ));
    for (member, number) in visit.members.iter().zip(1..) {
        let age = member.age.map_or_else(String::new, |age| age.to_string());
        let cells = [
            FormCell::new(FormStyle::Number, 1, number.to_string()),
            value(2, &member.name),
            value(1, &member.relation),
            FormCell::new(FormStyle::Number, 1, age),
            value(2, &member.id_number),
        ];
        let shown = member.shown.iter().take(usize::from(more)).map(|cell| value(1, cell_text(cell)));
        rows.push(FormRow::of(cells.into_iter().chain(shown).chain([value(rest, "")])));
    }
}

fn cell_text(cell: &HandoutCell) -> String {
    match cell {
        HandoutCell::Text(text) => text.clone(),
        HandoutCell::Money(fen) => fen.to_string(),
        HandoutCell::Integer(number) => number.to_string(),
        HandoutCell::Village(code) => code.to_string(),
    }
}

fn leads(visit: &Visit, rows: &mut Vec<FormRow>) {
    rows.push(FormRow::of([
        label(1, "级"),
        label(1, "谁"),
        label(5, "疑点和说明"),
        label(3, "怎样核查；怎样销号"),
        label(2, "核查结果"),
    ]));
    for lead in &visit.leads {
        rows.push(
            FormRow::of([
                FormCell::new(FormStyle::Number, 1, &lead.severity),
                value(1, &lead.name),
                value(5, format!("{}：{}（{}）", lead.check, lead.reason, lead.lead_id)),
                value(3, joined(&lead.verify, &lead.close)),
                value(2, "□属实　□不属实\n□部分属实\n□数据错误"),
            ])
            .at_least(3),
        );
    }
}

fn joined(verify: &str, close: &str) -> String {
    let parts = [verify, close].into_iter().filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("。销号：")
}
