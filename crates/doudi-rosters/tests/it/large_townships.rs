//! A township may be larger than what Excel breaks into pages.

use doudi_rosters::{Form, FormCell, FormRow, FormStyle, Page, write_pages_xlsx};

#[test]
fn a_township_with_more_households_than_excel_has_page_breaks_gets_its_workbook() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("大乡.xlsx");
    let row = |household: u32| {
        FormRow::of([FormCell::new(FormStyle::Plain, 1, format!("第{household}户"))]).on_new_page()
    };
    let form = Form {
        name: "核查表".into(),
        widths: vec![20.0],
        rows: (0..1_500).map(row).collect(),
        ..Form::default()
    };
    write_pages_xlsx(&path, &[Page::Form(form)]).expect("a workbook");
    let mut book: calamine::Xlsx<_> = calamine::open_workbook(&path).expect("opens");
    let range = calamine::Reader::worksheet_range(&mut book, "核查表").expect("the sheet");
    assert!(
        range.rows().any(|row| row[0] == calamine::Data::String("第1499户".to_owned())),
        "nobody is left out"
    );
}
