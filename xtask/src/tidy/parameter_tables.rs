//! Every value that a place has published says in which document, and how sure we are.

use super::Finding;
use crate::repository::{RepoFile, Repository};

pub fn check(repository: &Repository) -> Vec<Finding> {
    repository
        .with_ending(".csv")
        .filter(|file| file.path.starts_with("policies/"))
        .flat_map(check_table)
        .collect()
}

fn check_table(file: &RepoFile) -> Vec<Finding> {
    let mut lines = file.text.trim_start_matches('\u{feff}').lines().enumerate();
    let header = lines.next().map_or(Vec::new(), |(_, line)| cells(line));
    let mut findings = Vec::new();
    for column in ["文件", "把握"] {
        if !header.iter().any(|name| name == column) {
            let what = format!("参数表缺少“{column}”列");
            findings.push(Finding::new(&file.path, Some(1), what, "表头写：参数,维度,起,止,值,文件,把握"));
        }
    }
    if !findings.is_empty() {
        return findings;
    }
    for (number, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
        let row = cells(line);
        let cell = |column: &str| {
            header
                .iter()
                .position(|name| name == column)
                .and_then(|at| row.get(at))
                .map_or("", String::as_str)
        };
        if cell("文件").is_empty() {
            findings.push(Finding::new(
                &file.path,
                Some(number + 1),
                "这一行没有写出自哪份文件".into(),
                "在“文件”栏写文号；没有查到的写“（待核：……）”，“把握”写中或低",
            ));
        }
        if !["高", "中", "低"].contains(&cell("把握")) {
            let what = format!("“把握”栏写着“{}”", cell("把握"));
            findings.push(Finding::new(&file.path, Some(number + 1), what, "写 高、中 或 低"));
        }
    }
    findings
}

/// Cells of one line. A value never spans lines in these tables.
fn cells(line: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => found.push(String::new()),
            _ => found.last_mut().unwrap_or(&mut String::new()).push(c),
        }
    }
    found.into_iter().map(|cell| cell.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_without_a_source_are_caught() {
        let bad = "参数,维度,起,止,值,文件,把握\n标准,农村,2019-09,,440元,\"某文,第一条\",中\n标准,城镇,2019-09,,580元,,中\n标准,城镇,2019-10,,580元,某文,确定\n";
        let tables = Repository::of(&[
            ("policies/500243-pengshui/standards.csv", bad),
            ("policies/national/parameters.csv", "参数,值,文件\n"),
        ]);
        let found: Vec<(Option<usize>, String)> =
            check(&tables).into_iter().map(|finding| (finding.line, finding.what)).collect();
        assert_eq!(
            found,
            [
                (Some(3), "这一行没有写出自哪份文件".to_owned()),
                (Some(4), "“把握”栏写着“确定”".to_owned()),
                (Some(1), "参数表缺少“把握”列".to_owned()),
            ]
        );
    }
}
