//! `doudi policy fmt`: one layout for every 条文 block; the law's text is never touched.

use super::bad_input;
use crate::exit::Exit;
use clap::Args;
use doudi_policy::format_document;
use std::path::{Path, PathBuf};

#[derive(Args)]
pub struct FmtArgs {
    /// 政策文件或文件夹
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// 只检查，不改写；有要改的就返回 1
    #[arg(long)]
    check: bool,
}

pub fn run(args: &FmtArgs) -> Exit {
    let mut files = Vec::new();
    for path in &args.paths {
        if let Err(error) = collect(path, &mut files) {
            return bad_input(&format!("读不了 {}：{error}", path.display()));
        }
    }
    let mut changed = 0;
    for path in &files {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) => return bad_input(&format!("读不了 {}：{error}", path.display())),
        };
        let formatted = format_document(&text);
        if formatted == text {
            continue;
        }
        changed += 1;
        crate::print_line(&format!("{} {}", if args.check { "要排版" } else { "已排版" }, path.display()));
        if !args.check
            && let Err(error) = std::fs::write(path, formatted)
        {
            return bad_input(&format!("写不了 {}：{error}", path.display()));
        }
    }
    crate::print_line(&format!(
        "{} 个文件，{changed} 个{}。",
        files.len(),
        if args.check { "要排版" } else { "改了排版" }
    ));
    if args.check && changed > 0 { Exit::No } else { Exit::Done }
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    if path.is_dir() {
        let mut entries: Vec<PathBuf> = std::fs::read_dir(path)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<_, _>>()?;
        entries.sort();
        return entries.iter().try_for_each(|entry| collect(entry, files));
    }
    if path.extension().is_some_and(|extension| extension == "md") {
        files.push(path.to_owned());
    }
    Ok(())
}
