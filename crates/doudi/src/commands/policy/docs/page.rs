//! One page: its frame, its style, and the few pieces of markup that all pages share.

use std::fmt::Write;

pub struct Page {
    pub file: String,
    pub title: String,
    note: String,
    /// Markup, with links to other pages by their files.
    pub body: String,
}

/// Whatever is not known to be markup goes through here.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

pub fn link(href: &str, words: &str) -> String {
    format!("<a href=\"{}\">{}</a>", escape(href), escape(words))
}

/// A page; `body` is markup.
pub fn frame(file: &str, title: &str, note: &str, body: &str) -> Page {
    Page { file: file.to_owned(), title: title.to_owned(), note: note.to_owned(), body: body.to_owned() }
}

impl Page {
    /// With everything that it needs to stand alone.
    pub fn html(&self) -> String {
        let title = escape(&self.title);
        let mut html = format!(
            "<!doctype html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>{title}</title>\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><style>{STYLE}</style></head>\n<body>\
             <nav><a href=\"index.html\">目录</a> <a href=\"facts.html\">要查的事实</a> \
             <a href=\"parameters.html\">各地标准</a> <a href=\"rules.html\">规则</a> \
             <a href=\"checks.html\">疑点</a></nav>\n<main><h1>{title}</h1>\n"
        );
        if !self.note.is_empty() {
            let _ = writeln!(html, "<p class=\"here\">{}</p>", escape(&self.note));
        }
        html.push_str(&self.body);
        html.push_str(
            "</main>\n<footer>由 doudi policy docs 从政策文件生成。式子是对原文的一种理解，不是官方解释，把握写在旁边；\
             以文件原文和当地民政部门的答复为准。</footer></body></html>\n",
        );
        html
    }
}

