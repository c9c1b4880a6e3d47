//! Makes the deliberately ugly files of `tests/ugly` anew: `cargo run -p doudi-rosters --example ugly_rosters`.
//! The people in them are invented; what must come of each file is written down in `tests/ugly/expected.toml`.

#[path = "../tests/it/old_workbook.rs"]
mod old_workbook;

use doudi_terms::check_character;
use old_workbook::{OldCell, OldSheet, old_workbook, ole_file};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet, XlsxError};
use std::path::{Path, PathBuf};

type Done = Result<(), Box<dyn std::error::Error>>;

const HEADER: &str = "序号,低保证号,户主姓名,姓名,身份证号,出生日期,户月保障金,月保障金,起始年月,备注";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ugly")
}

fn main() -> Done {
    std::fs::create_dir_all(folder())?;
    texts()?;
    texts_in_other_writing()?;
    page()?;
    old_workbooks()?;
    workbooks()?;
    workbooks_filled_in()?;
    not_rosters()
}

fn write(name: &str, bytes: &[u8]) -> Done {
    Ok(std::fs::write(folder().join(name), bytes)?)
}

/// A number with the right check character, of an invented person.
fn id(birth: &str, order: u32) -> String {
    let seventeen = format!("500243{birth}{order:03}");
    let check = check_character(seventeen.as_bytes()).map_or('0', char::from);
    format!("{seventeen}{check}")
}

fn row(number: u32, name: &str, birth: &str, order: u32) -> String {
    let (year, month, day) = (&birth[..4], &birth[4..6], &birth[6..]);
    let id = id(birth, order);
    format!("{number},D{number:04},{name},{name},{id},{year}-{month}-{day},702,351,2016-06,")
}

fn zhao() -> String {
    row(1, "赵一凡", "19650301", 991)
}

fn qian() -> String {
    row(2, "钱秀兰", "19720815", 992)
}

fn sun() -> String {
    row(3, "孙小满", "20110620", 993)
}

fn texts() -> Done {
    let (zhao, qian, sun) = (zhao(), qian(), sun());
    write(
        "01-titles-and-notes.csv",
        format!(
            "\u{feff}彭水县2020年4月城乡低保在册名册,,,,,,,,,\n填报单位：汉葭街道,,,,,,,,单位：元,\n\n{HEADER}\n{zhao}\n{qian}\n\n\
             合  计,,,,,,1404,702,,\n注：1.按户发放。,,,,,,,,,\n制 表 人：周某,,,审核人：吴某,,,,,,\n第 1 页 共 1 页,,,,,,,,,\n"
        )
        .as_bytes(),
    )?;
    write(
        "04-totals-in-the-middle.csv",
        format!(
            "{HEADER}\n{zhao}\n北斗村小计,,,,,,702,351,,\n{qian}\n,,,,小计：,,702,351,,\n{sun}\n合计（3户）,,,,,,2106,1053,,\n"
        )
        .as_bytes(),
    )?;
    let amounts =
        [("1,234.50元", "１２３元"), ("1.2万", "￥ 351"), ("七百", "-351"), ("65.333", "—"), ("", "351.10")];
    let text: String = (1..)
        .zip(amounts)
        .map(|(number, (household, own))| {
            let id = id("19650301", 990 + number);
            format!("{number},赵一凡,赵一凡,{id},\"{household}\",{own},2016-06\n")
        })
        .collect();
    write(
        "12-amounts-with-units.csv",
        format!("序号,户主姓名,姓名,身份证号,户月保障金,月保障金（元）,起始年月\n{text}").as_bytes(),
    )?;
    let answers = ["是", "√", "Y", "Ｙ", "有", "否", "×", "n", "无", "/", "", "不清楚"];
    let text: String = (1..)
        .zip(answers)
        .map(|(number, answer)| format!("赵一凡,赵一凡,{},2016-06,{answer}\n", id("19650301", 980 + number)))
        .collect();
    write("13-yes-and-no.csv", format!("姓名,户主姓名,身份证号,起始年月,是否核对\n{text}").as_bytes())?;
    let (plain, x) = (id("19650301", 991), id("19560112", 991));
    let wide: String = plain.chars().filter_map(|c| char::from_u32(u32::from(c) + 0xfee0)).collect();
    let lower = x.to_lowercase();
    let ids = [
        format!("{} {} {}", &plain[..6], &plain[6..14], &plain[14..]),
        format!("'{plain}"),
        format!("‘{plain}’"),
        format!("\"=\"\"{plain}\"\"\""),
        format!("\t{plain}"),
        wide,
        lower,
        format!("{}-{}", &plain[..6], &plain[6..]),
        format!("{plain}\u{200b}"),
    ];
    let text: String = ids.iter().map(|id| format!("赵一凡,赵一凡,{id},2016-06\n")).collect();
    write("14-ids-with-marks.csv", format!("姓名,户主姓名,身份证号,起始年月\n{text}").as_bytes())?;
    write(
        "17-shifted-row.csv",
        format!(
            "{HEADER}\n{zhao}\n2,D0002,钱秀兰,钱秀兰,{},1972-08-15,1,404,351,2016-06,\n3,D0003,孙小满,孙小满,{},2011-06-20,702,351,2016-06,外出务工,已核\n4,,,,,,702,351,2016-06,\n",
            id("19720815", 992),
            id("20110620", 993)
        )
        .as_bytes(),
    )?;
    swapped()?;
    dates_and_identity()
}

