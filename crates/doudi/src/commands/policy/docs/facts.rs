//! The page of facts, and the page of a parameter with its history.

use super::page::{Page, escape, frame, list, table};
use super::rules::relations;
use super::site::Site;
use crate::commands::policy::wording;
use doudi_policy::ir::{EntityId, EnumId, Input, InputId, ParameterId, Untried};
use doudi_policy::{Named, ParameterRow, ParameterValue, value_words};
use std::fmt::Write;

/// Every fact that can be asked for, with the question, who supplies it and how long it holds.
pub fn page(site: &Site<'_>) -> Page {
    let library = site.library;
    let mut body = String::from(
        "<p>规则要用到的事实，由名册和入户调查提供。没有查到的事实是“不详”，不当作“否”，也不当作零。</p>\n",
    );
    for (index, entity) in library.entities.iter().enumerate() {
        let id = EntityId(index as u8);
        let anchor = site.addresses.anchor(Named::Record(id));
        let anchor = if anchor.is_empty() { String::new() } else { format!(" id=\"{}\"", escape(anchor)) };
        let owner = entity.parent.and_then(|parent| library.entities.get(parent.index()));
        let whose = match (index, owner) {
            (0 | 1, _) | (_, None) => String::new(),
            (_, Some(owner)) => format!("（每{}可以有多项）", owner.name),
        };
        let _ = writeln!(body, "<h2{anchor}>{}{}</h2>", escape(&entity.name), escape(&whose));
        if let Some(question) = &entity.question {
            let _ = writeln!(body, "<p>问：{}</p>", escape(question));
        }
        let rows: Vec<Vec<String>> = library
            .inputs
            .iter()
            .enumerate()
            .filter(|(_, input)| input.entity == id && input.last_month_of.is_none())
            .map(|(at, input)| fact(site, InputId(at as u32), input))
            .collect();
        if !rows.is_empty() {
            body.push_str(&table(
                &["事实", "怎样问", "填什么", "从哪里来", "多久有效", "登记在", "哪里用"],
                &rows,
            ));
        }
    }
    body.push_str(&sets_and_enums(site));
    frame("facts.html", "要查的事实", "", &body)
}

fn fact(site: &Site<'_>, id: InputId, input: &Input) -> Vec<String> {
    let named = Named::Input(id);
    let mut kind = wording::type_words(site.library, input.ty);
    if input.non_negative {
        kind.push_str("，不为负");
    }
    match &input.untried {
        Untried::Nothing => {}
        Untried::Everything => kind.push_str("；差在哪里不试这一项"),
        Untried::These(values) => {
            let words: Vec<String> =
                values.iter().map(|value| value_words(site.library, *value, input.ty)).collect();
            let _ = write!(kind, "；差在哪里不试 {}", words.join("、"));
        }
    }
    let article = site.library.articles.get(input.article.index());
    vec![
        format!("<b id=\"{}\">{}</b>", escape(site.addresses.anchor(named)), escape(&input.name)),
        escape(input.question.as_deref().unwrap_or("")),
        escape(&kind),
        escape(input.suppliers.as_deref().unwrap_or("")),
        input.valid_months.map_or(String::new(), |months| format!("{months}个月")),
        article.map_or(String::new(), |article| site.article_link(article.document, &article.heading)),
        users(site, named),
    ]
}

/// The rules that use a fact; many are folded.
fn users(site: &Site<'_>, named: Named) -> String {
    const SHOWN: usize = 3;
    let links: Vec<String> = site.uses.used_by(named).map(|user| site.name(user)).collect();
    match links.len() {
        0 => "没有规则用".to_owned(),
        count if count <= SHOWN => links.join("、"),
        count => format!("<details><summary>{count} 处</summary><p>{}</p></details>", links.join("、")),
    }
}

fn sets_and_enums(site: &Site<'_>) -> String {
    let mut out = String::new();
    let of = |wanted: fn(&Named) -> bool| {
        site.declarations.iter().filter(move |declaration| wanted(&declaration.named))
    };
    let sets: Vec<String> = of(|named| matches!(named, Named::Set(_)))
        .map(|found| {
            let anchor = escape(site.addresses.anchor(found.named));
            let place = site.article_link(found.document, &found.article);
            format!(
                "<span id=\"{anchor}\">{}</span> <span class=\"small\">{place}</span>",
                site.formula(found.span)
            )
        })
        .collect();
    if !sets.is_empty() {
        let _ = write!(out, "<h2>群体：一部分成员或记录</h2>\n{}", list(&sets));
    }
    let mut seen: Vec<EnumId> = Vec::new();
    let mut enums = Vec::new();
    for found in of(|named| matches!(named, Named::Enum(_))) {
        let Named::Enum(id) = found.named else { continue };
        // Two enums of the same options are one.
        if seen.contains(&id) {
            continue;
        }
        seen.push(id);
        let labels = escape(&site.library.labels(id).join("、"));
        let anchor = escape(site.addresses.anchor(found.named));
        enums.push(format!("<b id=\"{anchor}\">{}</b>：{labels}", escape(&site.library.path(found.named))));
    }
    if !enums.is_empty() {
        let _ = write!(out, "<h2>选项</h2>\n{}", list(&enums));
    }
    out
}

