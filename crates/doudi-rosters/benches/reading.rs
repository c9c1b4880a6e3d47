//! How long large rosters take, and how much memory: `cargo bench -p doudi-rosters`. It makes its files itself in a folder
//! that it removes again, and measures every step in a process of its own, so that the peak of one is not that of another.
//! Memory and CPU come from `/proc/self`; elsewhere those columns say so.
#![allow(clippy::print_stdout, reason = "a benchmark talks to the terminal")]
#![allow(clippy::disallowed_methods, reason = "a benchmark measures time")]

use doudi_rosters::{SpecSet, load_dir, read_file, write_error_workbook};
use doudi_terms::check_character;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet, XlsxError};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

const SHEET_ROWS: u32 = 100_000;
const TEXT_ROWS: u32 = 1_000_000;
const SMALL_TEXT_ROWS: u32 = 100_000;
/// One row in so many has a cell that cannot be read; one in so many another that is warned of.
const WRONG_EVERY: u32 = 50;
const HEADERS: [&str; 20] = [
    "序号",
    "低保证号",
    "户主姓名",
    "姓名",
    "身份证号",
    "性别",
    "与户主关系",
    "出生日期",
    "家庭住址",
    "区划代码",
    "联系电话",
    "银行账号",
    "月保障金",
    "户月保障金",
    "起始年月",
    "城乡",
    "保障类型",
    "最近复核日期",
    "经济状况已核对",
    "备注",
];
const BIRTH: usize = 7;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [flag, step, folder] if flag == "--step" => measure(step, Path::new(folder)),
        _ => all(),
    }
}

fn all() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    write_text(&folder.path().join("large.csv"), TEXT_ROWS);
    write_text(&folder.path().join("small.csv"), SMALL_TEXT_ROWS);
    write_sheet(&folder.path().join("sheet.xlsx")).expect("a workbook");
    println!("| 做什么 | 行数 | 用时（秒） | CPU（秒） | 最多占用内存（MB） | 读入 | 问题 |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
    for step in ["read-sheet", "error-workbook", "read-small-text", "read-large-text"] {
        let this = std::env::current_exe().expect("this program");
        let outcome = Command::new(this).arg("--step").arg(step).arg(folder.path()).status();
        assert!(outcome.expect("a step").success(), "{step} failed");
    }
}

/// Runs one step and prints its row of the table.
fn measure(step: &str, folder: &Path) {
    let set = load_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rosters")).expect("the rosters");
    let (name, file) = match step {
        "read-sheet" => ("读 xlsx（20 列）", "sheet.xlsx"),
        "error-workbook" => ("读 xlsx 并写错误表", "sheet.xlsx"),
        "read-small-text" => ("读 csv（20 列）", "small.csv"),
        _ => ("读 csv（20 列）", "large.csv"),
    };
    let start = Instant::now();
    let (rows, read, problems) = read(&set, &folder.join(file), step == "error-workbook");
    let wall = start.elapsed().as_secs_f64();
    println!(
        "| {name} | {rows} | {wall:.1} | {} | {} | {read} | {problems} |",
        cpu_seconds(),
        peak_megabytes()
    );
}

fn read(set: &SpecSet, path: &Path, write_errors: bool) -> (u32, u32, u32) {
    let mut read = 0;
    let reading = read_file(path, set, &mut |_, batch| read += u32::try_from(batch.rows.len()).unwrap_or(0));
    let sheet = &reading.sheets[0];
    if write_errors {
        let target: PathBuf = path.with_file_name("errors.xlsx");
        write_error_workbook(path, set, &sheet.roster.problems, &target).expect("an error workbook");
    }
    (sheet.roster.rows, read, sheet.counts.iter().map(|count| count.count).sum())
}

fn peak_megabytes() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = peak.and_then(|text| text.trim().trim_end_matches("kB").trim().parse::<u64>().ok());
    kilobytes.map_or_else(|| "（不详）".to_owned(), |kilobytes| (kilobytes / 1024).to_string())
}