fn swapped() -> Done {
    let header = "姓名,身份证号,户主姓名,起始年月";
    let people =
        [("赵一凡", "19650301"), ("钱秀兰", "19720815"), ("孙小满", "20110620"), ("李桂珍", "19480102")];
    let exchanged: String = (990..)
        .zip(people)
        .map(|(order, (name, birth))| format!("{},{name},{name},2016-06\n", id(birth, order)))
        .collect();
    write("21-swapped-columns.csv", format!("{header}\n{exchanged}").as_bytes())?;
    let rows: String = (990..)
        .zip(people)
        .map(|(order, (name, birth))| match order {
            991 => format!("{},{name},{name},2016-06\n", id(birth, order)),
            993 => format!("{},,{name},2016-06\n", id(birth, order)),
            _ => format!("{name},{},{name},2016-06\n", id(birth, order)),
        })
        .collect();
    write("22-swapped-rows.csv", format!("{header}\n{rows}").as_bytes())
}

fn dates_and_identity() -> Done {
    let id_of = id("19820306", 991);
    let births = [
        "1982/3/6",
        "1982年3月6日",
        "19820306",
        "30016",
        "1982.3.6",
        "1982-03-06 00:00:00",
        "农历1982年二月十一",
        "1982.2.11(农历)",
        "1982年2月30日",
    ];
    let deaths = [
        "2020/4/12",
        "2020年4月12日",
        "20200412",
        "43933",
        "2020.4.12",
        "2020-04-12T08:30",
        "农历三月二十",
        "昨天",
        "",
    ];
    let text: String =
        births.iter().zip(deaths).map(|(birth, death)| format!("赵一凡,{id_of},{birth},{death}\n")).collect();
    write(
        "23-mixed-dates.csv",
        format!("死亡名册（2020年4月）\n姓名,身份证号,出生日期,死亡日期\n{text}").as_bytes(),
    )?;
    let wide = |text: &str| -> String {
        text.chars()
            .map(
                |c| if c.is_ascii_graphic() { char::from_u32(u32::from(c) + 0xfee0).unwrap_or(c) } else { c },
            )
            .collect()
    };
    write(
        "24-full-width.csv",
        format!(
            "Ｎｏ,户　号,户　主,保障对象 姓名,【公民身份号码】,出生年月日,户月补助金额（元）,起保年月,低保类别,是否核对\n{},{},赵　一凡,赵　一凡,{},{},{},{},农村低保,{}\n",
            wide("1"), wide("D0001"), wide(&id("19650301", 991)), wide("1965-03-01"), wide("1,702.50"), wide("2016.06"), wide("Y")
        )
        .as_bytes(),
    )?;
    let valid = id("19650301", 991);
    let last = if valid.ends_with('1') { '2' } else { '1' };
    write(
        "25-wrong-identity.csv",
        format!(
            "2020年4月死亡名册\n姓名,身份证号,出生日期,死亡日期\n校验位错,{}{last},1965-03-01,2020-04-01\n少一位,{},1965-03-01,2020-04-01\n\
             十五位,500243650301991,1965-03-01,2020-04-01\n没有号码,,1965-03-01,2020-04-01\n,{valid},1965-03-01,2020-04-01\n\
             未来出生,,2021-03-01,2020-04-01\n太早,无,1865-03-01,2020-04-01\n不符,{valid},1956-03-01,2020-04-01\n\
             下月死亡,{valid},1965-03-01,2020-05-02\n遮住,500243********9915,1965-03-01,2020-04-01\n日期不存在,500243196513019915,,2020-04-01\n",
            &valid[..17],
            &valid[..17]
        )
        .as_bytes(),
    )
}

