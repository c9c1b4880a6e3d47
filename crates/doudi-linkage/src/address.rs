//! Addresses, as far as linkage needs them: which village, which house.

use crate::block::mix;
use crate::cell::{half_width, is_blank};

/// Words behind a village's name that some write and some do not.
const VILLAGE_WORDS: [&str; 9] =
    ["村民委员会", "居民委员会", "村委会", "居委会", "委员会", "社区", "行政村", "村", "居"];
/// So many characters in front of the number tell the village; the forms of an address differ in what they begin with, never
/// in what stands just before the number.
const VILLAGE_CHARACTERS: usize = 3;
/// A village's name is not shorter.
const LEAST_CHARACTERS: usize = 2;
/// What stands before it: 镇, 乡, 街道, 县, 区, 市, 旗.
const TOWNSHIP_ENDS: [char; 7] = ['镇', '乡', '道', '县', '区', '市', '旗'];

/// Hashes of an address's two parts; 0 = not known.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Address {
    pub(crate) village: u32,
    /// The group's and house's numbers in their order.
    pub(crate) house: u32,
}

impl Address {
    pub(crate) fn read(raw: &str) -> Address {
        let number =
            raw.char_indices().find(|&(_, c)| half_width(c).is_ascii_digit()).map_or(raw.len(), |(at, _)| at);
        let (place, numbers) = raw.split_at(number);
        Address { village: village(place), house: house(numbers) }
    }

    /// A number for one house of one village; 0 = not known.
    pub(crate) fn home(self) -> u64 {
        if self.village == 0 || self.house == 0 {
            0
        } else {
            u64::from(self.village) << 32 | u64::from(self.house)
        }
    }
}

fn village(place: &str) -> u32 {
    let mut name = place.trim_end_matches(is_blank);
    while let Some(shorter) = VILLAGE_WORDS.iter().find_map(|word| name.strip_suffix(word)) {
        name = shorter.trim_end_matches(is_blank);
    }
    let mut hash = 0;
    for (at, c) in name.chars().rev().filter(|&c| !is_blank(c)).take(VILLAGE_CHARACTERS).enumerate() {
        // Here the township's name ends; which township the village is of may have changed.
        if at >= LEAST_CHARACTERS && TOWNSHIP_ENDS.contains(&c) {
            break;
        }
        hash = mix(hash ^ u64::from(u32::from(c)));
    }
    (hash >> 32) as u32
}

fn house(numbers: &str) -> u32 {
    let (mut hash, mut number) = (0_u64, None);
    for c in numbers.chars().chain([' ']) {
        match half_width(c).to_digit(10) {
            Some(digit) => {
                number = Some(number.unwrap_or(0_u64).wrapping_mul(10).wrapping_add(u64::from(digit)))
            }
            None => {
                if let Some(number) = number.take() {
                    hash = mix(hash ^ (number + 1));
                }
            }
        }
    }
    (hash >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_house_is_written_in_many_ways() {
        let expected = Address::read("重庆市彭水苗族土家族自治县新田镇团结社区居民委员会6组193号");
        assert_ne!(expected.home(), 0);
        for text in [
            "新田镇团结社区6组193号",
            "彭水苗族土家族自治县新田镇团结社区居委会６组１９３号",
            "新田镇 团结 6组193",
        ] {
            assert_eq!(Address::read(text), expected, "{text}");
        }
        assert_eq!(Address::read("团结社区6组193号"), expected, "without its township");
        assert_eq!(Address::read("绍庆街道团结社区6组193号"), expected, "in another township by now");
        assert_ne!(
            Address::read("新田镇镇江村6组193号").village,
            Address::read("新田镇中江村6组193号").village
        );
        assert_ne!(Address::read("新田镇团结社区6组19号").house, expected.house);
        assert_ne!(Address::read("新田镇民主社区6组193号").village, expected.village);
    }

    #[test]
    fn an_empty_address_is_no_place() {
        assert_eq!(Address::read(""), Address::default());
        assert_eq!(Address::read("新田镇团结村").home(), 0);
    }
}
