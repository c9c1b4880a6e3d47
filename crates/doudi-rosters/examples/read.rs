//! Reads one file and says what it came to: `cargo run -p doudi-rosters --example read -- ROSTERS FILE`.
#![allow(clippy::print_stdout, reason = "an example talks to the terminal")]

use std::path::Path;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [specs, files @ ..] = arguments.as_slice() else {
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
        let mut rows = 0;
        let reading =
            doudi_rosters::read_file(Path::new(file), &set, &mut |_, batch| rows += batch.rows.len());
        println!("{}（{}）", reading.file, reading.content.name());
        reading.problems.iter().for_each(|problem| println!("  {problem}"));
        for sheet in &reading.sheets {
            let roster = &sheet.roster;
            println!(
                "  {} 月份 {:?} 行 {} 读入 {rows} 未读入 {} 跳过 {:?}",
                roster.roster, roster.month, roster.rows, roster.rejected, sheet.skipped
            );
            sheet.counts.iter().for_each(|count| println!("    {count:?}"));
            roster.problems.iter().take(5).for_each(|problem| println!("    {problem}"));
        }
    }
}
