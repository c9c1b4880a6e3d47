//! `policy docs`: pages for everybody; every link arrives, nothing is markup that was not meant to be.

use crate::{copy_policies, doudi, edit, stderr, stdout};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

fn write_site(out: &Path, more: &[&str]) {
    let path = out.to_string_lossy().into_owned();
    let output = doudi(&[&["policy", "docs", "--out", &path], more].concat());
    assert_eq!(output.status.code(), Some(0), "{}{}", stdout(&output), stderr(&output));
}

/// Pages by file name.
fn pages(folder: &Path) -> BTreeMap<String, String> {
    let entries = std::fs::read_dir(folder).expect("folder").map(|entry| entry.expect("entry").path());
    entries
        .filter(|path| path.extension().is_some_and(|ending| ending == "html"))
        .map(|path| {
            let name = path.file_name().expect("name").to_string_lossy().into_owned();
            (name, std::fs::read_to_string(&path).expect("text"))
        })
        .collect()
}

/// Values of an attribute, as written.
fn attributes<'p>(page: &'p str, name: &str) -> Vec<&'p str> {
    let start = format!(" {name}=\"");
    page.split(start.as_str()).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

fn assert_links_arrive(pages: &BTreeMap<String, String>) -> usize {
    let mut ids: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, page) in pages {
        let own = attributes(page, "id");
        let distinct: BTreeSet<&str> = own.iter().copied().collect();
        assert_eq!(own.len(), distinct.len(), "an id stands twice in {name}");
        assert!(!distinct.contains(""), "an empty id in {name}");
        ids.insert(name, distinct);
    }
    let mut count = 0;
    for (name, page) in pages {
        for href in attributes(page, "href") {
            let (file, anchor) = href.split_once('#').unwrap_or((href, ""));
            let target = ids.get(file).unwrap_or_else(|| panic!("{name} points to no page: {href}"));
            assert!(anchor.is_empty() || target.contains(anchor), "{name} points to no place: {href}");
            count += 1;
        }
    }
    count
}

#[test]
fn every_link_of_the_shipped_site_arrives_and_nothing_is_fetched() {
    let folder = tempfile::tempdir().expect("folder");
    for more in [&[][..], &["--region", "500243", "--date", "2020-05-31"]] {
        write_site(folder.path(), more);
        let pages = pages(folder.path());
        let count = assert_links_arrive(&pages);
        assert!(pages.len() > 300 && count > 5000, "{} pages, {count} links", pages.len());
        for (name, page) in &pages {
            for outside in ["<script", "src=", "http://", "https://", "url(", "@import", "<link"] {
                assert!(!page.contains(outside), "{outside} in {name}");
            }
        }
    }
}

#[test]
fn the_law_stands_over_its_formula_with_examples_and_doubts() {
    let folder = tempfile::tempdir().expect("folder");
    write_site(folder.path(), &["--region", "500243", "--date", "2020-05-31"]);
    let pages = pages(folder.path());
    let document = &pages["document-500243-pengshui-2020-70.html"];
    for part in [
        "<blockquote>落实渐退期制度",
        "<a href=\"parameter-低保标准.html\">低保标准</a>[<a href=\"facts.html#输入-户-城乡\">城乡</a>]",
        "把握中，文件未写明渐退期按什么金额发",
        "<summary>算例：渐退期按原额发放",
        "→ 低保金</a></th>",
        "没有写成式子：扣减的步骤",
        "此地此日适用",
    ] {
        assert!(document.contains(part), "{part}");
    }
    let parameter = &pages["parameter-低保标准.html"];
    assert!(parameter.contains("农村：440元；城镇：580元"), "the values of that day");
    assert!(parameter.contains("<b>496元</b> <span class=\"tag\">此地此日不适用"));
    let rule = &pages["rule-户-低保金.html"];
    assert!(rule.contains("什么时候不一样（例外）") && rule.contains("「渐退」"), "{rule}");
    let facts = &pages["facts.html"];
    assert!(facts.contains("残疾人证上的等级？") && facts.contains("12个月"));
    let index = &pages["index.html"];
    assert!(
        index.contains("最低生活保障") && index.contains("县、区") && index.contains("省、自治区、直辖市")
    );
}

#[test]
fn the_same_policies_give_the_same_bytes() {
    let (one, other) = (tempfile::tempdir().expect("folder"), tempfile::tempdir().expect("folder"));
    let policies = tempfile::tempdir().expect("folder");
    copy_policies(policies.path());
    write_site(one.path(), &[]);
    write_site(one.path(), &[]);
    write_site(other.path(), &["--policies", &policies.path().to_string_lossy()]);
    assert!(pages(one.path()) == pages(other.path()), "the sites differ");
}

#[test]
fn markup_in_a_policy_is_text_on_the_page() {
    let folder = tempfile::tempdir().expect("folder");
    let policies = folder.path().join("policies");
    copy_policies(&policies);
    let document = policies.join("500243-pengshui/2020-70.md");
    edit(&document, "> 落实渐退期制度", "> <script>alert(1)</script>\"'&落实渐退期制度");
    edit(&document, "一年自付医药费九千六", "<img src=x>一年自付医药费九千六");
    edit(&document, "原文没有列全，这里只加孤儿", "<b>原文</b>没有列全");
    edit(&document, "名称: 脱贫攻坚总攻", "名称: <i>脱贫攻坚总攻");
    edit(&document, "## 三（二）7 ", "## \" onclick=\"x 三（二）7 ");
    edit(&policies.join("500243-pengshui/standards.csv"), "496元,（待核：", "496元,<u>（待核：");
    edit(&policies.join("programs.toml"), "id = \"orphan\"", "id = \"or'\\\" phan\"");
    let out = folder.path().join("site");
    write_site(&out, &["--policies", &policies.to_string_lossy()]);
    let pages = pages(&out);
    assert_links_arrive(&pages);
    for (name, page) in &pages {
        for markup in ["<script", "<img", "<b>原文", "<i>脱贫", "<u>", " onclick=\"x"] {
            assert!(!page.contains(markup), "{markup} in {name}");
        }
    }
    assert!(pages["document-500243-pengshui-2020-70.html"].contains("&lt;script&gt;alert(1)"));
}

#[test]
fn a_folder_with_other_files_is_left_alone() {
    let folder = tempfile::tempdir().expect("folder");
    std::fs::write(folder.path().join("我的.html"), "甲").expect("written");
    let path = folder.path().to_string_lossy().into_owned();
    let output = doudi(&["policy", "docs", "--out", &path]);
    assert_eq!(output.status.code(), Some(3));
    assert!(stderr(&output).contains("我的.html"), "{}", stderr(&output));
    assert_eq!(std::fs::read_dir(folder.path()).expect("folder").count(), 1);
    let output = doudi(&["policy", "docs", "--out", &path, "--region", "500243"]);
    assert_eq!(output.status.code(), Some(2), "a place without a day is no question");
}
