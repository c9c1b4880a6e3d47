//! The explanation as a page: a waterfall of weights. No script, nothing from elsewhere; it prints on A4 and fits a phone.

use super::shown::{Line, Shown};
use doudi_linkage::{Field, Mark, MarkKind};
use std::fmt::Write;

const STYLE: &str = "\
:root{--for:#1f7a4d;--against:#b3402a;--sum:#2b4a7f;--line:#d8d5cc;--soft:#6b675e}\
*{box-sizing:border-box}\
body{margin:0 auto;padding:1.2rem;max-width:52rem;font:16px/1.6 \"Noto Sans CJK SC\",\"Source Han Sans SC\",\"Microsoft YaHei\",sans-serif;color:#22201c;background:#fff}\
h1{font-size:1.25rem;margin:0 0 .3rem;line-height:1.4}h2{font-size:1rem;margin:1.4rem 0 .3rem}\
.verdict{font-size:1.1rem;margin:.2rem 0 .6rem;padding:.5rem .8rem;border-left:.3rem solid var(--sum);background:#f4f3ef}\
.hint{color:var(--soft);font-size:.9rem;margin:.2rem 0 .6rem}\
table{width:100%;border-collapse:collapse}td,th{padding:.45rem .4rem;border-bottom:1px solid var(--line);vertical-align:top;text-align:left}\
th{font-weight:normal;color:var(--soft);font-size:.85rem}\
td.weight{white-space:nowrap;text-align:right;font-variant-numeric:tabular-nums}\
.values{font-size:.9rem;color:#3d3a34;overflow-wrap:anywhere}.values span.side{color:var(--soft)}\
mark{background:#ffe08a;padding:0 .12em;border-radius:.15em;font-weight:600}.note{color:var(--soft);font-size:.85rem}\
.track{position:relative;height:1.1rem;background:#f4f3ef;min-width:9rem}\
.bar{position:absolute;top:0;bottom:0;min-width:2px}.bar.for{background:var(--for)}.bar.against{background:repeating-linear-gradient(45deg,var(--against) 0 4px,#d98a78 4px 6px)}\
.bar.sum{background:var(--sum)}.zero{position:absolute;top:-.2rem;bottom:-.2rem;border-left:2px dotted #22201c}\
tr.sum td{font-weight:600;border-bottom:2px solid #22201c}\
ul{margin:.2rem 0;padding-left:1.3rem}\
footer{margin-top:1.5rem;color:var(--soft);font-size:.8rem}\
@media(max-width:40rem){body{padding:.8rem}thead{display:none}tr{display:grid;grid-template-columns:1fr auto;border-bottom:1px solid var(--line);padding:.3rem 0}td{border:0;padding:.15rem .2rem}td.chart{grid-column:1/3}tr.sum td{border:0}}\
@media print{@page{size:A4;margin:15mm}body{padding:0;max-width:none;font-size:11pt}tr,.verdict{break-inside:avoid}.bar,mark,.track,.verdict{-webkit-print-color-adjust:exact;print-color-adjust:exact}}";

