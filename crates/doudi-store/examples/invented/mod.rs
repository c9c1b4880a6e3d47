//! An invented province: where somebody lives, what they are called, and with whom.

use doudi_terms::RegionCode;

/// Ten counties with twenty townships of ten villages; the first has half of the people.
pub fn place(number: usize) -> RegionCode {
    let county = if number.is_multiple_of(2) { 0 } else { 1 + number / 2 % 9 };
    let (township, village) = (1 + number / 20 % 20, 201 + number / 400 % 10);
    let code = ((500_243 + county as u64) * 1_000 + township as u64) * 1_000 + village as u64;
    RegionCode::from_number(code).unwrap_or(RegionCode::COUNTRY)
}

const SURNAMES: [char; 12] = ['冉', '王', '李', '张', '刘', '陈', '杨', '赵', '黄', '周', '吴', '徐'];
const GIVEN: [char; 16] =
    ['光', '明', '秀', '英', '国', '华', '桂', '兰', '志', '强', '玉', '珍', '建', '军', '小', '红'];

pub fn name(number: usize) -> String {
    let at = number.wrapping_mul(2_654_435_761);
    [SURNAMES[at % 12], GIVEN[at / 12 % 16], GIVEN[at / 192 % 16]].iter().collect()
}

/// Households of three.
pub fn household(number: usize) -> String {
    format!("{}-H:{:08}", place(number).county(), number / 60 * 20 + number % 20)
}
