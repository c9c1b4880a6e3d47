//! Pengshui's real townships and villages, and addresses in them.

use crate::dice::Dice;
use doudi_terms::RegionCode;

const VILLAGES: &str = include_str!("../../../divisions/villages/500243.csv");
const TOWNSHIPS: &str = include_str!("../../../divisions/townships.csv");
pub(crate) const COUNTY_NAME: &str = "重庆市彭水苗族土家族自治县";
const COUNTY: &str = "500243";

pub(crate) struct Village {
    pub code: RegionCode,
    pub town: &'static str,
    /// As people write it in an address: 亭子村, 鼓楼社区.
    pub short: &'static str,
    /// A community of the county seat: the urban standard.
    pub urban: bool,
    /// How many households live here, relative to the others.
    pub weight: u32,
}

pub(crate) struct Places {
    pub villages: Vec<Village>,
}

impl Places {
    pub fn load(dice: &mut Dice) -> Places {
        let townships: Vec<_> = rows(TOWNSHIPS).filter(|(code, _)| code.starts_with(COUNTY)).collect();
        let villages = rows(VILLAGES)
            .filter_map(|(code, name)| {
                let (_, town) = *townships.iter().find(|(town, _)| code.starts_with(town))?;
                let short = name.trim_end_matches("居民委员会").trim_end_matches("村民委员会");
                let community = name.ends_with("居民委员会");
                let urban = community && town.ends_with("街道");
                let weight = dice.between(3, 12) as u32 * if urban { 4 } else { 1 };
                Some(Village { code: RegionCode::parse(code).ok()?, town, short, urban, weight })
            })
            .collect();
        Places { villages }
    }

    /// 重庆市彭水苗族土家族自治县保家镇亭子村3组12号.
    pub fn address(&self, village: u16, group: u8, number: u16) -> String {
        let place = &self.villages[usize::from(village)];
        format!("{COUNTY_NAME}{}{}{group}组{number}号", place.town, place.short)
    }
}

fn rows(csv: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    csv.lines().skip(1).filter_map(|line| line.split_once(','))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_county_has_its_39_townships_and_296_villages() {
        let places = Places::load(&mut Dice::new(1, 0));
        let towns: BTreeSet<RegionCode> =
            places.villages.iter().map(|village| village.code.township()).collect();
        assert_eq!((towns.len(), places.villages.len()), (39, 296));
        for village in &places.villages {
            assert!(!village.short.is_empty() && !village.short.contains("委员会"), "{}", village.short);
        }
        assert!(places.villages.iter().filter(|v| v.urban).count() >= 12);
    }
}