/// The page of a parameter: its values by place and date, and what uses it.
pub fn parameter(site: &Site<'_>, id: ParameterId) -> Page {
    let library = site.library;
    let parameter = &library.parameters[id.index()];
    let named = Named::Parameter(id);
    let kinds: Vec<String> =
        parameter.dimensions.iter().map(|kind| library.labels(*kind).join("、")).collect();
    let mut facts = vec![("填什么", escape(&wording::type_words(library, parameter.ty)))];
    if !kinds.is_empty() {
        facts.push(("分别规定", escape(&kinds.join("；"))));
    }
    if let Some(note) = &parameter.note {
        facts.push(("没有时要查", escape(note)));
    }
    if let Some(article) = library.articles.get(parameter.article.index()) {
        facts.push(("登记在", site.article_link(article.document, &article.heading)));
    }
    let lines: String = facts.iter().map(|(key, value)| format!("<dt>{key}</dt><dd>{value}</dd>")).collect();
    let mut body = format!("<dl>{lines}</dl>\n{}", value_here(site, id));
    let mut rows: Vec<&ParameterRow> = library.rows.iter().filter(|row| row.parameter == id).collect();
    rows.sort_by_key(|row| (row.region.number(), row.dimensions.clone(), row.from));
    body.push_str("<h2>各地各时期的值</h2>\n");
    if rows.is_empty() {
        body.push_str("<p>还没有一个地方的值：用到它的地方结果是“不详”。</p>\n");
    } else {
        let cells: Vec<Vec<String>> = rows.into_iter().map(|row| history(site, row)).collect();
        body.push_str(&table(&["地区", "哪一种", "从", "到", "值", "依据文件", "把握"], &cells));
    }
    body.push_str(&relations(site, named));
    frame(site.addresses.of(named).unwrap_or(""), &parameter.name, "", &body)
}

fn history(site: &Site<'_>, row: &ParameterRow) -> Vec<String> {
    let in_force = site.force_mark(|program| {
        program.parameters.get(row.parameter.index()).is_some_and(|values| {
            values.iter().any(|value| match value {
                ParameterValue::Value(_, index) | ParameterValue::None(index) => {
                    site.library.rows.get(*index as usize).is_some_and(|used| used.span == row.span)
                }
                ParameterValue::Unpublished => false,
            })
        })
    });
    vec![
        escape(&wording::place(&site.divisions, row.region)),
        escape(&wording::dimensions(site.library, row.parameter, &row.dimensions)),
        format!("<span class=\"day\">{}</span>", row.from),
        row.to.map_or("现在".to_owned(), |to| format!("<span class=\"day\">{to}</span>")),
        format!("<b>{}</b>{in_force}", escape(&wording::row_value(site.library, row))),
        site.citation(&row.document),
        wording::confidence(row.confidence).to_owned(),
    ]
}

/// The values at the place and day of the site.
fn value_here(site: &Site<'_>, id: ParameterId) -> String {
    let (Some(program), Some(here)) = (&site.program, site.here()) else { return String::new() };
    let values = program.parameters.get(id.index()).map_or(&[][..], Vec::as_slice);
    let words: Vec<String> = values
        .iter()
        .enumerate()
        .filter_map(|(key, value)| {
            let row = match value {
                ParameterValue::Value(_, row) | ParameterValue::None(row) => {
                    site.library.rows.get(*row as usize)?
                }
                ParameterValue::Unpublished => return None,
            };
            let kind = program.key_words(id, key).join("、");
            let colon = if kind.is_empty() { "" } else { "：" };
            Some(format!("{kind}{colon}{}", wording::row_value(site.library, row)))
        })
        .collect();
    let words =
        if words.is_empty() { "没有公布，结果是“不详”".to_owned() } else { words.join("；") };
    format!("<p class=\"here\">{}　{}</p>\n", escape(&here), escape(&words))
}
