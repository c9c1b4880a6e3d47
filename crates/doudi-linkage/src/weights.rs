//! How much each kind of agreement says, as log2 of (how often for the right person / how often for somebody else).
//!
//! The numbers are content: `default.weights.toml` has every one, and `<roster>.weights.toml` beside a roster's
//! specification has those that differ for that roster. What a number is called in the files stands here; what decides
//! without being a number (whose a borrowed number is, what tells one member of a household from another) is code.

use crate::calibration::Calibration;
use crate::call_names::CallNames;
use crate::evidence::Field;
use crate::former_codes::FormerCodes;
use crate::shared_phones::SharedPhones;
use rustc_hash::FxHashSet;
use std::sync::Arc;

/// From this probability on a row counts as linked until somebody looks: more likely than not.
pub const LINK: f64 = 0.5;

macro_rules! levels {
    ($($(#[$doc:meta])* $level:ident = $id:literal of $field:ident;)*) => {
        /// One kind of agreement or disagreement of one field: what a weight is for.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Level { $($(#[$doc])* $level,)* }

        impl Level {
            pub const ALL: [Level; [$($id),*].len()] = [$(Level::$level),*];

            /// What the level is called in a file of weights.
            pub fn id(self) -> &'static str {
                match self { $(Level::$level => $id,)* }
            }

            pub fn field(self) -> Field {
                match self { $(Level::$level => Field::$field,)* }
            }
        }
    };
}

levels! {
    /// Less than a number's rarity: numbers are also borrowed from relatives.
    IdSame = "id-same" of IdNumber;
    /// More entries of the register share it than one human ever has.
    IdSharedByMany = "id-shared-by-many" of IdNumber;
    IdOneSlip = "id-one-slip" of IdNumber;
    /// Area, day of birth and one more digit are the same, the rest is lost.
    IdLostDigits = "id-lost-digits" of IdNumber;
    IdTwoSlips = "id-two-slips" of IdNumber;
    /// Two slips that happen to make a valid number are rare, and so are strangers two digits apart.
    IdTwoSlipsValid = "id-two-slips-valid" of IdNumber;
    IdOtherDamaged = "id-other-damaged" of IdNumber;
    IdOtherValid = "id-other-valid" of IdNumber;
    IdOfStranger = "id-of-stranger" of IdNumber;
    IdOfHousehold = "id-of-household" of IdNumber;
    /// Added to the name's rarity in the register, as are the next six.
    NameSame = "name-same" of Name;
    NameSoundsAlike = "name-sounds-alike" of Name;
    NameLooksAlike = "name-looks-alike" of Name;
    NameUnreadable = "name-unreadable" of Name;
    NameTransliteration = "name-transliteration" of Name;
    NameFatherMissing = "name-father-missing" of Name;
    NameReordered = "name-reordered" of Name;
    NameCharacterMissing = "name-character-missing" of Name;
    NameOneCharacterDiffers = "name-one-character-differs" of Name;
    NameNickname = "name-nickname" of Name;
    NameSurnameOnly = "name-surname-only" of Name;
    NameDifferent = "name-different" of Name;
    BirthSame = "birth-same" of Birth;
    /// The row's date is the register's day in the lunar calendar.
    BirthLunarSame = "birth-lunar-same" of Birth;
    /// The row has no day.
    BirthMonth = "birth-month" of Birth;
    /// The row has the year only.
    BirthYear = "birth-year" of Birth;
    BirthLunar = "birth-lunar" of Birth;
    BirthSlip = "birth-slip" of Birth;
    BirthDifferent = "birth-different" of Birth;
    SexSame = "sex-same" of Sex;
    SexDifferent = "sex-different" of Sex;
    RegionVillage = "region-village" of Region;
    RegionTownship = "region-township" of Region;
    RegionDifferent = "region-different" of Region;
    /// The village by its text, where a code is missing or differs.
    AddressVillage = "address-village" of Address;
    /// Group and house number within one village.
    AddressHouse = "address-house" of Address;
    AddressDifferent = "address-different" of Address;
    PhoneOwn = "phone-own" of Phone;
    PhoneOfSome = "phone-of-some" of Phone;
    PhoneOfMany = "phone-of-many" of Phone;
    PhoneOfCrowd = "phone-of-crowd" of Phone;
    PhoneOfHousehold = "phone-of-household" of Phone;
    PhoneDifferent = "phone-different" of Phone;
    AccountSame = "account-same" of Account;
    AccountOfCrowd = "account-of-crowd" of Account;
    AccountOfHousehold = "account-of-household" of Account;
}

impl Level {
    pub fn from_id(id: &str) -> Option<Level> {
        Level::ALL.into_iter().find(|level| level.id() == id)
    }

    /// Whether the weight in the file is added to the rarity of the person's name.
    pub fn is_added_to_rarity(self) -> bool {
        (Level::NameSame..=Level::NameReordered).contains(&self)
    }
}

macro_rules! settings {
    ($($(#[$doc:meta])* $field:ident = $id:literal in $least:literal ..= $most:literal;)*) => {
        /// The numbers beside the weights.
        #[derive(Clone, Copy, PartialEq, Debug, Default)]
        pub struct Settings { $($(#[$doc])* pub $field: f64,)* }

        impl Settings {
            /// Id in the files, least and most that makes sense.
            pub(crate) const ALL: [(&'static str, f64, f64); [$($id),*].len()] = [$(($id, $least, $most)),*];

            pub(crate) fn value_mut(&mut self, id: &str) -> Option<&mut f64> {
                match id { $($id => Some(&mut self.$field),)* _ => None }
            }
        }
    };
}

settings! {
    /// What must be outweighed before anybody is taken for the row's person, on top of one in all persons.
    nobody = "nobody" in -20.0..=40.0;
    /// From this probability on nobody needs to look.
    auto = "auto" in 0.5..=1.0;
    /// From this probability on it is worth somebody's time to look.
    review = "review" in 0.0..=0.5;
    /// A number that more entries share stands for nobody.
    id_shared_most = "id-shared-most" in 1.0..=32.0;
    /// A name's rarity counts at most this.
    name_most = "name-most" in 1.0..=40.0;
    /// So many more people are thought to stand behind the register: a small one makes no name rare and nobody certain.
    pseudo_population = "pseudo-population" in 0.0..=1e9;
    /// What names that are alike weigh at least.
    name_alike_least = "name-alike-least" in 0.0..=20.0;
    /// A phone of up to so many people is nearly somebody's own,
    phone_own_most = "phone-own-most" in 1.0..=100.0;
    /// up to so many a family's (an account too),
    phone_some_most = "phone-some-most" in 1.0..=100.0;
    /// up to so many a hamlet's.
    phone_many_most = "phone-many-most" in 1.0..=100.0;
    /// Place, phone and account together tell one household from all others and no member from another.
    household_most = "household-most" in 1.0..=60.0;
}

/// What a file says of one level, for people to read.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct WeightText {
    pub label: Box<str>,
    pub meaning: Box<str>,
    pub m: Option<f64>,
    pub u: Option<f64>,
    pub origin: Box<str>,
}

/// What a file says of one setting, for people to read.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct SettingText {
    pub label: Box<str>,
    pub origin: Box<str>,
}

/// The weights by which the rows of one kind of roster are linked.
#[derive(Clone, PartialEq, Debug)]
pub struct Weights {
    /// The roster whose own they are, or `default`.
    pub name: Box<str>,
    pub settings: Settings,
    pub(crate) log2: [f64; Level::ALL.len()],
    /// In the order of [`Level::ALL`].
    pub texts: Vec<WeightText>,
    /// In the order of [`Settings`].
    pub setting_texts: Vec<SettingText>,
    pub calibration: Calibration,
    /// What people are called instead of their names.
    pub(crate) call_names: Arc<CallNames>,
    pub(crate) former_codes: Arc<FormerCodes>,
    /// Phones that officials let others give as theirs: they tell of nobody.
    pub(crate) officials: Arc<FxHashSet<u64>>,
    /// Phones that rosters give for many households tell of nobody either.
    pub(crate) shared_phones: Arc<SharedPhones>,
}

impl Weights {
    /// The same, for rosters that give these phones for many households.
    pub fn with_shared_phones(&self, phones: &Arc<SharedPhones>) -> Weights {
        Weights { shared_phones: Arc::clone(phones), ..self.clone() }
    }

    /// Phones that stand for nobody, with how many households give each, at least.
    pub fn shared_phones(&self) -> impl Iterator<Item = (u64, u32)> {
        self.shared_phones.iter()
    }

    pub fn of(&self, level: Level) -> f64 {
        self.log2[level as usize]
    }

    /// A level's weight for somebody whose name is so rare.
    pub(crate) fn for_name(&self, level: Level, rarity: f64) -> f64 {
        let weight = self.of(level);
        match level {
            Level::NameSame => rarity + weight,
            _ if level.is_added_to_rarity() => (rarity + weight).max(self.settings.name_alike_least),
            _ => weight,
        }
    }

    pub fn text(&self, level: Level) -> &WeightText {
        &self.texts[level as usize]
    }

    /// Another value for a level, with how it was obtained.
    pub fn set(&mut self, level: Level, log2: f64, m: Option<f64>, u: Option<f64>, origin: &str) {
        self.log2[level as usize] = log2;
        let text = &mut self.texts[level as usize];
        (text.m, text.u, text.origin) = (m, u, origin.into());
    }
}
