//! The front pages: by place, by programme, and the lists of rules, standards and checks.

use super::page::{Page, escape, frame, list, table};
use super::site::Site;
use crate::commands::policy::registry::Programme;
use crate::commands::policy::wording;
use doudi_policy::ir::{EntityId, ParameterId, RuleId, Template};
use doudi_policy::{Document, Named, header_field};
use doudi_terms::RegionLevel;
use std::collections::BTreeSet;
use std::fmt::Write;

pub fn pages(site: &Site<'_>) -> Vec<Page> {
    vec![index(site), rules(site), parameters(site), checks(site)]
}

fn index(site: &Site<'_>) -> Page {
    let library = site.library;
    let mut body = format!(
        "<p>这里是程序所依据的政策文件：原文、按原文写成的式子、检验式子的算例，以及各地公布的标准。共 {} 份文件，{} 条规则，\
         {} 个参数，{} 种疑点。</p>\n",
        library.documents.len(),
        library.rules.len(),
        library.parameters.len(),
        library.checks.len()
    );
    if let Some(here) = site.here() {
        let _ = writeln!(body, "<p class=\"here\">标明了适用与否：{}</p>", escape(&here));
    }
    body.push_str("<h2>按项目</h2>\n");
    site.programmes.iter().for_each(|programme| body.push_str(&programme_section(site, programme)));
    if site.programmes.is_empty() {
        body.push_str("<p>这个文件夹没有项目登记表（programs.toml）。</p>\n");
    }
    body.push_str("<h2>按地区</h2>\n");
    for (level, title) in [
        (RegionLevel::Country, "全国"),
        (RegionLevel::Province, "省、自治区、直辖市"),
        (RegionLevel::Prefecture, "市、州"),
        (RegionLevel::County, "县、区"),
        (RegionLevel::Township, "乡镇、街道"),
        (RegionLevel::Village, "村、社区"),
    ] {
        body.push_str(&level_section(site, level, title));
    }
    frame("index.html", "政策文件", "", &body)
}

fn level_section(site: &Site<'_>, level: RegionLevel, title: &str) -> String {
    let mut found: Vec<(u32, &Document)> = site
        .library
        .documents
        .iter()
        .enumerate()
        .filter(|(_, document)| document.region.level() == level)
        .map(|(number, document)| (number as u32, document))
        .collect();
    if found.is_empty() {
        return String::new();
    }
    // Law before its instructions, instructions before working rules.
    found.sort_by_key(|(number, document)| (document.region, std::cmp::Reverse(document.rank), *number));
    let rows: Vec<Vec<String>> = found
        .into_iter()
        .map(|(number, document)| {
            let rank = header_field(site.source(document), "位阶").unwrap_or("");
            let mut cells = vec![
                format!("{}{}", site.document_link(number), site.document_in_force(number)),
                escape(rank),
                escape(&wording::period(document)),
            ];
            if level != RegionLevel::Country {
                cells.insert(0, escape(&site.place(document)));
            }
            cells
        })
        .collect();
    let headers: &[&str] = if level == RegionLevel::Country {
        &["文件", "位阶", "施行"]
    } else {
        &["地区", "文件", "位阶", "施行"]
    };
    format!("<h3>{title}</h3>\n{}", table(headers, &rows))
}

/// A programme with the questions that the clearing asks, and folded what the answers rest on.
fn programme_section(site: &Site<'_>, programme: &Programme) -> String {
    let questions = programme.questions(site.library);
    let starts: Vec<Named> = questions.iter().map(|(_, rule)| *rule).collect();
    let rests_on = site.uses.rests_on(&starts);
    let mut documents: BTreeSet<u32> = BTreeSet::new();
    let mut standards = Vec::new();
    for named in &rests_on {
        match named {
            Named::Rule(id) => {
                let defs = site.library.rules.get(id.index()).map_or(&[][..], |rule| &rule.defs);
                documents.extend(defs.iter().filter_map(|id| site.library.def(*id)).map(|def| def.document));
            }
            Named::Parameter(_) => standards.push(site.name(*named)),
            _ => {}
        }
    }
    let asked: Vec<String> =
        questions.iter().map(|(question, rule)| format!("{question}：{}", site.name(*rule))).collect();
    let documents: Vec<String> = documents.into_iter().map(|number| site.document_link(number)).collect();
    format!(
        "<h3 id=\"项目-{}\">{}</h3>\n<p class=\"small\">按{}算　依据 {}</p>\n{}<details><summary>牵涉 {} 份文件、{} 个参数</summary>\n{}\
         <p>参数：{}</p></details>\n",
        escape(&programme.id),
        escape(&programme.name),
        escape(&programme.unit),
        site.citation(&programme.citation),
        list(&asked),
        documents.len(),
        standards.len(),
        list(&documents),
        standards.join("、"),
    )
}