fn texts_in_other_writing() -> Done {
    let rare = format!(
        "{HEADER}\n{}\n{}\n{}\n",
        row(1, "赵䶮", "19650301", 991),
        row(2, "钱𠮷", "19720815", 992),
        row(3, "孙㛃", "20110620", 993)
    );
    let (bytes, _, _) = encoding_rs::GB18030.encode(&rare);
    write("09-text-named-xls.xls", &bytes)?;
    // Half of the characters 丢 and 伢 is the byte of a quote.
    let rows =
        format!("{HEADER}\n{}\n{}\n", row(1, "赵丢", "19650301", 991), row(2, "钱伢伢", "19720815", 992));
    let wide: Vec<u8> =
        format!("\u{feff}{}", rows.replace(',', "\t")).encode_utf16().flat_map(u16::to_le_bytes).collect();
    write("16-utf16-tabs.txt", &wide)
}

fn page() -> Done {
    let cell = |text: &str| format!("<td class=xl24>{text}</td>");
    let line = |text: &str| format!("<tr>{}</tr>\n", text.split(',').map(cell).collect::<String>());
    let merged = |text: &str| {
        let line = line(text);
        line.replacen("<td class=xl24>D0001</td>", "<td rowspan=2>D0001</td>", 1)
    };
    let second = qian().replacen("2,D0002,", "2,", 1);
    let page = format!(
        "<html><head><meta http-equiv=Content-Type content=\"text/html; charset=gb2312\"><style>td {{mso-number-format:\"\\@\"}}</style></head>\n\
         <body><table border=1><tr><td colspan=10>2020年4月城乡低保在册名册</td></tr>\n{}{}{}<tr><td colspan=10>&nbsp;制表人：周&#26576;</td></tr></table></body></html>\n",
        line(HEADER),
        merged(&zhao()),
        line(&second)
    );
    let (bytes, _, _) = encoding_rs::GB18030.encode(&page);
    write("08-web-page.xls", &bytes)
}

fn old(text: &str) -> OldCell {
    match text {
        "" => OldCell::Blank,
        "#N/A" => OldCell::Fault(0x2a),
        "#REF!" => OldCell::Fault(0x17),
        _ => text.strip_prefix('=').and_then(|number| number.parse().ok()).map_or_else(
            || {
                text.strip_prefix('@')
                    .and_then(|day| day.parse().ok())
                    .map_or(OldCell::Text(text.to_owned()), OldCell::Day)
            },
            OldCell::Number,
        ),
    }
}

fn old_rows(lines: &[&str]) -> Vec<Vec<OldCell>> {
    lines.iter().map(|line| line.split(',').map(old).collect()).collect()
}

fn old_workbooks() -> Done {
    let (one, two) = (id("19650301", 991), id("19720815", 992));
    let lines = [
        "2020年4月残疾人名册,,,,,,".to_owned(),
        "序号,姓名,残疾人证号,残疾情况,,发证情况,".to_owned(),
        ",,,残疾类别,残疾等级,签发日期,备注".to_owned(),
        format!("=1,赵一凡,{one}44,肢体,四级,@43000,"),
        format!("=2,钱秀兰,{two}12,视力,二级,@43100,"),
    ];
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let merged = vec![[0, 0, 0, 6], [1, 2, 0, 0], [1, 2, 1, 1], [1, 2, 2, 2], [1, 1, 3, 4], [1, 1, 5, 6]];
    let sheet =
        OldSheet { name: "残疾人".to_owned(), rows: old_rows(&lines), merged, ..OldSheet::default() };
    write("03-two-level-headers.xls", &old_workbook(&[sheet]))?;

    let lines = [
        HEADER.to_owned(),
        format!("=1,D0001,赵一凡,赵一凡,{one},@23802,=702,=351,=201606,"),
        format!("=2,,赵一凡,钱秀兰,{two},#N/A,,#REF!,2016年6月,"),
        format!("=3,D0002,孙小满,#N/A,{},@40714,=702,=351,2016-06,#REF!", id("20110620", 993)),
    ];
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let merged = vec![[1, 2, 1, 1]];
    let sheet =
        OldSheet { name: "低保2020-04".to_owned(), rows: old_rows(&lines), merged, ..OldSheet::default() };
    let blank = OldSheet { name: "Sheet2".to_owned(), ..OldSheet::default() };
    write("10-wps.et", &old_workbook(&[sheet, blank]))
}

fn fill(sheet: &mut Worksheet, first_row: u32, lines: &[String]) -> Result<(), XlsxError> {
    for (row, line) in (first_row..).zip(lines) {
        for (column, text) in (0..).zip(line.split(',')) {
            if !text.is_empty() {
                sheet.write_string(row, column, text)?;
            }
        }
    }
    Ok(())
}

