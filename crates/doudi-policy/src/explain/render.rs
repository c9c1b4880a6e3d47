//! An explanation as Chinese lines for a letter, and as nested boxes in HTML.

use super::{Explanation, Kind};
use std::fmt::Write;

impl Explanation {
    /// Indented lines: the answer first, then what it is made of.
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        self.line(&mut out, 0);
        out
    }

    fn line(&self, out: &mut String, depth: usize) {
        let indent = "  ".repeat(depth);
        let _ = write!(out, "{indent}{}：{}", self.name, self.value);
        if let Some(reason) = &self.reason {
            let _ = write!(out, "（{reason}）");
        }
        if let Some(source) = &self.source {
            let _ = write!(out, "〔{source}〕");
        }
        if !self.citations.is_empty() {
            let _ = write!(out, " —— 依 {}", self.citations.join("；"));
        }
        if let Some(confidence) = &self.confidence {
            let _ = write!(out, " 〔把握 {confidence}〕");
        }
        out.push('\n');
        if !self.missing.is_empty() && depth == 0 {
            let _ = writeln!(out, "{indent}  还要查明：{}", self.missing.join("；"));
        }
        for change in &self.changes {
            let _ = writeln!(out, "{indent}  {}。", change.sentence);
        }
        for part in &self.parts {
            part.line(out, depth + 1);
        }
    }

    /// Nested boxes for a page that has a style of its own; every text is escaped.
    pub fn boxes(&self) -> String {
        let mut out = String::new();
        self.html_box(&mut out, 0);
        out
    }

    /// A self-contained page of nested boxes, one for each explanation, each box with its value in this case.
    pub fn page(title: &str, explanations: &[Explanation]) -> String {
        let body: String = explanations.iter().map(Explanation::boxes).collect();
        format!(
            "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>{title}</title>\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><style>{STYLE}</style></head>\
             <body><main><h1>{title}</h1>{body}</main></body></html>",
            title = escape(title),
        )
    }

    fn html_box(&self, out: &mut String, depth: usize) {
        let class = match self.kind {
            Kind::Rule => "rule",
            Kind::Fact => "fact",
            Kind::Parameter => "parameter",
        };
        let unknown = if self.known { "" } else { " unknown" };
        let head = format!(
            "<span class=\"name\">{}</span> <strong>{}</strong>",
            escape(&self.name),
            escape(&self.value)
        );
        if self.parts.is_empty() {
            let _ = write!(out, "<div class=\"box {class}{unknown}\">{head}{}</div>", self.notes());
            return;
        }
        let open = if depth < 2 { " open" } else { "" };
        let _ = write!(
            out,
            "<details class=\"box {class}{unknown}\"{open}><summary>{head}</summary>{}",
            self.notes()
        );
        for part in &self.parts {
            part.html_box(out, depth + 1);
        }
        out.push_str("</details>");
    }

    fn notes(&self) -> String {
        let mut out = String::new();
        if let Some(reason) = &self.reason {
            let _ = write!(out, "<p>{}</p>", escape(reason));
        }
        for citation in &self.citations {
            let _ = write!(out, "<p class=\"cite\">依据：{}</p>", escape(citation));
        }
        for words in &self.in_numbers {
            let _ = write!(out, "<p class=\"sum\">{}</p>", escape(words));
        }
        if self.above {
            out.push_str("<p class=\"cite\">怎么来的，前面同名的一格里有。</p>");
        }
        if let Some(formula) = &self.formula {
            let _ = write!(
                out,
                "<details class=\"law\"><summary>照哪一条算</summary><pre>{}</pre></details>",
                escape(formula)
            );
        }
        if let Some(source) = &self.source {
            let _ = write!(out, "<p class=\"cite\">来源：{}</p>", escape(source));
        }
        if let Some(confidence) = &self.confidence {
            let _ = write!(out, "<p class=\"cite\">把握：{}</p>", escape(confidence));
        }
        // A fact that is not known says so by itself.
        for missing in self.missing.iter().filter(|_| self.kind != Kind::Fact) {
            let _ = write!(out, "<p class=\"missing\">还要查明：{}</p>", escape(missing));
        }
        for change in &self.changes {
            let _ = write!(out, "<p class=\"change\">{}。</p>", escape(&change.sentence));
        }
        out
    }
}

const STYLE: &str = "body{font:16px/1.6 system-ui,'Noto Sans CJK SC','Microsoft YaHei',sans-serif;margin:0;background:#f4f5f7;color:#1b1f24}\
main{max-width:60rem;margin:0 auto;padding:1rem}h1{font-size:1.4rem}\
.box{border:1px solid #c9ced6;border-left:6px solid #2f5d9b;border-radius:4px;background:#fff;margin:.4rem 0;padding:.4rem .7rem}\
.fact{border-left-color:#4d7c3a}.parameter{border-left-color:#8a6d1f}.unknown{border-left-color:#b3261e;background:#fff7f6}\
summary{cursor:pointer}p{margin:.2rem 0}.sum{font-variant-numeric:tabular-nums}.law summary{color:#57606a;font-size:.9rem}.name{margin-right:.5rem}.cite{color:#57606a;font-size:.9rem;margin:.1rem 0}.missing{color:#8c1d18;margin:.1rem 0}.change{color:#1f5a2e;margin:.1rem 0}\
pre{white-space:pre-wrap;background:#f4f5f7;padding:.4rem .6rem;font-size:.85rem;margin:.3rem 0}@media print{details>*{display:block}body{background:#fff}}";

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
