//! In whose name a paper goes out. What the offices are called is content: `[signature]` of `programs.toml`.

use serde::Deserialize;

/// Stands in a signature for the name of the place.
const PLACE: &str = "{地名}";

/// Which office signs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SignedBy {
    /// The counter at which it was asked.
    #[default]
    Window,
    Township,
    County,
    /// Whoever decided: the county, or the township to which it has delegated that.
    Decider,
}

impl SignedBy {
    /// As the head of a document says it.
    pub(super) fn parse(word: &str) -> Option<SignedBy> {
        Some(match word {
            "窗口" => SignedBy::Window,
            "乡镇" => SignedBy::Township,
            "县" => SignedBy::County,
            "决定机关" => SignedBy::Decider,
            _ => return None,
        })
    }
}

/// What the places of a case are called.
#[derive(Clone, Copy, Debug, Default)]
pub struct PlaceNames<'p> {
    /// 绍庆街道; empty where the case is the county's own.
    pub township: &'p str,
    pub county: &'p str,
    /// Down to the village.
    pub whole: &'p str,
}

/// One way to sign; the first that fits the name of the place is taken.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
struct Wording {
    /// How the name of the place has to end.
    #[serde(default)]
    ends: String,
    #[serde(rename = "as")]
    words: String,
}

/// What the offices of each level are called.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Signatures {
    #[serde(default)]
    window: Vec<Wording>,
    #[serde(default)]
    township: Vec<Wording>,
    #[serde(default)]
    county: Vec<Wording>,
}

impl Signatures {
    /// What stands wrong in them.
    pub(super) fn problems(&self) -> impl Iterator<Item = String> {
        let wordings = self.window.iter().chain(&self.township).chain(&self.county);
        wordings.filter(|wording| !wording.words.contains(PLACE)).map(|wording| {
            format!("programs.toml 的 [signature]：“{}”里要写 {PLACE}，办件所在的地方填在那里", wording.words)
        })
    }

    /// The office's name under a paper; `delegated`: its decision was the township's. Where content has no wording for it,
    /// the place alone.
    pub fn office(&self, by: SignedBy, delegated: bool, places: &PlaceNames<'_>) -> String {
        let by = match by {
            SignedBy::Decider if delegated => SignedBy::Township,
            SignedBy::Decider => SignedBy::County,
            by => by,
        };
        let of_township = !places.township.is_empty();
        let (wordings, place) = match by {
            SignedBy::Window if of_township => (&self.window, places.township),
            SignedBy::Window => (&self.window, places.county),
            SignedBy::Township if of_township => (&self.township, places.township),
            _ => (&self.county, places.county),
        };
        let fitting = wordings.iter().find(|wording| place.ends_with(wording.ends.as_str()));
        fitting.map_or_else(|| place.to_owned(), |wording| wording.words.replace(PLACE, place))
    }
}
