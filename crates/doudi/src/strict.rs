//! Text files that an office hands over as JSON or YAML: of bounded size, and no key twice in one object.

pub use doudi_policy::Strict;
use std::fmt;
use std::io::Read;
use std::path::Path;

/// More than any household or any sheet of worked cases has.
const MOST_BYTES: u64 = 16 * 1024 * 1024;

/// Reads a whole text file, unless it is too large: reading stops there, whatever the file says of its size.
pub fn read_text(path: &Path) -> Result<String, String> {
    let cannot = |why: &dyn fmt::Display| format!("读不了 {}：{why}", path.display());
    let file = std::fs::File::open(path).map_err(|error| cannot(&error))?;
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(|error| cannot(&error))?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(cannot(&"文件超过 16 MB，不像是一份手写的事实或案例。是不是选错了文件"));
    }
    String::from_utf8(bytes).map_err(|_| cannot(&"不是 UTF-8 编码的文字，请另存为 UTF-8 再试"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value as Json;

    fn json(text: &str) -> Result<Json, String> {
        serde_json::from_str(text).map(|Strict(value)| value).map_err(|error| error.to_string())
    }

    fn yaml(text: &str) -> Result<Json, String> {
        serde_yaml_ng::from_str(text).map(|Strict(value)| value).map_err(|error| error.to_string())
    }

    #[test]
    fn it_reads_what_a_plain_reader_reads() {
        let text = r#"{"a": [1, -2, 0.5, true, null, "字"], "b": {"a": {}}}"#;
        assert_eq!(json(text), Ok(serde_json::from_str(text).expect("JSON")));
        assert_eq!(yaml(text), json(text));
        assert_eq!(yaml("1: x\nok: ~"), json(r#"{"1": "x", "ok": null}"#));
    }

    #[test]
    fn a_name_written_twice_is_told_wherever_it_stands() {
        assert!(
            json(r#"{"m": [{"存款": 1, "存款": 2}]}"#).is_err_and(|told| told.contains("“存款”写了两次"))
        );
        assert!(yaml("a:\n  n: 1\n  n: 1\n").is_err_and(|told| told.contains("“n”写了两次")));
    }

    #[test]
    fn what_nests_or_grows_without_end_is_refused() {
        let deep = 10_000;
        assert!(json(&"[".repeat(deep)).is_err());
        assert!(json(&"{\"a\":".repeat(deep)).is_err());
        assert!(yaml(&"[".repeat(deep)).is_err());
        let steps = (1..deep).map(|at| format!("{}a:\n", " ".repeat(at % 500)));
        assert!(yaml(&steps.collect::<String>()).is_err());
        let mut bomb = "a0: &a0 [哈, 哈, 哈, 哈, 哈, 哈, 哈, 哈, 哈]\n".to_owned();
        for at in 1..30 {
            let below = format!("*a{}", at - 1);
            bomb += &format!("a{at}: &a{at} [{}]\n", [below.as_str(); 9].join(", "));
        }
        assert!(yaml(&bomb).is_err());
        assert!(yaml("a: &a [*a]").is_err());
    }

    #[test]
    fn numbers_that_are_none_are_told_and_not_dropped() {
        for text in ["n: .nan", "n: .inf", "n: -.inf"] {
            assert!(yaml(text).is_err(), "{text}");
        }
        assert!(json("[1e999]").is_err());
    }

    #[test]
    fn a_file_without_end_is_not_read_to_its_end() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("大.json");
        let file = std::fs::File::create(&path).expect("a file");
        file.set_len(100 * MOST_BYTES).expect("a size");
        assert!(read_text(&path).is_err_and(|told| told.contains("16 MB")));
    }
}
