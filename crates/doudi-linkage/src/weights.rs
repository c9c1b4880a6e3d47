//! How much each kind of agreement says, as log2 of (how often for the right person / how often for somebody else).
//!
//! Set by hand from what is known of office files; one unit doubles the odds. They are the same for every register, so
//! that the same evidence gives the same answer in a county and in a prefecture.

/// What must be outweighed before anybody is taken for the row's person: one in a million.
pub const NOBODY: f64 = 20.0;

/// From this probability on a row counts as linked until somebody looks.
pub const LINK: f64 = 0.5;
/// From this probability on nobody needs to look.
pub const AUTO: f64 = 0.99;
/// From this probability on it is worth somebody's time to look.
pub const REVIEW: f64 = 0.2;

/// The number is the person's. Less than its rarity: numbers are also borrowed from relatives.
pub const ID_SAME: f64 = 24.0;
/// A number that more entries of the register share than one human ever has: it stands for nobody.
pub const ID_SHARED_MOST: usize = 8;
pub const ID_SHARED_BY_MANY: f64 = 0.5;
/// One slip of the hand away; neighbours in this sense are rarer than persons.
pub const ID_ONE_SLIP: f64 = 20.0;
/// Area, day of birth and one more digit are the same, the rest is lost.
pub const ID_LOST_DIGITS: f64 = 13.0;
/// Two slips; twins and brothers can be that near.
pub const ID_TWO_SLIPS: f64 = 10.0;
/// A number with a fault that is three slips or more from this person's: hardly anybody slips so often in one number.
pub const ID_OTHER_DAMAGED: f64 = -14.0;
/// A valid number that nobody in the register has: most likely somebody who is not in it.
pub const ID_OTHER_VALID: f64 = -20.0;
/// A valid number of somebody in the register who is not of this household.
pub const ID_OF_STRANGER: f64 = -14.0;
/// The number of another member of the household: clerks enter the head's number for a wife or child.
pub const ID_OF_HOUSEHOLD: f64 = 10.0;

/// The same name: rarity in the register, at most this.
pub const NAME_SAME_MOST: f64 = 16.0;
/// Names are counted as if so many more people stood behind the register: a small register does not make names rare.
pub const NAME_PSEUDO_POPULATION: f64 = 20_000.0;
/// The following are off the weight of the same name, and never under `NAME_ALIKE_LEAST`.
pub const NAME_SOUNDS_ALIKE_OFF: f64 = 4.0;
pub const NAME_LOOKS_ALIKE_OFF: f64 = 5.0;
pub const NAME_UNREADABLE_OFF: f64 = 6.0;
pub const NAME_TRANSLITERATION_OFF: f64 = 4.0;
pub const NAME_FATHER_MISSING_OFF: f64 = 6.0;
pub const NAME_REORDERED_OFF: f64 = 7.0;
pub const NAME_ALIKE_LEAST: f64 = 3.0;
/// A father 张涛 and a son 张涛凯 are as common as a forgotten character.
pub const NAME_CHARACTER_MISSING: f64 = 0.5;
/// Brothers share the generation's character: nearly neutral.
pub const NAME_ONE_CHARACTER_DIFFERS: f64 = 0.5;
pub const NAME_NICKNAME: f64 = 2.0;
/// In a household most share it.
pub const NAME_SURNAME_ONLY: f64 = -12.0;
/// So much that the number and the house together do not outweigh it: the number may be a relative's.
pub const NAME_DIFFERENT: f64 = -20.0;

pub const BIRTH_SAME: f64 = 12.0;
/// The lunar date was written; some thirty days fit.
pub const BIRTH_LUNAR: f64 = 4.5;
pub const BIRTH_SLIP: f64 = 2.0;
pub const BIRTH_DIFFERENT: f64 = -12.0;

pub const SEX_SAME: f64 = 1.0;
pub const SEX_DIFFERENT: f64 = -6.0;

pub const REGION_SAME_VILLAGE: f64 = 8.0;
pub const REGION_SAME_TOWNSHIP: f64 = 3.0;
/// People move and files keep the old place.
pub const REGION_DIFFERENT: f64 = -2.0;
/// The village by its text, where a code is missing or differs.
pub const ADDRESS_SAME_VILLAGE: f64 = 7.0;
/// Group and house number within one village.
pub const ADDRESS_SAME_HOUSE: f64 = 6.5;
pub const ADDRESS_DIFFERENT: f64 = -1.0;

/// By how many people of the register share the phone: up to the first number of people, the second is the weight.
pub const PHONE_SAME: [(usize, f64); 3] = [(2, 12.0), (8, 9.0), (20, 4.0)];
pub const PHONE_SHARED_BY_MANY: f64 = 0.5;
pub const PHONE_OF_HOUSEHOLD: f64 = 8.0;
pub const PHONE_DIFFERENT: f64 = -0.5;

pub const ACCOUNT_SAME: f64 = 12.0;
/// Aid for all is paid into the head's account.
pub const ACCOUNT_OF_HOUSEHOLD: f64 = 9.0;
pub const ACCOUNT_SHARED_BY_MANY: f64 = 0.5;

/// Place, phone and account together tell one household from all others and no member from another.
pub const HOUSEHOLD_MOST: f64 = 17.0;
