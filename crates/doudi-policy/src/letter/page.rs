//! Letters as A4 pages to print: one file, no script, nothing fetched.

use super::{Letter, LineStyle};
use std::fmt::Write;

/// Sizes of print in tenths of a point, from one that an old person reads easily to the smallest that is decent.
const SIZES: [usize; 6] = [148, 140, 132, 124, 116, 108];
/// The part of an A4 page that may be printed on, in tenths of a millimetre; a little is kept back.
const WIDTH: usize = 1_660;
const HEIGHT: usize = 2_530;
/// A line is this much higher than its print, in percent.
const LEADING: usize = 162;
const TITLE: usize = 190;
const HEADING_GAP: usize = 45;
const SIGNATURE_GAP: usize = 70;

impl Letter {
    /// One page for each letter. What is to be checked before signing is seen on the screen and not printed.
    pub fn page(letters: &[Letter]) -> String {
        let title = letters.first().map_or("", |letter| letter.title.as_str());
        let mut body = String::new();
        for letter in letters {
            letter.sheet(&mut body);
        }
        format!(
            "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>{}</title>\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><style>{STYLE}</style></head>\
             <body>{body}</body></html>",
            escape(title)
        )
    }

    fn sheet(&self, out: &mut String) {
        if !self.to_check.is_empty() {
            out.push_str("<aside><b>签发前核对（不打印）</b><ul>");
            for note in &self.to_check {
                let _ = write!(out, "<li>{}</li>", escape(note));
            }
            out.push_str("</ul></aside>");
        }
        let size = self.size();
        let _ = write!(out, "<article style=\"font-size:{}.{}pt\">", size / 10, size % 10);
        let mut greeted = false;
        for line in &self.lines {
            let text = whole_numbers(&escape(&line.text));
            let _ = match line.style {
                LineStyle::Title => write!(out, "<h1>{text}</h1>"),
                LineStyle::Heading => write!(out, "<h2>{text}</h2>"),
                LineStyle::Item => write!(out, "<p class=\"item\">{text}</p>"),
                LineStyle::Signature => write!(out, "<p class=\"signature\">{text}</p>"),
                LineStyle::Text if !greeted => {
                    greeted = true;
                    write!(out, "<p class=\"greeting\">{text}</p>")
                }
                LineStyle::Text => write!(out, "<p>{text}</p>"),
            };
        }
        out.push_str("</article>");
    }
}

impl Letter {
    /// The largest print at which the letter is one page.
    fn size(&self) -> usize {
        let [.., smallest] = SIZES;
        SIZES.into_iter().find(|size| self.height(*size) <= HEIGHT).unwrap_or(smallest)
    }

    fn height(&self, size: usize) -> usize {
        // A point is 0.3528 mm; a Chinese character is as wide as it is high.
        let mark = size * 3_528 / 10_000;
        let line = mark * LEADING / 100;
        let signed = self.lines.iter().any(|line| line.style == LineStyle::Signature);
        let heights = self.lines.iter().map(|at| match at.style {
            LineStyle::Title => TITLE,
            LineStyle::Heading => line + HEADING_GAP,
            _ => {
                let halves: usize = at.text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
                let marks = halves.div_ceil(2) + 2;
                marks.div_ceil(WIDTH / mark) * line
            }
        });
        heights.sum::<usize>() + if signed { SIGNATURE_GAP } else { 0 }
    }
}

const STYLE: &str = "@page{size:A4;margin:20mm 22mm}\
*{box-sizing:border-box}body{margin:0;background:#e9ebee;color:#000;font-family:'FangSong','仿宋','FangSong_GB2312','Noto Serif CJK SC','Source Han Serif SC','SimSun','宋体',serif}\
article{background:#fff;width:210mm;min-height:297mm;margin:8mm auto;padding:20mm 22mm;line-height:1.62}\
h1{font:bold 21pt/1.4 'Noto Sans CJK SC','SimHei','黑体','Microsoft YaHei',sans-serif;text-align:center;margin:0 0 7mm}\
h2{font:bold 1em/1.62 'Noto Sans CJK SC','SimHei','黑体','Microsoft YaHei',sans-serif;margin:.7em 0 .15em;break-after:avoid}\
span{white-space:nowrap}p{margin:0;text-indent:2em;text-align:justify;overflow-wrap:anywhere}.greeting{text-indent:0}.signature{text-align:right;text-indent:0;break-before:avoid}\
.signature:not(.signature + .signature){margin-top:1.4em}\
aside{max-width:210mm;margin:8mm auto 0;padding:4mm 8mm;background:#fff7e0;border:1px solid #c99a1b;font:11pt/1.6 'Noto Sans CJK SC','Microsoft YaHei',sans-serif}\
aside ul{margin:0;padding-left:1.4em}\
@media print{body{background:#fff}article{width:auto;min-height:0;margin:0;padding:0;break-after:page}article:last-child{break-after:auto}aside{display:none}}";

/// Keeps a number and the unit behind it on one line.
fn whole_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, number) = rest.split_at(start);
        let digits = number
            .find(|c: char| !c.is_ascii_digit() && !matches!(c, ',' | '.' | '%'))
            .unwrap_or(number.len());
        let unit = number[digits..].chars().next().filter(|c| !c.is_ascii()).map_or(0, char::len_utf8);
        let (kept, after) = number.split_at(digits + unit);
        let _ = write!(out, "{before}<span>{kept}</span>");
        rest = after;
    }
    out.push_str(rest);
    out
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
