//! What a file really is, by its first bytes; names and extensions are often wrong.

/// The kind of a file, judged by content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// A zip archive: xlsx, ods, xlsb.
    ZipWorkbook,
    /// An OLE file: xls, or a workbook locked with a password.
    OldWorkbook,
    /// Delimited text in any encoding.
    Text,
    /// A web page, whatever its extension: old systems export tables like that.
    WebPage,
    /// The XML spreadsheet format of Excel 2003.
    XmlSpreadsheet,
    Empty,
    /// A picture, a PDF, an archive.
    Other,
}

impl Content {
    /// Judges by the head of the file (some kilobytes).
    pub(crate) fn of(head: &[u8]) -> Content {
        const NOT_TABLES: [&[u8]; 7] =
            [b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"{\\rtf"];
        if head.starts_with(b"PK\x03\x04") {
            return Content::ZipWorkbook;
        }
        if head.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
            return Content::OldWorkbook;
        }
        if NOT_TABLES.iter().any(|magic| head.starts_with(magic)) {
            return Content::Other;
        }
        let utf16 = head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff");
        let body = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
        let body = body.trim_ascii_start();
        if body.is_empty() || (utf16 && head.len() == 2) {
            return Content::Empty;
        }
        if utf16 {
            return Content::Text;
        }
        if body.starts_with(b"<") {
            return Content::of_markup(body);
        }
        if head[..head.len().min(4096)].contains(&0) { Content::Other } else { Content::Text }
    }

    fn of_markup(body: &[u8]) -> Content {
        let start = String::from_utf8_lossy(&body[..body.len().min(4096)]).to_ascii_lowercase();
        if start.starts_with("<?xml") && start.contains("workbook") {
            return Content::XmlSpreadsheet;
        }
        let page = ["<html", "<!doctype", "<table", "<meta", "<head", "<style", "<div"];
        if page.iter().any(|tag| start.contains(tag)) { Content::WebPage } else { Content::Text }
    }

    /// In the words of the people who use it.
    pub fn name(self) -> &'static str {
        match self {
            Content::ZipWorkbook => "Excel 工作簿（xlsx）",
            Content::OldWorkbook => "老版 Excel 工作簿（xls）",
            Content::Text => "文本（csv）",
            Content::WebPage => "网页（html）",
            Content::XmlSpreadsheet => "XML 表格",
            Content::Empty => "空文件",
            Content::Other => "图片、PDF、压缩包等，不是表格",
        }
    }

    /// Whether the extension promises this content; an unknown extension promises nothing.
    pub(crate) fn fits_extension(self, extension: &str) -> bool {
        match extension.to_ascii_lowercase().as_str() {
            "csv" | "txt" | "tsv" => self == Content::Text,
            "xlsx" | "xlsm" | "ods" | "xlsb" => self == Content::ZipWorkbook,
            "xls" | "et" => self == Content::OldWorkbook,
            "html" | "htm" => self == Content::WebPage,
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_its_bytes_say() {
        assert_eq!(Content::of(b"PK\x03\x04...."), Content::ZipWorkbook);
        assert_eq!(Content::of(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), Content::OldWorkbook);
        assert_eq!(Content::of("\u{feff}  \r\n".as_bytes()), Content::Empty);
        assert_eq!(Content::of(b"<html><table>"), Content::WebPage);
        assert_eq!(Content::of(b"<?xml version='1.0'?><Workbook>"), Content::XmlSpreadsheet);
        assert_eq!(Content::of("姓名,身份证号".as_bytes()), Content::Text);
        assert_eq!(Content::of(b"%PDF-1.4"), Content::Other);
    }
}
