//! The page of a document: the law's words, and folded under them the formula with its worked examples.

use super::page::{Page, escape, frame, table};
use super::site::{Site, heading_anchors, title};
use crate::commands::policy::wording;
use doudi_policy::ir::{HOUSEHOLD, PERSON};
use doudi_policy::{
    Block, BlockKind, Confidence, Declaration, Document, Named, Piece, header_field, outline,
};
use std::fmt::Write;

pub fn page(site: &Site<'_>, number: u32) -> Page {
    let document = &site.library.documents[number as usize];
    let source = site.source(document);
    let mut body = head(site, number, document);
    let anchors = heading_anchors(source);
    let mut headings = 0;
    for piece in outline(source) {
        match piece {
            Piece::Heading(level, text) => {
                let anchor = anchors.get(headings).map_or("", |(_, anchor)| anchor.as_str());
                headings += 1;
                if level == 1 && text == document.title {
                    let _ = writeln!(body, "<span class=\"anchor\" id=\"{}\"></span>", escape(anchor));
                } else {
                    let level = level.clamp(2, 4);
                    let _ =
                        writeln!(body, "<h{level} id=\"{}\">{}</h{level}>", escape(anchor), escape(&text));
                }
            }
            Piece::Quotation(text) => {
                let _ = writeln!(body, "<blockquote>{}</blockquote>", escape(&text));
            }
            Piece::Remark(text) => {
                let _ = writeln!(body, "<p>{}</p>", escape(&text));
            }
            Piece::Block(index) => {
                if let Some(block) = document.blocks.get(index) {
                    body.push_str(&block_markup(site, number, index, block));
                }
            }
        }
    }
    frame(&site.addresses.documents[number as usize], &title(document), "", &body)
}

fn head(site: &Site<'_>, number: u32, document: &Document) -> String {
    let source = site.source(document);
    let mut rows = vec![
        ("位阶", escape(header_field(source, "位阶").unwrap_or(""))),
        ("适用地区", escape(&site.place(document))),
        ("施行", format!("{}{}", escape(&wording::period(document)), site.document_in_force(number))),
    ];
    if !document.overrides.is_empty() {
        let names: Vec<String> = document.overrides.iter().map(|id| site.citation(id)).collect();
        rows.push(("优先于", names.join("、")));
    }
    if let Some(origin) = header_field(source, "来源") {
        rows.push(("来源", escape(origin)));
    }
    let lines: String = rows.iter().map(|(key, value)| format!("<dt>{key}</dt><dd>{value}</dd>")).collect();
    let here = site
        .here()
        .map_or(String::new(), |here| format!("<p class=\"here\">此地此日：{}</p>", escape(&here)));
    format!("<dl>{lines}</dl>\n{here}")
}

fn block_markup(site: &Site<'_>, number: u32, index: usize, block: &Block) -> String {
    match block.kind {
        BlockKind::Articles => articles(site, number, index, block),
        BlockKind::Cases => {
            let (caption, body) = case(site, &block.text);
            format!("<details><summary>算例：{}</summary>\n{body}</details>\n", escape(&caption))
        }
        BlockKind::NotCarriedOut => {
            format!("<div class=\"undone\">没有写成式子：{}</div>\n", escape(block.text.trim()))
        }
        BlockKind::OwnGaps => {
            format!("<div class=\"undone\">原文自身的缺口：{}</div>\n", escape(block.text.trim()))
        }
    }
}

fn articles(site: &Site<'_>, number: u32, index: usize, block: &Block) -> String {
    let own: Vec<(&Declaration, &String)> = site
        .declarations
        .iter()
        .zip(&site.addresses.anchors)
        .filter(|(found, _)| found.document == number && found.block == index)
        .collect();
    // Anchors stand before the fold: a browser that does not open a fold for an anchor still goes to it.
    let mut out: String = own
        .iter()
        .map(|(_, anchor)| format!("<span class=\"anchor\" id=\"{}\"></span>", escape(anchor)))
        .collect();
    let _ = write!(
        out,
        "<details><summary>怎样算：{}</summary>\n<pre>{}</pre></details>\n",
        escape(&summary(site, &own)),
        site.formula(block.span)
    );
    for def in site.library.defs.iter().filter(|def| {
        def.document == number
            && def.span.source == block.span.source
            && block.span.start <= def.span.start
            && def.span.end <= block.span.end
    }) {
        if let Some((level, why)) = &def.confidence
            && (*level != Confidence::High || !why.is_empty())
        {
            let name = site.name(Named::Rule(def.rule));
            let _ = writeln!(
                out,
                "<p class=\"unsure\">{name}：把握{}{}{}</p>",
                wording::confidence(*level),
                if why.is_empty() { "" } else { "，" },
                escape(why)
            );
        }
    }
    out
}