pub fn page(shown: &Shown<'_>) -> String {
    let title = format!("{}，是不是{}？", shown.subject(), shown.object());
    let mut page = String::from("<!DOCTYPE html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\">");
    page.push_str("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">");
    let _ = write!(page, "<title>{}</title><style>{STYLE}</style></head>\n<body>", escaped(&title));
    let _ =
        write!(page, "<h1>{}</h1><p class=\"verdict\">{}</p>", escaped(&title), escaped(&shown.verdict()));
    if shown.explanation.person.is_some() {
        waterfall(shown, &mut page);
    }
    section("为什么不自动对上", &shown.reasons(), &mut page);
    section("读取时改过的", &shown.repairs(), &mut page);
    section("其他可能的人", &shown.others(), &mut page);
    let masked = if shown.unmask {
        ""
    } else {
        "证件号码、电话、账号遮了一部分；有出入的字符照原样。"
    };
    let _ = write!(
        page,
        "<footer>{masked}机器只提供线索，是不是同一个人由核对的人决定。分值取自“{}”。</footer></body></html>",
        escaped(&shown.weights.name)
    );
    page
}

fn waterfall(shown: &Shown<'_>, page: &mut String) {
    let explanation = shown.explanation;
    let lines = shown.lines();
    let mut sums = vec![0.0, -explanation.nobody];
    for line in &lines {
        sums.push(sums.last().copied().unwrap_or_default() + line.weight);
    }
    let others = explanation.nobody - explanation.against;
    let told = others < -0.05;
    if told {
        sums.push(sums.last().copied().unwrap_or_default() + others);
    }
    let scale = Scale::over(&sums);
    page.push_str("<p class=\"hint\">一分是可能性翻一番，负数是减半；虚线是 0 分，一半对一半。绿色实条说明是，红色斜纹条说明不是。</p>");
    page.push_str("<table><thead><tr><th>比的是什么</th><th>分</th><th>累计</th></tr></thead><tbody>");
    row(page, "起点：人很多，先当作不是", "", -explanation.nobody, &scale.bar(0.0, -explanation.nobody));
    let mut from = -explanation.nobody;
    for line in &lines {
        row(page, &line.label, &values(line), line.weight, &scale.bar(from, from + line.weight));
        from += line.weight;
    }
    if told {
        row(page, "别人也有几处相符", "", others, &scale.bar(from, from + others));
        from += others;
    }
    let bar = scale.piece("sum", 0.0, from);
    let _ = write!(
        page,
        "<tr class=\"sum\"><td>合计</td><td class=\"weight\">{}</td><td class=\"chart\">{bar}</td></tr>",
        signed(from)
    );
    page.push_str("</tbody></table>");
}

fn row(page: &mut String, label: &str, values: &str, weight: f64, bar: &str) {
    let _ = write!(
        page,
        "<tr><td>{}{values}</td><td class=\"weight\">{}</td><td class=\"chart\">{bar}</td></tr>",
        escaped(label),
        signed(weight)
    );
}

/// A true minus sign, which is as wide as the plus.
fn signed(weight: f64) -> String {
    format!("{weight:+.1}").replace('-', "−")
}

/// Both values, what differs marked.
fn values(line: &Line) -> String {
    if line.field == Field::Household || (line.ours.is_empty() && line.theirs.is_empty()) {
        return String::new();
    }
    let side = |name: &str, text: &str, of: &dyn Fn(&Mark) -> Option<char>| {
        let value = if line.marks.is_empty() { escaped(text) } else { marked(&line.marks, of) };
        let value = if value.is_empty() { "（空）".to_owned() } else { value };
        format!("<div class=\"values\"><span class=\"side\">{name}</span> {value}</div>")
    };
    if line.same {
        return side("两边都是", &line.ours, &|mark| mark.ours);
    }
    let mut text =
        side("名册", &line.ours, &|mark| mark.ours) + &side("底册", &line.theirs, &|mark| mark.theirs);
    if !line.notes.is_empty() {
        let _ = write!(text, "<div class=\"note\">{}</div>", escaped(&line.notes.join("；")));
    }
    text
}

fn marked(marks: &[Mark], side: &dyn Fn(&Mark) -> Option<char>) -> String {
    let place = |mark: &Mark| match (side(mark), mark.kind) {
        (Some(c), MarkKind::Same) => escaped(&c.to_string()),
        (Some(c), _) => format!("<mark>{}</mark>", escaped(&c.to_string())),
        (None, _) => "<mark>　</mark>".to_owned(),
    };
    marks.iter().map(place).collect()
}

fn section(head: &str, list: &[String], page: &mut String) {
    if list.is_empty() {
        return;
    }
    let _ = write!(page, "<h2>{head}</h2><ul>");
    for line in list {
        let _ = write!(page, "<li>{}</li>", escaped(line));
    }
    page.push_str("</ul>");
}

/// From the lowest sum to the highest.
struct Scale {
    least: f64,
    width: f64,
}

impl Scale {
    fn over(sums: &[f64]) -> Scale {
        let least = sums.iter().copied().fold(0.0, f64::min);
        let most = sums.iter().copied().fold(0.0, f64::max);
        Scale { least, width: (most - least).max(1.0) }
    }

    fn at(&self, sum: f64) -> f64 {
        100.0 * (sum - self.least) / self.width
    }

    fn bar(&self, from: f64, to: f64) -> String {
        self.piece(if to >= from { "for" } else { "against" }, from, to)
    }

    fn piece(&self, class: &str, from: f64, to: f64) -> String {
        let (left, right) = (self.at(from.min(to)), self.at(from.max(to)));
        format!(
            "<div class=\"track\"><div class=\"bar {class}\" style=\"left:{left:.2}%;width:{:.2}%\"></div><div class=\"zero\" style=\"left:{:.2}%\"></div></div>",
            right - left,
            self.at(0.0)
        )
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
