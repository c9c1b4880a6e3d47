//! The register of the speed measurement: every value is a function of seed, stream and row, in whole numbers only, so
//! that another language makes the same one.

use arrow_array::{ArrayRef, BooleanArray, Int8Array, Int16Array, Int64Array};
use doudi_policy::Library;
use doudi_policy_batch::{EntityTable, FactTables};
use std::collections::BTreeMap;
use std::sync::Arc;

const SEED: u64 = 20_200_204;
const COUNTIES: u64 = 200;

fn random(stream: u64, row: u64) -> u64 {
    let mut z = SEED
        .wrapping_add(stream.wrapping_mul(0xD134_2543_DE82_EF95))
        .wrapping_add(row.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

fn below(stream: u64, row: u64, n: u64) -> i64 {
    (((random(stream, row) >> 32) * n) >> 32) as i64
}

/// Draws from values with weights per thousand.
fn table<T: Copy>(stream: u64, row: u64, choices: &[(i64, T)]) -> T {
    let mut left = below(stream, row, 1000);
    for (weight, value) in choices {
        if left < *weight {
            return *value;
        }
        left -= weight;
    }
    unreachable!("weights add up to a thousand")
}

/// Draws a range, then a number in it.
fn ranges(stream: u64, row: u64, choices: &[(i64, (i64, i64))]) -> i64 {
    let (low, high) = table(stream, row, choices);
    low + below(stream + 1, row, (high - low) as u64)
}

/// The standard of each county until June and from July on.
fn standards() -> Vec<(i64, i64)> {
    (0..COUNTIES)
        .map(|county| {
            let base = 25_000 + below(900, county, 45_000);
            let raise = if below(901, county, 2) == 1 { 500 + below(902, county, 700) } else { 0 };
            (base, base + (base * raise + 5000) / 10_000)
        })
        .collect()
}

/// The parameters as rows of a table.
pub fn parameter_rows() -> String {
    let mut rows = String::from("参数,维度,起,止,值,文件,把握\n");
    let mut row = |name: &str, option: &str, from: &str, value: String| {
        rows.push_str(&format!("{name},{option},{from},,{value},params.json,高\n"));
    };
    let yuan = |fen: i64| format!("{}.{:02}元", fen / 100, fen % 100);
    for (county, (base, later)) in standards().into_iter().enumerate() {
        row("标准", &format!("县{county}"), "2020-01", yuan(base));
        row("标准", &format!("县{county}"), "2020-07", yuan(later));
    }
    for (name, parts) in
        [("务工成本比例", 3000), ("重残增发比例", 2000), ("老年增发比例", 2000), ("未成年增发比例", 1000)]
    {
        row(name, "", "2020-01", format!("{parts}/10000"));
    }
    row("刚性支出限额", "", "2020-01", yuan(2_000_000));
    row("特困倍数", "", "2020-01", "13/10".into());
    row("生活补贴标准", "", "2020-01", yuan(5000));
    row("生活补贴标准", "", "2020-07", yuan(6000));
    for (month, parts) in [("01", 540), ("02", 520), ("03", 430), ("04", 330), ("05", 0)] {
        row("物价补贴比例", "", &format!("2020-{month}"), format!("{parts}/10000"));
    }
    let by_option: [(&str, &[(&str, i64)]); 3] = [
        ("照料金", &[("不照料", 0), ("全自理", 20_000), ("半护理", 40_000), ("全护理", 80_000)]),
        ("护理补贴标准", &[("无残疾", 0), ("一级", 8000), ("二级", 6000), ("三级", 0), ("四级", 0)]),
        ("儿童标准", &[("不是", 0), ("孤儿", 100_000), ("事实无人抚养", 95_000)]),
    ];
    for (name, options) in by_option {
        options.iter().for_each(|(option, fen)| row(name, option, "2020-01", yuan(*fen)));
    }
    rows
}

#[derive(Default)]
pub struct Register {
    offsets: Vec<u32>,
    county: Vec<i16>,
    property: Vec<i64>,
    flags: [Vec<bool>; 3],
    last_amount: Vec<i64>,
    age: Vec<i16>,
    /// Wage, farm, transfers, pension, medical, tuition.
    money: [Vec<i64>; 6],
    /// Working, seriously ill, an obligor who is able.
    yes: [Vec<bool>; 3],
    /// Disability grade, care grade, status as a child.
    grades: [Vec<i8>; 3],
}

impl Register {
    pub fn draw(persons: usize) -> Register {
        let mut register = Register { offsets: vec![0], ..Register::default() };
        let standards = standards();
        for (number, size) in sizes(persons).into_iter().enumerate() {
            let standard = register.household(number as u64, size, &standards);
            for member in 0..size {
                register.person(number as i64, member, size, standard);
            }
            register.offsets.push(register.age.len() as u32);
        }
        register
    }

    /// Returns the household's standard until June.
    fn household(&mut self, number: u64, size: i64, standards: &[(i64, i64)]) -> i64 {
        let (a, b) = (below(2, number, 65_536) as u64, below(3, number, 65_536) as u64);
        let county = ((a * b * COUNTIES) >> 32) as usize;
        let poor = below(7, number, 1000) < 140;
        let received = below(8, number, 1000) < if poor { 400 } else { 60 };
        let standard = standards[county].0;
        let of_cases = number % 997;
        let property = ranges(
            4,
            number,
            &[(700, (0, 1_500_000)), (200, (1_500_000, 6_000_000)), (100, (6_000_000, 80_000_000))],
        );
        let car = below(6, number, 1000) < 120;
        self.county.push(county as i16);
        self.property.push(if of_cases == 2 { 24 * standard * size } else { property });
        self.flags[0].push(car && of_cases != 2 || of_cases == 5);
        self.flags[1].push(poor);
        self.flags[2].push(received);
        self.last_amount.push(if received { 10_000 + below(9, number, 140_000) } else { 0 });
        standard
    }

    fn person(&mut self, household: i64, member: i64, size: i64, standard: i64) {
        let i = self.age.len() as u64;
        let ages = [
            (60, (0, 6)),
            (110, (6, 16)),
            (24, (16, 18)),
            (130, (18, 30)),
            (210, (30, 45)),
            (226, (45, 60)),
            (120, (60, 70)),
            (80, (70, 80)),
            (40, (80, 100)),
        ];
        let age = ranges(20, i, &ages);
        let grade = table(22, i, &[(8, 1), (14, 2), (22, 3), (21, 4), (935, 0)]);
        let severe = grade == 1 || grade == 2;
        let w = below(23, i, 1000);
        let mut working =
            !severe && ((16..65).contains(&age) && w < 620 || (65..75).contains(&age) && w < 150);
        let bands = [
            (250, (0, 600_000)),
            (400, (600_000, 2_000_000)),
            (300, (2_000_000, 6_000_000)),
            (50, (6_000_000, 20_000_000)),
        ];
        let paid = working || age >= 18 && below(26, i, 1000) < 5;
        let mut wage = if paid { ranges(24, i, &bands) } else { 0 };
        let farms = [(550, (0, 1)), (447, (50_000, 800_000)), (3, (-300_000, 0))];
        let mut farm = if age >= 16 { ranges(27, i, &farms) } else { 0 };
        let mut transfers = ranges(29, i, &[(700, (0, 1)), (300, (0, 500_000))]);
        let pensions = [(150, (0, 1)), (765, (120_000, 216_000)), (85, (2_400_000, 6_000_000))];
        let mut pension = if age >= 60 { ranges(31, i, &pensions) } else { 0 };
        let bills =
            [(858, (0, 1)), (120, (0, 500_000)), (20, (500_000, 8_000_000)), (2, (8_000_000, 40_000_000))];
        let mut medical = ranges(33, i, &bills);
        let fees = [(700, (0, 1)), (300, (0, 1_200_000))];
        let mut tuition = if (6..23).contains(&age) { ranges(35, i, &fees) } else { 0 };
        let care =
            if age >= 60 || severe { table(37, i, &[(500, 0), (200, 1), (200, 2), (100, 3)]) } else { 0 };
        let obligor = below(38, i, 1000) >= if age < 16 { 15 } else { 80 };
        let child = if age < 19 { table(39, i, &[(4, 1), (9, 2), (987, 0)]) } else { 0 };
        let mut ill = below(40, i, 1000) < 30;
        let case = household % 997;
        if case < 6 {
            (wage, farm, pension, medical, tuition, working) = (0, 0, 0, 0, 0, false);
        }
        let first = member == 0;
        match case {
            0 => transfers = 12 * standard,
            1 => transfers = 24 * standard,
            2 => transfers = 0,
            3 => transfers = if first { 12 * 1000 + 6 } else { 0 },
            4 => transfers = if first { 18 * standard * size } else { 0 },
            5 => transfers = 12_000,
            _ => {}
        }
        ill |= case == 4 && member == 1 || case == 5 && first;
        if case == 5 && first {
            farm = -100_000;
        }
        self.age.push(age as i16);
        let money = [wage, farm, transfers, pension, medical, tuition];
        self.money.iter_mut().zip(money).for_each(|(column, fen)| column.push(fen));
        self.yes.iter_mut().zip([working, ill, obligor]).for_each(|(column, yes)| column.push(yes));
        self.grades.iter_mut().zip([grade, care, child]).for_each(|(column, grade)| column.push(grade));
    }

    pub fn tables(self, library: &Library) -> FactTables {
        fn array<A: arrow_array::Array + 'static>(values: impl Into<A>) -> ArrayRef {
            Arc::new(values.into())
        }
        let input = |path: &str| library.input_by_path(path).expect("an input");
        let (households, persons) = (self.county.len(), self.age.len());
        let mut of_households: BTreeMap<_, ArrayRef> = BTreeMap::new();
        of_households.insert(input("户.县"), array::<Int16Array>(self.county));
        of_households.insert(input("户.财产"), array::<Int64Array>(self.property));
        of_households.insert(input("户.上月金额"), array::<Int64Array>(self.last_amount));
        for (name, flags) in ["户.有车", "户.建档立卡", "户.上月享受"].into_iter().zip(self.flags)
        {
            of_households.insert(input(name), array::<BooleanArray>(flags));
        }
        let mut of_persons: BTreeMap<_, ArrayRef> = BTreeMap::new();
        of_persons.insert(input("人.年龄"), array::<Int16Array>(self.age));
        let money = ["人.工资", "人.经营净收入", "人.转移净收入", "人.养老金", "人.医疗自付", "人.学费"];
        for (name, fen) in money.into_iter().zip(self.money) {
            of_persons.insert(input(name), array::<Int64Array>(fen));
        }
        for (name, yes) in ["人.务工", "人.重病", "人.义务人有能力"].into_iter().zip(self.yes) {
            of_persons.insert(input(name), array::<BooleanArray>(yes));
        }
        for (name, grades) in ["人.残疾等级", "人.照料档次", "人.儿童类别"].into_iter().zip(self.grades)
        {
            of_persons.insert(input(name), array::<Int8Array>(grades));
        }
        let tables = vec![
            EntityTable { rows: households, columns: of_households, ..EntityTable::default() },
            EntityTable { rows: persons, offsets: Some(self.offsets), columns: of_persons, complete: None },
        ];
        FactTables::new(library, tables).expect("the columns fit the library")
    }
}

/// Sizes of the households, made to add up to the number of persons.
fn sizes(persons: usize) -> Vec<i64> {
    let weights = [(190, 1), (260, 2), (220, 3), (180, 4), (90, 5), (40, 6), (20, 7)];
    let mut sizes: Vec<i64> = (0..persons * 34 / 100).map(|row| table(1, row as u64, &weights)).collect();
    let mut missing = persons as i64 - sizes.iter().sum::<i64>();
    for size in &mut sizes {
        if missing > 0 && *size < 7 {
            (*size, missing) = (*size + 1, missing - 1);
        } else if missing < 0 && *size > 1 {
            (*size, missing) = (*size - 1, missing + 1);
        }
    }
    sizes
}
