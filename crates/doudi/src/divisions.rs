//! Names of divisions by code. They name codes and decide nothing: a code may be missing here.

use doudi_terms::{RegionCode, RegionLevel};
use include_dir::{Dir, include_dir};
use std::collections::{BTreeMap, HashSet};
use std::path::Path;

static DIVISIONS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../../divisions");

/// The townships whose code differs between the two systems; not a list of names by our codes.
const MCA_DIFFERENCES: &str = "mca-differences.csv";

/// All names, by twelve-digit code.
pub struct Divisions {
    names: BTreeMap<u64, &'static str>,
    /// Township codes of the ministry of civil affairs that differ: its name there, and our code of that name.
    mca: BTreeMap<u64, (&'static str, RegionCode)>,
    /// Township codes that are another township's, or nobody's, in one of the two systems; asked for every row.
    differing: HashSet<u64>,
}

impl Divisions {
    pub fn read() -> Divisions {
        let mut names = BTreeMap::new();
        add(&DIVISIONS, &mut names);
        let mca = mca_differences();
        let ours = mca.values().map(|(_, code)| code.number());
        let differing = mca.keys().copied().chain(ours).collect();
        Divisions { names, mca, differing }
    }

    /// Whether a township's code means different places in the two systems, or is unknown in one.
    pub fn differs_in_mca(&self, township: RegionCode) -> bool {
        self.differing.contains(&township.number())
    }

    /// The township that the ministry of civil affairs means by a code, where that is not what we mean: its name and
    /// our code of it.
    pub fn mca_township(&self, township: RegionCode) -> Option<(&'static str, RegionCode)> {
        self.mca.get(&township.number()).copied()
    }

    /// The villages of a township.
    pub fn villages(&self, township: RegionCode) -> impl Iterator<Item = (RegionCode, &'static str)> {
        let first = township.number();
        let codes = self.names.range(first + 1..first + 1_000);
        codes.filter_map(|(code, name)| Some((RegionCode::from_number(*code)?, *name)))
    }

    /// The name of a place; its code where nobody knows the name.
    pub fn name(&self, code: RegionCode) -> String {
        if code == RegionCode::COUNTRY {
            return "全国".to_owned();
        }
        match self.names.get(&code.number()) {
            Some(name) => (*name).to_owned(),
            None => code.to_string(),
        }
    }

    /// From the county down: 彭水苗族土家族自治县绍庆街道文庙社区; above counties the name alone.
    pub fn full_name(&self, code: RegionCode) -> String {
        if code.level() < RegionLevel::County {
            return self.name(code);
        }
        let mut steps = vec![code.county()];
        steps.extend([code.township(), code].into_iter().filter(|step| *step != code.county()));
        steps.dedup();
        steps.into_iter().map(|step| self.name(step)).collect()
    }

    /// The places directly below one, by code.
    pub fn below(&self, place: RegionCode) -> Vec<RegionCode> {
        let mut found = Vec::new();
        let mut from = place.number() + 1;
        while let Some((code, _)) = self.names.range(from..).next() {
            let Some(child) = RegionCode::from_number(*code) else { break };
            if !child.is_within(place) {
                break;
            }
            found.push(child);
            // Past everything that lies in the child.
            from = child.numbers().end;
        }
        found
    }

    pub fn known_name(&self, code: RegionCode) -> Option<&'static str> {
        self.names.get(&code.number()).copied()
    }

    /// A township's name; people of whom only the county is known are kept apart under its name.
    pub fn township_name(&self, code: RegionCode) -> String {
        match self.known_name(code) {
            Some(name) if code.level() < RegionLevel::Township => format!("{name}（乡镇不明）"),
            Some(name) => name.to_owned(),
            None => "未知乡镇".to_owned(),
        }
    }

    /// A village as people call it, without what every village's name ends in; people of whom only the township is known
    /// are kept apart.
    pub fn village_name(&self, code: RegionCode) -> String {
        match self.known_name(code) {
            Some(_) if code.level() < RegionLevel::Village => "（村不明）".to_owned(),
            Some(name) => short_village(name).to_owned(),
            None if code == RegionCode::COUNTRY => "（不明）".to_owned(),
            None => code.to_string(),
        }
    }

    /// Prefecture and county, so that counties of one name are told apart: 安顺市关岭布依族苗族自治县.
    pub fn long_name(&self, code: RegionCode) -> String {
        let parent = code.parent().filter(|parent| *parent != RegionCode::COUNTRY);
        let above = parent.and_then(|parent| self.known_name(parent)).unwrap_or_default();
        // 市辖区 and 县 are headings of the list, not names.
        let above = if matches!(above, "市辖区" | "县") { "" } else { above };
        format!("{above}{}", self.name(code))
    }
}

fn mca_differences() -> BTreeMap<u64, (&'static str, RegionCode)> {
    let text = DIVISIONS.get_file(MCA_DIFFERENCES).and_then(|file| file.contents_utf8()).unwrap_or_default();
    let line = |line: &'static str| {
        let mut cells = line.split(',');
        let (code, name, own) = (cells.next()?, cells.next()?, cells.next()?);
        Some((RegionCode::parse(code).ok()?.number(), (name, RegionCode::parse(own.trim()).ok()?)))
    };
    text.lines().skip(1).filter_map(line).collect()
}

fn short_village(name: &str) -> &str {
    let endings = ["村民委员会", "居民委员会", "村委会", "居委会"];
    endings
        .into_iter()
        .find_map(|ending| name.strip_suffix(ending).filter(|short| !short.is_empty()))
        .unwrap_or(name)
}

fn add(dir: &'static Dir<'static>, names: &mut BTreeMap<u64, &'static str>) {
    let is_list =
        |path: &Path| path.extension().is_some_and(|ext| ext == "csv") && !path.ends_with(MCA_DIFFERENCES);
    for file in dir.files().filter(|file| is_list(file.path())) {
        let lines = file.contents_utf8().unwrap_or_default().lines().skip(1);
        for (code, name) in lines.filter_map(|line| line.split_once(',')) {
            if let Ok(code) = RegionCode::parse(code) {
                names.insert(code.number(), name.trim());
            }
        }
    }
    dir.dirs().for_each(|dir| add(dir, names));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_named_from_its_county_down_and_opens_what_lies_directly_below() {
        let divisions = Divisions::read();
        let region = |code: &str| RegionCode::parse(code).expect("a code");
        let towns = divisions.below(region("500243"));
        assert_eq!(towns.len(), 39);
        assert!(towns.iter().all(|town| town.parent() == Some(region("500243"))));
        assert_eq!(divisions.below(region("520400")).len(), 6);
        let villages: usize = towns.iter().map(|town| divisions.below(*town).len()).sum();
        assert_eq!(villages, 296);
        let village = divisions.below(towns[0])[0];
        let parts = [region("500243"), towns[0], village].map(|place| divisions.name(place));
        assert_eq!(divisions.full_name(village), parts.concat());
        assert_eq!(divisions.full_name(region("500000")), divisions.name(region("500000")));
    }
}
