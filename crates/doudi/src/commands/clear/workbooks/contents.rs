//! 目录: what the workbook holds, how much there is to do in each village, and how it is filled in.

use super::About;
use doudi_engine::{Bucket, Township};
use doudi_rosters::{Form, FormCell, FormRow, FormStyle};
use doudi_terms::RegionCode;

const VISITS_SHEET: &str = "入户核查表";

/// The grid: four columns for the sheets' table, eight for the villages'.
const WIDTHS: [f64; 8] = [26.0, 14.0, 14.0, 14.0, 14.0, 14.0, 14.0, 14.0];

const HOW: [&str; 6] = [
    "一、先看“错退”和“疑点清单”里的红色疑点，再看“漏保”“待核实”，其余按“摸排清单”逐村走访。",
    "二、入户要两人同去。每户有一张“入户核查表”，可以打印带去，填好签字后留存。",
    "三、把结果填进“疑点清单”：核查情况写看到的事实；核查结果从下拉表选（属实、不属实、部分属实、数据错误）；写明核查人和日期。",
    "四、请不要改动“疑点编号”，也不要增删列。身份证号按文本保存，不会变成科学计数。",
    "五、填好的工作簿发回县民政局，放进下个月的名册文件夹，结果就记到各条疑点上。",
    "六、这里都是比对得到的线索，不是决定。核实以前不得停发、减发；停发要书面说明理由，并告知本人。",
];

pub fn form(about: &About<'_>, township: &Township) -> Form {
    let mut rows = heading(about);
    sheets(township, &mut rows);
    rows.push(section("怎样填写"));
    rows.extend(HOW.map(|line| FormRow::of([FormCell::new(FormStyle::Plain, 8, line)])));
    rows.push(FormRow::of([FormCell::new(
        FormStyle::Plain,
        8,
        "县民政局联系人：　　　　　　　　　　电话：　　　　　　　　　　乡镇经办人：　　　　　　　　　　电话：",
    )])
    .at_least(2));
    villages(about, township, &mut rows);
    Form {
        name: "目录".into(),
        running_title: format!("{} {} 目录", about.name, about.month()),
        widths: WIDTHS.to_vec(),
        rows,
    }
}

fn section(text: &str) -> FormRow {
    FormRow::of([FormCell::new(FormStyle::Section, 8, text)]).at_least(2)
}

fn heading(about: &About<'_>) -> Vec<FormRow> {
    let certificate = &about.cleared.certificate;
    let region = RegionCode::parse(&certificate.region).unwrap_or(RegionCode::COUNTRY);
    let county = about.divisions.long_name(region);
    let title = format!("{} {} 社会救助摸排工作簿", about.name, certificate.month);
    let from = format!(
        "{county}　摸排月份 {}　清算证书 {}（与县里 certificate.json 的 SHA-256 前 16 位相同，才是同一次清算）",
        certificate.month,
        about.certificate.get(..16).unwrap_or(about.certificate),
    );
    vec![
        FormRow::of([FormCell::new(FormStyle::Title, 8, title)]),
        FormRow::of([FormCell::new(FormStyle::Plain, 8, from)]),
    ]
}

fn sheets(township: &Township, rows: &mut Vec<FormRow>) {
    rows.push(section("本簿各表"));
    let row = |style, number, name: &str, count: String, purpose: &str| {
        FormRow::of([
            FormCell::new(style, 1, name),
            FormCell::new(number, 1, count),
            FormCell::new(style, 6, purpose),
        ])
    };
    rows.push(row(FormStyle::Label, FormStyle::Label, "表", "行数".into(), "做什么"));
    for table in &township.tables {
        let count = table.rows.len().to_string();
        rows.push(row(FormStyle::Box, FormStyle::Number, &table.name, count, &table.note));
        if table.name == super::BEFORE_VISITS {
            let (count, purpose) = (township.visits.len().to_string(), "有疑点的户每户一张，打印后带去入户");
            rows.push(row(FormStyle::Box, FormStyle::Number, VISITS_SHEET, count, purpose));
        }
    }
}

/// By village: what there is to do, from the same lists that follow.
fn villages(about: &About<'_>, township: &Township, rows: &mut Vec<FormRow>) {
    rows.push(section("各村（社区）要做的事"));
    let headers = ["村（社区）", "登记人口", "摸排清单", "疑点清单", "漏保", "错保", "错退", "待核实"];
    rows.push(FormRow::of(headers.map(|header| FormCell::new(FormStyle::Label, 1, header))));
    let persons = |code: RegionCode| {
        let places = &about.cleared.certificate.by_village;
        places.get(&format!("{:012}", code.number())).copied().unwrap_or_default()
    };
    let of = |name: &str, code: RegionCode| {
        let table = township.tables.iter().find(|table| table.name == name);
        table.map_or(0, |table| table.rows.iter().filter(|row| table.is_of(row, code)).count())
    };
    let mut codes: Vec<RegionCode> = township.tables.iter().flat_map(|table| table.villages()).collect();
    codes.sort_unstable();
    codes.dedup();
    for code in codes {
        let place = persons(code);
        let numbers = [
            place.persons as usize,
            of("摸排清单", code),
            of("疑点清单", code),
            of("漏保", code),
            of("错保", code),
            of("错退", code),
            place.buckets.get(Bucket::Undetermined) as usize,
        ];
        let cells = numbers.map(|number| FormCell::new(FormStyle::Number, 1, number.to_string()));
        let name = FormCell::new(FormStyle::Box, 1, about.village(code));
        rows.push(FormRow::of(std::iter::once(name).chain(cells)));
    }
}
