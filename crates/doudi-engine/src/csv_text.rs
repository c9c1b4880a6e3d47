//! Comma-separated text as other programs read it.

/// Rows of one file. With a byte order mark, spreadsheets take it for UTF-8.
pub(crate) struct CsvText {
    text: String,
}

impl CsvText {
    pub fn new(byte_order_mark: bool, headers: &[&str]) -> CsvText {
        let mut csv = CsvText { text: if byte_order_mark { "\u{feff}".into() } else { String::new() } };
        csv.row(headers.iter().copied());
        csv
    }

    /// Rows that follow those of another part of the file.
    pub fn rows() -> CsvText {
        CsvText { text: String::new() }
    }

    pub fn row<'c>(&mut self, cells: impl IntoIterator<Item = &'c str>) {
        for (at, cell) in cells.into_iter().enumerate() {
            if at > 0 {
                self.text.push(',');
            }
            if cell.contains([',', '"', '\n', '\r']) {
                self.text.push('"');
                self.text.push_str(&cell.replace('"', "\"\""));
                self.text.push('"');
            } else {
                self.text.push_str(cell);
            }
        }
        self.text.push('\n');
    }

    pub fn finish(self) -> Vec<u8> {
        self.text.into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_and_quotes_survive() {
        let mut csv = CsvText::new(true, &["a", "b"]);
        csv.row(["1,2", "说“x\"y”"]);
        assert_eq!(csv.finish(), "\u{feff}a,b\n\"1,2\",\"说“x\"\"y”\"\n".as_bytes());
    }
}
