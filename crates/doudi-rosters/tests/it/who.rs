//! Whose rows are, read quickly, against the same rows read in full.

use crate::reading::{ID, set};
use doudi_rosters::{OpenFile, SheetReading, shown_cell};
use doudi_terms::roster::ColumnKind;
use proptest::prelude::*;
use tempfile::TempDir;

const HEADER: &str =
    "序号,姓名,身份证号,户主姓名,出生日期,家庭住址,区划代码,联系电话,银行账号,月保障金,起始年月";
const KINDS: [ColumnKind; 7] = [
    ColumnKind::PersonName,
    ColumnKind::IdNumber,
    ColumnKind::Birth,
    ColumnKind::Address,
    ColumnKind::Region,
    ColumnKind::Phone,
    ColumnKind::Account,
];

/// Row number and cells of every row that is somebody's.
type Rows = Vec<(u32, Vec<String>)>;

fn both(text: &[u8]) -> ((Rows, SheetReading), (Rows, SheetReading)) {
    let dir = TempDir::new().expect("a folder");
    let path = dir.path().join("低保.csv");
    std::fs::write(&path, text).expect("a file");
    let mut file = OpenFile::open(&path, set());
    let spec = set().get("dibao").expect("a specification");
    let (mut full, mut quick) = (Rows::new(), Rows::new());
    let read = file.read(0, &mut |batch| {
        for (at, &row) in batch.rows.iter().enumerate() {
            let cell = |kind| {
                let column = spec.columns.iter().position(|column| column.kind == kind)?;
                Some(shown_cell(batch.columns[column].as_ref()?, at))
            };
            full.push((row, KINDS.map(|kind| cell(kind).unwrap_or_default()).to_vec()));
        }
    });
    let who = file.read_who(0, &mut |batch| {
        for (at, &row) in batch.rows.iter().enumerate() {
            let cells = KINDS.map(|kind| batch.text(kind, at).to_owned()).to_vec();
            if cells[..2].iter().any(|cell| !cell.is_empty()) {
                quick.push((row, cells));
            }
        }
    });
    ((full, read), (quick, who))
}

fn assert_same(text: &str) {
    let ((full, read), (quick, who)) = both(text.as_bytes());
    assert_eq!(full, quick, "{text:?}");
    let counts = |reading: &SheetReading| (reading.roster.rows, reading.roster.rejected, reading.skipped);
    assert_eq!(counts(&read), counts(&who), "{text:?}");
}

#[test]
fn plain_rows_and_others_read_as_they_do_in_full() {
    let plain =
        format!("1,刘国强,{ID},男,1965-03-01,北斗村3组12号,500243001202,13900000001,622848001,480,2019-01");
    let rows = [
        plain.as_str(),
        "",
        "3, 王秀英 ,'50024319650301011X,女,23801,　北斗村 ,500243001202.0,5.00243E+17,6.2E+3,,",
        "合计,,,,,,,,,,480",
        "4,50024319650301011X,刘国强,男,1965.3.1,北斗村,500243001202,,,,",
        "5,刘国强,50024319650301011X,男,1965年3月1日,北斗村,500243001202,,,,,多了一格",
        "6,,,男,,北斗村,500243001202,,,480,2019-01",
        "7,刘国强,50024319650301011X,男",
        "序号,姓名,身份证号,户主姓名,出生日期,家庭住址,区划代码,联系电话,银行账号,月保障金,起始年月",
        "8,#N/A,50024319650301011X,男,#REF!,北斗村,500243001202,,,,",
        "9,刘国强,000000000000000000,男,19650301,北斗村,500243001202,,,,",
        "制表人：周某",
    ];
    for end in ["\n", "\r\n", "\r"] {
        let body = format!("{HEADER}{end}{}", rows.join(end));
        assert_same(&body);
        assert_same(&format!("\u{feff}{body}{end}{end}"));
    }
    assert_same(&format!("{HEADER}\n{plain}\n2,\"刘,国强\",{ID},男,,,,,,,\n{plain}"));
    let ((_, read), (quick, _)) = both(format!("{HEADER}\n{}", rows.join("\n")).as_bytes());
    assert_eq!(quick.len(), 6, "the others are nobody's: {read:?}");
}

#[test]
fn what_a_row_says_is_not_read_and_nothing_is_reported_of_it() {
    let row = format!("1,刘国强,{ID},男,1970-01-01,,,,,三百,2019-01");
    let ((_, read), (_, who)) = both(format!("{HEADER}\n{row}\n").as_bytes());
    let told = |reading: &SheetReading, column: &str| {
        reading.counts.iter().any(|count| count.column.as_deref() == Some(column))
    };
    assert!(told(&read, "月保障金") && told(&read, "出生日期"), "{:?}", read.counts);
    assert!(!told(&who, "月保障金") && !told(&who, "出生日期"), "{:?}", who.counts);
}

#[test]
fn a_row_that_cannot_be_read_comes_as_nobodys_with_its_own_number() {
    let dir = TempDir::new().expect("a folder");
    let path = dir.path().join("低保.csv");
    let row = |number: &str, name: &str| format!("{number},{name},,男,,,,,,480,");
    std::fs::write(&path, format!("{HEADER}\n{}\n{}\n", row("71", "刘国强"), row("72", ""))).expect("a file");
    let mut rows = Vec::new();
    let mut file = OpenFile::open(&path, set());
    let reading = file.read_who(0, &mut |batch| {
        for at in 0..batch.len() {
            let text = |kind| batch.text(kind, at).to_owned();
            rows.push((batch.rows[at], text(ColumnKind::RowNumber), text(ColumnKind::PersonName)));
        }
    });
    assert_eq!(rows, [(2, "71".to_owned(), "刘国强".to_owned()), (3, "72".to_owned(), String::new())]);
    assert_eq!((reading.roster.rows, reading.roster.rejected), (2, 1));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_cells_read_the_same_in_both_ways(rows in prop::collection::vec(prop::collection::vec(
        prop_oneof![
            Just(ID.to_owned()), Just("刘国强".to_owned()), Just("1965-03-01".to_owned()), Just(String::new()),
            "[刘国 　'#=.E0-9Xx、计合注：页\u{feff}\u{200b}·]{0,19}",
        ], 8..13), 1..9), carriage: bool)
    {
        let end = if carriage { "\r\n" } else { "\n" };
        let lines: Vec<String> = rows.iter().map(|cells| cells.join(",")).collect();
        assert_same(&format!("{HEADER}{end}{}", lines.join(end)));
    }
}
