//! Pieces of HTML. Whatever is not known to be markup goes through [`escape`].

use std::fmt::Write;

pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

/// Birth date and serial number are hidden; what is left tells neighbours apart and nobody else.
pub fn mask_id(number: &str) -> String {
    let characters: Vec<char> = number.chars().collect();
    let (head, tail) = if characters.len() >= 12 { (6, 4) } else { (0, 2) };
    let shown = |at: usize| at < head || (at + tail >= characters.len() && characters.len() > tail);
    characters.iter().enumerate().map(|(at, c)| if shown(at) { *c } else { '*' }).collect()
}

/// Long numbers inside a sentence are masked as id numbers are: accounts, id numbers, telephone numbers.
pub fn mask_numbers(text: &str) -> String {
    const LONG: usize = 11;
    let mut masked = String::with_capacity(text.len());
    let mut number = String::new();
    for c in text.chars().chain(['\n']) {
        if c.is_ascii_digit() || (matches!(c, 'X' | 'x') && number.len() >= LONG) {
            number.push(c);
            continue;
        }
        masked.push_str(&if number.len() >= LONG { mask_id(&number) } else { number.clone() });
        number.clear();
        masked.push(c);
    }
    masked.pop();
    masked
}

/// A cell, with its class; the content is markup already.
pub struct Cell {
    pub class: &'static str,
    pub html: String,
}

impl Cell {
    pub fn number(count: u64) -> Cell {
        Cell { class: "", html: count.to_string() }
    }

    pub fn words(text: &str) -> Cell {
        Cell { class: "words", html: escape(text) }
    }
}

/// A table whose rows begin with a heading cell; wide ones scroll by themselves.
#[derive(Default)]
pub struct Table<'t> {
    pub class: &'static str,
    pub caption: &'t str,
    pub headers: Vec<(&'static str, String)>,
    pub rows: Vec<(String, Vec<Cell>)>,
    /// The last row is a sum.
    pub sum: bool,
}

impl Table<'_> {
    pub fn write(&self, page: &mut String) {
        let label = escape(self.caption);
        let class = self.class;
        let _ = write!(
            page,
            "<p class=\"small\">{label}</p><div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"{label}\"><table class=\"{class}\"><thead><tr>"
        );
        for (class, header) in &self.headers {
            let _ = write!(page, "<th scope=\"col\" class=\"{class}\">{}</th>", escape(header));
        }
        page.push_str("</tr></thead><tbody>");
        for (at, (heading, cells)) in self.rows.iter().enumerate() {
            let class = if self.sum && at + 1 == self.rows.len() { " class=\"sum\"" } else { "" };
            let _ = write!(page, "<tr{class}><th scope=\"row\">{}</th>", escape(heading));
            for cell in cells {
                let _ = match cell.class {
                    "" => write!(page, "<td>{}</td>", cell.html),
                    class => write!(page, "<td class=\"{class}\">{}</td>", cell.html),
                };
            }
            page.push_str("</tr>");
        }
        page.push_str("</tbody></table></div>\n");
    }
}

pub fn headers(names: &[&str]) -> Vec<(&'static str, String)> {
    names.iter().map(|name| ("", (*name).to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_names_is_text() {
        let mut page = String::new();
        let table = Table {
            caption: "甲 & 乙",
            headers: headers(&["<b>"]),
            rows: vec![("张<script>".into(), vec![Cell::words("a\"b'c")])],
            ..Table::default()
        };
        table.write(&mut page);
        assert!(
            page.contains("甲 &amp; 乙") && page.contains("&lt;b&gt;") && page.contains("张&lt;script&gt;")
        );
        assert!(page.contains("a&quot;b&#39;c"));
        assert!(!page.contains("<script>"));
    }

    #[test]
    fn of_an_id_number_only_place_and_last_four_are_shown() {
        assert_eq!(mask_id("500243195001011234"), "500243********1234");
        assert_eq!(mask_id("50024319500101123X"), "500243********123X");
        assert_eq!(mask_id("500243500101123"), "500243*****1123");
        assert_eq!(mask_id("12345"), "***45");
        assert_eq!(mask_id("12"), "**");
        assert_eq!(mask_id("五〇〇二四三"), "****四三");
        assert_eq!(mask_id(""), "");
    }

    #[test]
    fn numbers_in_sentences_are_masked_and_amounts_and_months_are_not() {
        assert_eq!(
            mask_numbers("证号 50024319500101123X，账号6217001234567890123，2020-05 发 1378.20元"),
            "证号 500243********123X，账号621700*********0123，2020-05 发 1378.20元"
        );
    }
}
