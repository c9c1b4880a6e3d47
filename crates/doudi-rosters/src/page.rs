//! Tables in web pages and in Excel's XML of 2003: what old systems hand out under the name .xls. Only rows, cells and
//! their text are looked at; everything else of the markup is passed over.

use crate::encoding::Utf8Reader;
use crate::source::Source;
use calamine::{Cell, Data, Dimensions, Range};
use encoding_rs::{GB18030, UTF_8};
use std::io::{self, Read};

/// A page larger than this is nobody's roster; it is read as a whole.
const MOST_BYTES: u64 = 256 * 1024 * 1024;
/// Cells that span more than this are decoration.
const MOST_SPAN: u32 = 10_000;
const MOST_COLUMNS: u32 = 16_384;
/// As many as Excel has; a page that claims more is not believed.
const MOST_ROWS: u32 = 1_048_576;
/// Cells from the first to the last, blank ones too: they all take room.
const MOST_CELLS: u64 = 64 * 1024 * 1024;

/// A sheet of a page.
pub(crate) struct PageSheet {
    pub name: String,
    pub cells: Range<Data>,
    pub merged: Vec<Dimensions>,
}

/// Reads all tables of a page: those of a web page as one sheet, those of a workbook in XML as its sheets.
pub(crate) fn read(source: &Source) -> io::Result<Vec<PageSheet>> {
    let mut bytes = Vec::new();
    source.open()?.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST_BYTES {
        // The rows after the limit would be lost without a word.
        return Err(io::Error::other("网页太大，超过 256 MB"));
    }
    let encoding = if std::str::from_utf8(&bytes).is_ok() { UTF_8 } else { GB18030 };
    let mut text = String::new();
    Utf8Reader::new(bytes.as_slice(), encoding).read_to_string(&mut text)?;
    sheets(&text).ok_or_else(|| io::Error::other("网页里的行列太多，放不进一张工作表"))
}

/// `None` where a cell stands further down or right than any sheet reaches.
fn sheets(text: &str) -> Option<Vec<PageSheet>> {
    let mut table = Table::default();
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        table.text(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        let (tag, after) = rest.split_once('>').unwrap_or((rest, ""));
        rest = after;
        let tag = Tag::read(tag);
        if let Some(end) = tag.hides_text() {
            // Styles and scripts are text to nobody.
            let found = rest.to_ascii_lowercase().find(end);
            rest = found.map_or("", |at| &rest[at..]);
            continue;
        }
        table.tag(&tag);
    }
    table.finish()
}

/// A tag: its name without the prefix of a namespace, and its attributes as they stand.
struct Tag<'t> {
    name: String,
    closing: bool,
    attributes: &'t str,
}

impl<'t> Tag<'t> {
    fn read(text: &'t str) -> Tag<'t> {
        let (closing, text) = match text.strip_prefix('/') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let end = text.find(|c: char| c.is_whitespace() || c == '/').unwrap_or(text.len());
        let name = text[..end].rsplit(':').next().unwrap_or_default().to_ascii_lowercase();
        Tag { name, closing, attributes: &text[end..] }
    }

    fn hides_text(&self) -> Option<&'static str> {
        match (self.closing, self.name.as_str()) {
            (false, "style") => Some("</style"),
            (false, "script") => Some("</script"),
            (false, "title") => Some("</title"),
            _ => None,
        }
    }

    fn attribute(&self, name: &str) -> Option<String> {
        let lower = self.attributes.to_ascii_lowercase();
        let start = lower.match_indices(name).find_map(|(at, _)| {
            let after = lower[at + name.len()..].trim_start().strip_prefix('=')?;
            Some(lower.len() - after.len())
        })?;
        let value = self.attributes.get(start..)?.trim_start();
        let quoted = ['"', '\''].into_iter().find_map(|quote| value.strip_prefix(quote)?.split(quote).next());
        let plain = || value.split(|c: char| c.is_whitespace() || c == '/').next().unwrap_or_default();
        Some(decoded(quoted.unwrap_or_else(plain)))
    }