fn save(mut book: Workbook, name: &str) -> Done {
    let properties = rust_xlsxwriter::DocProperties::new();
    book.set_properties(&properties.set_creation_datetime(&ExcelDateTime::from_ymd(2020, 4, 30)?));
    book.save(folder().join(name))?;
    Ok(())
}

fn workbooks() -> Done {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let heads = [
        "2020年4月城乡低保在册名册".to_owned(),
        "序号,户主姓名,姓名,身份证号,保障金,,起始年月".to_owned(),
        ",,,,户月保障金,月保障金,".to_owned(),
    ];
    let line = |number: u32, name: &str, birth: &str| {
        format!("{number},{name},{name},{},702,351,2016-06", id(birth, 990 + number))
    };
    let mut lines = Vec::new();
    for (number, name, birth) in
        [(1, "赵一凡", "19650301"), (2, "钱秀兰", "19720815"), (3, "孙小满", "20110620")]
    {
        lines.extend(heads.iter().cloned());
        lines.push(line(number, name, birth));
        lines.push("本页小计,,,,702,351,".to_owned());
    }
    fill(sheet, 0, &lines)?;
    save(book, "02-repeated-headers.xlsx")?;

    let mut book = Workbook::new();
    fill(book.add_worksheet().set_name("2020年4月")?, 0, &[HEADER.to_owned(), zhao(), qian()])?;
    fill(
        book.add_worksheet().set_name("2020年3月")?.set_hidden(true),
        0,
        &[HEADER.to_owned(), zhao(), qian(), sun()],
    )?;
    save(book, "05-hidden-sheet.xlsx")?;

    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let bordered = Format::new().set_border(rust_xlsxwriter::FormatBorder::Thin);
    for row in (0..15).chain(20..3_000) {
        (0..8).try_for_each(|column| sheet.write_blank(row, column, &bordered).map(|_| ()))?;
    }
    let spread = |text: &str| text.replacen(',', ",,", 2);
    fill(sheet, 15, &[spread(HEADER), spread(&zhao()), spread(&qian())])?;
    save(book, "11-blank-rows-and-columns.xlsx")
}

fn workbooks_filled_in() -> Done {
    let plain = Format::new();

    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    fill(
        sheet,
        0,
        &[
            "姓名,户主姓名,身份证号,起始年月,银行账号".to_owned(),
            "赵一凡,赵一凡,,2016-06".to_owned(),
            "钱秀兰,钱秀兰,5.00243E+17,2016-06,6.23E+18".to_owned(),
            "孙小满,孙小满,500243201106209000,2016-06".to_owned(),
        ],
    )?;
    sheet.write_number(1, 2, 500_243_196_503_019_900.0)?;
    sheet.write_number(1, 4, 6_230_000_000_000_000_011.0)?;
    save(book, "15-ids-as-numbers.xlsx")?;

    let mut book = Workbook::new();
    fill(
        book.add_worksheet().set_name("低保")?,
        0,
        &["2020年4月".to_owned(), HEADER.to_owned(), zhao(), qian()],
    )?;
    let death = format!("李桂珍,{},2020-04-12", id("19480102", 994));
    fill(
        book.add_worksheet().set_name("死亡")?,
        0,
        &["2020年4月".to_owned(), "姓名,身份证号,死亡日期".to_owned(), death],
    )?;
    fill(
        book.add_worksheet().set_name("填表说明")?,
        0,
        &["一、本表由村居填写".to_owned(), "二、每月5日前报送".to_owned()],
    )?;
    save(book, "19-two-rosters.xlsx")?;

    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let member = |line: String| line.replacen("D0002,钱秀兰,", ",,", 1).replace(",702,", ",,");
    fill(sheet, 0, &[HEADER.to_owned(), zhao(), member(qian()), sun()])?;
    for (column, text) in [(1, "D0001"), (2, "赵一凡"), (6, "702")] {
        sheet.merge_range(1, column, 2, column, text, &plain)?;
    }
    save(book, "20-merged-household.xlsx")
}

fn not_rosters() -> Done {
    write("06-locked.xlsx", &ole_file("EncryptedPackage", &[0x5a; 5_000]))?;
    let mut book = Workbook::new();
    fill(book.add_worksheet(), 0, &[HEADER.to_owned(), zhao()])?;
    let whole = book.save_to_buffer()?;
    write("07-broken.xlsx", &whole[..whole.len() / 2])?;
    let mut book = Workbook::new();
    fill(
        book.add_worksheet(),
        0,
        &[
            "2020年4月低保申请登记表".to_owned(),
            "序号,户主姓名,姓名,身份证号,申请日期,联系电话".to_owned(),
            format!("1,赵一凡,赵一凡,{},2020-04-02,", id("19650301", 991)),
        ],
    )?;
    save(book, "18-wrong-template.xlsx")
}
