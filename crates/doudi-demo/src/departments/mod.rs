//! The departments' rosters of a month, as they would be if nobody mistyped anything. One function a roster; damage.rs
//! comes afterwards.

mod aid;
mod assistance;
mod canvass;
mod care;
mod children;
mod disability;
mod health;
mod livelihood;
mod means;
mod poverty;
mod property;
mod register;

pub(crate) use care::last_visit;

use crate::Format;
use crate::people::{Person, PersonNo, World};
use doudi_terms::{Month, Sex};

/// What damage may do to a column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// 序号: numbered last of all.
    Number,
    Name,
    Id,
    /// Id number, type and grade of a disability in one.
    Certificate,
    Birth,
    Address,
    Region,
    Phone,
    /// Written by a machine or chosen from a list.
    Plain,
}

pub(crate) type Column = (&'static str, Kind);

#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub person: PersonNo,
    /// One per column but for 序号.
    pub cells: Vec<String>,
}

/// How carefully a department keeps its files, in percent of the ordinary rate of errors.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tidiness {
    pub id_errors: u32,
    pub name_errors: u32,
    /// Addresses and phones out of date, in per mille.
    pub stale: u32,
    /// People who are not in the register, in per mille of the rows.
    pub ghosts: u32,
    pub shuffled: bool,
}

pub(crate) struct Roster {
    pub id: &'static str,
    pub name: &'static str,
    pub format: Format,
    pub tidiness: Tidiness,
    pub columns: &'static [Column],
    pub rows: fn(&World, Month) -> Vec<Row>,
}

const fn kept(id_errors: u32, name_errors: u32, stale: u32, ghosts: u32, shuffled: bool) -> Tidiness {
    Tidiness { id_errors, name_errors, stale, ghosts, shuffled }
}

/// Kept by the police, or by a machine that looks people up: no errors.
const CLEAN: Tidiness = kept(0, 0, 0, 0, false);

macro_rules! rosters {
    ($($id:literal $name:literal $format:ident $tidiness:expr, $module:ident::$columns:ident, $rows:ident;)*) => {
        &[$(Roster { id: $id, name: $name, format: Format::$format, tidiness: $tidiness, columns: $module::$columns, rows: $module::$rows }),*]
    };
}