    fn number(&self, name: &str) -> Option<u32> {
        self.attribute(name)?.trim().parse().ok()
    }
}

/// The table as far as it has been read.
#[derive(Default)]
struct Table {
    done: Vec<PageSheet>,
    name: Option<String>,
    cells: Vec<Cell<Data>>,
    merged: Vec<Dimensions>,
    /// Those that may still cover cells of the rows to come.
    reaching: Vec<Dimensions>,
    /// Row after the last one begun.
    next_row: u32,
    /// Column of the next cell.
    column: u32,
    /// Text of the open cell, and how many rows and columns it covers.
    open: Option<(String, u32, u32)>,
    /// Some cell is beyond every sheet.
    beyond: bool,
}

impl Table {
    fn text(&mut self, text: &str) {
        if let Some((cell, ..)) = &mut self.open {
            cell.push_str(&decoded(text));
        }
    }

    fn tag(&mut self, tag: &Tag<'_>) {
        match (tag.name.as_str(), tag.closing) {
            ("worksheet", false) => self.name = tag.attribute("ss:name"),
            ("worksheet", true) => self.end_sheet(),
            ("tr" | "row", false) => {
                self.end_cell();
                if let Some(row) = tag.number("ss:index") {
                    self.next_row = self.next_row.max(row.saturating_sub(1));
                }
                self.next_row = self.next_row.saturating_add(1);
                self.column = 0;
            }
            ("tr" | "row" | "table", true) => self.end_cell(),
            ("td" | "th" | "cell", false) => {
                self.end_cell();
                if let Some(column) = tag.number("ss:index") {
                    self.column = column.saturating_sub(1);
                }
                let across = |html: &str, xml: &str| {
                    let span = tag.number(html).or_else(|| Some(tag.number(xml)?.saturating_add(1)));
                    span.unwrap_or(1).clamp(1, MOST_SPAN)
                };
                let (rows, columns) =
                    (across("rowspan", "ss:mergedown"), across("colspan", "ss:mergeacross"));
                self.open = Some((String::new(), rows, columns));
                if tag.attributes.ends_with('/') {
                    self.end_cell();
                }
            }
            ("td" | "th" | "cell", true) => self.end_cell(),
            ("br" | "p" | "div", false) => self.text(" "),
            _ => {}
        }
    }

    fn end_cell(&mut self) {
        let Some((text, rows, columns)) = self.open.take() else { return };
        let row = self.next_row.saturating_sub(1);
        // Cells from above that reach down into this row take their places.
        if row >= MOST_ROWS {
            self.beyond |= !text.trim().is_empty();
            return;
        }
        self.reaching.retain(|area| row <= area.end.0);
        let mut column = self.column;
        let covers = |area: &Dimensions, column: u32| {
            area.start.0 < row && (area.start.1..=area.end.1).contains(&column)
        };
        while let Some(area) = self.reaching.iter().find(|area| covers(area, column)) {
            column = area.end.1 + 1;
        }
        self.column = column.saturating_add(columns);
        if column >= MOST_COLUMNS {
            return;
        }
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if !text.is_empty() {
            self.cells.push(Cell::new((row, column), Data::String(text)));
        }
        if rows > 1 {
            let end = (row + rows - 1, column + columns - 1);
            let area = Dimensions { start: (row, column), end };
            self.merged.push(area);
            self.reaching.push(area);
        }
    }

    fn end_sheet(&mut self) {
        self.end_cell();
        let name = self.name.take().unwrap_or_else(|| "网页".to_owned());
        let sparse = std::mem::take(&mut self.cells);
        let last = sparse.iter().fold((0, 0), |last: (u32, u32), cell| {
            let (row, column) = cell.get_position();
            (last.0.max(row), last.1.max(column))
        });
        if (u64::from(last.0) + 1) * (u64::from(last.1) + 1) > MOST_CELLS {
            self.beyond = true;
            return;
        }
        let cells = Range::from_sparse(sparse);
        self.done.push(PageSheet { name, cells, merged: std::mem::take(&mut self.merged) });
        self.reaching.clear();
        (self.next_row, self.column) = (0, 0);
    }

