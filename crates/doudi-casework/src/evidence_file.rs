//! What a file is by what is in it: a photo or a paper that can be kept as evidence, or what it is instead.
//!
//! The name of a file says nothing: a program called 照片.jpg is a program. What is looked at is the structure of the
//! format, from its first byte to its end, so that half a photo is told while somebody can still send it again.

use std::fmt;

/// What is kept. What a browser would run - pages, drawings with scripts - is none of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileKind {
    Jpeg,
    Png,
    WebP,
    Heic,
    Pdf,
}

/// Of one file: a large photo of a telephone has a third of it.
pub const MOST_EVIDENCE_BYTES: usize = 15 << 20;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotEvidence {
    #[error("是空的。请重新选一次文件")]
    Empty,
    #[error("有 {0} 兆，超过 {most} 兆。请压缩或者分开以后再传", most = MOST_EVIDENCE_BYTES >> 20)]
    TooLarge(usize),
    #[error("的内容是{0}，不是照片或 PDF。请上传相机拍的照片（JPEG、PNG、WebP、HEIC）或者 PDF")]
    Other(&'static str),
    #[error("是 {0}，但是不完整，可能没有传完或者已经损坏。请打开看看，再传一次")]
    Broken(FileKind),
    #[error("是 PDF，但是里面带有{0}，不能收。请打印成新的 PDF，或者拍照上传")]
    Active(&'static str),
}

impl FileKind {
    pub const ALL: [FileKind; 5] =
        [FileKind::Jpeg, FileKind::Png, FileKind::WebP, FileKind::Heic, FileKind::Pdf];

    /// As it stands in the store, and at the end of a file's name.
    pub fn code(self) -> &'static str {
        match self {
            FileKind::Jpeg => "jpg",
            FileKind::Png => "png",
            FileKind::WebP => "webp",
            FileKind::Heic => "heic",
            FileKind::Pdf => "pdf",
        }
    }

    pub fn parse(code: &str) -> Option<FileKind> {
        FileKind::ALL.into_iter().find(|kind| kind.code() == code)
    }

    pub fn media_type(self) -> &'static str {
        match self {
            FileKind::Jpeg => "image/jpeg",
            FileKind::Png => "image/png",
            FileKind::WebP => "image/webp",
            FileKind::Heic => "image/heic",
            FileKind::Pdf => "application/pdf",
        }
    }

    /// Browsers of the offices show it as a picture.
    pub fn is_shown(self) -> bool {
        matches!(self, FileKind::Jpeg | FileKind::Png | FileKind::WebP)
    }

    /// What these bytes are, whatever the file is called.
    pub fn of(bytes: &[u8]) -> Result<FileKind, NotEvidence> {
        if bytes.is_empty() {
            return Err(NotEvidence::Empty);
        }
        if bytes.len() > MOST_EVIDENCE_BYTES {
            return Err(NotEvidence::TooLarge(bytes.len().div_ceil(1 << 20)));
        }
        let Some(kind) = begins(bytes) else { return Err(NotEvidence::Other(other(bytes))) };
        let is_whole = match kind {
            FileKind::Jpeg => jpeg_is_whole(bytes),
            FileKind::Png => png_is_whole(bytes),
            FileKind::WebP => webp_is_whole(bytes),
            FileKind::Heic => heic_is_whole(bytes),
            FileKind::Pdf => pdf_is_whole(bytes),
        };
        if !is_whole.unwrap_or(false) {
            return Err(NotEvidence::Broken(kind));
        }
        match active_part(kind, bytes) {
            Some(part) => Err(NotEvidence::Active(part)),
            None => Ok(kind),
        }
    }
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FileKind::Jpeg => "JPEG 照片",
            FileKind::Png => "PNG 图片",
            FileKind::WebP => "WebP 图片",
            FileKind::Heic => "HEIC 照片",
            FileKind::Pdf => "PDF",
        })
    }
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
/// Of still pictures in that container; films have others.
const HEIC_BRANDS: [&[u8; 4]; 8] = [b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"];

fn begins(bytes: &[u8]) -> Option<FileKind> {
    match () {
        () if bytes.starts_with(b"\xff\xd8\xff") => Some(FileKind::Jpeg),
        () if bytes.starts_with(PNG) => Some(FileKind::Png),
        () if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") => Some(FileKind::WebP),
        () if bytes.get(4..8) == Some(b"ftyp") => {
            let brand = bytes.get(8..12)?;
            HEIC_BRANDS.iter().any(|known| known.as_slice() == brand).then_some(FileKind::Heic)
        }
        () if bytes.starts_with(b"%PDF-1.") || bytes.starts_with(b"%PDF-2.") => Some(FileKind::Pdf),
        () => None,
    }
}

/// What people send by mistake, or on purpose under another name.
const OTHERS: [(&[u8], &str); 14] = [
    (b"MZ", "Windows 程序"),
    (b"\x7fELF", "程序"),
    (b"#!", "脚本程序"),
    (b"PK\x03\x04", "压缩包或者 Word、Excel 文件"),
    (b"\xd0\xcf\x11\xe0", "旧版 Word、Excel 文件"),
    (b"Rar!", "压缩包"),
    (b"7z\xbc\xaf", "压缩包"),
    (b"\x1f\x8b", "压缩包"),
    (b"GIF8", "GIF 动图"),
    (b"BM", "BMP 图片"),
    (b"II*\0", "TIFF 图片"),
    (b"MM\0*", "TIFF 图片"),
    (b"RIFF", "录音或者视频"),
    (b"{\\rtf", "RTF 文件"),
];

fn other(bytes: &[u8]) -> &'static str {
    if let Some((_, name)) = OTHERS.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return name;
    }
    if bytes.get(4..8) == Some(b"ftyp") {
        return "视频";
    }
    let start: Vec<u8> = bytes
        .iter()
        .skip_while(|byte| byte.is_ascii_whitespace() || **byte > 0x7f)
        .take(512)
        .copied()
        .collect();
    let start = start.to_ascii_lowercase();
    let has = |word: &[u8]| start.windows(word.len()).any(|part| part == word);
    match () {
        () if has(b"<svg") => "带脚本的矢量图（SVG）",
        () if has(b"<html") || has(b"<!doctype") || has(b"<script") || has(b"<body") => "网页（HTML）",
        () if start.starts_with(b"<?xml") => "XML 文件",
        () if !start.is_empty() && std::str::from_utf8(&start).is_ok_and(|text| !text.contains('\0')) => {
            "文字"
        }
        () => "认不出的东西",
    }
}

