//! Files of weights: read, checked, written.
//!
//! Whatever is wrong is said with file, line, cause and what to write instead; a file with a fault is not used at all.

use crate::calibration::{Calibration, Doubt, Point, log2_odds};
use crate::call_names::CallNames;
use crate::cell::phone;
use crate::former_codes::FormerCodes;
use crate::shared_phones::SharedPhones;
use crate::weights::{Level, SettingText, Settings, WeightText, Weights};
use doudi_terms::{Place, Problem, Severity};
use rustc_hash::FxHashSet;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;
use toml::Spanned;

/// Files with this ending are weights: `default.weights.toml` for all rosters, `dibao.weights.toml` for one.
pub const ENDING: &str = ".weights.toml";
const DEFAULT: &str = "default";
/// Not weights, but kept with them: the former codes of counties.
const PLACES: &str = "places";
/// Not weights either: the phones of officials.
const OFFICIALS: &str = "officials";
/// A weight of more bits than this is a slip of the pen: no evidence is one in a million million.
const MOST_BITS: f64 = 40.0;
/// Written with two decimals, a weight and its shares may differ by this.
const ROUNDING: f64 = 0.06;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WeightFile {
    #[serde(default)]
    setting: Vec<Spanned<SettingEntry>>,
    #[serde(default)]
    weight: Vec<Spanned<WeightEntry>>,
    #[serde(default)]
    calibration: Vec<Spanned<CalibrationEntry>>,
    names: Option<CallNames>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlaceFile {
    counties: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfficialsFile {
    phones: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SettingEntry {
    id: String,
    label: String,
    value: f64,
    origin: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WeightEntry {
    id: String,
    label: String,
    meaning: String,
    log2: Option<f64>,
    m: Option<f64>,
    u: Option<f64>,
    origin: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CalibrationEntry {
    doubt: String,
    label: String,
    /// Pairs: log2 odds as weighed, share that was right.
    points: Vec<[f64; 2]>,
    origin: String,
}

/// The weights of all rosters.
#[derive(Clone, PartialEq, Debug)]
pub struct WeightSet {
    default: Weights,
    by_roster: BTreeMap<Box<str>, Weights>,
}

impl WeightSet {
    /// Takes the files of weights out of a folder's files. All problems are reported at once.
    pub fn from_files<P, T>(files: impl IntoIterator<Item = (P, T)>) -> Result<WeightSet, Vec<Problem>>
    where
        P: AsRef<str>,
        T: AsRef<str>,
    {
        let mut files: Vec<(P, T)> =
            files.into_iter().filter(|(path, _)| is_weights(path.as_ref())).collect();
        files.sort_by(|a, b| a.0.as_ref().cmp(b.0.as_ref()));
        let mut reading = Reading::default();
        let (places, files): (Vec<_>, Vec<_>) =
            files.into_iter().partition(|(path, _)| roster_of(path.as_ref()) == PLACES);
        let codes: Vec<(u32, u32)> =
            places.iter().flat_map(|(path, text)| reading.places(path.as_ref(), text.as_ref())).collect();
        let former_codes = Arc::new(FormerCodes::new(codes));
        let (officials, files): (Vec<_>, Vec<_>) =
            files.into_iter().partition(|(path, _)| roster_of(path.as_ref()) == OFFICIALS);
        let phones: FxHashSet<u64> = officials
            .iter()
            .flat_map(|(path, text)| reading.officials(path.as_ref(), text.as_ref()))
            .collect();
        let officials = Arc::new(phones);
        let own = files.iter().position(|(path, _)| roster_of(path.as_ref()) == DEFAULT);
        let Some(own) = own else {
            return Err(vec![Problem {
                severity: Severity::Error,
                place: Place { file: format!("{DEFAULT}{ENDING}"), ..Place::default() },
                what: "没有这个文件：不知道各项证据各占多少分".to_owned(),
                next: "请从程序自带的 rosters/ 里抄一份".to_owned(),
            }]);
        };
        let (path, text) = &files[own];
        let default = Weights { former_codes, officials, ..reading.whole(path.as_ref(), text.as_ref()) };
        let mut by_roster = BTreeMap::new();
        for (path, text) in files.iter().enumerate().filter(|(at, _)| *at != own).map(|(_, file)| file) {
            let roster = roster_of(path.as_ref());
            let weights = reading.over(&default, path.as_ref(), text.as_ref());
            if by_roster.insert(roster.into(), weights).is_some() {
                let what = format!("“{roster}”的权重有两个文件");
                reading.problem(path.as_ref(), None, what, "请只留一个".to_owned());
            }
        }
        match reading.problems.is_empty() {
            true => Ok(WeightSet { default, by_roster }),
            false => Err(reading.problems),
        }
    }

    /// The weights for a roster: its own, or those for all.
    pub fn of(&self, roster: &str) -> &Weights {
        self.by_roster.get(roster).unwrap_or(&self.default)
    }

    /// The same, for rosters that give these phones for many households.
    pub fn with_shared_phones(&self, phones: &Arc<SharedPhones>) -> WeightSet {
        let with = |weights: &Weights| weights.with_shared_phones(phones);
        let by_roster = self.by_roster.iter().map(|(roster, weights)| (roster.clone(), with(weights)));
        WeightSet { default: with(&self.default), by_roster: by_roster.collect() }
    }

    /// The rosters that have weights of their own.
    pub fn rosters(&self) -> impl Iterator<Item = &str> {
        self.by_roster.keys().map(AsRef::as_ref)
    }
}

/// Whether a file of a folder of specifications holds weights.
pub fn is_weights(path: &str) -> bool {
    path.ends_with(ENDING)
}

fn roster_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path).trim_end_matches(ENDING)
}

#[derive(Default)]
struct Reading {
    problems: Vec<Problem>,
}

impl Reading {
    fn problem(&mut self, file: &str, row: Option<u32>, what: String, next: String) {
        let place = Place { file: file.to_owned(), row, ..Place::default() };
        self.problems.push(Problem { severity: Severity::Error, place, what, next });
    }

    /// Former codes of counties with those of today.
    fn places(&mut self, path: &str, text: &str) -> Vec<(u32, u32)> {
        let next = || "请写成 \"513525\" = \"500243\"：以前的代码 = 现在的代码，各六位数字".to_owned();
        let file: PlaceFile = match toml::from_str(text) {
            Ok(file) => file,
            Err(error) => {
                self.problem(path, None, format!("读不懂：{}", error.message()), next());
                return Vec::new();
            }
        };
        let code = |text: &str| text.parse::<u32>().ok().filter(|_| text.len() == 6);
        let mut codes = Vec::with_capacity(file.counties.len());
        for (former, now) in &file.counties {
            match code(former).zip(code(now)) {
                Some(pair) => codes.push(pair),
                None => self.problem(path, None, format!("“{former} = {now}”不是两个区县代码"), next()),
            }
        }
        codes
    }

    /// Phones that are officials'.
    fn officials(&mut self, path: &str, text: &str) -> Vec<u64> {
        let file: OfficialsFile = match toml::from_str(text) {
            Ok(file) => file,
            Err(error) => {
                let row = error.span().and_then(|span| line_of(text, span.start));
                let next = "请写成 phones = [\"13800000000\", \"023-78000000\"]：一个号码一对引号".to_owned();
                self.problem(path, row, format!("读不懂：{}", error.message()), next);
                return Vec::new();
            }
        };
        let mut phones = Vec::with_capacity(file.phones.len());
        for written in &file.phones {
            match phone(written.get_ref()) {
                Some(number) => phones.push(number),
                None => {
                    let what = format!("“{}”不是电话号码", written.get_ref());
                    let row = line_of(text, written.span().start);
                    self.problem(path, row, what, "请写七位以上的号码，或者删去".to_owned());
                }
            }
        }
        phones
    }

    /// A file that has everything.
    fn whole(&mut self, path: &str, text: &str) -> Weights {
        let empty = Weights {
            name: DEFAULT.into(),
            settings: Settings::default(),
            log2: [0.0; Level::ALL.len()],
            texts: vec![WeightText::default(); Level::ALL.len()],
            setting_texts: vec![SettingText::default(); Settings::ALL.len()],
            calibration: Calibration::default(),
            call_names: Arc::default(),
            former_codes: Arc::default(),
            officials: Arc::default(),
            shared_phones: Arc::default(),
        };
        let before = self.problems.len();
        let weights = self.over(&empty, path, text);
        if self.problems.len() > before {
            return weights;
        }
        let levels = Level::ALL.into_iter().filter(|level| weights.text(*level).label.is_empty());
        let missing: Vec<&str> = levels.map(Level::id).collect();
        let settings = Settings::ALL.iter().zip(&weights.setting_texts);
        let unset: Vec<&str> =
            settings.filter(|(_, text)| text.label.is_empty()).map(|((id, ..), _)| *id).collect();
        if weights.call_names.is_empty() {
            let what = "没有 [names]：不知道哪些是小名和称呼".to_owned();
            self.problem(path, None, what, "请照程序自带的文件补齐".to_owned());
        }
        if !missing.is_empty() || !unset.is_empty() {
            let what = format!("缺这些项：{}", [missing, unset].concat().join("、"));
            self.problem(path, None, what, "请照程序自带的文件补齐".to_owned());
        }
        weights
    }

    /// A file that says what is other than in `base`.
    fn over(&mut self, base: &Weights, path: &str, text: &str) -> Weights {
        let mut weights = Weights { name: roster_of(path).into(), ..base.clone() };
        let line = |at: usize| line_of(text, at);
        let file: WeightFile = match toml::from_str(text) {
            Ok(file) => file,
            Err(error) => {
                let row = error.span().and_then(|span| line(span.start));
                let what = format!("读不懂：{}", error.message());
                self.problem(path, row, what, "请照程序自带的 default.weights.toml 的写法修改".to_owned());
                return weights;
            }
        };
        let mut seen: Vec<String> = Vec::new();
        let mut check = |this: &mut Reading, row, id: &str, fault: Option<(String, String)>| {
            let twice = seen.iter().any(|known| known == id);
            seen.push(id.to_owned());
            match fault {
                Some((what, next)) => this.problem(path, row, what, next),
                None if twice => {
                    this.problem(path, row, format!("“{id}”写了两次"), "请删去一处".to_owned());
                }
                None => {}
            }
        };
        for entry in &file.setting {
            let fault = put_setting(&mut weights, entry.get_ref()).err();
            check(self, line(entry.span().start), &entry.get_ref().id, fault);
        }
        for entry in &file.weight {
            let fault = put_weight(&mut weights, entry.get_ref()).err();
            check(self, line(entry.span().start), &entry.get_ref().id, fault);
        }
        for entry in &file.calibration {
            let fault = put_calibration(&mut weights, entry.get_ref()).err();
            check(self, line(entry.span().start), &entry.get_ref().doubt, fault);
        }
        if let Some(names) = file.names {
            weights.call_names = Arc::new(names);
        }
        weights
    }
}

/// The line of a byte, from one on.
fn line_of(text: &str, at: usize) -> Option<u32> {
    let before = text.get(..at).unwrap_or_default();
    u32::try_from(before.matches('\n').count() + 1).ok()
}

type Fault = (String, String);

fn put_setting(weights: &mut Weights, entry: &SettingEntry) -> Result<(), Fault> {
    let SettingEntry { id, label, value, origin } = entry;
    let Some(at) = Settings::ALL.iter().position(|(known, ..)| known == id) else {
        let known: Vec<&str> = Settings::ALL.iter().map(|(id, ..)| *id).collect();
        return Err((format!("没有叫“{id}”的设定"), format!("现有：{}", known.join("、"))));
    };
    let (_, least, most) = Settings::ALL[at];
    if !(least..=most).contains(value) {
        return Err((format!("“{id}”的值 {value} 不合理"), format!("请写 {least} 到 {most} 之间的数")));
    }
    texts(id, &[("label", label), ("origin", origin)])?;
    if let Some(place) = weights.settings.value_mut(id) {
        *place = *value;
    }
    weights.setting_texts[at] = SettingText { label: label.as_str().into(), origin: origin.as_str().into() };
    Ok(())
}

fn put_weight(weights: &mut Weights, entry: &WeightEntry) -> Result<(), Fault> {
    let WeightEntry { id, label, meaning, log2, m, u, origin } = entry;
    let Some(level) = Level::from_id(id) else {
        let known: Vec<&str> = Level::ALL.into_iter().map(Level::id).collect();
        return Err((format!("没有叫“{id}”的证据"), format!("现有：{}", known.join("、"))));
    };
    texts(id, &[("label", label), ("meaning", meaning), ("origin", origin)])?;
    let share = |share: &Option<f64>| share.is_none_or(|share| share > 0.0 && share <= 1.0);
    if !share(m) || !share(u) {
        let next = "m（就是本人时出现的比例）和 u（是别人时出现的比例）都要大于 0，不超过 1".to_owned();
        return Err((format!("“{id}”的 m 或 u 不是比例"), next));
    }
    let from_shares = m.zip(*u).map(|(m, u)| (m / u).log2());
    let value = match (*log2, from_shares) {
        (Some(log2), Some(shares)) if !level.is_added_to_rarity() && (log2 - shares).abs() > ROUNDING => {
            let what = format!("“{id}”的 log2 是 {log2}，而 m 除以 u 的对数是 {shares:.2}，对不上");
            return Err((what, "请只写一种，或改成一致".to_owned()));
        }
        (Some(log2), _) => log2,
        (None, Some(shares)) if !level.is_added_to_rarity() => shares,
        _ => return Err((format!("“{id}”没有分值"), "请写 log2，或者写 m 和 u".to_owned())),
    };
    if !value.is_finite() || value.abs() > MOST_BITS {
        let next = format!("请写正负 {MOST_BITS} 以内的数：一分是可能性翻一番");
        return Err((format!("“{id}”的分值 {value} 不合理"), next));
    }
    weights.log2[level as usize] = value;
    weights.texts[level as usize] = WeightText {
        label: label.as_str().into(),
        meaning: meaning.as_str().into(),
        m: *m,
        u: *u,
        origin: origin.as_str().into(),
    };
    Ok(())
}

fn put_calibration(weights: &mut Weights, entry: &CalibrationEntry) -> Result<(), Fault> {
    let CalibrationEntry { doubt, label, points, origin } = entry;
    let Some(kind) = Doubt::from_id(doubt) else {
        let known: Vec<&str> = Doubt::ALL.into_iter().map(Doubt::id).collect();
        return Err((format!("没有叫“{doubt}”的存疑情形"), format!("现有：{}", known.join("、"))));
    };
    texts(doubt, &[("label", label), ("origin", origin)])?;
    let rises = points.windows(2).all(|two| two[0][0] < two[1][0] && two[0][1] <= two[1][1]);
    let shares = points.iter().all(|point| point[0].is_finite() && (0.0..=1.0).contains(&point[1]));
    if points.is_empty() || !rises || !shares {
        let next = "每一对是［分数，其中对的比例］，分数要从小到大，比例不能变小，在 0 和 1 之间".to_owned();
        return Err((format!("“{doubt}”的校准表不能用"), next));
    }
    let points = points.iter().map(|&[weighed, share]| Point { weighed, observed: log2_odds(share) });
    weights.calibration.set(kind, points.collect());
    Ok(())
}

fn texts(id: &str, texts: &[(&str, &String)]) -> Result<(), Fault> {
    match texts.iter().find(|(_, text)| text.trim().is_empty()) {
        Some((name, _)) => {
            Err((format!("“{id}”的 {name} 空着"), "请写明它的意思，别人才看得懂、改得了".to_owned()))
        }
        None => Ok(()),
    }
}

/// A file of weights for one roster: the levels that were trained, and the calibration where there is one.
pub fn write(head: &str, weights: &Weights, levels: &[Level], calibration: &[(Doubt, String)]) -> String {
    let mut file = String::new();
    for line in head.lines() {
        let _ = writeln!(file, "# {line}");
    }
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    for &level in levels {
        let WeightText { label, meaning, m, u, origin } = weights.text(level);
        let _ = write!(file, "\n[[weight]]\nid = {}\n", quoted(level.id()));
        let _ = writeln!(file, "label = {}\nmeaning = {}", quoted(label), quoted(meaning));
        let _ = writeln!(file, "log2 = {:.2}", weights.of(level));
        if let Some((m, u)) = m.zip(*u) {
            let _ = writeln!(file, "m = {m:.7}\nu = {u:.9}");
        }
        let _ = writeln!(file, "origin = {}", quoted(origin));
    }
    for (doubt, origin) in calibration {
        let _ = write!(file, "\n[[calibration]]\ndoubt = {}\n", quoted(doubt.id()));
        let _ = writeln!(file, "label = {}\norigin = {}\npoints = [", quoted(doubt.label()), quoted(origin));
        for point in weights.calibration.table(*doubt) {
            let share = crate::calibration::share(point.observed);
            let _ = writeln!(file, "    [{:.2}, {share:.6}],", point.weighed);
        }
        file.push_str("]\n");
    }
    file
}