    fn finish(mut self) -> Option<Vec<PageSheet>> {
        if !self.cells.is_empty() || self.done.is_empty() {
            self.end_sheet();
        }
        (!self.beyond).then_some(self.done)
    }
}

/// Text with its entities as characters.
fn decoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let entity = rest.split_once(';').filter(|(name, _)| name.len() <= 8);
        match entity.and_then(|(name, after)| Some((character(name)?, after))) {
            Some((c, after)) => {
                out.push(c);
                rest = after;
            }
            None => out.push('&'),
        }
    }
    out.push_str(rest);
    out
}

fn character(name: &str) -> Option<char> {
    let code = |digits: &str, radix: u32| char::from_u32(u32::from_str_radix(digits, radix).ok()?);
    match name {
        "nbsp" => Some(' '),
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            match number.strip_prefix(['x', 'X']) {
                Some(hex) => code(hex, 16),
                None => code(number, 10),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<String> {
        let sheets = sheets(text).expect("a page");
        let rows = sheets[0].cells.rows();
        rows.map(|row| row.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")).collect()
    }

    #[test]
    fn a_web_table_gives_its_rows_with_spans_and_entities() {
        let page = "<html><head><title>x</title><style>td {}</style></head><body><table border=1>\
                    <tr><th colspan=2>名 册</th></tr><!-- <tr><td>no</td></tr> -->\
                    <TR><TD rowspan=\"2\">D1<td>a&amp;b&#20013;<br>c</TD></TR><tr><td>&nbsp;d</td></tr></table>";
        assert_eq!(rows(page), ["名 册,", "D1,a&b中 c", ",d"]);
        let area = sheets(page).expect("a page")[0].merged[0];
        assert_eq!((area.start, area.end), ((1, 0), (2, 0)));
    }

    #[test]
    fn a_workbook_in_xml_gives_its_sheets() {
        let xml = "<?xml version=\"1.0\"?><Workbook><Worksheet ss:Name=\"低保\"><Table><Row ss:Index=\"2\">\
                   <Cell><Data ss:Type=\"String\">姓名</Data></Cell><Cell ss:Index=\"3\"><ss:Data>金额</ss:Data></Cell></Row>\
                   </Table></Worksheet><Worksheet ss:Name='空'><Table/></Worksheet></Workbook>";
        let sheets = sheets(xml).expect("a workbook");
        assert_eq!(sheets.iter().map(|sheet| sheet.name.as_str()).collect::<Vec<_>>(), ["低保", "空"]);
        assert_eq!(rows(xml), ["姓名,,金额"]);
        assert_eq!(sheets[0].cells.start(), Some((1, 0)));
    }

    #[test]
    fn broken_markup_is_read_as_far_as_it_goes() {
        for text in [
            "<",
            "<table",
            "<td",
            "<tr><td colspan=99999999999>a",
            "&#x;<td>&#1114112;&nope",
            "</tr></td>",
            "<!--",
        ] {
            sheets(text);
        }
    }

    #[test]
    fn a_row_beyond_every_sheet_is_refused_and_takes_no_room() {
        for row in ["400000000", "4294967295"] {
            let xml = format!(
                "<?xml version=\"1.0\"?><Workbook><Worksheet><Table><Row><Cell><Data>a</Data></Cell></Row>\
                 <Row ss:Index=\"{row}\"><Cell><Data>b</Data></Cell></Row><Row/></Table></Worksheet></Workbook>"
            );
            assert!(sheets(&xml).is_none(), "{row}");
        }
        let wide = "<table><tr><td>a</td></tr></table>".to_owned()
            + &"<tr></tr>".repeat(10_000)
            + "<tr><td colspan=9000>b</td><td>c</td></tr>";
        assert!(sheets(&wide).is_none());
    }
}