/// Every roster of a month, in the order in which they are handed out.
pub(crate) const ROSTERS: &[Roster] = rosters! {
    "register" "户籍登记名册" Csv CLEAN, register::REGISTER, register;
    "moved" "户籍迁出注销名册" Xlsx kept(20, 20, 0, 0, true), register::MOVED, moved;
    "deaths" "死亡人员名册" Xlsx kept(170, 150, 100, 30, true), register::DEATHS, deaths;
    "dibao" "城乡低保在册花名册" Xlsx kept(130, 100, 50, 12, false), assistance::DIBAO, dibao;
    "tekun" "特困人员供养花名册" Xlsx kept(130, 100, 50, 10, true), assistance::TEKUN, tekun;
    "payments" "救助资金发放明细" Csv kept(25, 25, 0, 0, false), assistance::PAYMENTS, payments;
    "disabled" "持证残疾人名册" Xlsx kept(85, 100, 60, 15, true), disability::DISABLED, disabled;
    "disability-benefits" "残疾人两项补贴发放名册" Xlsx kept(85, 100, 0, 0, true), disability::BENEFITS, benefits;
    "poverty" "建档立卡贫困人口名册" Csv kept(110, 100, 50, 10, false), poverty::POVERTY, poverty;
    "children" "孤儿和事实无人抚养儿童名册" Xlsx kept(60, 60, 0, 0, true), children::CHILDREN, children;
    "child-survey" "儿童摸排名册" Xlsx kept(110, 100, 0, 0, true), children::SURVEY, survey;
    "students" "在校学生名册" Csv kept(40, 60, 0, 15, true), children::STUDENTS, students;
    "custody" "在押服刑和强戒人员名册" Xlsx kept(40, 50, 0, 20, true), register::CUSTODY, custody;
    "vehicle" "机动车登记名册" Csv kept(50, 90, 150, 40, true), property::VEHICLES, vehicles;
    "housing" "不动产登记名册" Csv kept(60, 90, 0, 30, true), property::HOUSES, houses;
    "companies" "市场主体登记名册" Csv kept(50, 80, 0, 30, true), property::COMPANIES, companies;
    "payroll" "财政供养人员名册" Xlsx kept(15, 20, 0, 10, true), livelihood::PAYROLL, payroll;
    "wages" "用人单位工资名册" Csv kept(60, 90, 0, 40, true), livelihood::WAGES, wages;
    "pensions" "养老金发放名册" Csv kept(40, 80, 0, 10, true), livelihood::PENSIONS, pensions;
    "land-transfers" "土地流转收入名册" Csv kept(120, 120, 0, 10, true), livelihood::LAND, land;
    "unemployment" "失业登记名册" Xlsx kept(60, 80, 0, 10, true), livelihood::UNEMPLOYED, unemployed;
    "medical" "城乡居民医保参保名册" Csv kept(40, 90, 30, 10, true), health::INSURED, insured;
    "medical-bills" "大额医疗费用名册" Xlsx kept(50, 80, 0, 15, true), health::BILLS, bills;
    "covid" "新冠确诊出院名册" Xlsx kept(40, 60, 0, 0, true), health::COVID, covid;
    "canvass" "困难群众摸排台账" Csv kept(80, 90, 0, 0, false), canvass::CANVASS, canvass;
    "tax" "个人所得税申报名册" Csv kept(20, 40, 0, 10, true), means::TAX, tax;
    "deposits" "授权查询结果" Csv kept(40, 60, 0, 0, false), means::DEPOSITS, deposits;
    "left-behind-elders" "农村留守老年人名册" Xlsx kept(90, 90, 40, 10, true), care::ELDERS, elders;
    "left-behind-children" "农村留守儿童名册" Xlsx kept(80, 80, 30, 10, true), care::CHILDREN, left_behind_children;
    "left-behind-women" "农村留守妇女名册" Xlsx kept(90, 90, 30, 10, true), care::WOMEN, women;
    "children-in-difficulty" "困境儿童名册" Xlsx kept(70, 70, 20, 0, true), care::DIFFICULTY, difficulty;
    "officials-relatives" "经办人员近亲属备案名册" Xlsx kept(50, 60, 20, 10, true), aid::RELATIVES, relatives;
    "resettled" "易地扶贫搬迁人口名册" Xlsx kept(80, 80, 0, 0, false), aid::RESETTLED, resettled;
    "near-dibao" "低保边缘家庭名册" Xlsx kept(80, 80, 20, 0, false), aid::NEAR_DIBAO, near;
    "temporary-aid" "临时救助台账" Xlsx kept(60, 70, 20, 0, false), aid::TEMPORARY_AID, temporary_aid;
    "institution-residents" "机构入住人员名册" Xlsx kept(60, 60, 0, 10, true), care::RESIDENTS, residents;
    "elderly-benefits" "高龄津贴发放名册" Xlsx kept(50, 60, 20, 0, true), care::OLD_AGE, old_age;
    "marriages" "婚姻登记名册" Xlsx kept(10, 20, 0, 20, false), aid::MARRIAGES, marriages;
    "long-term-care" "长期护理保险待遇名册" Xlsx kept(30, 40, 0, 0, true), care::CARE_INSURANCE, care_insurance;
};

fn sex_word(sex: Sex) -> &'static str {
    if sex == Sex::Male { "男" } else { "女" }
}

fn phone_text(phone: u64) -> String {
    if phone == 0 { String::new() } else { phone.to_string() }
}

fn yes_no(yes: bool) -> String {
    if yes { "是" } else { "否" }.to_owned()
}

/// One row for every person for whom there is one.
fn per_person(world: &World, make: impl Fn(PersonNo, &Person) -> Option<Vec<String>>) -> Vec<Row> {
    world.all().filter_map(|no| Some(Row { person: no, cells: make(no, world.person(no))? })).collect()
}

fn region_of(world: &World, no: PersonNo) -> String {
    world.region(world.home(no).village)
}

fn address_of(world: &World, no: PersonNo) -> String {
    world.address(world.home(no))
}

fn town_of(world: &World, no: PersonNo) -> &'static str {
    world.places.villages[usize::from(world.home(no).village)].town
}

fn house_number(home: u32) -> String {
    format!("H{:08}", home + 1)
}
