//! What people own: vehicles, real estate, companies.

use super::{Column, Kind, Row, address_of, phone_text};
use crate::people::{PersonNo, Vehicle, World};
use doudi_terms::Month;

/// Rows for everything that everybody has of a kind.
fn per_item(world: &World, list: impl Fn(PersonNo) -> Vec<Vec<String>>) -> Vec<Row> {
    world.all().flat_map(|no| list(no).into_iter().map(move |cells| Row { person: no, cells })).collect()
}

pub(super) const VEHICLES: &[Column] = &[
    ("序号", Kind::Number),
    ("所有人", Kind::Name),
    ("证件号码", Kind::Id),
    ("号牌号码", Kind::Plain),
    ("车辆类型", Kind::Plain),
    ("初次登记", Kind::Plain),
    ("状态", Kind::Plain),
    ("住址", Kind::Address),
    ("联系电话", Kind::Phone),
];

fn plate(vehicle: &Vehicle) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ0123456789";
    let letter = char::from(LETTERS[(vehicle.plate / 10_000) as usize % LETTERS.len()]);
    format!("渝H{letter}{:04}", vehicle.plate % 10_000)
}

pub(super) fn vehicles(world: &World, month: Month) -> Vec<Row> {
    per_item(world, |no| {
        let person = world.person(no);
        let row = |vehicle: &Vehicle| {
            vec![
                person.name.clone(),
                person.id_number.to_string(),
                plate(vehicle),
                vehicle.kind.to_owned(),
                vehicle.registered.to_string(),
                if vehicle.active { "正常" } else { "注销" }.to_owned(),
                address_of(world, no),
                phone_text(person.phone),
            ]
        };
        person.vehicles().iter().filter(|vehicle| vehicle.registered <= month.last_day()).map(row).collect()
    })
}

pub(super) const HOUSES: &[Column] = &[
    ("序号", Kind::Number),
    ("权利人", Kind::Name),
    ("证件号码", Kind::Id),
    ("不动产单元号", Kind::Plain),
    ("用途", Kind::Plain),
    ("面积", Kind::Plain),
];

pub(super) fn houses(world: &World, _month: Month) -> Vec<Row> {
    per_item(world, |no| {
        let person = world.person(no);
        let region = world.region(world.home(no).village);
        let rows = person.houses().iter().enumerate().map(|(at, house)| {
            vec![
                person.name.clone(),
                person.id_number.to_string(),
                format!("{}JC{:05}F{:04}{:04}", &region[..12], no % 100_000, no / 100_000 + 1, at + 1),
                if house.dwelling { "住宅" } else { "商业" }.to_owned(),
                house.square_metres.to_string(),
            ]
        });
        rows.collect()
    })
}

pub(super) const COMPANIES: &[Column] = &[
    ("序号", Kind::Number),
    ("姓名", Kind::Name),
    ("证件号码", Kind::Id),
    ("主体名称", Kind::Plain),
    ("身份", Kind::Plain),
    ("状态", Kind::Plain),
    ("注册资本", Kind::Plain),
];

const WORDS: &[&str] =
    &["恒", "鑫", "源", "盛", "绿", "禾", "苗", "乡", "乌", "江", "瑞", "达", "兴", "农", "宏", "顺"];
const TRADES: &[&str] = &["农业开发", "建材", "商贸", "养殖", "劳务", "运输", "苗绣工艺", "餐饮管理"];
const SHOPS: &[&str] = &["副食店", "餐馆", "五金店", "理发店", "汽修店", "服装店", "晶丝苕粉坊"];

fn company_name(number: u32, sole_trader: bool) -> String {
    let word = |shift: u32| WORDS[(number / shift) as usize % WORDS.len()];
    let (first, second) = (word(1), word(16));
    if sole_trader {
        return format!("彭水县{first}{second}{}", SHOPS[(number / 256) as usize % SHOPS.len()]);
    }
    format!("彭水县{first}{second}{}有限公司", TRADES[(number / 256) as usize % TRADES.len()])
}

pub(super) fn companies(world: &World, _month: Month) -> Vec<Row> {
    per_item(world, |no| {
        let person = world.person(no);
        let rows = person.companies().iter().map(|firm| {
            vec![
                person.name.clone(),
                person.id_number.to_string(),
                company_name(firm.name, firm.role == "个体经营者"),
                firm.role.to_owned(),
                if firm.active { "存续" } else { "注销" }.to_owned(),
                firm.capital_yuan.to_string(),
            ]
        });
        rows.collect()
    })
}
