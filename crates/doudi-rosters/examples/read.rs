//! Reads files and says what they came to: `cargo run -p doudi-rosters --example read -- ROSTERS FILE…`. A file that is an
//! error workbook that came back is said to be one; of the others with problems `<name>-错误.xlsx` is written with
//! `--errors DIR` as the last two arguments.
#![allow(clippy::print_stdout, reason = "an example talks to the terminal")]

use std::path::Path;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (arguments, errors) = match arguments.as_slice() {
        [rest @ .., flag, dir] if flag == "--errors" => (rest, Some(Path::new(dir))),
        all => (all, None),
    };
    let [specs, files @ ..] = arguments else {
        println!("用法：read 名册说明文件夹 文件…");
        return;
    };
    let set = match doudi_rosters::load_dir(Path::new(specs)) {
        Ok(set) => set,
        Err(problems) => {
            problems.iter().for_each(|problem| println!("{problem}"));
            return;
        }
    };
    for file in files {
        let reading = doudi_rosters::read_file(Path::new(file), &set, &mut |_, _| {});
        println!("{}（{}）", reading.file, reading.content.name());
        reading.problems.iter().for_each(|problem| println!("  {problem}"));
        for sheet in &reading.sheets {
            let roster = &sheet.roster;
            println!(
                "  {} 月份 {:?} 行 {} 未读入 {} 跳过 {:?}",
                roster.roster, roster.month, roster.rows, roster.rejected, sheet.skipped
            );
            sheet.counts.iter().for_each(|count| println!("    {count:?}"));
            roster.problems.iter().take(30).for_each(|problem| println!("    {problem}"));
        }
        let mut open = doudi_rosters::OpenFile::open(Path::new(file), &set);
        for index in 0..open.sheets().len() {
            if let Some(correction) = open.correction_of(index) {
                println!("  改错表：{:?}，{} 行", correction.original, correction.rows.len());
            }
        }
        let problems: Vec<_> =
            reading.sheets.iter().flat_map(|sheet| &sheet.roster.problems).cloned().collect();
        if let (Some(dir), false) = (errors, problems.is_empty()) {
            let target = dir.join(doudi_rosters::error_workbook_name(&reading.file));
            let written = doudi_rosters::write_error_workbook(Path::new(file), &set, &problems, &target);
            println!("  {}：{:?}", target.display(), written.err().map(|error| error.to_string()));
        }
    }
}