fn two(bytes: &[u8], at: usize) -> Option<usize> {
    bytes.get(at..at + 2).map(|two| usize::from(u16::from_be_bytes([two[0], two[1]])))
}

fn four(bytes: &[u8], at: usize) -> Option<usize> {
    let four: [u8; 4] = bytes.get(at..at + 4)?.try_into().ok()?;
    usize::try_from(u32::from_be_bytes(four)).ok()
}

/// From segment to segment up to the picture itself, which has a size before it and an end after it. Telephones append
/// to that what they like.
fn jpeg_is_whole(bytes: &[u8]) -> Option<bool> {
    let mut at = 2;
    let mut has_size = false;
    loop {
        if *bytes.get(at)? != 0xff {
            return Some(false);
        }
        let marker = *bytes.get(at + 1)?;
        match marker {
            0xff => at += 1,
            0x01 | 0xd0..=0xd7 => at += 2,
            0xda => {
                let after = bytes.get(at + 2 + two(bytes, at + 2)?..)?;
                return Some(has_size && after.windows(2).any(|two| two == b"\xff\xd9"));
            }
            0xd8 | 0xd9 => return Some(false),
            _ => {
                // The start of a frame: its height may follow later, its width may not be nothing.
                if matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc) {
                    has_size = two(bytes, at + 7)? > 0;
                }
                at += 2 + two(bytes, at + 2)?.max(2);
            }
        }
    }
}

fn png_is_whole(bytes: &[u8]) -> Option<bool> {
    let mut at = PNG.len();
    if bytes.get(at + 4..at + 8)? != b"IHDR" || four(bytes, at + 8)? == 0 || four(bytes, at + 12)? == 0 {
        return Some(false);
    }
    let mut has_data = false;
    loop {
        let kind = bytes.get(at + 4..at + 8)?;
        has_data |= kind == b"IDAT";
        let next = at.checked_add(12)?.checked_add(four(bytes, at)?)?;
        if next > bytes.len() {
            return Some(false);
        }
        if kind == b"IEND" {
            return Some(has_data);
        }
        at = next;
    }
}

fn webp_is_whole(bytes: &[u8]) -> Option<bool> {
    let size = |at: usize| -> Option<usize> {
        let four: [u8; 4] = bytes.get(at..at + 4)?.try_into().ok()?;
        usize::try_from(u32::from_le_bytes(four)).ok()
    };
    let is_known = matches!(bytes.get(12..16)?, b"VP8 " | b"VP8L" | b"VP8X");
    Some(is_known && size(4)? + 8 <= bytes.len() && size(4)? >= 12 && size(16)? + 20 <= bytes.len())
}

/// Boxes one after another up to the end; one of them says where the pictures are.
fn heic_is_whole(bytes: &[u8]) -> Option<bool> {
    let (mut at, mut has_meta, mut has_data) = (0, false, false);
    while at < bytes.len() {
        let kind = bytes.get(at + 4..at + 8)?;
        has_meta |= kind == b"meta";
        has_data |= kind == b"mdat";
        let size = match four(bytes, at)? {
            // Up to the end of the file.
            0 => bytes.len() - at,
            1 => {
                let eight: [u8; 8] = bytes.get(at + 8..at + 16)?.try_into().ok()?;
                usize::try_from(u64::from_be_bytes(eight)).ok()?
            }
            size => size,
        };
        if size < 8 {
            return Some(false);
        }
        at = at.checked_add(size)?;
    }
    Some(at == bytes.len() && has_meta && has_data)
}

/// Where the end may stand, before what printers and mail programs append.
const PDF_END: usize = 2_048;

fn pdf_is_whole(bytes: &[u8]) -> Option<bool> {
    let end = &bytes[bytes.len().saturating_sub(PDF_END)..];
    let has = |word: &[u8]| end.windows(word.len()).any(|part| part == word);
    Some(has(b"startxref") && has(b"%%EOF"))
}

/// What in a paper would do something by itself. In compressed parts it is not seen: papers are therefore never opened
/// inside a page.
fn active_part(kind: FileKind, bytes: &[u8]) -> Option<&'static str> {
    const ACTIVE: [(&[u8], &str); 3] =
        [(b"/JavaScript", "脚本"), (b"/Launch", "启动程序的按钮"), (b"/EmbeddedFile", "别的文件")];
    if kind != FileKind::Pdf {
        return None;
    }
    let found = ACTIVE.iter().find(|(word, _)| bytes.windows(word.len()).any(|part| part == *word));
    found.map(|(_, name)| *name)
}

#[cfg(test)]
#[path = "evidence_file_tests.rs"]
mod tests;