/// A table of markup cells. On a telephone each row is a card, each cell with its heading before it.
pub fn table(headers: &[&str], rows: &[Vec<String>]) -> String {
    let mut out = String::from("<div class=\"scroll\"><table class=\"cards\"><thead><tr>");
    for header in headers {
        let _ = write!(out, "<th scope=\"col\">{}</th>", escape(header));
    }
    out.push_str("</tr></thead><tbody>\n");
    for row in rows {
        out.push_str("<tr>");
        for (at, cell) in row.iter().enumerate() {
            let header = escape(headers.get(at).copied().unwrap_or(""));
            let _ = write!(out, "<td data-label=\"{header}\">{cell}</td>");
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody></table></div>\n");
    out
}

/// A list of markup items.
pub fn list(items: &[String]) -> String {
    let lines: String = items.iter().map(|item| format!("<li>{item}</li>\n")).collect();
    format!("<ul>\n{lines}</ul>\n")
}

const STYLE: &str = "\
:root{color-scheme:light}*{box-sizing:border-box}\
body{font-family:\"Microsoft YaHei\",\"PingFang SC\",\"Noto Sans CJK SC\",sans-serif;margin:0 auto;padding:0 20px 48px;max-width:60rem;\
color:#1a1a1a;background:#fff;line-height:1.7;font-size:16px;overflow-wrap:anywhere}\
nav{padding:10px 0;border-bottom:1px solid #bbb}nav a{display:inline-block;padding:4px 10px 4px 0}\
h1{font-size:24px;line-height:1.4;margin:18px 0 8px}h2{font-size:20px;margin:32px 0 8px;border-left:5px solid #1f4e79;padding-left:10px}\
h3{font-size:17px;margin:22px 0 6px}h4{font-size:16px;margin:16px 0 4px}p{margin:8px 0}\
a{color:#0b4a8f}a:focus-visible,summary:focus-visible{outline:3px solid #f5a300;outline-offset:1px}\
blockquote{margin:10px 0;padding:8px 14px;background:#f6f4ee;border-left:4px solid #b08d3c}\
.here{background:#e3f3e6;border:1px solid #14532d;border-radius:4px;padding:6px 12px}.small,footer{font-size:14px;color:#444}\
.tag{font-size:13px;border:1px solid #666;border-radius:3px;padding:0 5px;white-space:nowrap}.tag.on{background:#e3f3e6;border-color:#14532d;color:#14532d}\
.unsure{background:#fdebd0;border-left:4px solid #a85b00;padding:4px 12px;margin:8px 0}\
.undone{background:#eee;border-left:4px solid #666;padding:4px 12px;margin:10px 0}\
details{margin:8px 0;border:1px solid #c9ced6;border-radius:4px}summary{cursor:pointer;padding:7px 12px}details>:not(summary){margin-left:12px;margin-right:12px}\
pre{white-space:pre-wrap;background:#f4f6f9;padding:8px 12px;font-size:15px;line-height:1.75;font-family:inherit;margin:8px 0}pre a{text-decoration-thickness:1px;text-underline-offset:3px}\
pre .remark{color:#5d5d5d}.anchor{display:block;scroll-margin-top:10px}\
.scroll{overflow-x:auto;max-width:100%}table{border-collapse:collapse;margin:8px 0;font-size:15px;line-height:1.5}\
th,td{border:1px solid #999;padding:4px 8px;text-align:left;vertical-align:top;min-width:4.5em;overflow-wrap:normal}.day{white-space:nowrap}.scroll td:first-child{min-width:6.5em}th{background:#eaf0f6}td.answer,th.answer{background:#eef6ef}\
ul{padding-left:1.4em;margin:6px 0}li{margin:3px 0}.columns{columns:16em;column-gap:24px}.columns ul{margin:0}\
dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 14px;margin:8px 0}dt{color:#444}dd{margin:0}\
.gone{color:#666}:target{background:#fff3c4}\
footer{margin-top:40px;border-top:1px solid #bbb;padding-top:8px}\
@media (max-width:600px){body{padding:0 12px 32px}h1{font-size:21px}h2{font-size:18px}dl{grid-template-columns:1fr}dd{margin-bottom:6px}details>:not(summary){margin-left:8px;margin-right:8px}}\
@media screen and (max-width:600px){.cards,.cards tbody,.cards tr,.cards td{display:block}.cards thead{display:none}\
.cards tr{border:1px solid #999;border-radius:4px;margin:8px 0;padding:4px 8px}.cards td{border:0;padding:2px 0;min-width:0}.cards td:empty{display:none}\
.cards td[data-label]::before{content:attr(data-label)\"：\";color:#555}.cards td details{margin:4px 0}}\
@media print{@page{size:A4;margin:14mm}body{max-width:none;padding:0;font-size:10.5pt}nav{display:none}a{color:inherit;text-decoration:none}\
details::details-content{content-visibility:visible;block-size:auto}details{border:0}summary{list-style:none;font-weight:bold}\
h2,h3,h4,summary{break-after:avoid}tr,blockquote{break-inside:avoid}thead{display:table-header-group}.scroll{overflow:visible}table{font-size:9pt}\
blockquote,th,.unsure,.undone,.here{-webkit-print-color-adjust:exact;print-color-adjust:exact}}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_knows_its_heading_for_narrow_screens() {
        let table = table(&["值", "<从>"], &[vec!["440元".into(), "2020".into()]]);
        assert!(
            table.contains("<td data-label=\"值\">440元</td><td data-label=\"&lt;从&gt;\">2020</td>"),
            "{table}"
        );
        assert!(STYLE.contains("content:attr(data-label)"));
    }

    #[test]
    fn markup_in_words_is_text() {
        let page = frame("a.html", "<甲>", "“'&", &link("x.html#\"", "<b>"));
        for escaped in ["<h1>&lt;甲&gt;</h1>", "“&#39;&amp;", "x.html#&quot;", ">&lt;b&gt;</a>"] {
            assert!(page.html().contains(escaped), "{escaped}");
        }
    }
}
