//! A policy document as a reader sees it: headings, the law's words, remarks and blocks, in the order in which they stand.

use crate::source::Source;

/// One part of a document's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Level (1 is the document's title) and text.
    Heading(usize, String),
    /// A paragraph of the law's own words.
    Quotation(String),
    /// A paragraph of the author.
    Remark(String),
    /// Index of a block in [`crate::Document::blocks`].
    Block(usize),
}

/// The law's words and the author's remarks under one heading path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArticleText {
    /// As in [`crate::Block::article`].
    pub heading: String,
    pub text: String,
}

/// The parts of a document that was read without errors.
pub fn outline(source: &Source) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let (mut in_block, mut blocks) = (false, 0);
    // Whether the next line of the same kind goes on the paragraph.
    let mut goes_on = false;
    for line in source.text.lines().skip(front_lines(source)).map(str::trim) {
        if in_block {
            in_block = line != "```";
            continue;
        }
        if line.starts_with("```") {
            pieces.push(Piece::Block(blocks));
            blocks += 1;
            (in_block, goes_on) = (true, false);
        } else if line.starts_with('#') {
            let level = line.chars().take_while(|c| *c == '#').count();
            pieces.push(Piece::Heading(level, line.trim_start_matches('#').trim().to_owned()));
            goes_on = false;
        } else if let Some(quoted) = line.strip_prefix('>') {
            match pieces.last_mut() {
                // A sentence that has ended is a paragraph of the article; a line broken in the middle goes on.
                Some(Piece::Quotation(text)) if goes_on && !text.ends_with(['。', '；', '：']) => {
                    text.push_str(quoted.trim());
                }
                _ => pieces.push(Piece::Quotation(quoted.trim().to_owned())),
            }
            goes_on = !quoted.trim().is_empty();
        } else if line.is_empty() {
            goes_on = false;
        } else {
            match pieces.last_mut() {
                Some(Piece::Remark(text)) if goes_on => text.push_str(line),
                _ => pieces.push(Piece::Remark(line.to_owned())),
            }
            goes_on = true;
        }
    }
    pieces.retain(|piece| !matches!(piece, Piece::Quotation(text) if text.is_empty()));
    pieces
}

/// The words of every article, one entry for each heading path that has any, in order.
pub fn article_texts(source: &Source) -> Vec<ArticleText> {
    let mut texts: Vec<ArticleText> = Vec::new();
    let mut headings: Vec<(usize, String)> = Vec::new();
    for piece in outline(source) {
        match piece {
            Piece::Heading(level, text) => {
                headings.retain(|(depth, _)| *depth < level);
                headings.push((level, text));
            }
            Piece::Quotation(text) | Piece::Remark(text) => {
                let path: Vec<&str> =
                    headings.iter().filter(|(level, _)| *level > 1).map(|(_, text)| text.as_str()).collect();
                let heading = path.join(" ");
                match texts.iter_mut().find(|known| known.heading == heading) {
                    Some(known) => {
                        known.text.push('\n');
                        known.text.push_str(&text);
                    }
                    None => texts.push(ArticleText { heading, text }),
                }
            }
            Piece::Block(_) => {}
        }
    }
    texts
}

/// A line of the front matter as written: `位阶`, `来源`.
pub fn header_field<'s>(source: &'s Source, key: &str) -> Option<&'s str> {
    source
        .text
        .lines()
        .take(front_lines(source))
        .filter_map(|line| line.split_once([':', '：']))
        .find(|(name, _)| name.trim() == key)
        .map(|(_, value)| value.trim())
}

/// How many lines the front matter has, its marks included.
fn front_lines(source: &Source) -> usize {
    let mut marks = source.text.lines().enumerate().filter(|(_, line)| line.trim() == "---");
    match (marks.next(), marks.next()) {
        (Some((0, _)), Some((end, _))) => end + 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        Source { path: "t.md".into(), text: text.into() }
    }

    #[test]
    fn paragraphs_of_law_and_remarks_stand_in_order_with_their_blocks() {
        let text = "---\n名称: 试\n位阶: 县级规范性文件\n---\n# 试\n说明\n\n## 一\n> 甲，\n> 乙。\n> 丙。\n\n```条文\n> 不是原文\n# 不是标题\n```\n### （一）\n> 丁。\n```未实现\n不做\n```\n";
        let text = source(text);
        assert_eq!(
            outline(&text),
            [
                Piece::Heading(1, "试".into()),
                Piece::Remark("说明".into()),
                Piece::Heading(2, "一".into()),
                Piece::Quotation("甲，乙。".into()),
                Piece::Quotation("丙。".into()),
                Piece::Block(0),
                Piece::Heading(3, "（一）".into()),
                Piece::Quotation("丁。".into()),
                Piece::Block(1),
            ]
        );
        let articles: Vec<(String, String)> =
            article_texts(&text).into_iter().map(|article| (article.heading, article.text)).collect();
        let pair = |heading: &str, text: &str| (heading.to_owned(), text.to_owned());
        assert_eq!(articles, [pair("", "说明"), pair("一", "甲，乙。\n丙。"), pair("一 （一）", "丁。")]);
        assert_eq!(header_field(&text, "位阶"), Some("县级规范性文件"));
        assert_eq!(header_field(&text, "来源"), None);
    }

    #[test]
    fn a_text_without_front_matter_is_all_body() {
        assert_eq!(outline(&source("甲\n---\n")).len(), 1);
        assert_eq!(outline(&source("")), []);
    }
}