/// `低保金、低保对象；疑点 错退`, cut where it grows long.
fn summary(site: &Site<'_>, own: &[(&Declaration, &String)]) -> String {
    const SHOWN: usize = 6;
    let mut words: Vec<String> = Vec::new();
    for (found, _) in own {
        let path = site.library.path(found.named);
        let name = path.rsplit('.').next().unwrap_or(&path).to_owned();
        let word = match (found.named, &found.label) {
            (_, Some(label)) => format!("{name}的例外「{label}」"),
            (Named::Check(_), _) => format!("疑点 {name}"),
            (Named::Input(_), _) => format!("事实 {name}"),
            (Named::Parameter(_), _) => format!("参数 {name}"),
            _ => name,
        };
        if !words.contains(&word) {
            words.push(word);
        }
    }
    let more = words.len().saturating_sub(SHOWN);
    words.truncate(SHOWN);
    let rest = if more > 0 { format!("等 {} 项", words.len() + more) } else { String::new() };
    format!("{}{rest}", words.join("、"))
}

/// The caption of an example, and its table or story as markup.
fn case(site: &Site<'_>, text: &str) -> (String, String) {
    let (mut caption, mut notes, mut story) = (String::new(), Vec::new(), Vec::new());
    let (mut headers, mut rows): (Vec<&str>, Vec<Vec<String>>) = (Vec::new(), Vec::new());
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if line.starts_with('|') {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            if headers.is_empty() {
                headers = cells;
            } else if !cells.iter().all(|cell| cell.chars().all(|c| matches!(c, '-' | ':' | ' '))) {
                rows.push(cells.into_iter().map(escape).collect());
            }
        } else if line == "未列即否" {
            notes.push("没有写出的都是“否”".to_owned());
        } else if let Some(place) = line.strip_prefix("地区 ") {
            notes.push(place_words(site, place));
        } else if let Some((head, told)) = line.split_once(['：', ':']).filter(|(head, _)| is_story(head)) {
            story.push(vec![escape(head.trim()), escape(told.trim())]);
        } else if caption.is_empty() {
            caption = line.to_owned();
        }
    }
    let mut body = String::new();
    if !notes.is_empty() {
        let _ = writeln!(body, "<p class=\"small\">{}</p>", escape(&notes.join("；")));
    }
    if !headers.is_empty() {
        body.push_str(&case_table(site, &headers, &rows));
    }
    if !story.is_empty() {
        body.push_str(&table(&["谁", "知道什么，应得什么"], &story));
    }
    (caption, body)
}

fn is_story(head: &str) -> bool {
    matches!(head.trim(), "户" | "应得") || head.trim().starts_with("成员")
}

/// `500243 日期 2020-05-31` with the place's name.
fn place_words(site: &Site<'_>, place: &str) -> String {
    let (code, day) = place.split_once("日期").unwrap_or((place, ""));
    let name = doudi_terms::RegionCode::parse(code.trim())
        .map_or_else(|_| code.trim().to_owned(), |code| wording::place(&site.divisions, code));
    format!("{name} {}", day.trim())
}

fn case_table(site: &Site<'_>, headers: &[&str], rows: &[Vec<String>]) -> String {
    let answer = |at: usize| headers.get(at).is_some_and(|header| header.starts_with('→'));
    let class = |at: usize| if answer(at) { " class=\"answer\"" } else { "" };
    let mut out = String::from("<div class=\"scroll\"><table><thead><tr>");
    for (at, header) in headers.iter().enumerate() {
        let _ = write!(out, "<th scope=\"col\"{}>{}</th>", class(at), column(site, header));
    }
    out.push_str("</tr></thead><tbody>\n");
    for row in rows {
        out.push_str("<tr>");
        for (at, cell) in row.iter().enumerate() {
            let _ = write!(out, "<td{}>{cell}</td>", class(at));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody></table></div>\n");
    out
}

/// A column of an example as a link to what it names.
fn column(site: &Site<'_>, header: &str) -> String {
    let library = site.library;
    let bare = header.trim_start_matches('→').trim();
    let named = match bare.strip_prefix("疑点") {
        Some(check) => library.check_named(check.trim()).map(Named::Check),
        None => {
            let path = bare.replace("上月.", "");
            let by_path = library.rule_by_path(&path).map(Named::Rule);
            let by_path = by_path.or_else(|| library.input_by_path(&path).map(Named::Input));
            by_path.or_else(|| {
                [PERSON, HOUSEHOLD].into_iter().find_map(|entity| {
                    let input = library.input_named(entity, &path).map(Named::Input);
                    input.or_else(|| library.rule_named(entity, &path).map(Named::Rule))
                })
            })
        }
    };
    named.map_or_else(|| escape(header), |named| site.name_as(named, header))
}