/// User and system time so far, in the hundredths of a second that the kernel counts.
fn cpu_seconds() -> String {
    let status = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = status.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks: Vec<u64> = after_name.split_whitespace().skip(11).take(2).flat_map(str::parse).collect();
    match ticks.as_slice() {
        [user, system] => format!("{}.{}", (user + system) / 100, (user + system) % 100 / 10),
        _ => "（不详）".to_owned(),
    }
}

/// A row as text; its people are invented.
fn cells(row: u32) -> [String; 20] {
    let (year, month, day) = (1930 + row % 80, 1 + row % 12, 1 + row % 28);
    let seventeen = format!("500243{year}{month:02}{day:02}{:03}", row % 1_000);
    let check = check_character(seventeen.as_bytes()).map_or('0', char::from);
    let wrong = row.is_multiple_of(WRONG_EVERY);
    let id = if row % WRONG_EVERY == 7 { seventeen.clone() } else { format!("{seventeen}{check}") };
    let surname = ["赵", "钱", "孙", "李", "周", "吴", "郑", "王"][row as usize % 8];
    [
        row.to_string(),
        format!("D{:06}", row / 2),
        format!("{surname}大山"),
        format!("{surname}小河"),
        id,
        ["男", "女"][row as usize % 2].to_owned(),
        ["户主", "妻", "长子", "次女"][row as usize % 4].to_owned(),
        format!("{year}-{month:02}-{day:02}"),
        format!("汉葭街道北斗村{}组{}号", row % 9 + 1, row % 300),
        "500243001202".to_owned(),
        format!("138{:08}", row),
        format!("62300000000{:08}", row),
        if wrong { "三百五".to_owned() } else { format!("{}.50", 200 + row % 400) },
        format!("{}.00", 400 + row % 900),
        format!("20{:02}-{month:02}", row % 20),
        ["农村", "城镇"][row as usize % 2].to_owned(),
        ["整户", "单人户"][row as usize % 2].to_owned(),
        format!("2019-{month:02}-{day:02}"),
        ["是", "否", ""][row as usize % 3].to_owned(),
        String::new(),
    ]
}

fn write_text(path: &Path, rows: u32) {
    let file = std::fs::File::create(path).expect("a file");
    let mut file = std::io::BufWriter::new(file);
    writeln!(file, "{}", HEADERS.join(",")).expect("written");
    for row in 1..=rows {
        writeln!(file, "{}", cells(row).join(",")).expect("written");
    }
}

fn write_sheet(path: &Path) -> Result<(), XlsxError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let day = Format::new().set_num_format("yyyy-mm-dd");
    for (column, header) in (0..).zip(HEADERS) {
        sheet.write_string(0, column, header)?;
    }
    for row in 1..=SHEET_ROWS {
        for (column, text) in cells(row).iter().enumerate() {
            write_cell(sheet, row, column, text, &day)?;
        }
    }
    book.save(path)
}

/// Amounts as numbers and days as dates, as programs write them.
fn write_cell(
    sheet: &mut Worksheet,
    row: u32,
    column: usize,
    text: &str,
    day: &Format,
) -> Result<(), XlsxError> {
    let place = u16::try_from(column).unwrap_or(u16::MAX);
    match (column, text.parse::<f64>()) {
        (_, _) if text.is_empty() => {}
        (0 | 12 | 13, Ok(number)) => {
            sheet.write_number(row, place, number)?;
        }
        (BIRTH | 17, _) => {
            let mut parts = text.split('-').flat_map(str::parse::<u16>);
            let mut part = || parts.next().unwrap_or(1);
            let (year, month, date) = (part(), part(), part());
            let moment = ExcelDateTime::from_ymd(year, month.to_le_bytes()[0], date.to_le_bytes()[0])?;
            sheet.write_datetime_with_format(row, place, &moment, day)?;
        }
        _ => {
            sheet.write_string(row, place, text)?;
        }
    }
    Ok(())
}
