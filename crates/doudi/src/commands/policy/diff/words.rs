//! The differences as lines to read.

use super::compare::{Change, DeclarationChange, Difference, DocumentChange, TextChange};
use super::parameters::RowChange;
use std::fmt::Write;

pub fn text(difference: &Difference) -> String {
    if difference.same {
        return "两边一样。".to_owned();
    }
    let mut out = String::new();
    difference.documents.iter().for_each(|change| document(&mut out, change));
    if !difference.parameters.is_empty() {
        let _ = writeln!(out, "参数表");
        difference.parameters.iter().for_each(|change| row(&mut out, change));
        out.push('\n');
    }
    section(&mut out, "项目登记表（programs.toml）", &difference.programmes);
    section(&mut out, "节假日安排", &difference.calendars);
    if !difference.files.is_empty() {
        let _ = writeln!(out, "其他文件");
        for change in &difference.files {
            let _ = writeln!(out, "  {}：{}", word(change), change.what);
        }
    }
    out
}

fn word(change: &Change) -> &'static str {
    match (&change.before, &change.after) {
        (None, _) => "新增",
        (_, None) => "删去",
        _ => "改动",
    }
}

fn section(out: &mut String, title: &str, changes: &[Change]) {
    if changes.is_empty() {
        return;
    }
    let _ = writeln!(out, "{title}");
    changes.iter().for_each(|change| named(out, change, &change.what));
    out.push('\n');
}

fn named(out: &mut String, change: &Change, what: &str) {
    let _ = writeln!(out, "  {}：{what}", word(change));
    before_and_after(out, change.before.as_deref(), change.after.as_deref());
}

fn before_and_after(out: &mut String, before: Option<&str>, after: Option<&str>) {
    for (mark, text) in [("原", before), ("现", after)] {
        let Some(text) = text else { continue };
        for (number, line) in text.lines().enumerate() {
            let mark = if number == 0 { format!("{mark}：") } else { "    ".to_owned() };
            let _ = writeln!(out, "    {mark}{line}");
        }
    }
}

fn document(out: &mut String, change: &DocumentChange) {
    let title = if change.title == change.id {
        format!("《{}》", change.title)
    } else {
        format!("《{}》（{}）", change.title, change.id)
    };
    let _ = writeln!(out, "{}文件 {title}　{}，{}", change.change, change.place, change.period);
    if change.change == "改动" {
        change.header.iter().for_each(|field| {
            let (before, after) = (field.before.as_deref(), field.after.as_deref());
            let _ = writeln!(
                out,
                "  文件头 {}：{} → {}",
                field.what,
                before.unwrap_or("（没有）"),
                after.unwrap_or("（没有）")
            );
        });
        change.texts.iter().for_each(|text| article(out, text));
        change.declarations.iter().for_each(|found| declaration(out, found));
        change.not_carried_out.iter().for_each(|found| named(out, found, &format!("未实现 {}", found.what)));
        change.own_gaps.iter().for_each(|found| named(out, found, &format!("缺口 {}", found.what)));
        for example in &change.examples {
            let _ = writeln!(out, "  {}：算例 {}", word(example), example.what);
        }
    } else {
        // A whole document is read in its file; here stands what is in it.
        let names: Vec<String> = change.declarations.iter().map(name).collect();
        let _ = writeln!(out, "  {} 条原文，{} 组算例", change.texts.len(), change.examples.len());
        if !names.is_empty() {
            let _ = writeln!(out, "  {}", names.join("、"));
        }
    }
    if change.programmes.is_empty() {
        let _ = writeln!(out, "  牵涉的项目：没有");
    } else {
        let _ = writeln!(out, "  牵涉的项目：{}", change.programmes.join("、"));
    }
    out.push('\n');
}

fn name(found: &DeclarationChange) -> String {
    let label = found.label.as_ref().map_or(String::new(), |label| format!("「{label}」"));
    format!("{} {}{label}", found.kind, found.name)
}

fn article(out: &mut String, change: &TextChange) {
    let what = if change.article.is_empty() { "文件开头" } else { &change.article };
    let change_word = match (&change.before, &change.after) {
        (None, _) => "新增",
        (_, None) => "删去",
        _ => "改动",
    };
    let _ = writeln!(out, "  {change_word}：原文 {what}");
    before_and_after(out, change.before.as_deref(), change.after.as_deref());
    if change.formula_unchanged {
        let _ = writeln!(out, "    注意：原文改了，这一条的式子没有改，请核对");
    }
}

fn declaration(out: &mut String, change: &DeclarationChange) {
    let change_word = match (&change.before, &change.after) {
        (None, _) => "新增",
        (_, None) => "删去",
        _ => "改动",
    };
    let _ = writeln!(out, "  {change_word}：{}　{}", name(change), change.article);
    before_and_after(out, change.before.as_deref(), change.after.as_deref());
    if !change.programmes.is_empty() {
        let _ = writeln!(out, "    牵涉的项目：{}", change.programmes.join("、"));
    }
}

fn row(out: &mut String, change: &RowChange) {
    let dimensions =
        if change.dimensions.is_empty() { String::new() } else { format!(" {}", change.dimensions) };
    let _ = write!(
        out,
        "  {}：{} {}{dimensions} {} 起：",
        change.change, change.place, change.parameter, change.from
    );
    let _ = match (&change.before, &change.after) {
        (Some(before), Some(after)) if before == after => write!(out, "{after}"),
        (Some(before), Some(after)) => write!(out, "{before} → {after}"),
        (None, Some(after)) => write!(out, "{after}（前一天没有值）"),
        (before, None) => write!(out, "{} → （删去）", before.as_deref().unwrap_or("")),
    };
    out.push('\n');
    for (what, before, after) in [
        ("止", &change.to_before, &change.to_after),
        ("依据文件", &change.document_before, &change.document_after),
    ] {
        if let (Some(before), Some(after)) = (before, after)
            && before != after
        {
            let _ = writeln!(out, "    {what}：{before} → {after}");
        }
    }
    match (change.confidence_before, change.confidence_after) {
        (Some(before), Some(after)) if before != after => {
            let _ = writeln!(out, "    把握：{before} → {after}");
        }
        _ => {}
    }
    if change.change == "新增"
        && let Some(document) = &change.document_after
    {
        let _ = writeln!(out, "    依据文件：{document}");
    }
    if change.change == "改动" && change.before != change.after {
        let _ = writeln!(out, "    注意：改的是已经写下的值，早先的月份再算会不同；新标准应另起一行");
    }
    if !change.programmes.is_empty() {
        let _ = writeln!(out, "    牵涉的项目：{}", change.programmes.join("、"));
    }
}
