//! Counties that had another code: the same place under two numbers is one place.

use rustc_hash::FxHashMap;

/// Twelve digits below a county's six.
const BELOW_COUNTY: u64 = 1_000_000;

/// Former codes of counties and the ones they have now.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct FormerCodes {
    now: FxHashMap<u32, u32>,
    before: FxHashMap<u32, Vec<u32>>,
}

impl FormerCodes {
    /// Pairs of six digits: the former code and today's.
    pub(crate) fn new(pairs: impl IntoIterator<Item = (u32, u32)>) -> FormerCodes {
        let mut codes = FormerCodes::default();
        for (former, now) in pairs {
            if former != now && codes.now.insert(former, now).is_none() {
                codes.before.entry(now).or_default().push(former);
            }
        }
        codes
    }

    /// A place by the code of today: what its county had before is replaced, what lies below is kept.
    pub(crate) fn now(&self, region: u64) -> u64 {
        match self.now.is_empty() {
            true => region,
            false => self.replaced(region).unwrap_or(region),
        }
    }

    fn replaced(&self, region: u64) -> Option<u64> {
        let county = u32::try_from(region / BELOW_COUNTY).ok()?;
        self.now.get(&county).map(|now| u64::from(*now) * BELOW_COUNTY + region % BELOW_COUNTY)
    }

    /// The other codes under which a place may stand.
    pub(crate) fn others(&self, region: u64) -> Vec<u64> {
        let now = self.now(region);
        let county = u32::try_from(now / BELOW_COUNTY).unwrap_or(0);
        let former = self.before.get(&county).map_or(&[][..], Vec::as_slice);
        let all = former.iter().map(|former| u64::from(*former) * BELOW_COUNTY + now % BELOW_COUNTY);
        all.chain([now]).filter(|other| *other != region).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_known_by_all_its_codes() {
        let codes = FormerCodes::new([(513_525, 500_243), (512_330, 500_243), (1, 1)]);
        assert_eq!(codes.now(513_525_001_202), 500_243_001_202);
        assert_eq!(codes.now(500_243_001_202), 500_243_001_202);
        assert_eq!(codes.others(500_243_001_202), [513_525_001_202, 512_330_001_202]);
        assert_eq!(codes.others(513_525_001_202), [512_330_001_202, 500_243_001_202]);
        assert_eq!(codes.others(110_101_001_001), [0; 0]);
        assert_eq!(FormerCodes::default().now(7), 7);
    }
}
