//! What fits on a few screens can be reviewed: files up to 800 lines, functions up to 80 lines of code.

use super::Finding;
use crate::repository::Repository;
use crate::rust_source::RustSource;

const MAX_FILE_LINES: usize = 800;
const MAX_FUNCTION_LINES: usize = 80;

pub fn check(repository: &Repository) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in repository.with_ending(".rs") {
        let lines = file.text.lines().count();
        if lines > MAX_FILE_LINES {
            findings.push(Finding::new(
                &file.path,
                None,
                format!("这个文件有 {lines} 行，最多 {MAX_FILE_LINES} 行"),
                "按名词分成几个模块",
            ));
        }
        for function in RustSource::read(&file.text).functions() {
            if function.code_lines > MAX_FUNCTION_LINES {
                findings.push(Finding::new(
                    &file.path,
                    Some(function.line),
                    format!(
                        "函数 {} 有 {} 行，最多 {MAX_FUNCTION_LINES} 行",
                        function.name, function.code_lines
                    ),
                    "把判断留在上面，把每一步做的事分到下面的小函数",
                ));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_files_and_functions_are_caught() {
        let long = format!("fn long() {{\n{}}}\n", "    step();\n".repeat(79));
        let fine = format!("fn fine() {{\n{}{}}}\n", "    step();\n".repeat(78), "    // why\n\n".repeat(50));
        let file = "//\n".repeat(801);
        let repository = Repository::of(&[("a.rs", &long), ("b.rs", &fine), ("c.rs", &file)]);
        let whats: Vec<String> = check(&repository).into_iter().map(|finding| finding.what).collect();
        assert_eq!(whats, ["函数 long 有 81 行，最多 80 行", "这个文件有 801 行，最多 800 行"]);
    }
}