fn rules(site: &Site<'_>) -> Page {
    let library = site.library;
    let mut body = String::new();
    for (index, entity) in library.entities.iter().enumerate() {
        let of = EntityId(index as u8);
        let mut own: Vec<(&str, RuleId)> = library
            .rules
            .iter()
            .enumerate()
            .filter(|(_, rule)| rule.entity == of)
            .map(|(at, rule)| (rule.name.as_str(), RuleId(at as u32)))
            .collect();
        if own.is_empty() {
            continue;
        }
        own.sort();
        let items: Vec<String> = own.iter().map(|(name, id)| site.name_as(Named::Rule(*id), name)).collect();
        let _ = write!(
            body,
            "<h2>{}：{} 条</h2>\n<div class=\"columns\">{}</div>\n",
            escape(&entity.name),
            own.len(),
            list(&items)
        );
    }
    frame("rules.html", "规则", "", &body)
}

fn parameters(site: &Site<'_>) -> Page {
    let library = site.library;
    let mut rows: Vec<(&str, Vec<String>)> = library
        .parameters
        .iter()
        .enumerate()
        .map(|(at, parameter)| {
            let id = ParameterId(at as u32);
            let own: Vec<_> = library.rows.iter().filter(|row| row.parameter == id).collect();
            let mut places: Vec<_> = own.iter().map(|row| row.region).collect();
            places.sort();
            places.dedup();
            let places: Vec<String> =
                places.iter().map(|region| escape(&wording::place(&site.divisions, *region))).collect();
            let cells = vec![
                site.name(Named::Parameter(id)),
                if places.is_empty() { "还没有".to_owned() } else { places.join("、") },
                own.len().to_string(),
                escape(parameter.note.as_deref().unwrap_or("")),
            ];
            (parameter.name.as_str(), cells)
        })
        .collect();
    rows.sort();
    let rows: Vec<Vec<String>> = rows.into_iter().map(|(_, cells)| cells).collect();
    let body = format!(
        "<p>各地公布的数。老的值不改，新的标准另起一行，所以早先的月份还能算出当时的结果。</p>\n{}",
        table(&["参数", "有值的地方", "几行", "没有时要查"], &rows)
    );
    frame("parameters.html", "各地标准", "", &body)
}

fn checks(site: &Site<'_>) -> Page {
    let mut body = String::from(
        "<p>疑点是要人去核实的线索，不停发任何人的钱。条件确定成立的才列出来，不清楚的不列。</p>\n",
    );
    for severity in ["红", "橙", "黄"] {
        let items: Vec<Vec<String>> = site
            .library
            .checks
            .iter()
            .enumerate()
            .filter(|(_, check)| check.severity == severity)
            .map(|(at, check)| {
                let named = Named::Check(doudi_policy::ir::CheckId(at as u32));
                let heading = site
                    .library
                    .articles
                    .get(check.article.index())
                    .map_or("", |found| found.heading.as_str());
                vec![
                    site.name(named),
                    escape(&template_words(site, &check.reason)),
                    escape(check.verify.as_deref().unwrap_or("")),
                    escape(check.close.as_deref().unwrap_or("")),
                    site.article_link(check.document, heading),
                ]
            })
            .collect();
        if !items.is_empty() {
            let _ = write!(
                body,
                "<h2>{severity}：{} 种</h2>\n{}",
                items.len(),
                table(&["疑点", "说什么", "怎样核查", "怎样销号", "依据"], &items)
            );
        }
    }
    frame("checks.html", "疑点", "", &body)
}

/// The words of a check with what is filled in left in braces.
fn template_words(site: &Site<'_>, parts: &[Template]) -> String {
    parts
        .iter()
        .map(|part| match part {
            Template::Text(text) => text.clone(),
            Template::Value(expr) => {
                let source = site.library.sources.get(expr.span.source.0 as usize);
                format!("〔{}〕", source.map_or("", |source| source.slice(expr.span)))
            }
        })
        .collect()
}
