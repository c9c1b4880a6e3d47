use super::*;
use proptest::prelude::*;

/// The smallest files that the formats allow, written by hand.
fn jpeg() -> Vec<u8> {
    let mut file = b"\xff\xd8\xff\xe0\x00\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0".to_vec();
    file.extend_from_slice(b"\xff\xc0\x00\x0b\x08\x00\x10\x00\x10\x01\x01\x11\x00");
    file.extend_from_slice(b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x12\x34\x56\xff\xd9");
    file
}

fn png() -> Vec<u8> {
    let mut file = PNG.to_vec();
    file.extend_from_slice(b"\0\0\0\x0dIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0\x90\x77\x53\xde");
    file.extend_from_slice(b"\0\0\0\x04IDATabcd\0\0\0\0\0\0\0\0IEND\xae\x42\x60\x82");
    file
}

fn webp() -> Vec<u8> {
    b"RIFF\x16\0\0\0WEBPVP8L\x0a\0\0\0/012345678".to_vec()
}

fn heic() -> Vec<u8> {
    let mut file = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".to_vec();
    file.extend_from_slice(b"\0\0\0\x0cmeta\0\0\0\0\0\0\0\x0cmdatabcd");
    file
}

fn pdf() -> Vec<u8> {
    b"%PDF-1.4\n1 0 obj <</Type/Catalog>> endobj\ntrailer <</Root 1 0 R>>\nstartxref\n9\n%%EOF\n".to_vec()
}

fn all() -> [(FileKind, Vec<u8>); 5] {
    [
        (FileKind::Jpeg, jpeg()),
        (FileKind::Png, png()),
        (FileKind::WebP, webp()),
        (FileKind::Heic, heic()),
        (FileKind::Pdf, pdf()),
    ]
}

#[test]
fn a_photo_or_paper_is_known_by_what_is_in_it() {
    for (kind, file) in all() {
        assert_eq!(FileKind::of(&file), Ok(kind));
        assert_eq!(FileKind::parse(kind.code()), Some(kind));
    }
    // What a telephone appends to a photo does no harm.
    assert_eq!(FileKind::of(&[jpeg(), b"MPF and a film".to_vec()].concat()), Ok(FileKind::Jpeg));
}

#[test]
fn half_a_file_is_told_whatever_half_it_is() {
    for (kind, file) in all() {
        for length in 13..file.len() {
            // The last bytes of a PDF are blank.
            let cut = &file[..length];
            if kind == FileKind::Pdf && cut.ends_with(b"%%EOF") {
                continue;
            }
            let found = FileKind::of(cut);
            assert_eq!(found, Err(NotEvidence::Broken(kind)), "{kind} {length}");
        }
        assert!(NotEvidence::Broken(kind).to_string().contains("不完整"));
    }
}

#[test]
fn what_is_no_photo_is_refused_by_what_it_is() {
    let cases: [(&[u8], &str); 11] = [
        (b"MZ\x90\0\x03\0\0\0", "程序"),
        (b"<!DOCTYPE html><script>alert(1)</script>", "网页"),
        (b"\xef\xbb\xbf <html><body>", "网页"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "矢量图"),
        (b"<?xml version='1.0'?>\n<svg/>", "矢量图"),
        (b"PK\x03\x04word/document.xml", "Word"),
        (b"GIF89a", "GIF"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0", "视频"),
        (b"RIFF\0\0\0\0AVI ", "视频"),
        (b"just words", "文字"),
        (b"\0\x01\x02\x03", "认不出"),
    ];
    for (bytes, word) in cases {
        let error = FileKind::of(bytes).expect_err("refused").to_string();
        assert!(error.contains(word) && error.contains("请上传"), "{error}");
    }
    assert_eq!(FileKind::of(b""), Err(NotEvidence::Empty));
    let large = vec![0xff; MOST_EVIDENCE_BYTES + 1];
    assert_eq!(FileKind::of(&large), Err(NotEvidence::TooLarge(16)));
}

#[test]
fn a_paper_that_would_do_something_by_itself_is_refused() {
    for (part, word) in [("/JavaScript", "脚本"), ("/Launch", "程序"), ("/EmbeddedFile", "别的文件")]
    {
        let text = String::from_utf8(pdf()).expect("text").replace("/Catalog", &format!("/Catalog {part}"));
        let error = FileKind::of(text.as_bytes()).expect_err("refused").to_string();
        assert!(error.contains(word) && error.contains("拍照"), "{error}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..200), of in 0..5_usize, keep in 0..40_usize) {
        let _ = FileKind::of(&bytes);
        // Something that begins as it should and goes on as it likes.
        let file = &all()[of].1;
        let mut begun = file[..keep.min(file.len())].to_vec();
        begun.append(&mut bytes);
        let _ = FileKind::of(&begun);
    }
}
